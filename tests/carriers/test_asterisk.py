"""A real Asterisk and telephones over SIP: the suite every carrier passes, and what only telephones do."""

from __future__ import annotations

import contextlib
from collections.abc import AsyncIterator, Iterator

import pytest

from ringback.domain.errors import LegGone
from ringback.domain.ids import BusinessId, CallbackId, LegId, new_id
from ringback.domain.status import Party
from ringback.session_management_server.carriers.asterisk.ari import AriRefused
from ringback.session_management_server.carriers.asterisk.carrier import AsteriskNode
from ringback.session_management_server.carriers.asterisk.options import AsteriskOptions
from ringback.session_management_server.carriers.asterisk.traces import channel_of
from ringback.session_management_server.carriers.protocol import (
    Carrier,
    EndCause,
    LegEventKind,
    LegOrder,
    Whereabouts,
)
from tests.carriers.conformance import CarrierConformance, FarEnds, Heard
from tests.carriers.numbers_rung import NumbersRung
from tests.support.pbx import Pbx, running_pbx
from tests.support.sip_phones import SipPhones

pytestmark = [pytest.mark.asterisk, pytest.mark.xdist_group("asterisk")]


class Telephones:
    """People with telephones behind a trunk."""

    def __init__(self, phones: SipPhones, carrier: AsteriskNode, another: AsteriskNode) -> None:
        self.phones = phones
        self.numbers: dict[LegId, str] = {}
        self.carrier: Carrier = NumbersRung(carrier, self.numbers)
        self.another: Carrier = NumbersRung(another, self.numbers)
        self.business = BusinessId(new_id())
        self._last = 0

    async def person(self, behaviour: str) -> str:
        self._last += 1
        number = f"+4930900{self._last:04}"
        self.phones.behave(number, "silent" if behaviour == "absent" else behaviour)
        return number

    async def hang_up(self, leg: LegId) -> None:
        self.phones.hang_up(self.numbers[leg])

    def times_rung(self, leg: LegId) -> int:
        return len(self.phones.rung.get(self.numbers[leg], ()))


@pytest.fixture(scope="module")
def pbx(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Pbx]:
    with running_pbx(tmp_path_factory.mktemp("asterisk")) as it:
        yield it


def _carrier(pbx: Pbx, phones: SipPhones) -> AsteriskNode:
    trunk = f"PJSIP/trunk/sip:{{number}}@127.0.0.1:{phones.port}"
    return AsteriskNode(AsteriskOptions.read({"url": pbx.url, "trunk": trunk}))


@pytest.fixture
async def far_ends(pbx: Pbx) -> AsyncIterator[Telephones]:
    phones = SipPhones()
    await phones.start()
    carriers = _carrier(pbx, phones), _carrier(pbx, phones)
    for carrier in carriers:
        await carrier.start()
    yield Telephones(phones, *carriers)
    for carrier in carriers:
        await carrier.stop()
    phones.stop()


class TestAsteriskCarrier(CarrierConformance):
    """The suite."""

    async def test_where_nobody_is_nothing_rings(self, far_ends: FarEnds, heard: Heard) -> None:
        order = await self.order(far_ends, Party.CUSTOMER, "absent")
        await far_ends.carrier.prepare(order)
        await far_ends.carrier.dial(far_ends.business, order.leg, ring_for=1)
        assert (await heard.wait(order.leg, LegEventKind.ENDED)).cause is EndCause.UNREACHABLE
        assert far_ends.times_rung(order.leg) == 0


async def test_a_leg_revoked_by_another_process_is_gone_although_its_end_was_not_heard_yet(
    pbx: Pbx, far_ends: Telephones
) -> None:
    order = _order(far_ends, await far_ends.person("answers"))
    deaf = _carrier(pbx, far_ends.phones)
    await deaf.start()
    await deaf.prepare(order)
    deaf._ari._heard = lambda event: None
    await far_ends.another.revoke(far_ends.business, order.leg)
    with pytest.raises(LegGone):
        await deaf.dial(far_ends.business, order.leg, ring_for=5)
    await deaf.stop()
    assert order.address not in far_ends.phones.rung


async def test_a_dial_that_reaches_asterisk_twice_leaves_no_false_certainty(pbx: Pbx, far_ends: Telephones) -> None:
    """A proxy that tries again: at the second request Asterisk may clear a channel whose INVITE is on its way."""
    node = _carrier(pbx, far_ends.phones)
    await node.start()
    heard = Heard(node)
    for _ in range(4):
        order = _order(far_ends, await far_ends.person("declines"))
        await node.prepare(order)
        await node.dial(far_ends.business, order.leg, ring_for=5)
        with contextlib.suppress(AriRefused):
            await node._ari.ask("POST", f"/channels/{channel_of(order.leg)}/dial", timeout=5)
        ended = await heard.wait(order.leg, LegEventKind.ENDED)
        assert order.address in far_ends.phones.rung
        assert ended.cause in (EndCause.DECLINED, EndCause.NO_ANSWER, EndCause.CARRIER_LOST)
    await heard.stop()
    await node.stop()


@pytest.mark.parametrize(
    ("behaviour", "cause"),
    [("busy", EndCause.BUSY), ("unknown", EndCause.INVALID_NUMBER), ("congested", EndCause.UNREACHABLE)],
)
async def test_a_refusal_is_told_apart_by_its_sip_answer(far_ends: Telephones, behaviour: str, cause: EndCause) -> None:
    heard = Heard(far_ends.carrier)
    order = _order(far_ends, await far_ends.person(behaviour))
    await far_ends.carrier.prepare(order)
    await far_ends.carrier.dial(far_ends.business, order.leg, ring_for=5)
    ended = await heard.wait(order.leg, LegEventKind.ENDED)
    assert ended.cause is cause
    assert LegEventKind.RINGING not in heard.kinds(order.leg)
    await heard.stop()


async def test_who_was_away_learns_how_a_leg_ended_from_the_note_it_left(pbx: Pbx, far_ends: Telephones) -> None:
    heard = Heard(far_ends.carrier)
    order = _order(far_ends, await far_ends.person("declines"))
    await far_ends.carrier.prepare(order)
    await far_ends.carrier.dial(far_ends.business, order.leg, ring_for=5)
    await heard.wait(order.leg, LegEventKind.ENDED)
    late = _carrier(pbx, far_ends.phones)
    await late.start()
    report = await late.lookup(far_ends.business, order.leg)
    assert (report.whereabouts, report.cause) == (Whereabouts.ENDED, EndCause.DECLINED)
    assert report.rang_at is not None
    assert (await late.lookup(BusinessId(new_id()), order.leg)).whereabouts is Whereabouts.ABSENT
    await late.stop()
    await heard.stop()


async def test_a_leg_nobody_asks_about_any_more_ends_by_itself(
    far_ends: Telephones, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("ringback.session_management_server.carriers.asterisk.carrier.LEASE", 1)
    heard = Heard(far_ends.carrier)
    order = _order(far_ends, await far_ends.person("answers"))
    await far_ends.carrier.prepare(order)
    await far_ends.carrier.dial(far_ends.business, order.leg, ring_for=5)
    await heard.wait(order.leg, LegEventKind.ANSWERED)
    await heard.wait(order.leg, LegEventKind.ENDED, within=5)
    await heard.stop()


async def test_when_asterisk_dies_its_legs_are_lost_and_that_is_said(pbx: Pbx, far_ends: Telephones) -> None:
    heard = Heard(far_ends.carrier)
    order = _order(far_ends, await far_ends.person("answers"))
    await far_ends.carrier.prepare(order)
    await far_ends.carrier.dial(far_ends.business, order.leg, ring_for=5)
    await heard.wait(order.leg, LegEventKind.ANSWERED)
    await pbx.stop(kill=True)
    await pbx.start()
    ended = await heard.wait(order.leg, LegEventKind.ENDED)
    assert ended.cause is EndCause.CARRIER_LOST
    await heard.stop()


def _order(far_ends: Telephones, number: str) -> LegOrder:
    return LegOrder(
        business=far_ends.business,
        callback=CallbackId(new_id()),
        leg=LegId(new_id()),
        party=Party.CUSTOMER,
        address=number,
        peer_name="Kim",
        peer_detail="Billing",
    )


@pytest.mark.parametrize("sound", ["ringing", "music"])
async def test_a_leg_that_hears_something_is_looked_up_and_hung_up_at_once(far_ends: Telephones, sound: str) -> None:
    """A sound that ran as a playback would hold up everything else that is asked of the channel."""
    heard = Heard(far_ends.carrier)
    order = _order(far_ends, await far_ends.person("answers"))
    await far_ends.carrier.prepare(order)
    await far_ends.carrier.dial(far_ends.business, order.leg, ring_for=5)
    await heard.wait(order.leg, LegEventKind.ANSWERED)
    await far_ends.carrier.play(far_ends.business, order.leg, sound)
    assert (await far_ends.another.lookup(far_ends.business, order.leg)).whereabouts is Whereabouts.ANSWERED
    assert (await far_ends.another.revoke(far_ends.business, order.leg)).whereabouts is Whereabouts.ENDED
    await heard.wait(order.leg, LegEventKind.ENDED)
    await heard.stop()
