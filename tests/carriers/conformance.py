"""What every carrier must do, whatever it rings. A test module per carrier subclasses this and says how its far ends are played."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from typing import Protocol

import pytest

from ringback.domain.errors import LegGone
from ringback.domain.ids import BusinessId, CallbackId, LegId, new_id
from ringback.domain.status import Party
from ringback.session_management_server.carriers.protocol import (
    Abilities,
    Carrier,
    EndCause,
    LegEvent,
    LegEventKind,
    LegOrder,
    Whereabouts,
)
from tests.support.waiting import PATIENCE


class FarEnds(Protocol):
    """Plays the people at the other end."""

    carrier: Carrier
    another: Carrier  # the same carrier as another process sees it
    business: BusinessId

    async def person(self, behaviour: str) -> str:
        """Return the address of somebody who answers, declines, ignores or is absent."""

    async def hang_up(self, leg: LegId) -> None:
        """The person hangs up."""

    def times_rung(self, leg: LegId) -> int:
        """How often that leg rang there."""


class Heard:
    """Collects a carrier's events."""

    def __init__(self, carrier: Carrier) -> None:
        self.events: list[LegEvent] = []
        self._changed = asyncio.Event()
        self._task = asyncio.create_task(self._listen(carrier))

    async def _listen(self, carrier: Carrier) -> None:
        async for event in carrier.events():
            self.events.append(event)
            self._changed.set()

    async def wait(self, leg: LegId, kind: LegEventKind, *, within: float = PATIENCE) -> LegEvent:
        """Return the first event of a kind about a leg."""
        try:
            async with asyncio.timeout(within):
                while True:
                    for event in self.events:
                        if event.leg == leg and event.kind is kind:
                            return event
                    self._changed.clear()
                    await self._changed.wait()
        except TimeoutError:
            raise AssertionError(f"no {kind} of {leg}; heard {[str(e.kind) for e in self.events]}") from None

    def kinds(self, leg: LegId) -> list[LegEventKind]:
        """What was heard of a leg, each event once."""
        seen = {event.event: event.kind for event in self.events if event.leg == leg}
        return list(seen.values())

    async def stop(self) -> None:
        """Listen no more."""
        self._task.cancel()
        await asyncio.wait([self._task])


class CarrierConformance:
    """The suite."""

    @pytest.fixture
    async def heard(self, far_ends: FarEnds) -> AsyncIterator[Heard]:
        heard = Heard(far_ends.carrier)
        yield heard
        await heard.stop()

    async def order(self, far_ends: FarEnds, party: Party, behaviour: str) -> LegOrder:
        return LegOrder(
            business=far_ends.business,
            callback=CallbackId(new_id()),
            leg=LegId(new_id()),
            party=party,
            address=await far_ends.person(behaviour),
            peer_name="Dana W.",
            peer_detail="Billing",
            about="an invoice",
        )

    async def answered(self, far_ends: FarEnds, heard: Heard, party: Party, behaviour: str = "answers") -> LegId:
        order = await self.order(far_ends, party, behaviour)
        await far_ends.carrier.prepare(order)
        await far_ends.carrier.dial(far_ends.business, order.leg, ring_for=5)
        await heard.wait(order.leg, LegEventKind.ANSWERED)
        return order.leg

    async def joined(self, far_ends: FarEnds, heard: Heard) -> tuple[LegId, LegId]:
        agent = await self.answered(far_ends, heard, Party.AGENT)
        customer = await self.answered(far_ends, heard, Party.CUSTOMER)
        await far_ends.carrier.join(far_ends.business, agent, customer)
        return agent, customer

    # ------------------------------------------------------------------ prepare, dial

    async def test_a_prepared_leg_rings_nobody(self, far_ends: FarEnds):
        order = await self.order(far_ends, Party.CUSTOMER, "answers")
        await far_ends.carrier.prepare(order)
        await far_ends.carrier.prepare(order)
        report = await far_ends.carrier.lookup(far_ends.business, order.leg)
        assert report.whereabouts is Whereabouts.PREPARED
        assert order.leg in await far_ends.carrier.legs_of(far_ends.business)
        assert far_ends.times_rung(order.leg) == 0

    async def test_a_leg_dialled_twice_rings_once(self, far_ends: FarEnds, heard: Heard):
        order = await self.order(far_ends, Party.CUSTOMER, "ignores")
        await far_ends.carrier.prepare(order)
        await asyncio.gather(
            *(c.dial(far_ends.business, order.leg, ring_for=5) for c in (far_ends.carrier, far_ends.another) * 3)
        )
        await heard.wait(order.leg, LegEventKind.RINGING)
        await far_ends.carrier.dial(far_ends.business, order.leg, ring_for=5)
        assert far_ends.times_rung(order.leg) == 1
        assert heard.kinds(order.leg) == [LegEventKind.RINGING]
        report = await far_ends.another.lookup(far_ends.business, order.leg)
        assert report.whereabouts is Whereabouts.DIALLING
        assert report.rang_at is not None

    async def test_a_leg_that_was_never_made_can_not_be_dialled(self, far_ends: FarEnds):
        leg = LegId(new_id())
        with pytest.raises(LegGone):
            await far_ends.carrier.dial(far_ends.business, leg, ring_for=5)
        assert (await far_ends.carrier.lookup(far_ends.business, leg)).whereabouts is Whereabouts.ABSENT

    async def test_a_leg_rings_no_longer_than_it_may(self, far_ends: FarEnds, heard: Heard):
        order = await self.order(far_ends, Party.AGENT, "ignores")
        await far_ends.carrier.prepare(order)
        await far_ends.carrier.dial(far_ends.business, order.leg, ring_for=0.4)
        ended = await heard.wait(order.leg, LegEventKind.ENDED, within=4)
        assert ended.cause is EndCause.NO_ANSWER

    async def test_who_declines_is_heard(self, far_ends: FarEnds, heard: Heard):
        order = await self.order(far_ends, Party.AGENT, "declines")
        await far_ends.carrier.prepare(order)
        await far_ends.carrier.dial(far_ends.business, order.leg, ring_for=5)
        assert (await heard.wait(order.leg, LegEventKind.ENDED)).cause is EndCause.DECLINED
        report = await far_ends.carrier.lookup(far_ends.business, order.leg)
        assert (report.whereabouts, report.cause) == (Whereabouts.ENDED, EndCause.DECLINED)
        assert report.rang_at is not None

    async def test_where_nobody_is_nothing_rings(self, far_ends: FarEnds, heard: Heard):
        order = await self.order(far_ends, Party.CUSTOMER, "absent")
        await far_ends.carrier.prepare(order)
        await far_ends.carrier.dial(far_ends.business, order.leg, ring_for=5)
        assert (await heard.wait(order.leg, LegEventKind.ENDED)).cause is EndCause.ABSENT
        assert far_ends.times_rung(order.leg) == 0

    # ------------------------------------------------------------------ revoke

    async def test_a_revoked_leg_can_not_be_dialled_however_late(self, far_ends: FarEnds):
        order = await self.order(far_ends, Party.CUSTOMER, "answers")
        await far_ends.carrier.prepare(order)
        report = await far_ends.another.revoke(far_ends.business, order.leg)
        assert (report.whereabouts, report.cause) == (Whereabouts.ENDED, EndCause.FAILED)
        assert report.rang_at is None
        with pytest.raises(LegGone):
            await far_ends.carrier.dial(far_ends.business, order.leg, ring_for=5)
        with pytest.raises(LegGone):
            await far_ends.carrier.prepare(order)
        assert far_ends.times_rung(order.leg) == 0
        assert await far_ends.carrier.revoke(far_ends.business, order.leg) == report

    async def test_revoking_what_was_never_made_is_certain_too(self, far_ends: FarEnds):
        report = await far_ends.carrier.revoke(far_ends.business, LegId(new_id()))
        assert report.whereabouts is Whereabouts.ABSENT

    async def test_revoking_a_leg_that_rings_says_that_it_rang(self, far_ends: FarEnds, heard: Heard):
        order = await self.order(far_ends, Party.CUSTOMER, "ignores")
        await far_ends.carrier.prepare(order)
        await far_ends.carrier.dial(far_ends.business, order.leg, ring_for=5)
        rang = await heard.wait(order.leg, LegEventKind.RINGING)
        report = await far_ends.carrier.revoke(far_ends.business, order.leg)
        assert (report.whereabouts, report.cause) == (Whereabouts.ENDED, EndCause.RELEASED)
        assert report.rang_at is not None
        assert abs((report.rang_at - rang.at).total_seconds()) < 0.1
        assert (await heard.wait(order.leg, LegEventKind.ENDED)).cause is EndCause.RELEASED

    # ------------------------------------------------------------------ talk

    async def test_two_are_joined_and_one_hangs_up(self, far_ends: FarEnds, heard: Heard):
        agent, customer = await self.joined(far_ends, heard)
        await far_ends.another.join(far_ends.business, agent, customer)
        for leg in (agent, customer):
            report = await far_ends.another.lookup(far_ends.business, leg)
            assert report.whereabouts is Whereabouts.JOINED
            assert report.rang_at and report.answered_at and report.joined_at
            assert report.rang_at <= report.answered_at <= report.joined_at
        await far_ends.hang_up(customer)
        assert (await heard.wait(customer, LegEventKind.ENDED)).cause is EndCause.HUNG_UP
        assert LegEventKind.ENDED not in heard.kinds(agent)
        await far_ends.carrier.hang_up(far_ends.business, agent)
        await far_ends.carrier.hang_up(far_ends.business, agent)
        assert (await heard.wait(agent, LegEventKind.ENDED)).cause is EndCause.RELEASED
        assert await far_ends.carrier.legs_of(far_ends.business) == []

    async def test_a_leg_that_is_over_can_not_be_joined(self, far_ends: FarEnds, heard: Heard):
        agent = await self.answered(far_ends, heard, Party.AGENT)
        customer = await self.answered(far_ends, heard, Party.CUSTOMER)
        await far_ends.carrier.hang_up(far_ends.business, customer)
        with pytest.raises(LegGone):
            await far_ends.carrier.join(far_ends.business, agent, customer)
        with pytest.raises(LegGone):
            await far_ends.carrier.join(far_ends.business, agent, LegId(new_id()))

    async def test_hanging_up_what_is_not_there_is_fine(self, far_ends: FarEnds):
        await far_ends.carrier.hang_up(far_ends.business, LegId(new_id()))

    async def test_a_talk_is_held_and_goes_on(self, far_ends: FarEnds, heard: Heard):
        if Abilities.HOLD not in far_ends.carrier.abilities:
            return
        agent, _ = await self.joined(far_ends, heard)
        await far_ends.carrier.hold(far_ends.business, agent, on=True)
        await heard.wait(agent, LegEventKind.HELD)
        assert (await far_ends.carrier.lookup(far_ends.business, agent)).whereabouts is Whereabouts.JOINED
        await far_ends.carrier.hold(far_ends.business, agent, on=False)
        await heard.wait(agent, LegEventKind.RESUMED)

    # ------------------------------------------------------------------ events, and who sees what

    async def test_each_event_has_an_id_of_its_own_that_never_changes(self, far_ends: FarEnds, heard: Heard):
        there = Heard(far_ends.another)
        leg = await self.answered(far_ends, heard, Party.AGENT)
        await far_ends.carrier.hang_up(far_ends.business, leg)
        here = [await heard.wait(leg, kind) for kind in (LegEventKind.ANSWERED, LegEventKind.ENDED)]
        elsewhere = [await there.wait(leg, kind) for kind in (LegEventKind.ANSWERED, LegEventKind.ENDED)]
        assert [event.event for event in here] == [event.event for event in elsewhere]
        assert len({event.event for event in here}) == 2
        assert {event.account for event in heard.events} == {far_ends.carrier.account}
        await there.stop()

    async def test_another_business_sees_nothing(self, far_ends: FarEnds, heard: Heard):
        leg = await self.answered(far_ends, heard, Party.AGENT)
        other = BusinessId(new_id())
        assert await far_ends.carrier.legs_of(other) == []
        assert (await far_ends.carrier.lookup(other, leg)).whereabouts is Whereabouts.ABSENT
        await far_ends.carrier.hang_up(other, leg)
        await far_ends.carrier.revoke(other, leg)
        assert (await far_ends.carrier.lookup(far_ends.business, leg)).whereabouts is Whereabouts.ANSWERED

    async def test_it_stops_and_stops_again(self, far_ends: FarEnds):
        await far_ends.another.stop()
        await far_ends.another.stop()
