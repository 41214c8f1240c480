"""Group commit: everybody is answered after the flush that held their request, and one bad request fails alone."""

import asyncio
from collections.abc import Sequence

import asyncpg
import pytest

from ringback.postgres.group_writer import TRIES, GroupWriter


class Book:
    """Flushes that take a moment, and what they were given."""

    def __init__(self) -> None:
        self.flushed: list[list[int]] = []
        self.at_once = 0
        self.fail_times = 0

    async def flush(self, requests: Sequence[int]) -> list[int]:
        self.at_once += 1
        assert self.at_once == 1, "one writer, one flush at a time"
        try:
            await asyncio.sleep(0)
            if self.fail_times:
                self.fail_times -= 1
                raise asyncpg.DeadlockDetectedError("again")
            if any(request < 0 for request in requests):
                raise ValueError("a bad one")
            self.flushed.append(list(requests))
            return [request * 2 for request in requests]
        finally:
            self.at_once -= 1


def writer(book: Book, **more: int) -> GroupWriter[int, int]:
    return GroupWriter(book.flush, key=lambda request: request % 1000, **more)


async def test_who_comes_during_a_flush_is_in_the_next_one_and_each_gets_their_own_answer():
    book = Book()
    group = writer(book)
    assert await asyncio.gather(*(group.submit(n) for n in range(64))) == [2 * n for n in range(64)]
    assert len(book.flushed) <= 3 and sorted(sum(book.flushed, [])) == list(range(64))


async def test_callers_one_after_another_never_wait_for_anybody():
    book = Book()
    group = writer(book)
    for n in range(200):
        assert await group.submit(n) == 2 * n
    assert book.flushed == [[n] for n in range(200)]


async def test_two_of_one_key_are_never_in_one_flush_and_stay_in_order():
    book = Book()
    group = writer(book)
    await asyncio.gather(*(group.submit(n) for n in (1, 1001, 2, 2001, 1002)))
    assert all(len({n % 1000 for n in flush}) == len(flush) for flush in book.flushed)
    order = sum(book.flushed, [])
    assert order.index(1) < order.index(1001) and order.index(2) < order.index(1002)


async def test_one_bad_request_fails_alone():
    book = Book()
    group = writer(book)
    answers = await asyncio.gather(*(group.submit(n) for n in (1, 2, -3, 4)), return_exceptions=True)
    assert [answers[0], answers[1], answers[3]] == [2, 4, 8] and isinstance(answers[2], ValueError)


async def test_a_deadlock_is_tried_again_and_given_up_in_the_end():
    book = Book()
    group = writer(book)
    book.fail_times = 2
    assert await group.submit(5) == 10
    book.fail_times = TRIES
    with pytest.raises(asyncpg.DeadlockDetectedError):
        await group.submit(6)
    assert await group.submit(7) == 14


async def test_no_flush_is_larger_than_it_may_be_and_a_cancelled_caller_is_left_out():
    book = Book()
    group = writer(book, most=10)
    gone = asyncio.create_task(group.submit(999))
    gone.cancel()
    await asyncio.gather(*(group.submit(n) for n in range(35)), gone, return_exceptions=True)
    assert max(len(flush) for flush in book.flushed) <= 10 and sum(len(flush) for flush in book.flushed) == 35
