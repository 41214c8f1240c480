"""A timer fires once, when it is due, for whoever holds it; a cancel or a move after the lease is in time."""

from __future__ import annotations

import asyncio
from datetime import timedelta
from uuid import UUID

from ringback.domain.ids import BusinessId, new_id
from ringback.domain.status import Server
from ringback.postgres.database import Transaction
from ringback.postgres.hints import Hints
from ringback.postgres.sql import parse_sql
from ringback.postgres.timers import Timer, TimerHandler, TimerWorker, cancel_timer, set_timer
from tests.support.databases import Databases
from tests.support.waiting import PATIENCE

LEFT = parse_sql("-- name: left\nSELECT count(*) FROM due;")["left"]


def worker(databases: Databases, handler: TimerHandler, *, hints: Hints | None = None) -> TimerWorker:
    return TimerWorker(
        Server.SESSIONS, databases.sessions, databases.dispatcher, hints or databases.hints, {"ring": handler}
    )


async def set_ring(databases: Databases, business: BusinessId, subject: UUID, *, after: float) -> None:
    async with databases.interactions.transaction(business, name="test") as tx:
        await set_timer(tx, business, Server.SESSIONS, "ring", subject, at=tx.now + timedelta(seconds=after))


async def left(databases: Databases, business: BusinessId) -> int:
    async with databases.sessions.transaction(business, name="test") as tx:
        return int(await tx.value(LEFT))


async def test_three_workers_without_hints_fire_each_timer_once_and_never_early(
    databases: Databases, business: BusinessId
) -> None:
    fired: dict[UUID, list[float]] = {}
    subjects = [new_id() for _ in range(60)]

    async def note(tx: Transaction, timer: Timer) -> None:
        late = (tx.now - timer.due_at).total_seconds()
        tx.after_commit(lambda: fired.setdefault(timer.subject, []).append(late))

    deaf = Hints(databases.address, enabled=False)
    async with asyncio.TaskGroup() as group:
        workers = [group.create_task(worker(databases, note, hints=deaf).run()) for _ in range(3)]
        for number, subject in enumerate(subjects):
            await set_ring(databases, business, subject, after=0.5 + (number % 7) / 10)
        async with asyncio.timeout(PATIENCE):
            while len(fired) < len(subjects):
                await asyncio.sleep(0.02)
        for task in workers:
            task.cancel()
    assert all(len(times) == 1 for times in fired.values())
    assert min(late for times in fired.values() for late in times) >= 0
    assert await left(databases, business) == 0


async def test_a_timer_that_is_moved_after_its_lease_fires_once_at_the_new_time(
    databases: Databases, business: BusinessId
) -> None:
    fired: list[Timer] = []
    subject = new_id()

    async def note(tx: Transaction, timer: Timer) -> None:
        tx.after_commit(lambda: fired.append(timer))

    await set_ring(databases, business, subject, after=1.0)
    async with asyncio.TaskGroup() as group:
        task = group.create_task(worker(databases, note).run())
        await asyncio.sleep(0.3)  # leased by now, three seconds ahead
        await set_ring(databases, business, subject, after=1.5)
        async with asyncio.timeout(PATIENCE):
            while not fired:
                await asyncio.sleep(0.02)
        task.cancel()
    assert len(fired) == 1
    assert fired[0].epoch >= 2


async def test_a_cancel_after_the_lease_is_in_time(databases: Databases, business: BusinessId) -> None:
    fired: list[Timer] = []
    kept, cancelled = new_id(), new_id()

    async def note(tx: Transaction, timer: Timer) -> None:
        tx.after_commit(lambda: fired.append(timer))

    await set_ring(databases, business, cancelled, after=0.8)
    await set_ring(databases, business, kept, after=0.9)
    async with asyncio.TaskGroup() as group:
        task = group.create_task(worker(databases, note).run())
        await asyncio.sleep(0.3)
        async with databases.interactions.transaction(business, name="test") as tx:
            await cancel_timer(tx, business, "ring", cancelled)
        async with asyncio.timeout(PATIENCE):
            while not fired:
                await asyncio.sleep(0.02)
        task.cancel()
    assert [timer.subject for timer in fired] == [kept]


async def test_a_handler_that_fails_leaves_nothing_behind_and_is_tried_again(
    databases: Databases, business: BusinessId
) -> None:
    calls: list[int] = []
    subject = new_id()

    async def fails_once(tx: Transaction, timer: Timer) -> None:
        calls.append(1)
        await set_timer(tx, timer.business, Server.SESSIONS, "ring", new_id(), at=tx.now + timedelta(hours=1))
        if len(calls) == 1:
            raise RuntimeError("this handler fails once")

    await set_ring(databases, business, subject, after=0.0)
    async with asyncio.TaskGroup() as group:
        task = group.create_task(worker(databases, fails_once).run())
        async with asyncio.timeout(PATIENCE):
            while len(calls) < 2 or await left(databases, business) != 1:
                await asyncio.sleep(0.05)
        task.cancel()
    assert len(calls) == 2


async def test_a_handler_may_set_its_own_timer_anew(databases: Databases, business: BusinessId) -> None:
    fired: list[int] = []
    subject = new_id()

    async def again(tx: Transaction, timer: Timer) -> None:
        if len(fired) < 2:
            await set_timer(tx, timer.business, Server.SESSIONS, "ring", subject, at=tx.now)
        tx.after_commit(lambda: fired.append(1))

    await set_ring(databases, business, subject, after=0.0)
    runner = worker(databases, again)
    async with asyncio.timeout(PATIENCE):
        while len(fired) < 3:
            await runner.drain()
    assert await left(databases, business) == 0


async def test_the_timers_of_a_killed_process_are_fired_by_another(databases: Databases, business: BusinessId) -> None:
    fired: list[Timer] = []
    subject = new_id()

    async def note(tx: Transaction, timer: Timer) -> None:
        tx.after_commit(lambda: fired.append(timer))

    await set_ring(databases, business, subject, after=0.0)
    dead = worker(databases, note)
    await dead._lease(horizon=0.0)  # leased, and then nothing: as a SIGKILL leaves it
    async with databases.administrator() as connection:
        await connection.execute("UPDATE due SET lease_until = clock_timestamp() - interval '1 second'")
    await worker(databases, note).drain()
    assert [timer.subject for timer in fired] == [subject]
