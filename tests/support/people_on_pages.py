"""People at pages, as the application server's process would write them down: presence, and what they say about a leg that rings."""

from __future__ import annotations

import asyncio
import contextlib
from dataclasses import dataclass, field
from uuid import UUID

from ringback.domain.ids import BusinessId, new_id
from ringback.postgres.sql import parse_sql
from tests.support.databases import Databases
from tests.support.waiting import PATIENCE

SQL = parse_sql(
    """
-- name: be_there
INSERT INTO presence (business, subject, page, seen_at) VALUES (:business, :subject, :page, clock_timestamp())
ON CONFLICT (business, subject, page) DO UPDATE SET seen_at = excluded.seen_at, left_at = NULL;
-- name: be_gone
UPDATE presence SET left_at = clock_timestamp() WHERE business = :business AND page = :page;
-- name: say
INSERT INTO page_input (business, leg, id, page, kind, reason) VALUES (:business, :leg, :id, :page, :kind, :reason);
-- name: shown
SELECT id, state, page FROM browser_leg WHERE business = :business AND subject = :subject AND state <> 'ended';
"""
)


@dataclass(slots=True, kw_only=True)
class PageOf:
    """One page of one person. With a behaviour it acts by itself; without, the test speaks for it."""

    databases: Databases
    business: BusinessId
    subject: UUID
    page: UUID = field(default_factory=new_id)
    alerted: set[UUID] = field(default_factory=set)

    async def be_there(self) -> None:
        """Send a heartbeat."""
        async with self.databases.application.transaction(self.business, name="presence") as tx:
            await tx.run(SQL["be_there"], business=self.business, subject=self.subject, page=self.page)

    async def be_gone(self) -> None:
        """Close the page."""
        async with self.databases.application.transaction(self.business, name="presence") as tx:
            await tx.run(SQL["be_gone"], business=self.business, page=self.page)

    async def say(self, leg: UUID, kind: str, reason: str | None = None) -> None:
        """Say something about a leg."""
        async with self.databases.application.transaction(self.business, name="input") as tx:
            await tx.run(
                SQL["say"], business=self.business, leg=leg, id=new_id(), page=self.page, kind=kind, reason=reason
            )
            tx.hint("page_input", leg)

    async def rings(self, *, within: float = PATIENCE) -> UUID:
        """Wait until a leg rings here, say that it does, and return it."""
        async with asyncio.timeout(within):
            while True:
                for leg, state, _ in await self.shown():
                    if state == "ringing":
                        if leg not in self.alerted:
                            self.alerted.add(leg)
                            await self.say(leg, "alerted")
                        return leg
                await asyncio.sleep(0.02)

    async def shown(self) -> list[tuple[UUID, str, UUID | None]]:
        """What this person's pages show: legs, their state, and the page that holds them."""
        async with self.databases.application.transaction(self.business, name="shown") as tx:
            rows = await tx.rows(SQL["shown"], business=self.business, subject=self.subject)
        return [(row["id"], row["state"], row["page"]) for row in rows]

    async def behave(self, behaviour: str) -> None:
        """Act as a person does until cancelled."""
        if behaviour == "absent":
            return
        with contextlib.suppress(asyncio.CancelledError):
            done: set[UUID] = set()
            while True:
                await self.be_there()
                with contextlib.suppress(TimeoutError):
                    leg = await self.rings(within=1.0)
                    if leg not in done and behaviour in ("answers", "declines"):
                        done.add(leg)
                        await self.say(leg, "accept" if behaviour == "answers" else "decline", "in a meeting")
                await asyncio.sleep(0.02)
