"""Delivers what `publish` left: the timer is moved ahead in one transaction, then the body is sent outside any.

So a killed process means a second delivery at most, and no transaction waits for a receiver.
"""

from __future__ import annotations

import asyncio
import json
from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import timedelta
from uuid import UUID

import structlog

from ringback.callback_application_server.rules import priority_lookup, webhook_retries
from ringback.callback_application_server.rules.priority_lookup import LookedUp
from ringback.callback_application_server.rules.webhook_signatures import headers
from ringback.callback_application_server.webhooks.post import Answer, WebhookPoster
from ringback.callback_application_server.webhooks.publish import SQL, TIMER
from ringback.domain.commands import SetPriority
from ringback.domain.errors import CommitUnknown
from ringback.domain.ids import BusinessId, CallbackId, CommandId
from ringback.domain.status import Server
from ringback.domain.webhooks import WebhookEvent
from ringback.postgres.database import RETRYABLE, Database, Transaction
from ringback.postgres.messages import send
from ringback.postgres.timers import Timer, cancel_timer, set_timer

log = structlog.get_logger(__name__)

CLAIM = timedelta(
    seconds=60
)  # after this another process tries: longer than one try may take, waiting for its turn included
AT_ONCE = 32
AT_ONCE_EACH = 4  # of one endpoint: a slow one does not hold up the others


@dataclass(frozen=True, slots=True, kw_only=True)
class Delivery:
    """One try at one delivery."""

    business: BusinessId
    id: UUID
    endpoint: UUID
    url: str
    secret: str = field(repr=False)
    body: str = field(repr=False)
    asks: bool = False  # how urgent a customer is: the answer is waited for a moment, once


class WebhookSender:
    """One of a process. `fire` is the handler of timer `webhook`; `run` sends what it claimed."""

    def __init__(self, database: Database, poster: WebhookPoster) -> None:
        self._database = database
        self._poster = poster
        self._claimed: asyncio.Queue[Delivery] = asyncio.Queue()
        self._turns = asyncio.Semaphore(AT_ONCE)
        self._turns_each: defaultdict[UUID, asyncio.Semaphore] = defaultdict(lambda: asyncio.Semaphore(AT_ONCE_EACH))

    async def fire(self, tx: Transaction, timer: Timer) -> None:
        """Claim a delivery for this process: nobody else tries until the claim is over."""
        row = await tx.row(SQL["load_delivery"], business=timer.business, id=timer.subject)
        if row is None:
            return
        await set_timer(tx, timer.business, Server.APPLICATION, TIMER, timer.subject, at=tx.now + CLAIM)
        delivery = Delivery(
            business=timer.business,
            id=row["id"],
            endpoint=row["endpoint"],
            url=row["url"],
            secret=row["secret"],
            body=row["body"],
            asks=row["event"] == WebhookEvent.CALLBACK_LOOKUP,
        )
        tx.after_commit(lambda: self._claimed.put_nowait(delivery))

    async def run(self) -> None:
        """Send until cancelled."""
        try:
            async with asyncio.TaskGroup() as group:
                while True:
                    delivery = await self._claimed.get()
                    group.create_task(self._deliver_in_turn(delivery))
        finally:
            await self._poster.close()

    async def drain(self) -> None:
        """Send what is claimed, then return: for tests."""
        while not self._claimed.empty():
            await self.deliver(self._claimed.get_nowait())

    async def _deliver_in_turn(self, delivery: Delivery) -> None:
        try:
            # One that waits longer than its claim is claimed again elsewhere.
            async with asyncio.timeout(CLAIM.total_seconds()), self._turns_each[delivery.endpoint], self._turns:
                await self.deliver(delivery)
        except (TimeoutError, CommitUnknown, *RETRYABLE) as error:
            log.info("webhook_again", delivery=str(delivery.id), error=type(error).__name__)

    async def deliver(self, delivery: Delivery) -> Answer:
        """Send once and keep what came of it."""
        async with self._database.transaction(delivery.business, name="read_clock") as tx:
            now = tx.now
        signed = headers(delivery.secret, id=str(delivery.id), at=now, body=delivery.body)
        if delivery.asks:
            return await self._ask(delivery, signed)
        answer = await self._poster.post(delivery.url, delivery.body, signed)
        async with self._database.transaction(delivery.business, name="record_webhook_try") as tx:
            await _record(tx, delivery, answer)
        return answer

    async def _ask(self, delivery: Delivery, signed: Mapping[str, str]) -> Answer:
        """Ask once; a priority in the answer is given to the callback, and without one it keeps its own."""
        within, longest = priority_lookup.WITHIN, priority_lookup.LONGEST
        answer = await self._poster.post(delivery.url, delivery.body, signed, within=within, longest=longest)
        found = priority_lookup.read_lookup(answer.status, answer.error, answer.body)
        async with self._database.transaction(delivery.business, name="record_lookup") as tx:
            await _record_lookup(tx, delivery, found)
        return answer


async def _record_lookup(tx: Transaction, delivery: Delivery, found: LookedUp) -> None:
    business, id = delivery.business, delivery.id
    if await tx.row(SQL["lock_delivery"], business=business, id=id) is None:
        return
    await cancel_timer(tx, business, TIMER, id)
    if found.problem is not None:
        await tx.run(SQL["note_failure"], business=business, id=id, error=found.problem, failed_at=tx.now)
        return
    await tx.run(SQL["note_delivered"], business=business, id=id, now=tx.now)
    await tx.run(SQL["endpoint_works"], business=business, endpoint=delivery.endpoint)
    if found.priority is not None:
        callback = CallbackId(UUID(json.loads(delivery.body)["data"]["callback"]))
        command = SetPriority(
            command=CommandId(id), callback=callback, priority=found.priority, by="lookup", reason=found.reason
        )
        await send(tx, business, Server.INTERACTIONS, callback, command)


async def _record(tx: Transaction, delivery: Delivery, answer: Answer) -> None:
    business, id = delivery.business, delivery.id
    held = await tx.row(SQL["lock_delivery"], business=business, id=id)
    if held is None:
        return
    if answer.status is not None and webhook_retries.is_delivered(answer.status):
        await tx.run(SQL["note_delivered"], business=business, id=id, now=tx.now)
        await tx.run(SQL["endpoint_works"], business=business, endpoint=delivery.endpoint)
        await cancel_timer(tx, business, TIMER, id)
        return
    failing_since = held["failing_since"] or tx.now
    disabled = webhook_retries.is_disabled(failing_since=failing_since, now=tx.now, status=answer.status)
    again = None if disabled else webhook_retries.next_try(id, held["tries"] + 1, tx.now)
    error = answer.error or f"status {answer.status}"
    await tx.run(
        SQL["note_failure"], business=business, id=id, error=error, failed_at=tx.now if again is None else None
    )
    await tx.run(SQL["endpoint_fails"], business=business, endpoint=delivery.endpoint, now=tx.now, disabled=disabled)
    if again is None:
        await cancel_timer(tx, business, TIMER, id)
    else:
        await set_timer(tx, business, Server.APPLICATION, TIMER, id, at=again)
    if disabled:
        log.warning("webhook_disabled", endpoint=str(delivery.endpoint), error=error)
