"""Several real Asterisks as one carrier: where calls begin, what a drain and a death do, and a test call with sound both ways."""

from __future__ import annotations

import asyncio
import contextlib
import io
import wave
from collections.abc import AsyncIterator, Iterator
from typing import Any

import pytest

from ringback.domain.destinations import Destination, DestinationKind
from ringback.domain.errors import CarrierUnreachable
from ringback.domain.events import CustomerRings
from ringback.domain.ids import BusinessId, CallbackId, LegId, new_id
from ringback.domain.status import Outcome, Party
from ringback.session_management_server.carriers.asterisk.checking import level_of, place_test_call
from ringback.session_management_server.carriers.asterisk.options import AsteriskOptions
from ringback.session_management_server.carriers.asterisk.pool import AsteriskCarrier
from ringback.session_management_server.carriers.environment import CarrierEnvironment
from ringback.session_management_server.carriers.guarded import GuardedCarrier
from ringback.session_management_server.carriers.nodes import NodeBook
from ringback.session_management_server.carriers.protocol import LegOrder, Whereabouts
from tests.support.databases import Databases
from tests.support.pbx import Pbx, running_pbx
from tests.support.sessions import Sessions, sessions_over
from tests.support.sip_phones import SipPhones
from tests.support.waiting import eventually

pytestmark = [pytest.mark.asterisk, pytest.mark.xdist_group("asterisk")]

AGENT, CUSTOMER = "+493090000001", "+493090000002"


@pytest.fixture(scope="module")
def two(tmp_path_factory: pytest.TempPathFactory) -> Iterator[dict[str, Pbx]]:
    with contextlib.ExitStack() as stack:
        yield {name: stack.enter_context(running_pbx(tmp_path_factory.mktemp(name))) for name in ("east", "west")}


@pytest.fixture
async def phones() -> AsyncIterator[SipPhones]:
    it = SipPhones(sound=True)
    await it.start()
    yield it
    it.stop()


def options(two: dict[str, Pbx], phones: SipPhones, **more: str) -> dict[str, str]:
    return {
        "url": ",".join(f"{name}={pbx.url}" for name, pbx in two.items()),
        "trunk": f"PJSIP/trunk/sip:{{number}}@127.0.0.1:{phones.port}",
    } | more


@contextlib.asynccontextmanager
async def pool(databases: Databases, how: dict[str, str]) -> AsyncIterator[AsteriskCarrier]:
    environment = CarrierEnvironment(
        database=databases.sessions, dispatcher=databases.dispatcher, hints=databases.hints, options=how
    )
    carrier = AsteriskCarrier(environment)
    await carrier.start()
    try:
        yield carrier
    finally:
        await carrier.stop()


@pytest.fixture
async def carrier(databases: Databases, two: dict[str, Pbx], phones: SipPhones) -> AsyncIterator[AsteriskCarrier]:
    async with pool(databases, options(two, phones)) as it:
        yield it


@pytest.fixture
async def sessions(databases: Databases, carrier: AsteriskCarrier) -> AsyncIterator[Sessions]:
    async with sessions_over(databases, {"asterisk": GuardedCarrier(carrier)}) as it:
        it.start(lease=2.0)
        yield it


def order(business: BusinessId) -> LegOrder:
    return LegOrder(
        business=business,
        callback=CallbackId(new_id()),
        leg=LegId(new_id()),
        party=Party.CUSTOMER,
        address=CUSTOMER,
        peer_name="Kim",
        peer_detail="Billing",
    )


async def where(databases: Databases, callback: CallbackId) -> set[str]:
    async with databases.administrator() as connection:
        rows = await connection.fetch(
            "SELECT p.node FROM carrier_placement p JOIN leg l ON l.id = p.leg WHERE l.callback = $1", callback
        )
    return {row["node"] for row in rows}


async def perform(sessions: Sessions, business: BusinessId, **more: Any) -> Any:
    customer = Destination(kind=DestinationKind.PHONE, address=CUSTOMER)
    return await sessions.direct(business, carrier="asterisk", agent_address=AGENT, customer=customer, **more)


async def test_both_legs_of_a_call_are_on_one_machine_and_calls_are_on_both(
    sessions: Sessions, business: BusinessId, databases: Databases, phones: SipPhones
) -> None:
    homes: list[str] = []
    for drained in ("east", "west"):
        book = NodeBook(databases.sessions, "asterisk")
        await book.drain(drained, drained=True, by="test")
        directed = await perform(sessions, business)
        await sessions.leg_in(directed, "customer", "joined")
        homes += await where(databases, directed.callback)
        phones.hang_up(CUSTOMER)
        assert (await sessions.ended(directed)).outcome is Outcome.TALKED
        await book.drain(drained, drained=False, by="test")
    assert homes == ["west", "east"], "a drained machine begins nothing, and both legs of a call are on one"


async def test_a_machine_that_is_drained_ends_what_it_has(
    sessions: Sessions, business: BusinessId, databases: Databases, phones: SipPhones
) -> None:
    book = NodeBook(databases.sessions, "asterisk")
    phones.behave(CUSTOMER, "ignores")
    directed = await perform(sessions, business)
    await sessions.wait_for(directed, CustomerRings)
    (home,) = await where(databases, directed.callback)
    assert await book.drain(home, drained=True, by="test")
    drained = {each.name: each.drained_by for each in await book.states()}
    assert drained[home] == "test"
    assert (await sessions.ended(directed, within=15)).outcome is Outcome.NO_ANSWER
    assert await book.drain(home, drained=False, by="test")
    assert not await book.drain("nowhere", drained=True, by="test")


async def test_when_a_machine_dies_calls_begin_elsewhere_at_once_and_its_own_are_lost_when_it_is_back(
    sessions: Sessions, business: BusinessId, databases: Databases, phones: SipPhones, two: dict[str, Pbx],
    carrier: AsteriskCarrier,
) -> None:  # fmt: skip
    phones.behave(CUSTOMER, "ignores")
    directed = await perform(sessions, business, customer_ring=20)
    await sessions.wait_for(directed, CustomerRings)
    (home,) = await where(databases, directed.callback)
    died = asyncio.get_running_loop().time()
    await two[home].stop(kill=True)

    async def is_known() -> bool:
        return not carrier._nodes[home].listening

    await eventually(is_known, every=0.005)
    assert asyncio.get_running_loop().time() - died < 1.0
    phones.behave(CUSTOMER, "answers")
    other = await perform(sessions, business)
    await sessions.leg_in(other, "customer", "joined")
    assert home not in await where(databases, other.callback)
    phones.hang_up(CUSTOMER)
    assert (await sessions.ended(other)).outcome is Outcome.TALKED
    assert not [leg for leg in await sessions.legs(directed) if leg["phase"] == "ended"], "unresolved, and blocks"
    await two[home].start()
    ended = await sessions.ended(directed)
    assert (ended.outcome, ended.may_have_rung) == (Outcome.UNKNOWN, True)
    assert len(phones.rung[CUSTOMER]) == 2


async def test_a_machine_that_does_not_answer_is_left_for_another_and_what_it_made_is_swept(
    databases: Databases, business: BusinessId, carrier: AsteriskCarrier
) -> None:
    """The leg is prepared on one machine, its answer is lost, and another has it in the end."""
    book, leg = NodeBook(databases.sessions, "asterisk"), order(business)
    await carrier._nodes["east"].prepare(leg)
    await carrier._nodes["west"].prepare(leg)
    await book.place(business, leg.leg, ["west"], rate=None)
    assert await carrier.legs_of(business) == [leg.leg]
    assert (await carrier._nodes["east"].lookup(business, leg.leg)).whereabouts is Whereabouts.ENDED
    assert (await carrier.lookup(business, leg.leg)).whereabouts is Whereabouts.PREPARED
    await carrier.revoke(business, leg.leg)


async def test_calls_begin_no_faster_than_the_rate_and_never_on_a_full_machine(
    databases: Databases, business: BusinessId, two: dict[str, Pbx], phones: SipPhones
) -> None:
    loop = asyncio.get_running_loop()
    async with pool(databases, options(two, phones, rate="4")) as slow:
        orders = [order(business) for _ in range(16)]
        began = loop.time()
        await asyncio.gather(*(slow.prepare(each) for each in orders))
        assert loop.time() - began > 0.8, "two machines begin at most 4 at once, and 4 a second"
        await asyncio.gather(*(slow.revoke(business, each.leg) for each in orders))
    async with pool(databases, options(two, phones, capacity="1")) as small:
        first = [order(business) for _ in range(2)]
        for each in first:
            small._counted.clear()
            await small.prepare(each)
        small._counted.clear()
        with pytest.raises(CarrierUnreachable, match="full"):
            await small.prepare(order(business))
        await asyncio.gather(*(small.revoke(business, each.leg) for each in first))


async def test_a_test_call_hears_both_telephones(two: dict[str, Pbx], phones: SipPhones) -> None:
    how = AsteriskOptions.read(options(two, phones) | {"url": two["east"].url})
    first, second = await place_test_call(how, AGENT, CUSTOMER, seconds=1.0)
    assert first.is_well and second.is_well, (first, second)
    assert -20 < first.level < 0
    phones.sound = False
    quiet, _ = await place_test_call(how, AGENT, CUSTOMER, seconds=0.5)
    assert quiet.answered and not quiet.is_well and quiet.received == 0
    phones.behave(CUSTOMER, "busy")
    met, busy = await place_test_call(how, AGENT, CUSTOMER, seconds=0.5)
    assert met.answered and busy.problem == "did not answer: busy"


def test_the_level_of_a_sound_is_below_full_scale() -> None:
    def sound(sample: int) -> bytes:
        file = io.BytesIO()
        with wave.open(file, "wb") as it:
            it.setnchannels(1)
            it.setsampwidth(2)
            it.setframerate(8000)
            it.writeframes(sample.to_bytes(2, "little", signed=True) * 800)
        return file.getvalue()

    assert level_of(sound(32767)) == pytest.approx(0, abs=0.01)
    assert level_of(sound(3277)) == pytest.approx(-20, abs=0.01)
    assert level_of(sound(0)) <= -120
