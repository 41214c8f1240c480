"""A directed callback is performed, and everything that can become of it is told."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from ringback.domain import commands, events
from ringback.domain.destinations import Destination, DestinationKind
from ringback.domain.ids import BusinessId, LegId
from ringback.domain.status import Outcome, Party, Server
from ringback.postgres import gate
from ringback.session_management_server.carriers.simulated import SimulatedCarrier
from tests.support.databases import Databases
from tests.support.sessions import NUMBER, Sessions
from tests.support.simulated_carrier import CarrierProcess


async def test_the_two_are_joined_and_everything_is_told_in_order(
    sessions: Sessions, business: BusinessId, carrier: CarrierProcess
):
    sessions.start()
    directed = await sessions.direct(business)
    ended = await sessions.ended(directed)
    assert ended.outcome is Outcome.TALKED
    assert ended.ended_by is Party.CUSTOMER
    assert ended.may_have_rung
    assert ended.rang_at and ended.answered_at and ended.joined_at
    assert ended.rang_at <= ended.answered_at <= ended.joined_at <= ended.at
    assert (ended.joined_at - ended.answered_at).total_seconds() < 1
    assert await sessions.kinds(directed) == [
        "AgentRings",
        "AgentAccepted",
        "CustomerDialled",
        "CustomerRings",
        "CustomerAnswered",
        "Joined",
        "AttemptEnded",
    ]
    assert await sessions.kinds(directed, Server.APPLICATION) == [
        "AgentRings",
        "CustomerDialled",
        "CustomerRings",
        "Joined",
        "AttemptEnded",
    ]
    assert len(carrier.lines("rang", callback=directed.callback, party="customer")) == 1
    assert len(carrier.lines("rang", callback=directed.callback, party="agent")) == 1
    assert all(leg["phase"] == "ended" and leg["evidence"] for leg in await sessions.legs(directed))


async def test_a_direction_handed_over_is_performed_on_time_with_nobody_else_running(
    sessions: Sessions, business: BusinessId, carrier: CarrierProcess
):
    manager = sessions.start()
    directed = await sessions.direct(business, ahead=5.0)
    rings = await sessions.wait_for(directed, events.AgentRings)
    lateness = (rings.at - directed.direction.not_before).total_seconds()
    assert 0 <= lateness < 0.5
    assert (await sessions.ended(directed)).outcome is Outcome.TALKED
    await sessions.stop(manager)


FAR_ENDS = {
    "busy": (Outcome.BUSY, False),
    "declines:0.1": (Outcome.DECLINED, True),
    "no_answer": (Outcome.NO_ANSWER, True),
    "machine:0.1": (Outcome.MACHINE, True),
    "unreachable": (Outcome.UNREACHABLE, False),
    "invalid": (Outcome.INVALID_NUMBER, False),
    "absent": (Outcome.CUSTOMER_ABSENT, False),
    "fails": (Outcome.CARRIER_FAILURE, False),
    "answers:0.1+loses:0.2": (Outcome.DROPPED, True),
    "answers:0.1+hangs_up:0.2+drops:ringing": (Outcome.TALKED, True),
    "answers:0.1+hangs_up:0.2+duplicates": (Outcome.TALKED, True),
    "answers:0.1+hangs_up:0.4+reorders": (Outcome.TALKED, True),
    "answers:0.1+hangs_up:0.4+late:0.2": (Outcome.TALKED, True),
    "declines:0.1+drops:ringing": (Outcome.DECLINED, True),
    "no_answer+drops": (Outcome.NO_ANSWER, True),
    "answers:0.1+hangs_up:0.3+slow:0.5": (Outcome.TALKED, True),
}


async def test_each_far_end_gives_its_outcome(
    sessions: Sessions, business: BusinessId, carrier: CarrierProcess, far_ends: SimulatedCarrier
):
    sessions.start()
    directed = {}
    for number, behaviour in enumerate(FAR_ENDS):
        there = Destination(kind=DestinationKind.PHONE, address=f"+4420794600{number:02}")
        await far_ends.behave(there.address, behaviour)
        directed[behaviour] = await sessions.direct(business, customer=there, customer_ring=0.8)
    for behaviour, (outcome, may_have_rung) in FAR_ENDS.items():
        ended = await sessions.ended(directed[behaviour], within=30)
        assert (ended.outcome, ended.may_have_rung) == (outcome, may_have_rung), (behaviour, ended)
        rang = carrier.lines("rang", callback=directed[behaviour].callback, party="customer")
        assert len(rang) == (1 if may_have_rung else 0), behaviour
        assert (ended.rang_at is not None) == bool(rang), behaviour


async def test_gone_at_the_moment_of_the_join_it_was_a_talk_or_none(
    sessions: Sessions, business: BusinessId, carrier: CarrierProcess, far_ends: SimulatedCarrier
):
    await far_ends.behave(NUMBER, "answers:0.1+leaves:0")
    sessions.start()
    directed = await sessions.direct(business)
    ended = await sessions.ended(directed)
    assert ended.outcome is (Outcome.TALKED if ended.joined_at else Outcome.DECLINED)
    assert len(carrier.lines("joined", callback=directed.callback)) == (2 if ended.joined_at else 0)


async def test_an_agent_who_declines_is_followed_by_the_next(
    sessions: Sessions, business: BusinessId, far_ends: SimulatedCarrier, carrier: CarrierProcess
):
    await far_ends.behave("kim", "declines:0.05")
    sessions.start()
    directed = await sessions.direct(business, agent_address="kim")
    needed = await sessions.wait_for(directed, events.AgentNeeded)
    assert (needed.agent, needed.why) == (directed.agent, "declined")
    lee = await sessions.offer(directed)
    ended = await sessions.ended(directed)
    assert (ended.outcome, ended.agent) == (Outcome.TALKED, lee)
    assert len(carrier.lines("rang", party="customer")) == 1


@pytest.mark.parametrize(("behaviour", "why"), [("no_answer", "no_answer"), ("absent", "unreachable")])
async def test_no_agent_comes_and_the_customer_is_not_rung(
    sessions: Sessions,
    business: BusinessId,
    far_ends: SimulatedCarrier,
    carrier: CarrierProcess,
    behaviour: str,
    why: str,
):
    await far_ends.behave("agent", behaviour)
    sessions.start()
    directed = await sessions.direct(business, agent_ring=0.3)
    assert (await sessions.wait_for(directed, events.AgentNeeded)).why == why
    await sessions.tell(
        directed,
        commands.EndAttempt(callback=directed.callback, attempt=directed.attempt, reason="no_agent"),
    )
    ended = await sessions.ended(directed)
    assert (ended.outcome, ended.may_have_rung) == (Outcome.AGENT_UNAVAILABLE, False)
    assert not carrier.lines("rang", party="customer")


async def test_cancelled_before_its_time_nothing_rings(
    sessions: Sessions, business: BusinessId, carrier: CarrierProcess, databases: Databases
):
    sessions.start()
    directed = await sessions.direct(business, ahead=60)
    assert await sessions.cancel(directed) is gate.GateState.OPEN
    ended = await sessions.ended(directed)
    assert (ended.outcome, ended.may_have_rung) == (Outcome.WITHDRAWN, False)
    assert not carrier.lines("rang")
    async with databases.administrator() as connection:
        assert await connection.fetchval("SELECT count(*) FROM due") == 0


async def test_cancelled_while_the_agent_rings(
    sessions: Sessions, business: BusinessId, carrier: CarrierProcess, far_ends: SimulatedCarrier
):
    await far_ends.behave("agent", "no_answer")
    sessions.start()
    directed = await sessions.direct(business)
    await sessions.wait_for(directed, events.AgentRings)
    assert await sessions.cancel(directed) is gate.GateState.DIALLING
    ended = await sessions.ended(directed, within=3)
    assert (ended.outcome, ended.may_have_rung, ended.detail) == (Outcome.WITHDRAWN, False, "cancelled")
    assert len(carrier.lines("ended", callback=directed.callback)) == 1
    assert not carrier.lines("rang", party="customer")


async def test_cancelled_while_the_customer_rings(
    sessions: Sessions, business: BusinessId, carrier: CarrierProcess, far_ends: SimulatedCarrier
):
    await far_ends.behave(NUMBER, "no_answer")
    sessions.start()
    directed = await sessions.direct(business)
    await sessions.wait_for(directed, events.CustomerRings)
    await sessions.cancel(directed)
    ended = await sessions.ended(directed, within=3)
    assert (ended.outcome, ended.may_have_rung) == (Outcome.WITHDRAWN, True)
    assert len(carrier.lines("ended", callback=directed.callback)) == 2


async def test_moved_while_the_agent_rings(
    sessions: Sessions, business: BusinessId, databases: Databases, far_ends: SimulatedCarrier
):
    await far_ends.behave("agent", "no_answer")
    sessions.start()
    directed = await sessions.direct(business)
    await sessions.wait_for(directed, events.AgentRings)
    async with databases.interactions.transaction(business, name="move") as tx:
        await gate.withdraw_for_move(tx, business, directed.callback)
    await sessions.tell(
        directed, commands.EndAttempt(callback=directed.callback, attempt=directed.attempt, reason="moved")
    )
    ended = await sessions.ended(directed, within=3)
    assert (ended.outcome, ended.detail) == (Outcome.WITHDRAWN, "moved")


async def test_the_agent_leaves_while_the_customer_rings(
    sessions: Sessions, business: BusinessId, far_ends: SimulatedCarrier, carrier: CarrierProcess
):
    await far_ends.behave("agent", "answers:0.05+leaves:0.5")
    await far_ends.behave(NUMBER, "no_answer")
    sessions.start()
    directed = await sessions.direct(business)
    ended = await sessions.ended(directed, within=4)
    assert (ended.outcome, ended.may_have_rung) == (Outcome.AGENT_UNAVAILABLE, True)
    assert len(carrier.lines("ended", callback=directed.callback, party="customer")) == 1


async def test_a_talk_can_not_be_withdrawn(
    sessions: Sessions, business: BusinessId, far_ends: SimulatedCarrier, databases: Databases
):
    await far_ends.behave(NUMBER, "answers:0.05+hangs_up:1")
    sessions.start()
    directed = await sessions.direct(business)
    await sessions.wait_for(directed, events.Joined)
    await sessions.tell(
        directed, commands.EndAttempt(callback=directed.callback, attempt=directed.attempt, reason="cancelled")
    )
    assert (await sessions.ended(directed)).outcome is Outcome.TALKED


@pytest.mark.parametrize(("found", "outcome"), [("voicemail", Outcome.MACHINE), ("wrong_person", Outcome.WRONG_PERSON)])
async def test_the_agent_says_what_answered(
    sessions: Sessions, business: BusinessId, far_ends: SimulatedCarrier, found: str, outcome: Outcome
):
    await far_ends.behave(NUMBER, "answers:0.05")
    sessions.start()
    directed = await sessions.direct(business)
    await sessions.wait_for(directed, events.Joined)
    await sessions.tell(
        directed,
        commands.MarkCustomer(callback=directed.callback, attempt=directed.attempt, agent=directed.agent, found=found),
    )
    assert (await sessions.ended(directed, within=3)).outcome is outcome


async def test_an_operator_ends_a_talk(sessions: Sessions, business: BusinessId, far_ends: SimulatedCarrier):
    await far_ends.behave(NUMBER, "answers:0.05")
    sessions.start()
    directed = await sessions.direct(business)
    await sessions.wait_for(directed, events.Joined)
    leg = await sessions.leg_in(directed, "customer", "joined")
    await sessions.tell(
        directed, commands.HangUpLeg(callback=directed.callback, attempt=directed.attempt, leg=LegId(leg))
    )
    ended = await sessions.ended(directed, within=3)
    assert (ended.outcome, ended.ended_by) == (Outcome.TALKED, None)


async def test_what_no_carrier_here_can_do_is_refused_at_once(sessions: Sessions, business: BusinessId):
    sessions.start()
    directed = await sessions.direct(business, carrier="pigeon")
    ended = await sessions.ended(directed)
    assert (ended.outcome, ended.may_have_rung) == (Outcome.CARRIER_FAILURE, False)
    assert ended.detail == "carrier pigeon is not configured"


async def test_nothing_is_dialled_while_dialling_is_switched_off(
    sessions: Sessions, business: BusinessId, databases: Databases, carrier: CarrierProcess
):
    async with databases.administrator() as connection:
        await connection.execute("UPDATE dialling_permit SET allowed = false")
    sessions.start()
    directed = await sessions.direct(business)
    await sessions.leg_in(directed, "agent", "new")
    assert await sessions.cancel(directed) is gate.GateState.OPEN
    assert (await sessions.ended(directed)).outcome is Outcome.WITHDRAWN
    assert not carrier.lines("rang")


async def test_a_process_whose_clock_is_off_dials_nothing(
    sessions: Sessions, business: BusinessId, carrier: CarrierProcess
):
    sessions.start(clock=lambda: datetime.now(UTC) + timedelta(seconds=3))
    directed = await sessions.direct(business)
    await sessions.leg_in(directed, "agent", "new")
    await sessions.cancel(directed)
    assert (await sessions.ended(directed)).outcome is Outcome.WITHDRAWN
    assert not carrier.lines("rang")


async def test_nobody_s_number_or_name_is_kept_once_the_call_is_over(
    sessions: Sessions, business: BusinessId, databases: Databases
):
    sessions.start()
    directed = await sessions.direct(business)
    await sessions.ended(directed)
    async with databases.administrator() as connection:
        row = await connection.fetchrow("SELECT * FROM attempt WHERE id = $1", directed.attempt)
    assert row["customer_address"] == ""
    assert NUMBER not in str(dict(row))
    assert "Dana" not in str(dict(row))
