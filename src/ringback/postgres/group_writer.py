"""Group commit in the application: callers queue up, one writer carries out all that has gathered in one transaction, then answers each.

There is no timer: whoever comes while a flush is under way is in the next one. Every caller is answered after the commit that
holds its request. A flush that fails is split, so that one bad request never fails its neighbours.
"""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import Awaitable, Callable, Hashable, Sequence
from typing import Generic, TypeVar

from ringback.postgres.database import RETRYABLE

Request = TypeVar("Request")
Answer = TypeVar("Answer")

MOST = 256  # requests of one flush
TRIES = 5


class GroupWriter(Generic[Request, Answer]):
    """Collects requests. `flush` carries out some, all or none, and answers each in order; `key` names what two of one flush may not share."""

    def __init__(
        self,
        flush: Callable[[Sequence[Request]], Awaitable[Sequence[Answer]]],
        *,
        key: Callable[[Request], Hashable],
        writers: int = 1,
        most: int = MOST,
    ) -> None:
        self._flush = flush
        self._key = key
        self._most = most
        self._writers = writers
        self._writing = 0
        self._tasks: set[asyncio.Task[None]] = set()
        self._waiting: deque[tuple[Request, asyncio.Future[Answer]]] = deque()

    async def submit(self, request: Request) -> Answer:
        """Carry out one request together with whatever else waits; raise what its own flush raised."""
        future: asyncio.Future[Answer] = asyncio.get_running_loop().create_future()
        self._waiting.append((request, future))
        if self._writing < self._writers:
            self._writing += 1
            task = asyncio.create_task(self._write())
            self._tasks.add(task)
            task.add_done_callback(self._tasks.discard)
        return await future

    async def _write(self) -> None:
        try:
            while batch := self._gather():
                await self._carry_out(batch)
        finally:
            self._writing -= 1  # in the same step in which nothing was found: whoever comes next begins anew

    def _gather(self) -> list[tuple[Request, asyncio.Future[Answer]]]:
        """Take what has gathered, in order; the second with a key waits for the next flush."""
        batch: dict[Hashable, tuple[Request, asyncio.Future[Answer]]] = {}
        later: list[tuple[Request, asyncio.Future[Answer]]] = []
        while self._waiting and len(batch) < self._most:
            each = self._waiting.popleft()
            if each[1].cancelled():
                continue
            key = self._key(each[0])
            if key in batch:
                later.append(each)
            else:
                batch[key] = each
        self._waiting.extendleft(reversed(later))
        return list(batch.values())

    async def _carry_out(self, batch: list[tuple[Request, asyncio.Future[Answer]]]) -> None:
        try:
            answers = await self._try([request for request, _ in batch])
        except Exception as error:  # noqa: BLE001 -- handed to the one caller whose request it is
            if len(batch) > 1 and not isinstance(error, RETRYABLE):
                for each in batch:
                    await self._carry_out([each])
                return
            for _, future in batch:
                if not future.done():
                    future.set_exception(error)
            return
        for (_, future), answer in zip(batch, answers, strict=True):
            if not future.done():
                future.set_result(answer)

    async def _try(self, requests: Sequence[Request]) -> Sequence[Answer]:
        for tried in range(1, TRIES + 1):
            try:
                return await self._flush(requests)
            except RETRYABLE:
                if tried == TRIES:
                    raise
                await asyncio.sleep(0.01 * tried)
        raise AssertionError("the last try returns or raises")
