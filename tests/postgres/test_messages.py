"""Messages are applied once and in order, whatever workers, hints and handlers do."""

from __future__ import annotations

import asyncio
import contextlib
from collections import defaultdict
from uuid import UUID

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from ringback.domain.commands import EndAttempt
from ringback.domain.ids import AttemptId, BusinessId, CallbackId, new_id
from ringback.domain.status import Server
from ringback.postgres.database import Transaction
from ringback.postgres.hints import Hints
from ringback.postgres.messages import MessageWorker, answer, send, wait_for_answer
from ringback.postgres.sql import parse_sql
from tests.support.databases import Databases
from tests.support.waiting import PATIENCE

LEFT = parse_sql(
    "-- name: left\nSELECT count(*) FROM message;\n-- name: parked\nSELECT count(*) FROM message_cursor WHERE parked_at IS NOT NULL;"
)


def an_end(callback: UUID, words: str) -> EndAttempt:
    return EndAttempt(callback=CallbackId(callback), attempt=AttemptId(new_id()), reason=words)


class Receiver:
    """Collects what is applied; fails on demand, after having written down that it was called."""

    def __init__(self, fail: frozenset[str] = frozenset()) -> None:
        self.applied: dict[UUID, list[str]] = defaultdict(list)
        self.fail = set(fail)

    async def handle(self, tx: Transaction, business: BusinessId, message: EndAttempt) -> None:
        if message.reason in self.fail:
            self.fail.discard(message.reason)
            raise RuntimeError("this handler fails once")
        tx.after_commit(lambda: self.applied[message.callback].append(message.reason))


def worker(databases: Databases, receiver: Receiver, hints: Hints | None = None) -> MessageWorker:
    return MessageWorker(
        Server.SESSIONS,
        databases.sessions,
        databases.dispatcher,
        hints or databases.hints,
        {EndAttempt: receiver.handle},
    )


async def until(condition, *, seconds: float = PATIENCE) -> None:
    async with asyncio.timeout(seconds):
        while not condition():
            await asyncio.sleep(0.02)


@settings(max_examples=8, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(lengths=st.lists(st.integers(1, 6), min_size=1, max_size=5), failing=st.sets(st.integers(0, 5), max_size=2))
def test_two_workers_without_any_hint_apply_each_message_once_and_in_order(
    database_address, lengths: list[int], failing: set[int]
) -> None:
    async def run() -> None:
        from tests.support.databases import open_databases

        async with open_databases(database_address) as databases:
            business = await databases.make_business(f"b{new_id().hex[:12]}")
            deaf = Hints(databases.address, enabled=False)
            receiver = Receiver(frozenset(f"0-{n}" for n in failing))
            aggregates = [new_id() for _ in lengths]

            async def send_all(number: int, aggregate: UUID, length: int) -> None:
                for n in range(length):
                    async with databases.interactions.transaction(business, name="test") as tx:
                        await send(tx, business, Server.SESSIONS, aggregate, an_end(aggregate, f"{number}-{n}"))

            async with asyncio.TaskGroup() as group:
                workers = [group.create_task(worker(databases, receiver, deaf).run()) for _ in range(2)]
                senders = [
                    group.create_task(send_all(number, aggregate, length))
                    for number, (aggregate, length) in enumerate(zip(aggregates, lengths, strict=True))
                ]
                await asyncio.gather(*senders)
                await until(lambda: sum(map(len, receiver.applied.values())) == sum(lengths))
                for task in workers:
                    task.cancel()
            for number, (aggregate, length) in enumerate(zip(aggregates, lengths, strict=True)):
                assert receiver.applied[aggregate] == [f"{number}-{n}" for n in range(length)]
            async with databases.sessions.transaction(business, name="test") as tx:
                assert await tx.value(LEFT["left"]) == 0

    asyncio.run(run())


async def test_a_message_of_a_rolled_back_transaction_was_never_sent(
    databases: Databases, business: BusinessId
) -> None:
    callback = new_id()
    with contextlib.suppress(ZeroDivisionError):
        async with databases.interactions.transaction(business, name="test") as tx:
            await send(tx, business, Server.SESSIONS, callback, an_end(callback, "never"))
            raise ZeroDivisionError
    receiver = Receiver()
    await worker(databases, receiver).drain()
    assert receiver.applied == {}


async def test_messages_of_one_transaction_to_several_aggregates_follow_in_each_those_sent_before(
    databases: Databases, business: BusinessId
) -> None:
    here, there = new_id(), new_id()
    for said in ([(here, "1")], [(there, "1"), (here, "2"), (there, "2"), (here, "3"), (here, "4")], [(there, "3")]):
        async with databases.interactions.transaction(business, name="test") as tx:
            for aggregate, words in said:
                await send(tx, business, Server.SESSIONS, aggregate, an_end(aggregate, words))
    receiver = Receiver()
    await worker(databases, receiver).drain()
    assert receiver.applied == {here: ["1", "2", "3", "4"], there: ["1", "2", "3"]}


async def test_an_aggregate_whose_first_message_made_no_cursor_is_applied_all_the_same(
    databases: Databases, business: BusinessId
) -> None:
    callback = new_id()
    async with databases.interactions.transaction(business, name="test") as tx:
        await send(tx, business, Server.SESSIONS, callback, an_end(callback, "left by a version before"))
    async with databases.administrator() as administrator:
        await administrator.execute("DELETE FROM message_cursor WHERE aggregate = $1", callback)
    receiver = Receiver()
    await worker(databases, receiver).drain()
    assert receiver.applied == {callback: ["left by a version before"]}


async def test_two_transactions_that_tell_the_same_aggregates_never_wait_for_each_other(
    databases: Databases, business: BusinessId
) -> None:
    here, there = new_id(), new_id()
    both = asyncio.Barrier(2)

    async def tell(first: UUID, second: UUID) -> None:
        async with databases.interactions.transaction(business, name="test") as tx:
            await send(tx, business, Server.SESSIONS, first, an_end(first, "first"))
            await tx.value(LEFT["left"])  # what was left for later goes with the next statement
            await both.wait()
            await send(tx, business, Server.SESSIONS, second, an_end(second, "second"))

    await asyncio.gather(tell(here, there), tell(there, here))
    receiver = Receiver()
    await worker(databases, receiver).drain()
    assert {aggregate: sorted(said) for aggregate, said in receiver.applied.items()} == {
        here: ["first", "second"],
        there: ["first", "second"],
    }


async def test_a_message_that_fails_five_times_parks_its_own_aggregate_and_no_other(
    databases: Databases, business: BusinessId
) -> None:
    bad, good = new_id(), new_id()

    async def handle(tx: Transaction, business: BusinessId, message: EndAttempt) -> None:
        if message.callback == bad:
            raise RuntimeError("always")
        tx.after_commit(lambda: done.append(message.callback))

    done: list[UUID] = []
    async with databases.interactions.transaction(business, name="test") as tx:
        await send(tx, business, Server.SESSIONS, bad, an_end(bad, "first"))
        await send(tx, business, Server.SESSIONS, bad, an_end(bad, "behind it"))
        await send(tx, business, Server.SESSIONS, good, an_end(good, "other"))
    runner = MessageWorker(
        Server.SESSIONS, databases.sessions, databases.dispatcher, databases.hints, {EndAttempt: handle}
    )
    for _ in range(6):
        await runner.drain()
        async with databases.administrator() as connection:
            await connection.execute("UPDATE message_cursor SET next_try_at = NULL")
    assert done == [good]
    async with databases.sessions.transaction(business, name="test") as tx:
        assert await tx.value(LEFT["parked"]) == 1
        assert await tx.value(LEFT["left"]) == 2


async def test_a_command_is_answered_once_and_the_first_answer_stays(
    databases: Databases, business: BusinessId
) -> None:
    command = new_id()
    async with databases.interactions.transaction(business, name="test") as tx:
        await answer(tx, business, command, problem=None, line="first")  # type: ignore[arg-type]
        await answer(tx, business, command, problem="conflict", line="second")  # type: ignore[arg-type]
    found = await wait_for_answer(databases.application, databases.hints, business, command, timeout=2)  # type: ignore[arg-type]
    assert found is not None
    assert found.problem is None
    assert found.body == {"line": "first"}


async def test_a_business_does_not_see_the_messages_of_another(databases: Databases, business: BusinessId) -> None:
    other = await databases.make_business("other")
    callback = new_id()
    async with databases.interactions.transaction(other, name="test") as tx:
        await send(tx, other, Server.SESSIONS, callback, an_end(callback, "theirs"))
    async with databases.sessions.transaction(business, name="test") as tx:
        assert await tx.value(LEFT["left"]) == 0
    async with databases.sessions.transaction(other, name="test") as tx:
        assert await tx.value(LEFT["left"]) == 1
