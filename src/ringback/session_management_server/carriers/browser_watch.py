"""Watches the rows of legs on pages: applies what pages say, ends what rang too long or lost its page, and reads events off the rows."""

from __future__ import annotations

import asyncio
import functools
import math
from datetime import datetime

from ringback.domain.ids import BusinessId, LegId
from ringback.session_management_server.carriers import browser_rows as rows
from ringback.session_management_server.carriers.environment import CarrierEnvironment
from ringback.session_management_server.carriers.protocol import EndCause
from ringback.session_management_server.carriers.row_watch import RowWatch
from ringback.session_management_server.rules import page_legs
from ringback.session_management_server.rules.page_legs import PageLeg, PageLegState


class BrowserWatch(RowWatch):
    """One process's view of all open legs on pages. Every process may watch: changes are compare-and-set, events have fixed ids."""

    def __init__(self, environment: CarrierEnvironment, *, account: str) -> None:
        super().__init__(environment, account=account, topics=("browser_leg", "page_input"))
        self._unseen_since: dict[LegId, datetime] = {}
        self._rings_until: dict[LegId, float] = {}
        self._held: set[LegId] = set()

    async def _purge(self) -> None:
        async with self._dispatcher.transaction(name="find_businesses") as tx:
            businesses = await rows.all_businesses(tx)
        async with self._database.transaction(*businesses, name="forget_page_legs") as tx:
            await rows.purge_legs(tx, businesses)

    def _look_before(self) -> float:
        return min(self._rings_until.values(), default=math.inf)

    async def _apply_inputs(self) -> None:
        async with self._dispatcher.transaction(name="find_page_input") as tx:
            waiting = await rows.legs_with_input(tx)
        for business, leg in waiting:
            await self._alone(leg, functools.partial(self._apply_inputs_of, business, leg))

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

    async def _choose(self, *, whole: bool) -> set[LegId]:
        """Apply what pages said, then return the legs that changed or ring too long."""
        await self._apply_inputs()
        if whole:
            async with self._dispatcher.transaction(name="find_page_legs") as tx:
                for business, leg_id in await rows.open_legs(tx):
                    self._followed.setdefault(leg_id, business)
        loop_time = asyncio.get_running_loop().time()
        late = {leg_id for leg_id, until in self._rings_until.items() if until <= loop_time}
        chosen = set(self._followed) if whole else (self._changed | late) & self._followed.keys()
        self._changed.clear()
        return chosen

    async def _read(self, legs: set[LegId]) -> None:
        businesses = {self._followed[leg_id] for leg_id in legs}
        async with self._database.transaction(*businesses, name="read_page_legs") as tx:
            found = await rows.find_legs(tx, legs)
            seen = await rows.pages_seen(tx, {leg.page for leg in found if leg.needs_its_page and leg.page})
            heard_since = await rows.pages_heard_since(tx)
            now = tx.now
        for leg in found:
            seen_at = seen.get(leg.page) if leg.page else None
            await self._alone(leg.id, functools.partial(self._follow_up, leg, seen_at, heard_since, now))
        for gone in legs - {leg.id for leg in found}:
            self._forget(gone)

    async def _follow_up(
        self, leg: PageLeg, seen_at: datetime | None, heard_since: datetime | None, now: datetime
    ) -> None:
        """End the leg if there is cause, and tell what is new of it."""
        cause = self._cause_to_end(leg, seen_at, heard_since, now)
        self._tell_of(leg if cause is None else await self._end(leg, cause), now)

    def _cause_to_end(
        self, leg: PageLeg, seen_at: datetime | None, heard_since: datetime | None, now: datetime
    ) -> EndCause | None:
        if leg.state is PageLegState.RINGING and leg.rings_until is not None:
            left = (leg.rings_until - now).total_seconds()
            self._rings_until[leg.id] = asyncio.get_running_loop().time() + left
        else:
            self._rings_until.pop(leg.id, None)
        if seen_at is not None:
            self._unseen_since.pop(leg.id, None)
        elif leg.needs_its_page:  # a page that was never seen: count from when that was noticed
            seen_at = self._unseen_since.setdefault(leg.id, now)
        return page_legs.cause_to_end(leg, last_seen=seen_at, heard_since=heard_since, now=now)

    async def _end(self, leg: PageLeg, cause: EndCause) -> PageLeg:
        """End it, unless its row is another one by now."""
        async with self._database.transaction(leg.business, name="end_page_leg") as tx:
            found = (await rows.lock_legs(tx, leg.business, (leg.id,))).get(leg.id)
            if found is None or found.version != leg.version:
                return found or leg
            ended = page_legs.end(found, cause, tx.now)
            await rows.save_leg(tx, found, ended)
        return ended

    def _tell_of(self, leg: PageLeg, now: datetime) -> None:
        for event in page_legs.events_of(leg, self._account, now):
            self._tell(event)
        if leg.state is PageLegState.HELD:
            self._held.add(leg.id)
        elif leg.id in self._held:
            self._held.discard(leg.id)
            if leg.state is PageLegState.JOINED:
                self._events.put_nowait(page_legs.resumed(leg, self._account, now))
        if leg.state is PageLegState.ENDED:
            self._forget(leg.id)

    def _forget(self, leg: LegId) -> None:
        super()._forget(leg)
        self._unseen_since.pop(leg, None)
        self._rings_until.pop(leg, None)
        self._held.discard(leg)
