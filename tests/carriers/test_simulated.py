"""The simulated carrier: the suite, and what happens when its process dies."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any, cast

import pytest

from ringback.domain.errors import CarrierUnreachable, ConfigurationError
from ringback.domain.ids import BusinessId, CallbackId, LegId, new_id
from ringback.domain.status import Party
from ringback.session_management_server.carriers.environment import CarrierEnvironment
from ringback.session_management_server.carriers.guarded import GuardedCarrier
from ringback.session_management_server.carriers.protocol import (
    Carrier,
    EndCause,
    LegEventKind,
    LegOrder,
    Whereabouts,
)
from ringback.session_management_server.carriers.simulated import SimulatedCarrier
from ringback.session_management_server.carriers.simulated_behaviour import Act, Behaviour, parse_behaviour
from tests.carriers.conformance import CarrierConformance, Heard
from tests.support.simulated_carrier import CarrierProcess, carrier_process
from tests.support.waiting import PATIENCE

BEHAVIOURS = {"answers": "answers:0.05", "declines": "declines:0.05", "ignores": "no_answer", "absent": "absent"}


class SimulatedFarEnds:
    """Far ends that behave as told."""

    def __init__(self, process: CarrierProcess, carrier: SimulatedCarrier, another: SimulatedCarrier) -> None:
        self.process = process
        self.client = carrier
        self.carrier: Carrier = GuardedCarrier(carrier)
        self.another: Carrier = GuardedCarrier(another)
        self.business = BusinessId(new_id())

    async def person(self, behaviour: str) -> str:
        address = f"person {new_id()}"
        await self.client.behave(address, BEHAVIOURS.get(behaviour, behaviour))
        return address

    async def hang_up(self, leg: LegId) -> None:
        await self.client.leave(self.business, leg)

    def times_rung(self, leg: LegId) -> int:
        return len(self.process.lines("rang", leg=leg))


@pytest.fixture
async def process(tmp_path: Path) -> AsyncIterator[CarrierProcess]:
    async with carrier_process(tmp_path) as it:
        yield it


@pytest.fixture
async def far_ends(process: CarrierProcess) -> AsyncIterator[SimulatedFarEnds]:
    environment = CarrierEnvironment(
        database=cast("Any", None),  # it needs none
        dispatcher=cast("Any", None),
        hints=cast("Any", None),
        options={"address": process.address},
    )
    carriers = SimulatedCarrier(environment), SimulatedCarrier(environment)
    for carrier in carriers:
        await carrier.start()
    yield SimulatedFarEnds(process, *carriers)
    for carrier in carriers:
        await carrier.stop()


class TestSimulatedCarrier(CarrierConformance):
    """The suite."""


def order(far_ends: SimulatedFarEnds, address: str) -> LegOrder:
    return LegOrder(
        business=far_ends.business,
        callback=CallbackId(new_id()),
        leg=LegId(new_id()),
        party=Party.CUSTOMER,
        address=address,
        peer_name="Kim",
        peer_detail="Billing",
    )


async def test_what_rang_before_it_died_is_remembered(far_ends: SimulatedFarEnds, process: CarrierProcess):
    ringing = order(far_ends, await far_ends.person("ignores"))
    silent = order(far_ends, await far_ends.person("ignores"))
    heard = Heard(far_ends.carrier)
    for each in (ringing, silent):
        await far_ends.carrier.prepare(each)
    await far_ends.carrier.dial(far_ends.business, ringing.leg, ring_for=30)
    await heard.wait(ringing.leg, LegEventKind.RINGING)
    await process.kill()
    with pytest.raises(CarrierUnreachable):
        await far_ends.carrier.lookup(far_ends.business, ringing.leg)
    await process.start()
    assert (await heard.wait(ringing.leg, LegEventKind.ENDED)).cause is EndCause.CARRIER_LOST
    report = await far_ends.carrier.lookup(far_ends.business, ringing.leg)
    assert (report.cause, report.rang_at is not None) == (EndCause.CARRIER_LOST, True)
    assert (await far_ends.carrier.lookup(far_ends.business, silent.leg)).whereabouts is Whereabouts.ABSENT
    await heard.stop()


async def test_it_dies_as_told_and_its_record_is_on_disk_before_the_ring(
    far_ends: SimulatedFarEnds, process: CarrierProcess
):
    after, before = order(far_ends, await far_ends.person("dies")), order(far_ends, await far_ends.person("dies_first"))
    for each, rung in ((after, 1), (before, 0)):
        await far_ends.carrier.prepare(each)
        with contextlib.suppress(CarrierUnreachable):
            await far_ends.carrier.dial(far_ends.business, each.leg, ring_for=5)
        await process.gone()
        assert len(process.lines("rang", leg=each.leg)) == rung
        await process.start()
        async with asyncio.timeout(PATIENCE):
            while True:
                try:
                    await far_ends.client.behave(before.address, "dies_first")
                    break
                except CarrierUnreachable:
                    await asyncio.sleep(0.02)


async def test_a_slow_verb_is_unreachable_though_it_acted(far_ends: SimulatedFarEnds, process: CarrierProcess):
    slow = GuardedCarrier(far_ends.client, patience=0.1)
    late = order(far_ends, await far_ends.person("no_answer+slow:0.5"))
    with pytest.raises(CarrierUnreachable):
        await slow.prepare(late)
    with pytest.raises(CarrierUnreachable):
        await slow.dial(far_ends.business, late.leg, ring_for=5)
    async with asyncio.timeout(PATIENCE):
        while not process.lines("rang", leg=late.leg):
            await asyncio.sleep(0.02)


def test_behaviours_are_read():
    assert parse_behaviour("answers:0.2+hangs_up:1+duplicates") == Behaviour(
        act=Act.ANSWERS, after=0.2, hangs_up=1.0, duplicates=True
    )
    assert parse_behaviour("busy+drops").drops == "all"
    with pytest.raises(ConfigurationError, match="sings"):
        parse_behaviour("sings")
    with pytest.raises(ConfigurationError):
        parse_behaviour("late:soon")
