"""The carrier that rings pages: agent and customer talk from browser to browser. Its legs are rows, so any process may serve either page."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable
from datetime import datetime
from typing import TypeAlias
from uuid import UUID

from ringback.domain.errors import CarrierError, LegGone
from ringback.domain.ids import BusinessId, LegId
from ringback.session_management_server.carriers import browser_rows as rows
from ringback.session_management_server.carriers.browser_watch import BrowserWatch
from ringback.session_management_server.carriers.environment import CarrierEnvironment
from ringback.session_management_server.carriers.protocol import Abilities, LegEvent, LegOrder, LegReport, Whereabouts
from ringback.session_management_server.rules import page_legs
from ringback.session_management_server.rules.page_legs import PageLeg

Change: TypeAlias = Callable[[PageLeg, PageLeg | None, datetime], tuple[PageLeg, PageLeg | None]]


class BrowserCarrier:
    """Rings every page of an agent or a chat. The page shows the row's current state; it never replays an event."""

    name = "browser"
    account = "pages"
    abilities = Abilities.HOLD | Abilities.RINGS_PAGES

    def __init__(self, environment: CarrierEnvironment) -> None:
        self._database = environment.database
        self._watch = BrowserWatch(environment, account=self.account)
        self._task: asyncio.Task[None] | None = None

    async def start(self) -> None:
        """Begin to watch rows and to apply what pages say."""
        if self._task is None:
            self._watch.open()
            self._task = asyncio.create_task(self._watch.run(), name="browser carrier")

    async def stop(self) -> None:
        """Stop watching; the rows stay as they are for whoever comes next."""
        task, self._task = self._task, None
        if task is not None:
            task.cancel()
            await asyncio.wait([task])
        self._watch.close()

    async def prepare(self, order: LegOrder) -> None:
        """Make the leg's row. CarrierError for an address that is no agent or chat; LegGone when it is over already."""
        try:
            UUID(order.address)
        except ValueError as error:
            raise CarrierError(f"leg {order.leg}: pages are found by the id of an agent or a chat") from error
        async with self._database.transaction(order.business, name="browser_prepare") as tx:
            await rows.insert_leg(tx, order)
            leg = await rows.lock_leg(tx, order.business, order.leg)
            if leg.state is page_legs.PageLegState.ENDED:
                raise LegGone(f"leg {order.leg} is over")
        self._watch.follow(order.business, order.leg)

    async def dial(self, business: BusinessId, leg: LegId, *, ring_for: float) -> None:
        """Ring the person's pages, or end the leg as absent where none was seen lately."""
        async with self._database.transaction(business, name="browser_dial") as tx:
            found = await rows.lock_leg(tx, business, leg)
            there = await rows.somebody_there(tx, found, since=tx.now - page_legs.PRESENT)
            await rows.save_leg(tx, found, page_legs.dial(found, somebody_there=there, ring_for=ring_for, now=tx.now))
        self._watch.follow(business, leg)

    async def revoke(self, business: BusinessId, leg: LegId) -> LegReport:
        """End the leg. A dial that comes later meets LegGone."""
        async with self._database.transaction(business, name="browser_revoke") as tx:
            found = (await rows.lock_legs(tx, business, (leg,))).get(leg)
            if found is None:
                return LegReport(whereabouts=Whereabouts.ABSENT)
            ended = page_legs.release(found, tx.now)
            await rows.save_leg(tx, found, ended)
        self._watch.follow(business, leg)
        return page_legs.report(ended)

    async def lookup(self, business: BusinessId, leg: LegId) -> LegReport:
        """Read the row."""
        async with self._database.transaction(business, name="browser_lookup") as tx:
            found = [each for each in await rows.find_legs(tx, (leg,)) if each.business == business]
        return page_legs.report(found[0]) if found else LegReport(whereabouts=Whereabouts.ABSENT)

    async def join(self, business: BusinessId, agent: LegId, customer: LegId) -> None:
        """Name each leg the other's peer: from now on their pages' signals reach each other."""
        async with self._database.transaction(business, name="browser_join") as tx:
            found = await rows.lock_legs(tx, business, (agent, customer))
            if len(found) < 2:
                raise LegGone("one of the legs is not there")
            for before, after in zip(
                (found[agent], found[customer]),
                page_legs.join(found[agent], found[customer], tx.now),
                strict=True,
            ):
                await rows.save_leg(tx, before, after)

    async def hang_up(self, business: BusinessId, leg: LegId) -> None:
        """End the leg, if it is there."""
        await self._change(business, leg, lambda one, peer, now: (page_legs.release(one, now), peer))

    async def hold(self, business: BusinessId, leg: LegId, *, on: bool) -> None:
        """Silence the talk, or let the two hear each other again."""
        await self._change(business, leg, lambda one, peer, _: page_legs.hold(one, peer, on=on))

    async def _change(self, business: BusinessId, leg: LegId, change: Change) -> None:
        async with self._database.transaction(business, name="browser_change") as tx:
            one, peer = await rows.lock_with_peer(tx, business, leg)
            if one is None:
                return
            changed, other = change(one, peer, tx.now)
            await rows.save_leg(tx, one, changed)
            if peer is not None and other is not None:
                await rows.save_leg(tx, peer, other)
        self._watch.follow(business, leg)

    async def play(self, business: BusinessId, leg: LegId, sound: str) -> None:
        """Pages play nothing of ours."""
        raise CarrierError("the browser carrier does not play")

    async def record(self, business: BusinessId, leg: LegId, *, on: bool) -> None:
        """The sound goes from page to page: nobody in between could record it."""
        raise CarrierError("the browser carrier does not record")

    async def recording(self, business: BusinessId, leg: LegId) -> bytes | None:
        """There is none."""
        raise CarrierError("the carrier browser does not record")

    async def forget_recording(self, business: BusinessId, leg: LegId) -> None:
        """There is none."""

    async def mute(self, business: BusinessId, leg: LegId, *, on: bool) -> None:
        """Not here."""
        raise CarrierError("the carrier browser does not mute")

    async def screen(self, business: BusinessId, leg: LegId) -> None:
        """Not here."""
        raise CarrierError("the carrier browser does not screen")

    async def leave_message(self, business: BusinessId, leg: LegId, sound: str) -> None:
        """Not here."""
        raise CarrierError("the carrier browser leaves no messages")

    async def transfer(self, business: BusinessId, leg: LegId, address: str) -> None:
        """A page has no other address."""
        raise CarrierError("the browser carrier does not transfer")

    def events(self) -> AsyncIterator[LegEvent]:
        """Yield what happens to legs, whichever process changed the row."""
        return self._watch.events()

    async def legs_of(self, business: BusinessId) -> list[UUID]:
        """List the business's legs that are not over."""
        async with self._database.transaction(business, name="browser_legs_of") as tx:
            return await rows.open_legs_of(tx, business)
