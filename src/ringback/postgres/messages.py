"""Durable messages between the servers: `(recipient, aggregate, seq)`, applied once and in order, in the transaction that removes them."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any
from uuid import UUID

import msgspec
import structlog

from ringback.domain.errors import CommitUnknown
from ringback.domain.ids import BusinessId, CommandId
from ringback.domain.status import Server
from ringback.postgres.database import RETRYABLE, Database, Transaction
from ringback.postgres.hints import Hints, Subscription
from ringback.postgres.message_batches import BatchHandler, Handler, MessageBatches
from ringback.postgres.message_kinds import KINDS, read_message
from ringback.postgres.sql import load_sql

log = structlog.get_logger(__name__)
SQL = load_sql(__file__, "messages.sql")

FAILURES_UNTIL_PARKED = 5
GATHER = 0.002  # seconds: whoever is hinted so soon after a look is found by the same next one


def topic_of(server: Server) -> str:
    """Return the topic of hints about messages to one server."""
    return f"messages_{server.value}"


async def send(tx: Transaction, business: BusinessId, to: Server, aggregate: UUID, message: Any) -> None:
    """Leave a message (a dataclass of domain/commands.py or domain/events.py) for another server; it goes with this transaction."""
    kind = type(message).__name__
    if KINDS.get(kind) is not type(message):
        raise TypeError(f"{kind} is not a command or an event")
    tx.in_order(
        (str(business), to.value, str(aggregate)),
        SQL["send_messages"],
        business=business,
        recipient=to.value,
        aggregate=aggregate,
        kind=kind,
        version=1,
        payload=msgspec.json.encode(message).decode(),
    )
    tx.hint(topic_of(to), aggregate)


@dataclass(frozen=True, slots=True, kw_only=True)
class CommandAnswer:
    """The reply to a command. `problem` is None when it was done, else a problem id; `body` holds detail, next and whatever the command returns."""

    problem: str | None
    body: dict[str, Any]


async def answer(
    tx: Transaction, business: BusinessId, command: CommandId, *, problem: str | None = None, **body: Any
) -> None:
    """Leave the reply to a command, in the transaction of its effect."""
    tx.later(SQL["leave_answer"], business=business, command=command, problem=problem, body=body)
    tx.hint("answer", command)


async def read_answer(tx: Transaction, business: BusinessId, command: CommandId) -> CommandAnswer | None:
    """Return the reply to a command, if it is there."""
    row = await tx.row(SQL["read_answer"], business=business, command=command)
    return None if row is None else CommandAnswer(problem=row["problem"], body=row["body"])


async def wait_for_answer(
    database: Database, hints: Hints, business: BusinessId, command: CommandId, *, timeout: float = 5.0
) -> CommandAnswer | None:
    """Wait for the reply to a command that was sent; None when it takes longer (it will still be carried out)."""
    with hints.subscribe("answer", about=command) as woken, contextlib.suppress(TimeoutError):
        async with asyncio.timeout(timeout):
            while True:
                async with database.transaction(business, name="read_answer") as tx:
                    found = await read_answer(tx, business, command)
                if found is not None:
                    return found
                await woken.wait(0.5)
    return None


class MessageWorker:
    """Applies the messages addressed to one server. Any number may run, in any number of processes."""

    def __init__(
        self,
        server: Server,
        database: Database,
        dispatcher: Database,
        hints: Hints,
        handlers: Mapping[type, Handler],
        *,
        together: Mapping[type, BatchHandler] | None = None,
        apart: bool = False,
        at_once: int = 4,
    ) -> None:
        self._server = server
        self._database = database
        self._dispatcher = dispatcher
        self._hints = hints
        self._handlers = handlers
        self._at_once = asyncio.Semaphore(at_once)
        self._working: set[UUID] = set()
        self._hinted_meanwhile: set[UUID] = set()  # of those that are worked on: looked at again afterwards
        self._woken: Subscription | None = None
        self._batches = MessageBatches(server, database, together, apart=apart) if together else None

    async def run(self) -> None:
        """Apply messages until cancelled."""
        with self._hints.subscribe(topic_of(self._server)) as woken:
            self._woken = woken
            async with asyncio.TaskGroup() as group:
                while True:
                    more = await self.sweep(group)
                    if not more:
                        await asyncio.sleep(GATHER)
                        await woken.wait(1.0)

    async def sweep(self, group: asyncio.TaskGroup) -> bool:
        """Start work on every aggregate that has some; tell whether there may be more at once."""
        try:
            pending = await self._pending()
        except RETRYABLE as error:
            log.warning("database_away", server=self._server, error=type(error).__name__)
            await asyncio.sleep(0.5)
            return False
        fresh: dict[BusinessId, list[UUID]] = {}
        for business, aggregate in pending:
            if aggregate in self._working:
                self._hinted_meanwhile.add(aggregate)
            else:
                self._working.add(aggregate)
                fresh.setdefault(business, []).append(aggregate)
        for business, aggregates in fresh.items():
            if self._batches is not None and len(self._working) > 1:
                group.create_task(self._sort(group, self._batches, business, aggregates))
            else:
                self._start(group, business, aggregates)
        return sum(map(len, fresh.values())) >= 100

    def _start(self, group: asyncio.TaskGroup, business: BusinessId, aggregates: Iterable[UUID]) -> None:
        for aggregate in aggregates:
            group.create_task(self._work(business, aggregate))

    async def _sort(
        self, group: asyncio.TaskGroup, batches: MessageBatches, business: BusinessId, aggregates: Sequence[UUID]
    ) -> None:
        """Start what can be applied together so, and the rest by itself: it waits for no batch."""
        together: set[UUID] = set()
        try:
            together = await batches.find(business, aggregates)
        except Exception as error:  # noqa: BLE001 -- all are tried by themselves then, where failures are counted
            log.info("messages_not_sorted", server=self._server, error=type(error).__name__)
        self._start(group, business, [each for each in aggregates if each not in together])
        for aggregate in together:
            group.create_task(self._work_together(group, batches, business, aggregate))

    async def _work_together(
        self, group: asyncio.TaskGroup, batches: MessageBatches, business: BusinessId, aggregate: UUID
    ) -> None:
        try:
            applied = await batches.apply(business, aggregate)
        except Exception as error:  # noqa: BLE001 -- tried by itself, where it is counted if it fails again
            log.info("message_left_batch", server=self._server, aggregate=str(aggregate), error=type(error).__name__)
            self._start(group, business, [aggregate])
            return
        self._done_with(aggregate, again=applied)

    def _done_with(self, aggregate: UUID, *, again: bool) -> None:
        """Let the aggregate be found again; at once, where more came for it meanwhile."""
        self._working.discard(aggregate)
        if aggregate in self._hinted_meanwhile:
            self._hinted_meanwhile.discard(aggregate)
            if again and self._woken is not None:
                self._woken.put(aggregate)

    async def drain(self) -> None:
        """Apply all there is, then return: for tests and for a stop in good order."""
        while pending := [each for each in await self._pending() if each[1] not in self._working]:
            for business, aggregate in pending:
                await self._work(business, aggregate)

    async def _pending(self) -> list[tuple[BusinessId, UUID]]:
        async with self._dispatcher.connection() as connection:
            statement = SQL["pending_aggregates"]
            rows = await connection.fetch(
                statement.text, *statement.arguments({"recipient": self._server.value, "most": 200})
            )
        return [(BusinessId(row["business"]), row["aggregate"]) for row in rows]

    async def _work(self, business: BusinessId, aggregate: UUID) -> None:
        applied = False
        try:
            async with self._at_once:
                while (more := await self._apply_next(business, aggregate)) is not None:
                    applied = True
                    if not more:
                        break
        finally:
            self._done_with(aggregate, again=applied)

    async def _apply_next(self, business: BusinessId, aggregate: UUID) -> bool | None:
        """Apply one message; return whether another one was there behind it. None: there is none, another process has it, or it failed."""
        key = {"business": business, "recipient": self._server.value, "aggregate": aggregate}
        kind = "message"
        try:
            async with self._database.transaction(business, name=f"apply_{self._server}") as tx:
                cursor = await tx.row(SQL["lock_cursor"], **key)
                if cursor is None and await tx.run(SQL["make_cursor"], **key):
                    cursor = await tx.row(SQL["lock_cursor"], **key)
                if cursor is None:
                    return None
                seq = cursor["applied_seq"] + 1
                rows = await tx.rows(SQL["next_two"], **key, seq=seq)
                if not rows:
                    return None
                kind, more = rows[0]["kind"], len(rows) > 1
                tx.name = f"apply_{self._server}.{kind}"
                message = read_message(kind, rows[0]["payload"])
                handler = self._handlers.get(type(message))
                if handler is None:
                    raise LookupError(f"{self._server} has no handler for {kind}")
                await handler(tx, business, message)
                await tx.run(SQL["delete_message"], **key, seq=seq)
                await tx.run(SQL["advance_cursor"], **key, seq=seq)
            log.debug(
                "message_applied", server=self._server, kind=kind, business=str(business), aggregate=str(aggregate)
            )
            return more
        except CommitUnknown:
            return True  # read again: it was applied and removed, or neither
        except RETRYABLE as error:
            log.info("message_again", server=self._server, kind=kind, error=type(error).__name__)
            await asyncio.sleep(0.05)
            return None if isinstance(error, OSError) else True
        except Exception as error:  # noqa: BLE001 -- counted, shown, and parked after five
            await self._note_failure(key, kind, error)
            return None

    async def _note_failure(self, key: Mapping[str, Any], kind: str, error: Exception) -> None:
        words = f"{kind}: {type(error).__name__}"
        log.error("message_failed", server=self._server, kind=kind, aggregate=str(key["aggregate"]), exc_info=error)
        with contextlib.suppress(*RETRYABLE, CommitUnknown):
            async with self._database.transaction(BusinessId(key["business"]), name="note_failure") as tx:
                parked = await tx.value(SQL["count_failure"], **key, error=words, most=FAILURES_UNTIL_PARKED)
                if parked:
                    log.error("message_parked", server=self._server, kind=kind, aggregate=str(key["aggregate"]))
                    tx.hint("console", key["business"])
