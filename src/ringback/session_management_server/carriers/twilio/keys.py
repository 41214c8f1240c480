"""One API key a process. Taking a process's key away, confirmed by Twilio, is what makes a create that it still sends come to nothing."""

from __future__ import annotations

import asyncio
import contextlib
from datetime import datetime

import structlog

from ringback.domain.errors import CarrierError, CommitUnknown
from ringback.postgres.database import RETRYABLE, Database
from ringback.session_management_server.carriers.twilio.api import Key, TwilioApi
from ringback.session_management_server.carriers.twilio.rows import SQL

log = structlog.get_logger(__name__)

LOOK = 30.0  # seconds


class TwilioKeys:
    """This process's key, and the end of others'."""

    def __init__(self, api: TwilioApi, database: Database) -> None:
        self._api = api
        self._database = database
        self._mine: Key | None = None
        self._making = asyncio.Lock()

    async def mine(self) -> Key:
        """Return this process's key, made on first use, and after it was taken away."""
        async with self._making:
            if self._mine is None:
                made = await self._api.create_key()
                async with self._database.transaction(name="twilio_key") as tx:
                    await tx.run(SQL["insert_key"], sid=made.sid)
                self._mine = made
            return self._mine

    def lost(self, key: Key) -> None:
        """It was refused: the next call needs another."""
        if self._mine == key:
            self._mine = None

    async def revoke(self, sid: str) -> datetime:
        """Take a key away, whoever holds it; return when that was confirmed first. CarrierError while Twilio does not say so."""
        if self._mine is not None and self._mine.sid == sid:
            self._mine = None
        async with self._database.transaction(name="twilio_key_gone") as tx:
            before: datetime | None = await tx.value(SQL["key_revoked_at"], sid=sid)
        if before is not None:
            return before
        await self._api.delete_key(sid)
        async with self._database.transaction(name="twilio_revoke_key") as tx:
            revoked_at: datetime | None = await tx.value(SQL["revoke_key"], sid=sid)
        return revoked_at or tx.now

    async def look_after(self) -> None:
        """Say that this process is alive, and end the keys of those that fell silent, until cancelled."""
        while True:
            await asyncio.sleep(LOOK)
            with contextlib.suppress(*RETRYABLE, CommitUnknown, CarrierError):
                async with self._database.transaction(name="twilio_keys") as tx:
                    if self._mine is not None:
                        await tx.run(SQL["see_key"], sid=self._mine.sid)
                    await tx.run(SQL["purge_keys"])
                    silent = [row["sid"] for row in await tx.rows(SQL["forgotten_keys"])]
                for sid in silent:
                    log.info("twilio_key_forgotten", key=sid)
                    await self.revoke(sid)

    async def give_back(self) -> None:
        """End this process's key, if Twilio can be asked at once."""
        if self._mine is not None:
            with contextlib.suppress(*RETRYABLE, CommitUnknown, CarrierError, TimeoutError):
                async with asyncio.timeout(1.0):
                    await self.revoke(self._mine.sid)
