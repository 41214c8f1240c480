"""One mechanism for everything that falls due: lease ahead, fire from memory, and remove by compare-and-set in the transaction of the effect."""

from __future__ import annotations

import asyncio
import contextlib
import heapq
import time
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from uuid import UUID

import structlog

from ringback.domain.errors import CommitUnknown, TimerGone
from ringback.domain.ids import BusinessId, new_id
from ringback.domain.status import Server
from ringback.postgres.database import RETRYABLE, Database, Transaction
from ringback.postgres.hints import Hints
from ringback.postgres.sql import load_sql

log = structlog.get_logger(__name__)
SQL = load_sql(__file__, "timers.sql")

HORIZON = 3.0  # seconds: how far ahead timers are leased, where the lease is long enough
LEASE = 8.0  # seconds: a killed process's timers are leased by another after this
SOON = timedelta(seconds=HORIZON + 2)  # what is due later is found by a look in time, without a hint
_BEGINNING = datetime(1970, 1, 1, tzinfo=UTC)


@dataclass(frozen=True, slots=True, kw_only=True)
class Timer:
    """A timer that was leased."""

    business: BusinessId
    server: Server
    kind: str
    subject: UUID
    n: int
    due_at: datetime
    epoch: int


TimerHandler = Callable[[Transaction, Timer], Awaitable[None]]


def topic_of(server: Server) -> str:
    """Return the topic of hints about one server's timers."""
    return f"due_{server.value}"


async def set_timer(
    tx: Transaction,
    business: BusinessId,
    server: Server,
    kind: str,
    subject: UUID,
    *,
    at: datetime,
    n: int = 0,
    only_sooner: bool = False,
) -> None:
    """Set a timer, or move the one with this (subject, kind, n), `only_sooner`: never to later. Written at the end of the transaction."""
    tx.at_the_end(
        (kind, subject, n), SQL["set_sooner" if only_sooner else "set_timer"],
        business=business, server=server.value, kind=kind, subject=subject, n=n, at=at,
    )  # fmt: skip
    tx.timers_changed.add((kind, subject))
    if at <= tx.now + SOON:
        tx.hint(topic_of(server), subject)


async def cancel_timer(
    tx: Transaction, business: BusinessId, kind: str, subject: UUID, *, n: int | None = None
) -> None:
    """Remove a timer, or all of this kind that the subject has."""
    tx.timers_changed.add((kind, subject))
    tx.leave_out(kind, subject, n)
    if n is None:
        await tx.run(SQL["cancel_timers"], business=business, subject=subject, kind=kind)
    else:
        await tx.run(SQL["cancel_timer"], business=business, subject=subject, kind=kind, n=n)


class TimerWorker:
    """Fires one server's timers. Any number may run: a lease says whose a timer is, its epoch whether it still is."""

    def __init__(
        self,
        server: Server,
        database: Database,
        dispatcher: Database,
        hints: Hints,
        handlers: Mapping[str, TimerHandler],
        *,
        at_once: int = 4,
        process: UUID | None = None,
        lease: float = LEASE,
    ) -> None:
        self._server = server
        self._database = database
        self._dispatcher = dispatcher
        self._hints = hints
        self._handlers = handlers
        self._process = process or new_id()
        self._lease_seconds = lease
        self._horizon = min(HORIZON, lease * 0.4)  # what is leased is fired well before the lease is over
        self._heap: list[tuple[float, int, Timer]] = []
        self._number = 0
        self._woken = asyncio.Event()
        self._at_once = asyncio.Semaphore(at_once)
        self._watermark = _BEGINNING
        self._watermark_until = 0.0

    async def run(self) -> None:
        """Lease and fire until cancelled."""
        async with asyncio.TaskGroup() as group:
            group.create_task(self._lease_for_ever())
            group.create_task(self._fire_for_ever(group))

    async def drain(self) -> None:
        """Fire all that is due now, then return: for tests."""
        while await self._lease(horizon=0.0):
            while self._heap:
                _, _, timer = heapq.heappop(self._heap)
                await self._fire(timer)

    async def _lease_for_ever(self) -> None:
        with self._hints.subscribe(topic_of(self._server)) as woken:
            while True:
                try:
                    full = await self._lease(horizon=self._horizon)
                except RETRYABLE as error:
                    log.warning("database_away", server=self._server, error=type(error).__name__)
                    await asyncio.sleep(0.5)
                    continue
                if full < 1000:
                    await woken.wait(1.0)

    async def _lease(self, *, horizon: float) -> int:
        async with self._dispatcher.connection() as connection:
            now = time.monotonic()
            if now >= self._watermark_until:
                oldest = SQL["oldest_due"]
                self._watermark = await connection.fetchval(oldest.text, self._server.value) or _BEGINNING
                self._watermark_until = now + 1.0
            statement = SQL["lease_due"]
            rows = await connection.fetch(
                statement.text,
                *statement.arguments(
                    {
                        "server": self._server.value,
                        "watermark": _BEGINNING if horizon == 0.0 else self._watermark,
                        "horizon": horizon,
                        "most": 1000,
                        "process": self._process,
                        "lease": self._lease_seconds,
                    }
                ),
            )
        heard = time.monotonic()  # not before the question: a timer may be a round trip late, and is never early
        for row in rows:
            timer = Timer(
                business=BusinessId(row["business"]),
                server=self._server,
                kind=row["kind"],
                subject=row["subject"],
                n=row["n"],
                due_at=row["due_at"],
                epoch=row["epoch"],
            )
            self._number += 1
            heapq.heappush(self._heap, (heard + max(0.0, row["due_in"]), self._number, timer))
        if rows:
            self._woken.set()
        return len(rows)

    async def _fire_for_ever(self, group: asyncio.TaskGroup) -> None:
        while True:
            self._woken.clear()
            wait = self._heap[0][0] - time.monotonic() if self._heap else 60.0
            if wait > 0:
                with contextlib.suppress(TimeoutError):
                    async with asyncio.timeout(wait):
                        await self._woken.wait()
                continue
            _, _, timer = heapq.heappop(self._heap)
            await self._at_once.acquire()
            task = group.create_task(self._fire(timer))
            task.add_done_callback(lambda _: self._at_once.release())

    async def _fire(self, timer: Timer) -> None:
        key = {"business": timer.business, "subject": timer.subject, "kind": timer.kind, "n": timer.n}
        mine = {**key, "epoch": timer.epoch, "process": self._process}
        handler = self._handlers.get(timer.kind)
        try:
            if handler is None:
                raise LookupError(f"{self._server} has no handler for timer {timer.kind}")
            async with self._database.transaction(timer.business, name=f"timer_{timer.kind}") as tx:
                state = await tx.row(SQL["timer_is_mine"], **key)
                if state is None or state["epoch"] != timer.epoch or state["lease_by"] != self._process:
                    return
                await handler(tx, timer)
                await self._finish(tx, mine, timer)
        except TimerGone:
            log.info("timer_gone", kind=timer.kind, subject=str(timer.subject))
        except CommitUnknown:
            log.warning(
                "timer_commit_unknown", kind=timer.kind
            )  # the lease ends, and whoever leases it next reads the truth
        except RETRYABLE as error:
            log.info("timer_again", kind=timer.kind, error=type(error).__name__)
            await asyncio.sleep(0.05)
            self._number += 1
            heapq.heappush(self._heap, (time.monotonic(), self._number, timer))
            self._woken.set()
        except Exception as error:
            log.error("timer_failed", kind=timer.kind, subject=str(timer.subject), exc_info=error)
            with contextlib.suppress(*RETRYABLE, CommitUnknown):
                async with self._database.transaction(timer.business, name="put_timer_off") as tx:
                    await tx.run(SQL["put_timer_off"], **mine, error=type(error).__name__)

    async def _finish(self, tx: Transaction, mine: Mapping[str, object], timer: Timer) -> None:
        """Remove the timer if it is still mine; if its handler set it anew, leave it; else somebody else has it: undo all."""
        row = (timer.kind, timer.subject, timer.n)
        await tx.write_the_end(before=row)
        if tx.leaves(row):
            return
        if await tx.run(SQL["finish_timer"], **mine) or (timer.kind, timer.subject) in tx.timers_changed:
            return
        raise TimerGone(f"{timer.kind} of {timer.subject} was taken by another process")
