"""Reads events off the rows of Twilio's legs: every process tells the same ones, each with the id that it has for ever."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import AsyncIterator

import structlog

from ringback.domain.errors import CommitUnknown
from ringback.domain.ids import BusinessId, LegId
from ringback.postgres.database import RETRYABLE
from ringback.session_management_server.carriers.environment import CarrierEnvironment
from ringback.session_management_server.carriers.protocol import LegEvent
from ringback.session_management_server.carriers.twilio import rows
from ringback.session_management_server.carriers.twilio.legs import events_of

log = structlog.get_logger(__name__)

POLL = 1.0  # seconds: every hint may be lost
FORGET = 3600.0


class TwilioWatch:
    """One process's view of all open legs."""

    def __init__(self, environment: CarrierEnvironment, *, account: str) -> None:
        self._database = environment.database
        self._dispatcher = environment.dispatcher
        self._hints = environment.hints
        self._account = account
        self._followed: dict[LegId, BusinessId] = {}
        self._told: dict[LegId, set[str]] = {}
        self._changed: set[LegId] = set()
        self._woken = asyncio.Event()
        self._events: asyncio.Queue[LegEvent | None] = asyncio.Queue()

    def open(self) -> None:
        """Begin a stream of events."""
        self._events = asyncio.Queue()

    def close(self) -> None:
        """End it."""
        self._events.put_nowait(None)

    async def events(self) -> AsyncIterator[LegEvent]:
        """Yield what rows newly tell."""
        while (event := await self._events.get()) is not None:
            yield event

    def follow(self, business: BusinessId, leg: LegId) -> None:
        """Read this leg's row soon: this process has just changed it."""
        self._followed[leg] = business
        self._changed.add(leg)
        self._woken.set()

    async def run(self) -> None:
        """Watch until cancelled."""
        async with asyncio.TaskGroup() as group:
            group.create_task(self._forward_hints())
            group.create_task(self._look_for_ever())
            group.create_task(self._forget_for_ever())

    async def _forward_hints(self) -> None:
        with self._hints.subscribe(rows.TOPIC) as hinted:
            while True:
                if ids := await hinted.wait(60.0):
                    self._changed |= {LegId(each) for each in ids}
                    self._woken.set()

    async def _forget_for_ever(self) -> None:
        while True:
            await asyncio.sleep(FORGET)
            with contextlib.suppress(*RETRYABLE, CommitUnknown):
                async with self._dispatcher.transaction(name="find_businesses") as tx:
                    businesses = [BusinessId(row["id"]) for row in await tx.rows(rows.SQL["businesses"])]
                async with self._database.transaction(*businesses, name="forget_twilio_legs") as tx:
                    await tx.run(rows.SQL["purge_legs"], businesses=businesses)

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
                log.warning("twilio_not_watched", error=type(error).__name__)
                await asyncio.sleep(0.2)
            with contextlib.suppress(TimeoutError):
                async with asyncio.timeout_at(next_poll):
                    await self._woken.wait()

    async def _look(self, *, whole: bool) -> None:
        """Read the rows that changed; at each poll, and for a hint about one not yet known, those included that other processes opened."""
        changed, self._changed = self._changed, set()
        if whole or changed - self._followed.keys():
            async with self._dispatcher.transaction(name="find_twilio_legs") as tx:
                for row in await tx.rows(rows.SQL["open_legs"]):
                    self._followed.setdefault(LegId(row["id"]), BusinessId(row["business"]))
        looked = set(self._followed) if whole else changed & self._followed.keys()
        if not looked:
            return
        businesses = {self._followed[leg] for leg in looked}
        async with self._database.transaction(*businesses, name="read_twilio_legs") as tx:
            legs = await rows.find_legs(tx, looked)
            noted = await rows.find_events(tx, looked, self._account)
        for leg in legs:
            extra = [event for event in noted if event.leg == leg.id]
            for event in sorted((*events_of(leg, self._account), *extra), key=lambda each: each.at):
                self._tell(event)
            if not leg.live:
                self._forget(leg.id)
        for gone in looked - {leg.id for leg in legs}:
            self._forget(gone)

    def _tell(self, event: LegEvent) -> None:
        told = self._told.setdefault(event.leg, set())
        if event.event not in told:
            told.add(event.event)
            self._events.put_nowait(event)

    def _forget(self, leg: LegId) -> None:
        self._followed.pop(leg, None)
        self._told.pop(leg, None)
