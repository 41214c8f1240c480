"""Calls over a real Asterisk: what agents and customers hear, press and see, and that both hear each other."""

from __future__ import annotations

import io
import wave
from array import array

import httpx
import pytest

from ringback.domain import commands, events
from ringback.domain.destinations import Destination, DestinationKind
from ringback.domain.handling import AgentHears, CallHandling
from ringback.domain.ids import AgentId, new_id
from ringback.domain.status import Outcome
from tests.support.databases import Databases
from tests.support.pbx import Pbx
from tests.support.sessions import Directed
from tests.support.talking_phones import Person, tone_share
from tests.support.waiting import eventually
from tests.telephony.exchange import AGENT, CUSTOMER, OTHER, Exchange, until

pytestmark = [pytest.mark.asterisk, pytest.mark.xdist_group("asterisk")]

ACCEPTS = ((0.3, "1"),)


async def test_whisper_key_ringing_and_a_talk_that_both_hear_and_that_is_recorded(
    exchange: Exchange, pbx: Pbx, databases: Databases
) -> None:
    agent = exchange.phones.person(AGENT, Person(hertz=400, keys=((1.5, "1"),)))
    customer = exchange.phones.person(CUSTOMER, Person(hertz=1300), "slow")
    how = CallHandling(accept_key="1", agent_hears=AgentHears.RINGING, recording=True, caller_id="+493090005555")
    directed = await exchange.call(how)
    await until(lambda: len(agent.heard) > 8000)
    assert exchange.times(CUSTOMER) == 0, "the customer was dialled before the key"
    assert max(map(abs, agent.heard), default=0) > 1000, "no whisper was heard"
    await exchange.joined(directed)
    before = len(customer.heard), len(agent.heard)
    await until(lambda: len(customer.heard) > before[0] + 12000 and len(agent.heard) > before[1] + 12000)
    assert customer.loudness(400, since=before[0] + 4000) > 0.9
    assert agent.loudness(1300, since=before[1] + 4000) > 0.9
    assert tone_share(agent.heard[: before[1]], 440) + tone_share(agent.heard[: before[1]], 480) > 0.05, "no ringing"
    exchange.phones.hang_up(CUSTOMER)
    ended = await exchange.sessions.ended(directed)
    assert ended.outcome is Outcome.TALKED
    samples = await recorded(databases, directed)
    assert tone_share(samples, 400) > 0.2
    assert tone_share(samples, 1300) > 0.2
    assert not list((pbx.folder / "spoken").iterdir()), "what was spoken for a call is deleted after it"
    # On the wire the customer sees the queue's number, and nothing of the agent's.
    assert "+493090005555" in exchange.phones.invites[CUSTOMER]
    assert AGENT not in exchange.phones.invites[CUSTOMER]
    assert AGENT[1:] not in exchange.phones.invites[CUSTOMER]


async def recorded(databases: Databases, directed: Directed) -> list[int]:
    """Return the samples of the call's recording, once it is stored."""

    async def look() -> bytes | None:
        async with databases.administrator() as connection:
            return await connection.fetchval(
                """SELECT string_agg(s.sound, '' ORDER BY s.n) FROM recording r JOIN recording_sound s ON s.recording = r.id
                   WHERE r.attempt = $1 AND r.state = 'stored'""",
                directed.attempt,
            )

    sound = await eventually(look, within=15)
    with wave.open(io.BytesIO(sound)) as file:
        assert file.getframerate() == 8000
        return list(array("h", file.readframes(file.getnframes())))


@pytest.mark.parametrize(
    ("person", "why"),
    [
        (Person(keys=((0.3, "5"),)), "declined"),
        (Person(), "no_answer"),
        (Person(leaves_after=0.4), "declined"),
    ],
    ids=["another key", "no key", "hangs up"],
)
async def test_an_agent_who_does_not_accept_costs_the_customer_nothing(
    exchange: Exchange, person: Person, why: str
) -> None:
    exchange.phones.person(AGENT, person)
    exchange.phones.person(CUSTOMER)
    exchange.phones.person(OTHER, Person(keys=ACCEPTS))
    directed = await exchange.call(CallHandling(accept_key="1", accept_within=1.5))
    needed = await exchange.sessions.wait_for(directed, events.AgentNeeded)
    assert needed.why == why
    assert exchange.times(CUSTOMER) == 0
    await exchange.sessions.offer(directed, address=OTHER, carrier="asterisk")
    await exchange.joined(directed)
    assert (exchange.times(AGENT), exchange.times(OTHER), exchange.times(CUSTOMER)) == (1, 1, 1)


async def test_an_agent_who_is_not_registered_is_passed_over_and_rings_nobody(exchange: Exchange) -> None:
    exchange.phones.person(CUSTOMER)
    directed = await exchange.sessions.direct(
        exchange.business,
        carrier="asterisk",
        agent_address="endpoint:nobody",
        customer=Destination(kind=DestinationKind.PHONE, address=CUSTOMER),
    )
    assert (await exchange.sessions.wait_for(directed, events.AgentNeeded)).why == "unreachable"
    assert exchange.times(CUSTOMER) == 0


@pytest.mark.parametrize(
    ("behaviour", "outcome"),
    [
        ("busy", Outcome.BUSY),
        ("declines", Outcome.DECLINED),
        ("unknown", Outcome.INVALID_NUMBER),
        ("silent", Outcome.UNREACHABLE),
        ("ignores", Outcome.NO_ANSWER),
    ],
)
async def test_what_becomes_of_the_customer_s_telephone_is_told_by_its_sip_answer(
    exchange: Exchange, behaviour: str, outcome: Outcome
) -> None:
    exchange.phones.person(AGENT)
    exchange.phones.person(CUSTOMER, behaviour=behaviour)
    directed = await exchange.call(CallHandling(), customer_ring=1.0)
    assert (await exchange.sessions.ended(directed)).outcome is outcome


@pytest.mark.parametrize(("key", "detail"), [("2", "later"), ("9", "never")])
async def test_a_customer_who_presses_2_or_9_is_not_joined(exchange: Exchange, key: str, detail: str) -> None:
    exchange.phones.person(AGENT)
    exchange.phones.person(CUSTOMER, Person(keys=((0.5, key),)))
    directed = await exchange.call(CallHandling(customer_menu="Press 1 now, 2 later, 9 never again."))
    ended = await exchange.sessions.ended(directed)
    assert (ended.outcome, ended.detail, ended.joined_at) == (Outcome.DECLINED, detail, None)


async def test_a_customer_who_presses_1_is_joined(exchange: Exchange) -> None:
    exchange.phones.person(AGENT)
    customer = exchange.phones.person(CUSTOMER, Person(keys=((1.0, "1"),)))
    directed = await exchange.call(CallHandling(customer_menu="Press 1 now, 2 later, 9 never again."))
    await exchange.joined(directed)
    assert max(map(abs, customer.heard)) > 1000, "no menu was heard"


async def test_a_machine_gets_the_message_and_the_agent_is_free_before_it_ends(exchange: Exchange) -> None:
    exchange.phones.person(AGENT)
    machine = exchange.phones.person(
        CUSTOMER,
        Person(
            hertz=700,
            says=((0.3, False), (1.0, True), (0.2, False), (1.0, True), (0.2, False), (2.5, True), (0.0, False)),
        ),
    )
    how = CallHandling(machine_detection=True, machine_message="This is Billing. We will call you again.")
    directed = await exchange.call(how)
    freed = await exchange.sessions.wait_for(directed, events.AgentFreed)
    assert freed.why == "message"
    assert "AttemptEnded" not in await exchange.sessions.kinds(directed)
    heard = len(machine.heard)
    ended = await exchange.sessions.ended(directed, within=30)
    assert ended.outcome is Outcome.MACHINE
    assert max(map(abs, machine.heard[heard:]), default=0) > 1000, "no message was heard"


async def test_a_person_is_told_from_a_machine_and_joined(exchange: Exchange) -> None:
    exchange.phones.person(AGENT)
    exchange.phones.person(CUSTOMER, Person(hertz=700, says=((0.3, False), (0.6, True), (0.0, False))))
    directed = await exchange.call(CallHandling(machine_detection=True))
    await exchange.joined(directed)


async def test_the_voicemail_button_leaves_the_message_and_frees_the_agent(exchange: Exchange) -> None:
    exchange.phones.person(AGENT)
    machine = exchange.phones.person(CUSTOMER, Person(says=((1.0, True), (0.0, False))))
    directed = await exchange.call(CallHandling(machine_message="We called you."))
    await exchange.joined(directed)
    mark = commands.MarkCustomer(
        callback=directed.callback, attempt=directed.attempt, agent=directed.agent, found="voicemail"
    )
    await exchange.sessions.tell(directed, mark)
    await exchange.sessions.wait_for(directed, events.AgentFreed)
    heard = len(machine.heard)
    assert (await exchange.sessions.ended(directed, within=30)).outcome is Outcome.MACHINE
    assert max(map(abs, machine.heard[heard:]), default=0) > 1000


async def test_hold_mute_and_the_recording_s_pause_do_what_they_say(
    exchange: Exchange, pbx: Pbx, databases: Databases
) -> None:
    agent = exchange.phones.person(AGENT, Person(hertz=400))
    customer = exchange.phones.person(CUSTOMER, Person(hertz=1300))
    directed = await exchange.call(CallHandling(recording=True))
    await exchange.joined(directed)
    await heard_of(customer, 400)
    for what in ("mute", "hold"):  # muted there is silence, on hold there is music
        await change(exchange, directed, what, on=True)
        await until(lambda: customer.loudness(400, since=-4000) < 0.1)
        await change(exchange, directed, what, on=False)
        await heard_of(customer, 400)
        await heard_of(agent, 1300)
    await change(exchange, directed, "recording", on=False)
    await recording_is(exchange, pbx, directed, "paused")
    customer.hertz = 2100  # a card's number
    await heard_of(agent, 2100)
    customer.hertz = 1300
    await heard_of(agent, 1300)
    await change(exchange, directed, "recording", on=True)
    await recording_is(exchange, pbx, directed, "recording")
    exchange.phones.hang_up(CUSTOMER)
    assert (await exchange.sessions.ended(directed)).outcome is Outcome.TALKED
    samples = await recorded(databases, directed)
    assert tone_share(samples, 1300) > 0.2
    assert tone_share(samples, 2100) < 0.005


async def recording_is(exchange: Exchange, pbx: Pbx, directed: Directed, state: str) -> None:
    leg = next(leg["id"] for leg in await exchange.sessions.legs(directed) if leg["party"] == "customer")

    async def look() -> bool:
        async with httpx.AsyncClient(base_url=pbx.url) as http:
            answer = await http.get(f"/recordings/live/rb-{leg}")
        return answer.status_code == 200 and answer.json()["state"] == state

    await eventually(look)


async def heard_of(listener: Person, hertz: int) -> None:
    await until(lambda: len(listener.heard) > 4000 and listener.loudness(hertz, since=-4000) > 0.8)


async def change(exchange: Exchange, directed: Directed, what: str, *, on: bool) -> None:
    order = commands.ChangeTalk(
        callback=directed.callback, attempt=directed.attempt, agent=directed.agent, what=what, on=on
    )
    await exchange.sessions.tell(directed, order)


async def test_a_customer_who_is_handed_over_talks_with_the_next_agent(exchange: Exchange) -> None:
    exchange.phones.person(AGENT, Person(hertz=400))
    other = exchange.phones.person(OTHER, Person(hertz=900))
    customer = exchange.phones.person(CUSTOMER, Person(hertz=1300))
    directed = await exchange.call(CallHandling())
    await exchange.joined(directed)
    agent = AgentId(new_id())
    order = commands.HandCustomerOver(
        callback=directed.callback, attempt=directed.attempt, agent=agent, agent_name="Lee",
        agent_address=OTHER, agent_carrier="asterisk",
    )  # fmt: skip
    await exchange.sessions.tell(directed, order)
    freed = await exchange.sessions.wait_for(directed, events.AgentFreed)
    assert (freed.agent, freed.why) == (directed.agent, "transferred")
    await heard_of(customer, 900)
    await heard_of(other, 1300)
    assert exchange.times(CUSTOMER) == 1
    exchange.phones.hang_up(OTHER)
    ended = await exchange.sessions.ended(directed)
    assert (ended.outcome, ended.agent) == (Outcome.TALKED, agent)


async def test_a_talk_whose_sound_is_lost_was_cut_off_and_the_next_attempt_connects(exchange: Exchange) -> None:
    exchange.phones.person(AGENT)
    exchange.phones.person(CUSTOMER, Person(hertz=1300, lost_after=1.0))
    directed = await exchange.call(CallHandling())
    await exchange.joined(directed)
    ended = await exchange.sessions.ended(directed)
    assert ended.outcome is Outcome.DROPPED
    exchange.phones.person(CUSTOMER)
    again = await exchange.call(CallHandling())
    await exchange.joined(again)
    assert exchange.times(CUSTOMER) == 2


async def test_a_process_that_comes_while_the_agent_listens_goes_on_with_the_key(exchange: Exchange) -> None:
    exchange.phones.person(AGENT, Person(keys=((3.5, "1"),)))
    exchange.phones.person(CUSTOMER)
    directed = await exchange.call(CallHandling(accept_key="1", accept_within=12))
    await exchange.sessions.leg_in(directed, "agent", "picked_up")
    for manager, _ in list(exchange.sessions.running.values()):
        await exchange.sessions.stop(manager)
    assert exchange.times(CUSTOMER) == 0
    exchange.sessions.start()
    await exchange.joined(directed)
    assert (exchange.times(AGENT), exchange.times(CUSTOMER)) == (1, 1)


@pytest.mark.parametrize("rings", ["agent", "customer"])
async def test_a_cancel_while_a_telephone_rings_ends_its_ringing(exchange: Exchange, rings: str) -> None:
    exchange.phones.person(AGENT, behaviour="ignores" if rings == "agent" else "answers")
    exchange.phones.person(CUSTOMER, behaviour="ignores")
    directed = await exchange.call(CallHandling())
    kind = events.AgentRings if rings == "agent" else events.CustomerRings
    await exchange.sessions.wait_for(directed, kind)
    await exchange.sessions.cancel(directed)
    ended = await exchange.sessions.ended(directed)
    assert ended.outcome is Outcome.WITHDRAWN
    assert ended.may_have_rung is (rings == "customer")
    assert all(call.over for call in exchange.phones.calls.values())
