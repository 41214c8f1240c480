"""Watches the rows of a carrier's legs, for carriers whose legs live in the database: every process reads the same events off them."""

from __future__ import annotations

import asyncio
import contextlib
import math
from abc import ABC, abstractmethod
from collections.abc import AsyncIterator, Awaitable, Callable

import asyncpg
import structlog

from ringback.domain.errors import CommitUnknown
from ringback.domain.ids import BusinessId, LegId
from ringback.postgres.database import RETRYABLE
from ringback.session_management_server.carriers.environment import CarrierEnvironment
from ringback.session_management_server.carriers.protocol import LegEvent

log = structlog.get_logger(__name__)

POLL = 1.0  # seconds: every hint may be lost
FORGET = 3600.0
# Of one row, not of the connection: whoever holds its lock holds up no other row.
_IN_THE_WAY = (asyncpg.LockNotAvailableError, asyncpg.DeadlockDetectedError, asyncpg.SerializationError)


class RowWatch(ABC):
    """One process's view of all open legs of a carrier. Every process may watch: an event has the same id wherever it is read."""

    def __init__(self, environment: CarrierEnvironment, *, account: str, topics: tuple[str, ...]) -> None:
        self._database = environment.database
        self._dispatcher = environment.dispatcher
        self._hints = environment.hints
        self._account = account
        self._topics = topics
        self._followed: dict[LegId, BusinessId] = {}
        self._told: dict[LegId, set[str]] = {}
        self._changed: set[LegId] = set()
        self._failing: set[LegId] = set()  # told once each, and read apart from the others
        self._woken = asyncio.Event()
        self._events: asyncio.Queue[LegEvent | None] = asyncio.Queue()

    def follow(self, business: BusinessId, leg: LegId) -> None:
        """Read this leg's row soon: this process has just changed it."""
        self._followed[leg] = business
        self._changed.add(leg)
        self._woken.set()

    def open(self) -> None:
        """Begin a stream of events."""
        self._events = asyncio.Queue()

    def close(self) -> None:
        """End the stream of events."""
        self._events.put_nowait(None)

    async def events(self) -> AsyncIterator[LegEvent]:
        """Yield what rows newly tell."""
        while (event := await self._events.get()) is not None:
            yield event

    async def run(self) -> None:
        """Watch until cancelled."""
        async with asyncio.TaskGroup() as group:
            group.create_task(self._forward_hints())
            group.create_task(self._look_for_ever())
            group.create_task(self._purge_for_ever())

    @abstractmethod
    async def _choose(self, *, whole: bool) -> set[LegId]:
        """Return the followed legs whose rows are to be read; `whole`: all open ones, those included that other processes opened."""

    @abstractmethod
    async def _read(self, legs: set[LegId]) -> None:
        """Read these rows, and tell what is new of each in a way of its own (`_alone`)."""

    @abstractmethod
    async def _purge(self) -> None:
        """Delete the rows of legs that ended long ago."""

    def _look_before(self) -> float:
        """The loop's time at which something falls due that no row and no hint tells."""
        return math.inf

    def _tell(self, event: LegEvent) -> None:
        """Pass an event on, once."""
        told = self._told.setdefault(event.leg, set())
        if event.event not in told:
            told.add(event.event)
            self._events.put_nowait(event)

    async def _look(self, *, whole: bool) -> None:
        """Look once. A row that fails hides no other: what cannot be read together is read in halves, down to the one row."""
        chosen = await self._choose(whole=whole)
        apart = sorted(chosen & self._failing)
        for legs in (chosen - self._failing, *({leg} for leg in apart)):
            await self._read_or_split(legs)

    async def _read_or_split(self, legs: set[LegId]) -> None:
        if not legs:
            return
        try:
            await self._read(legs)
        except (*RETRYABLE, CommitUnknown):
            raise
        except Exception as error:  # noqa: BLE001 -- a row that this version cannot read, say; it is logged when it is found
            ordered = sorted(legs)
            if len(ordered) == 1:
                self._note(ordered[0], error)
                return
            for half in (ordered[: len(ordered) // 2], ordered[len(ordered) // 2 :]):
                await self._read_or_split(set(half))

    async def _alone(self, leg: LegId, work: Callable[[], Awaitable[None]]) -> None:
        """Do what concerns one leg: its failure is its own, and only that of the connection ends the look."""
        try:
            await work()
        except _IN_THE_WAY as error:
            log.warning("legs_not_watched", account=self._account, leg=str(leg), error=type(error).__name__)
        except (*RETRYABLE, CommitUnknown):
            raise
        except Exception as error:  # noqa: BLE001 -- it is logged, once
            self._note(leg, error)
        else:
            self._failing.discard(leg)

    def _note(self, leg: LegId, error: Exception) -> None:
        if leg not in self._failing:
            self._failing.add(leg)
            log.error("leg_watch_failed", account=self._account, leg=str(leg), exc_info=error)

    def _forget(self, leg: LegId) -> None:
        self._failing.discard(leg)
        self._followed.pop(leg, None)
        self._told.pop(leg, None)

    async def _forward_hints(self) -> None:
        with self._hints.subscribe(*self._topics) as hinted:
            while True:
                if ids := await hinted.wait(60.0):
                    self._changed |= {LegId(each) for each in ids}
                    self._woken.set()

    async def _purge_for_ever(self) -> None:
        while True:
            await asyncio.sleep(FORGET)
            with contextlib.suppress(*RETRYABLE, CommitUnknown):
                await self._purge()

    async def _look_for_ever(self) -> None:
        loop = asyncio.get_running_loop()
        next_poll = 0.0
        while True:
            self._woken.clear()
            whole = loop.time() >= next_poll
            if whole:
                next_poll = loop.time() + POLL
            try:
                await self._look(whole=whole)
            except (*RETRYABLE, CommitUnknown) as error:
                log.warning("legs_not_watched", account=self._account, error=type(error).__name__)
                await asyncio.sleep(0.2)
            except Exception as error:  # the watch outlives whatever is not one row's
                log.error("leg_watch_failed", account=self._account, exc_info=error)
                await asyncio.sleep(0.5)
            until = max(min(next_poll, self._look_before()), loop.time() + 0.001)
            with contextlib.suppress(TimeoutError):
                async with asyncio.timeout_at(until):
                    await self._woken.wait()
