"""Watches the rows of legs on pages: applies what pages say, ends what rang too long or lost its page, and reads events off the rows."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import AsyncIterator
from datetime import datetime

import structlog

from ringback.domain.errors import CommitUnknown
from ringback.domain.ids import BusinessId, LegId
from ringback.postgres.database import RETRYABLE
from ringback.session_management_server.carriers import browser_rows as rows
from ringback.session_management_server.carriers.environment import CarrierEnvironment
from ringback.session_management_server.carriers.protocol import EndCause, LegEvent
from ringback.session_management_server.rules import page_legs
from ringback.session_management_server.rules.page_legs import PageLeg, PageLegState

log = structlog.get_logger(__name__)

POLL = 1.0  # seconds: every hint may be lost
FORGET = 3600.0


class BrowserWatch:
    """One process's view of all open legs on pages. Every process may watch: changes are compare-and-set, events have fixed ids."""

    def __init__(self, environment: CarrierEnvironment, *, account: str) -> None:
        self._database = environment.database
        self._dispatcher = environment.dispatcher
        self._hints = environment.hints
        self._account = account
        self._followed: dict[LegId, BusinessId] = {}
        self._told: dict[LegId, set[str]] = {}
        self._unseen_since: dict[LegId, datetime] = {}
        self._rings_until: dict[LegId, float] = {}
        self._held: set[LegId] = set()
        self._changed: set[LegId] = set()
        self._events: asyncio.Queue[LegEvent | None] = asyncio.Queue()
        self._woken = asyncio.Event()

    def follow(self, business: BusinessId, leg: LegId) -> None:
        """Read this leg's row soon: this process has just changed it."""
        self._followed[leg] = business
        self._changed.add(leg)
        self._woken.set()

    def close(self) -> None:
        """End the stream of events."""
        self._events.put_nowait(None)

    async def events(self) -> AsyncIterator[LegEvent]:
        """Yield what rows newly tell."""
        while (event := await self._events.get()) is not None:
            yield event

    def open(self) -> None:
        """Begin a stream of events."""
        self._events = asyncio.Queue()

    async def run(self) -> None:
        """Watch until cancelled."""
        async with asyncio.TaskGroup() as group:
            group.create_task(self._forward_hints())
            group.create_task(self._look_for_ever())
            group.create_task(self._forget_for_ever())

    async def _forward_hints(self) -> None:
        with self._hints.subscribe("browser_leg", "page_input") as hinted:
            while True:
                if ids := await hinted.wait(60.0):
                    self._changed |= {LegId(each) for each in ids}
                    self._woken.set()

    async def _forget_for_ever(self) -> None:
        while True:
            await asyncio.sleep(FORGET)
            with contextlib.suppress(*RETRYABLE, CommitUnknown):
                async with self._dispatcher.transaction(name="find_businesses") as tx:
                    businesses = await rows.all_businesses(tx)
                async with self._database.transaction(*businesses, name="forget_page_legs") as tx:
                    await rows.purge_legs(tx, businesses)

    async def _look_for_ever(self) -> None:
        loop = asyncio.get_running_loop()
        next_poll = 0.0
        while True:
            self._woken.clear()
            whole = loop.time() >= next_poll
            if whole:
                next_poll = loop.time() + POLL
            try:
                await self._apply_inputs()
                await self._look(whole=whole)
            except (*RETRYABLE, CommitUnknown) as error:
                log.warning("pages_not_watched", error=type(error).__name__)
                await asyncio.sleep(0.2)
            except Exception as error:  # the watch outlives one bad row
                log.error("page_watch_failed", exc_info=error)
                await asyncio.sleep(0.5)
            await self._wait(until=min((next_poll, *self._rings_until.values())))

    async def _wait(self, *, until: float) -> None:
        loop = asyncio.get_running_loop()
        try:
            async with asyncio.timeout_at(max(until, loop.time() + 0.001)):
                await self._woken.wait()
        except TimeoutError:
            return

    async def _apply_inputs(self) -> None:
        async with self._dispatcher.transaction(name="find_page_input") as tx:
            waiting = await rows.legs_with_input(tx)
        for business, leg in waiting:
            await self._apply_inputs_of(business, leg)

    async def _apply_inputs_of(self, business: BusinessId, leg: LegId) -> None:
        """Apply what pages said about one leg, under its row's lock: two processes never apply the same input."""
        async with self._database.transaction(business, name="page_input") as tx:
            before, peer_before = await rows.lock_with_peer(tx, business, leg)
            ids, said = await rows.new_input(tx, business, leg)
            if before is not None:
                after, peer = before, peer_before
                for each in said:
                    after, peer = page_legs.hear(after, peer, each, tx.now)
                await rows.save_leg(tx, before, after)
                if peer_before is not None and peer is not None:
                    await rows.save_leg(tx, peer_before, peer)
            await rows.input_applied(tx, business, leg, ids)
        self._followed[leg] = business
        self._changed.add(leg)

    async def _look(self, *, whole: bool) -> None:
        """Read the rows that changed or ring too long; at each poll all, those included that other processes opened."""
        if whole:
            async with self._dispatcher.transaction(name="find_page_legs") as tx:
                for business, leg_id in await rows.open_legs(tx):
                    self._followed.setdefault(leg_id, business)
        loop_time = asyncio.get_running_loop().time()
        late = {leg_id for leg_id, until in self._rings_until.items() if until <= loop_time}
        looked = set(self._followed) if whole else (self._changed | late) & self._followed.keys()
        self._changed.clear()
        if not looked:
            return
        businesses = {self._followed[leg_id] for leg_id in looked}
        async with self._database.transaction(*businesses, name="read_page_legs") as tx:
            legs = await rows.find_legs(tx, looked)
            seen = await rows.pages_seen(tx, {leg.page for leg in legs if leg.needs_its_page and leg.page})
            now = tx.now
        for leg in legs:
            cause = self._cause_to_end(leg, seen.get(leg.page) if leg.page else None, now)
            self._tell(leg if cause is None else await self._end(leg, cause), now)
        for gone in looked - {leg.id for leg in legs}:
            self._forget(gone)

    def _cause_to_end(self, leg: PageLeg, seen_at: datetime | None, now: datetime) -> EndCause | None:
        if leg.state is PageLegState.RINGING and leg.rings_until is not None:
            left = (leg.rings_until - now).total_seconds()
            self._rings_until[leg.id] = asyncio.get_running_loop().time() + left
        else:
            self._rings_until.pop(leg.id, None)
        if seen_at is not None:
            self._unseen_since.pop(leg.id, None)
        elif leg.needs_its_page:  # a page that closed in good order leaves no trace: count from when that was noticed
            seen_at = self._unseen_since.setdefault(leg.id, now)
        return page_legs.cause_to_end(leg, last_seen=seen_at, now=now)

    async def _end(self, leg: PageLeg, cause: EndCause) -> PageLeg:
        """End it, unless its row is another one by now."""
        async with self._database.transaction(leg.business, name="end_page_leg") as tx:
            found = (await rows.lock_legs(tx, leg.business, (leg.id,))).get(leg.id)
            if found is None or found.version != leg.version:
                return found or leg
            ended = page_legs.end(found, cause, tx.now)
            await rows.save_leg(tx, found, ended)
        return ended

    def _tell(self, leg: PageLeg, now: datetime) -> None:
        told = self._told.setdefault(leg.id, set())
        for event in page_legs.events_of(leg, self._account, now):
            if event.event not in told:
                told.add(event.event)
                self._events.put_nowait(event)
        if leg.state is PageLegState.HELD:
            self._held.add(leg.id)
        elif leg.id in self._held:
            self._held.discard(leg.id)
            if leg.state is PageLegState.JOINED:
                self._events.put_nowait(page_legs.resumed(leg, self._account, now))
        if leg.state is PageLegState.ENDED:
            self._forget(leg.id)

    def _forget(self, leg: LegId) -> None:
        self._followed.pop(leg, None)
        self._told.pop(leg, None)
        self._unseen_since.pop(leg, None)
        self._rings_until.pop(leg, None)
        self._held.discard(leg)
