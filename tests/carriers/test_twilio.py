"""The carrier twilio against a small Twilio of our own: the suite, and what only a create without an identity of its own brings."""

from __future__ import annotations

import itertools
from collections.abc import AsyncIterator, Iterator
from dataclasses import replace
from urllib.parse import urlencode

import httpx
import pytest

from ringback.domain import events
from ringback.domain.destinations import Destination, DestinationKind
from ringback.domain.errors import CarrierError, CarrierUnreachable, ConfigurationError
from ringback.domain.guards.policy import RingRules
from ringback.domain.handling import CallHandling
from ringback.domain.ids import BusinessId, CallbackId, LegId, new_id
from ringback.domain.status import Outcome, Party
from ringback.session_management_server.carriers.environment import CarrierEnvironment
from ringback.session_management_server.carriers.guarded import GuardedCarrier
from ringback.session_management_server.carriers.protocol import Carrier, EndCause, LegEventKind, LegOrder, Whereabouts
from ringback.session_management_server.carriers.twilio.carrier import TwilioCarrier
from ringback.session_management_server.carriers.twilio.options import PREFIX, TwilioOptions
from ringback.session_management_server.carriers.twilio.signature import is_signed, sign
from tests.carriers.conformance import CarrierConformance, FarEnds, Heard
from tests.carriers.numbers_rung import NumbersRung
from tests.support.databases import Databases
from tests.support.sessions import sessions_over
from tests.support.twilio_process import ACCOUNT, TOKEN, TwilioProcess, door_open, twilio_process
from tests.support.waiting import eventually

_NUMBERS = itertools.count(1)  # each person has one that nobody else ever had
BEHAVIOURS = {"answers": "answers:0.05", "declines": "declines:0.05", "ignores": "no_answer", "absent": "absent"}


class TwilioFarEnds:
    """People with telephones."""

    def __init__(
        self, process: TwilioProcess, business: BusinessId, options: dict[str, str], *carriers: Carrier
    ) -> None:
        self.process = process
        self.business = business
        self.options = options
        self.numbers: dict[LegId, str] = {}
        self.carrier, self.another = (NumbersRung(carrier, self.numbers) for carrier in carriers)

    async def person(self, behaviour: str) -> str:
        number = f"+4930900{next(_NUMBERS):04}"
        await self.process.far("behave", number=number, words=BEHAVIOURS.get(behaviour, behaviour))
        return number

    async def hang_up(self, leg: LegId) -> None:
        await self.process.far("leave", number=self.numbers[leg])

    async def said_to(self, number: str) -> bool:
        calls = {line["call"]["sid"] for line in self.process.lines("call") if line["call"]["to"] == number}
        return any(line["sid"] in calls for line in self.process.lines("said"))

    def times_rung(self, leg: LegId) -> int:
        return len(self.process.lines("rang", number=self.numbers[leg]))


@pytest.fixture(scope="module")
def process(tmp_path_factory: pytest.TempPathFactory) -> Iterator[TwilioProcess]:
    with twilio_process(tmp_path_factory.mktemp("twilio")) as it:
        yield it


@pytest.fixture
async def far_ends(databases: Databases, business: BusinessId, process: TwilioProcess) -> AsyncIterator[TwilioFarEnds]:
    async with door_open(databases.sessions, process.url) as options:
        environment = CarrierEnvironment(
            database=databases.sessions, dispatcher=databases.dispatcher, hints=databases.hints, options=options
        )
        carriers = TwilioCarrier(environment), TwilioCarrier(environment)
        for carrier in carriers:
            await carrier.start()
        yield TwilioFarEnds(process, business, options, *carriers)
        for carrier in carriers:
            await carrier.stop()


class TestTwilioCarrier(CarrierConformance):
    """The suite."""

    async def test_where_nobody_is_nothing_rings(self, far_ends: FarEnds, heard: Heard) -> None:
        order = await self.order(far_ends, Party.CUSTOMER, "absent")
        await far_ends.carrier.prepare(order)
        await far_ends.carrier.dial(far_ends.business, order.leg, ring_for=1)
        assert (await heard.wait(order.leg, LegEventKind.ENDED)).cause is EndCause.UNREACHABLE
        assert far_ends.times_rung(order.leg) == 0


def order(far_ends: TwilioFarEnds, number: str) -> LegOrder:
    return LegOrder(
        business=far_ends.business,
        callback=CallbackId(new_id()),
        leg=LegId(new_id()),
        party=Party.CUSTOMER,
        address=number,
        peer_name="Kim",
        peer_detail="Billing",
    )


async def test_a_create_that_timed_out_is_found_by_listing_and_never_made_again(far_ends: TwilioFarEnds) -> None:
    late = order(far_ends, await far_ends.person("no_answer+slow:6"))
    impatient = GuardedCarrier(far_ends.carrier, patience=0.5)
    await far_ends.carrier.prepare(late)
    with pytest.raises(CarrierUnreachable):
        await impatient.dial(far_ends.business, late.leg, ring_for=20)
    await far_ends.carrier.dial(far_ends.business, late.leg, ring_for=20)
    report = await far_ends.carrier.lookup(far_ends.business, late.leg)
    assert report.whereabouts is Whereabouts.DIALLING
    gone = await far_ends.another.revoke(far_ends.business, late.leg)
    assert (gone.whereabouts, gone.cause) == (Whereabouts.ENDED, EndCause.RELEASED)
    made = [line["call"] for line in far_ends.process.lines("call") if line["call"]["to"] == late.address]
    assert len({call["sid"] for call in made}) == 1
    assert far_ends.times_rung(late.leg) == 1


async def test_a_process_that_is_taken_over_can_not_create_its_call_any_more(
    far_ends: TwilioFarEnds, databases: Databases
) -> None:
    """It was let through, stalled before its request, and wakes up after another process took the leg over."""
    stalled = order(far_ends, await far_ends.person("answers"))
    await far_ends.carrier.prepare(stalled)
    inner = far_ends.carrier._carrier
    assert isinstance(inner, TwilioCarrier)
    key = await inner._keys.mine()
    async with databases.administrator() as connection:
        await connection.execute(
            "UPDATE twilio_leg SET state = 'dialling', key = $2, dialled_at = now() WHERE id = $1", stalled.leg, key.sid
        )

    async def taken_over() -> bool:
        try:
            report = await far_ends.another.revoke(far_ends.business, stalled.leg)
        except CarrierUnreachable:
            return False  # not listed, and may be yet
        assert report.whereabouts is Whereabouts.ABSENT  # nobody can know: it is never dialled again by itself
        return True

    await eventually(taken_over)
    assert far_ends.process.lines("key_gone", sid=key.sid)
    with pytest.raises(CarrierError, match="401"):
        await inner._api.create_call(
            key, To=stalled.address, From="+493090009000", Url="http://x", StatusCallback="http://x", Timeout=5
        )
    assert far_ends.times_rung(stalled.leg) == 0


async def test_callbacks_that_come_twice_late_and_in_another_order_make_one_call(far_ends: TwilioFarEnds) -> None:
    heard = Heard(far_ends.carrier)
    each = order(far_ends, await far_ends.person("answers:0.1+duplicates+reorders+late:0.1+leaves:0.5"))
    await far_ends.carrier.prepare(each)
    await far_ends.carrier.dial(far_ends.business, each.leg, ring_for=5)
    assert (await heard.wait(each.leg, LegEventKind.ENDED)).cause is EndCause.HUNG_UP
    assert heard.kinds(each.leg) == [LegEventKind.RINGING, LegEventKind.ANSWERED, LegEventKind.ENDED]
    assert far_ends.times_rung(each.leg) == 1
    await heard.stop()


async def test_when_every_callback_is_lost_asking_tells_the_end(far_ends: TwilioFarEnds) -> None:
    lost = order(far_ends, await far_ends.person("declines:0.1+drops"))
    await far_ends.carrier.prepare(lost)
    await far_ends.carrier.dial(far_ends.business, lost.leg, ring_for=5)

    async def over() -> bool:
        return (await far_ends.carrier.lookup(far_ends.business, lost.leg)).whereabouts is Whereabouts.ENDED

    await eventually(over)


@pytest.mark.parametrize(("words", "cause"), [("busy", EndCause.BUSY), ("invalid", EndCause.INVALID_NUMBER)])
async def test_a_refusal_is_told_apart(far_ends: TwilioFarEnds, words: str, cause: EndCause) -> None:
    heard = Heard(far_ends.carrier)
    each = order(far_ends, await far_ends.person(words))
    await far_ends.carrier.prepare(each)
    await far_ends.carrier.dial(far_ends.business, each.leg, ring_for=5)
    assert (await heard.wait(each.leg, LegEventKind.ENDED)).cause is cause
    assert heard.kinds(each.leg) == [LegEventKind.ENDED]
    await heard.stop()


async def test_words_are_spoken_heard_to_their_end_and_keys_are_heard(far_ends: TwilioFarEnds) -> None:
    heard = Heard(far_ends.carrier)
    each = order(far_ends, await far_ends.person("answers"))
    await far_ends.carrier.prepare(each)
    await far_ends.carrier.dial(far_ends.business, each.leg, ring_for=5)
    await heard.wait(each.leg, LegEventKind.ANSWERED)
    await far_ends.carrier.play(far_ends.business, each.leg, "Dana & <friends>, about an invoice")
    await heard.wait(each.leg, LegEventKind.PLAYED)
    await far_ends.process.far("press", number=each.address, key="1")
    assert (await heard.wait(each.leg, LegEventKind.KEY)).detail == "1"
    await heard.stop()


async def test_a_whole_callback_rings_each_telephone_once_and_its_cost_is_counted(
    far_ends: TwilioFarEnds, databases: Databases
) -> None:
    """The session management server at work: guards, the agent takes it by key after a whisper, both joined; the customer hangs up."""
    agent = await far_ends.person("answers:0.1")
    customer = await far_ends.person("answers:0.1+hangs_up:0.5")
    async with sessions_over(databases, {"twilio": far_ends.carrier}) as sessions:
        sessions.start()
        directed = await sessions.direct(
            far_ends.business,
            carrier="twilio",
            agent_address=agent,
            customer=Destination(kind=DestinationKind.PHONE, address=customer),
            handling=CallHandling(accept_key="1", whisper="{customer}"),
            guards=RingRules(prices={"": 0.5, "+4930": 0.1}, estimated_minutes=10),
        )
        await sessions.wait_for(directed, events.AgentRings)
        await eventually(lambda: far_ends.said_to(agent))
        assert far_ends.process.lines("rang", number=customer) == []
        await far_ends.process.far("press", number=agent, key="1")
        ended = await sessions.ended(directed)
        assert (ended.outcome, ended.ended_by) == (Outcome.TALKED, Party.CUSTOMER)
    assert [len(far_ends.process.lines("rang", number=number)) for number in (agent, customer)] == [1, 1]
    async with databases.administrator() as connection:
        spent = await connection.fetchrow(
            "SELECT rings, cost FROM phone_spending WHERE business = $1", far_ends.business
        )
    assert spent["rings"] == 2 and spent["cost"] == pytest.approx(0.2)


async def test_what_is_no_number_is_never_sent_to_twilio(far_ends: TwilioFarEnds) -> None:
    for address in ("+4930&Url=http://evil", "sip:900@example.com", "client:kim", "112", ""):
        with pytest.raises(CarrierError, match="E.164"):
            await far_ends.carrier.prepare(replace(order(far_ends, "+493012345"), address=address))


async def test_forged_callbacks_change_nothing(far_ends: TwilioFarEnds) -> None:
    each = order(far_ends, await far_ends.person("ignores"))
    heard = Heard(far_ends.carrier)
    await far_ends.carrier.prepare(each)
    await far_ends.carrier.dial(far_ends.business, each.leg, ring_for=20)
    await heard.wait(each.leg, LegEventKind.RINGING)
    public = far_ends.options["public_url"]
    path = f"{PREFIX}/{far_ends.business.hex}/{each.leg.hex}/status"
    fields = {"AccountSid": ACCOUNT, "CallSid": "CAforged", "CallStatus": "completed"}
    right = sign(TOKEN, public + path, fields.items())
    stranger = {**fields, "AccountSid": "AC" + "f" * 32}
    async with httpx.AsyncClient(base_url=public, trust_env=False) as client:

        async def answer(signature: str | None, form: dict[str, str], to: str = path) -> int:
            headers = {"X-Twilio-Signature": signature} if signature is not None else {}
            return (await client.post(to, content=urlencode(form).encode(), headers=headers)).status_code

        assert await answer(None, fields) == 403
        assert await answer("", fields) == 403
        assert await answer(sign("another token", public + path, fields.items()), fields) == 403
        assert await answer(sign(TOKEN, public.replace("http:", "https:") + path, fields.items()), fields) == 403
        assert await answer(right, {**fields, "CallStatus": "busy"}) == 403
        assert await answer(right, fields, f"{path}?more=1") == 403
        assert await answer(sign(TOKEN, public + path, stranger.items()), stranger) == 403
        assert (await client.get(path)).status_code == 405
        assert (await client.post(path, content=b"x" * 100_000)).status_code == 413
        assert await answer(right, fields) == 204  # signed, and about a call that is not this leg's
    assert (await far_ends.carrier.lookup(far_ends.business, each.leg)).whereabouts is Whereabouts.DIALLING
    await far_ends.carrier.revoke(far_ends.business, each.leg)
    await heard.stop()


async def test_while_twilio_is_away_nothing_is_known_and_nothing_rings_twice(far_ends: TwilioFarEnds) -> None:
    each = order(far_ends, await far_ends.person("ignores"))
    heard = Heard(far_ends.carrier)
    await far_ends.carrier.prepare(each)
    await far_ends.carrier.dial(far_ends.business, each.leg, ring_for=20)
    await heard.wait(each.leg, LegEventKind.RINGING)
    far_ends.process.kill()
    with pytest.raises(CarrierError):
        await far_ends.carrier.revoke(far_ends.business, each.leg)
    far_ends.process.start()
    report = await far_ends.another.revoke(far_ends.business, each.leg)
    assert (report.whereabouts, report.cause) == (Whereabouts.ENDED, EndCause.RELEASED)
    assert far_ends.times_rung(each.leg) == 1
    await heard.stop()


def test_twilios_own_example_of_a_signature() -> None:
    """Published by Twilio on "Webhooks security"."""
    url = "https://mycompany.com/myapp.php?foo=1&bar=2"
    fields = {
        "CallSid": "CA1234567890ABCDE",
        "Caller": "+14158675309",
        "Digits": "1234",
        "From": "+14158675309",
        "To": "+18005551212",
    }
    assert sign("12345", url, fields.items()) == "RSOYDt4T1cUTdK1PDd93/VVr8B8="
    assert is_signed("12345", url, fields.items(), "RSOYDt4T1cUTdK1PDd93/VVr8B8=")
    assert not is_signed("12345", url, {**fields, "Digits": "1235"}.items(), "RSOYDt4T1cUTdK1PDd93/VVr8B8=")
    assert not is_signed("12345", url.replace("https", "http"), fields.items(), "RSOYDt4T1cUTdK1PDd93/VVr8B8=")


def test_settings_that_are_missing_are_named() -> None:
    right = {"account": ACCOUNT, "auth_token": "x", "caller_id": "+493012345", "public_url": "https://example.com"}
    assert TwilioOptions.read(right).public_url == "https://example.com"
    for name in right:
        with pytest.raises(ConfigurationError, match="RINGBACK_"):
            TwilioOptions.read({**right, name: ""})
