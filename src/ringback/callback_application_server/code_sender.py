"""Hands one-time codes over to the business's channel of short messages: at least once, the same code each time, and never after it has expired."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from uuid import UUID

import structlog

from ringback.callback_application_server.channels.accounts import Channels, Opened, load_account
from ringback.callback_application_server.channels.protocol import Outgoing, TryLater, Undeliverable
from ringback.callback_application_server.number_proofs import SQL, TIMER, message_account
from ringback.callback_application_server.queries import ChatKey, lock_chat
from ringback.callback_application_server.rules.number_codes import code_of
from ringback.callback_application_server.rules.renderings import Rendered
from ringback.callback_application_server.rules.tokens import SigningKeys
from ringback.callback_application_server.rules.wording import mark, speak, t
from ringback.callback_application_server.workflows.prove_number import could_not_send
from ringback.domain.errors import CommitUnknown, NotFound
from ringback.domain.ids import BusinessId, ChatId
from ringback.domain.status import Server
from ringback.postgres.database import RETRYABLE, Database, Transaction
from ringback.postgres.timers import Timer, cancel_timer, set_timer

log = structlog.get_logger(__name__)

AGAIN_AFTER = timedelta(seconds=30)  # longer than one message takes; then another process sends it
AT_ONCE = 16
CODE_IS = mark("{code} is your code for a call from {business}. Did you not ask for one? Then do nothing.")


@dataclass(frozen=True, slots=True, kw_only=True)
class _Code:
    """One to send."""

    business: BusinessId
    id: UUID
    opened: Opened
    message: Outgoing = field(repr=False)


class CodeSender:
    """One of a process. `fire` is the handler of timer `number_code`; `run` sends what it claimed."""

    def __init__(self, database: Database, channels: Channels, keys: SigningKeys) -> None:
        self._database = database
        self._channels = channels
        self._keys = keys
        self._claimed: asyncio.Queue[_Code] = asyncio.Queue()
        self._turns = asyncio.Semaphore(AT_ONCE)

    async def fire(self, tx: Transaction, timer: Timer) -> None:
        """Claim a code for this process; one that was not taken in its time is said to be so."""
        row = await tx.row(SQL["code_to_send"], business=timer.business, id=timer.subject)
        if row is None or row["state"] != "sending":
            return
        key_id = await tx.value(SQL["give_key"], business=timer.business, id=timer.subject, key=self._keys.current)
        code = code_of(self._keys, key_id, timer.subject)
        account = await message_account(tx, timer.business)
        opened = None if account is None else await load_account(self._channels, tx, timer.business, account)
        key = ChatKey(business=timer.business, chat=ChatId(row["chat"]))
        if code is None or opened is None or row["expires_at"] <= tx.now:
            await self._fail(tx, key, timer.subject, row["number"])
            return
        await lock_chat(tx, key)
        speak(row["language"])
        text = t(CODE_IS, code=code, business=opened.business_name)
        await set_timer(tx, timer.business, Server.APPLICATION, TIMER, timer.subject, at=tx.now + AGAIN_AFTER)
        message = _message(timer.subject, row["number"], text, tx.now, row["expires_at"])
        claimed = _Code(business=timer.business, id=timer.subject, opened=opened, message=message)
        tx.after_commit(lambda: self._claimed.put_nowait(claimed))

    async def run(self) -> None:
        """Send until cancelled."""
        async with asyncio.TaskGroup() as group:
            while True:
                group.create_task(self._in_turn(await self._claimed.get()))

    async def drain(self) -> None:
        """Send what is claimed, then return: for tests."""
        while not self._claimed.empty():
            await self._send(self._claimed.get_nowait())

    async def _in_turn(self, code: _Code) -> None:
        try:
            async with self._turns:
                await self._send(code)
        except (TimeoutError, CommitUnknown, *RETRYABLE) as error:
            log.info("code_again", error=type(error).__name__)  # its timer stands

    async def _send(self, code: _Code) -> None:
        try:
            async with asyncio.timeout(AGAIN_AFTER.total_seconds() / 2):
                await code.opened.channel.send(code.opened.account, code.message)
        except (TryLater, TimeoutError) as error:
            log.info("code_later", error=type(error).__name__)  # its timer stands
            return
        except Undeliverable:
            sent = False
        else:
            sent = True
        async with self._database.transaction(code.business, name="settle_code") as tx:
            row = await tx.row(SQL["code_to_send"], business=code.business, id=code.id)
            if row is None:
                return
            await cancel_timer(tx, code.business, TIMER, code.id)
            if sent:
                await tx.value(SQL["note_code"], business=code.business, id=code.id, state="sent")
            else:
                key = ChatKey(business=code.business, chat=ChatId(row["chat"]))
                await self._fail(tx, key, code.id, row["number"])

    async def _fail(self, tx: Transaction, key: ChatKey, id: UUID, number: str) -> None:
        try:
            chat = await lock_chat(tx, key)
        except NotFound:
            return
        if await tx.value(SQL["note_code"], business=key.business, id=id, state="failed") is not None:
            await could_not_send(tx, chat, number)


def _message(id: UUID, number: str, text: str, now: datetime, expires_at: datetime) -> Outgoing:
    return Outgoing(id=str(id), number=1, conversation=number, shown=Rendered(text=text), at=now, expires_at=expires_at)
