"""Sends the letters that were left: the timer is moved ahead in one transaction, then the letter is handed in outside any.

So a killed process means a second copy at most, with the same Message-ID, and no transaction waits for a mail server.
"""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta
from uuid import UUID

import structlog

from ringback.callback_application_server.mail.post_office import Letter, NotTaken, PostOffice
from ringback.callback_application_server.rules import webhook_retries
from ringback.domain.errors import CommitUnknown
from ringback.domain.ids import BusinessId, new_id
from ringback.domain.status import Server
from ringback.postgres.database import RETRYABLE, Database, Transaction
from ringback.postgres.sql import load_sql
from ringback.postgres.timers import Timer, cancel_timer, set_timer

log = structlog.get_logger(__name__)
SQL = load_sql(__file__, "mail.sql")

TIMER = "mail"
CLAIM = timedelta(seconds=180)  # after this another process tries: longer than handing in may take
AT_ONCE = 4
KEPT = timedelta(days=31)


@dataclass(frozen=True, slots=True, kw_only=True)
class Claimed:
    """One try at one letter."""

    business: BusinessId
    id: UUID
    letter: Letter


async def put_mail(
    tx: Transaction, business: BusinessId, *, recipients: Sequence[str], subject: str, body: str
) -> None:
    """Leave a letter; it is sent after the commit."""
    id = new_id()
    await tx.run(
        SQL["insert_mail"], business=business, id=id, recipients=list(recipients), subject=subject, body=body,
        now=tx.now,
    )  # fmt: skip
    await tx.run(SQL["forget_mail"], business=business, before=tx.now - KEPT)
    await set_timer(tx, business, Server.APPLICATION, TIMER, id, at=tx.now)


class MailSender:
    """One of a process. `fire` is the handler of timer `mail`; `run` hands in what it claimed. No post office: letters wait for one."""

    def __init__(self, database: Database, office: PostOffice | None) -> None:
        self._database = database
        self._office = office
        self._claimed: asyncio.Queue[Claimed] = asyncio.Queue()
        self._turns = asyncio.Semaphore(AT_ONCE)

    @property
    def can_send(self) -> bool:
        """A mail server is configured."""
        return self._office is not None

    async def fire(self, tx: Transaction, timer: Timer) -> None:
        """Claim a letter for this process: nobody else tries until the claim is over."""
        row = await tx.row(SQL["load_mail"], business=timer.business, id=timer.subject)
        if row is None:
            return
        await set_timer(tx, timer.business, Server.APPLICATION, TIMER, timer.subject, at=tx.now + CLAIM)
        letter = Letter(
            id=str(row["id"]), recipients=row["recipients"], subject=row["subject"], body=row["body"], at=row["made_at"]
        )
        claimed = Claimed(business=timer.business, id=row["id"], letter=letter)
        tx.after_commit(lambda: self._claimed.put_nowait(claimed))

    async def run(self) -> None:
        """Send until cancelled."""
        async with asyncio.TaskGroup() as group:
            while True:
                claimed = await self._claimed.get()
                group.create_task(self._in_turn(claimed))

    async def drain(self) -> None:
        """Send what is claimed, then return: for tests."""
        while not self._claimed.empty():
            await self.deliver(self._claimed.get_nowait())

    async def _in_turn(self, claimed: Claimed) -> None:
        try:
            async with asyncio.timeout(CLAIM.total_seconds()), self._turns:
                await self.deliver(claimed)
        except (TimeoutError, CommitUnknown, *RETRYABLE) as error:
            log.info("mail_again", mail=str(claimed.id), error=type(error).__name__)

    async def deliver(self, claimed: Claimed) -> None:
        """Hand a letter in once and keep what came of it."""
        failure: NotTaken | None = None
        if self._office is None:
            failure = NotTaken("no mail server is configured", for_good=False)
        else:
            try:
                await self._office.hand_in(claimed.letter)
            except NotTaken as error:
                failure = error
        async with self._database.transaction(claimed.business, name="record_mail_try") as tx:
            await _record(tx, claimed, failure)


async def _record(tx: Transaction, claimed: Claimed, failure: NotTaken | None) -> None:
    business, id = claimed.business, claimed.id
    row = await tx.row(SQL["load_mail"], business=business, id=id)
    if row is None:
        return
    if failure is None:
        await tx.run(SQL["mail_delivered"], business=business, id=id, now=tx.now)
        await cancel_timer(tx, business, TIMER, id)
        return
    again = None if failure.for_good else webhook_retries.next_try(id, row["tries"] + 1, tx.now)
    await tx.run(
        SQL["mail_failed"], business=business, id=id, error=str(failure), failed_at=tx.now if again is None else None
    )
    log.warning("mail_not_taken", mail=str(id), error=str(failure), given_up=again is None)
    if again is None:
        await cancel_timer(tx, business, TIMER, id)
    else:
        await set_timer(tx, business, Server.APPLICATION, TIMER, id, at=again)
