"""What goes wrong around a call: carriers that go away, answers and hints that are lost, legs that belong to nobody."""

from __future__ import annotations

import asyncio
import dataclasses
from typing import Any, cast

import pytest

from ringback.domain import commands, events
from ringback.domain.ids import BusinessId, CallbackId, LegId, new_id
from ringback.domain.status import Outcome, Party
from ringback.postgres.database import Database
from ringback.postgres.hints import Hints
from ringback.session_management_server.carriers.environment import CarrierEnvironment
from ringback.session_management_server.carriers.protocol import LegOrder
from ringback.session_management_server.carriers.registry import open_carriers
from ringback.session_management_server.carriers.simulated import SimulatedCarrier
from tests.support.databases import Databases
from tests.support.lost_answers import LosesAnswers
from tests.support.sessions import NUMBER, Sessions
from tests.support.simulated_carrier import CarrierProcess
from tests.support.waiting import eventually


@pytest.mark.parametrize("forgets", [False, True])
async def test_a_carrier_that_dies_while_the_customer_rings_leaves_it_unknown(
    sessions: Sessions, business: BusinessId, carrier: CarrierProcess, far_ends: SimulatedCarrier, forgets: bool
):
    await far_ends.behave(NUMBER, "no_answer")
    sessions.start()
    directed = await sessions.direct(business, customer_ring=30)
    await sessions.wait_for(directed, events.CustomerRings)
    await carrier.kill()
    await carrier.start(*(["--forget"] if forgets else []))
    ended = await sessions.ended(directed)
    assert (ended.outcome, ended.may_have_rung) == (Outcome.UNKNOWN, True)
    assert len(carrier.lines("rang", party="customer")) == 1


async def test_a_carrier_that_dies_in_a_talk_ends_a_talk(
    sessions: Sessions, business: BusinessId, carrier: CarrierProcess, far_ends: SimulatedCarrier
):
    await far_ends.behave(NUMBER, "answers:0.05")
    sessions.start()
    directed = await sessions.direct(business)
    await sessions.wait_for(directed, events.Joined)
    await carrier.kill()
    await carrier.start()
    assert (await sessions.ended(directed)).outcome is Outcome.TALKED


async def test_while_a_carrier_is_away_a_leg_to_be_ended_is_unresolved_and_cancelled_is_not_said(
    sessions: Sessions, business: BusinessId, carrier: CarrierProcess, far_ends: SimulatedCarrier
):
    await far_ends.behave(NUMBER, "no_answer")
    sessions.start()
    directed = await sessions.direct(business, customer_ring=30)
    await sessions.wait_for(directed, events.CustomerRings)
    await carrier.kill()
    await sessions.cancel(directed)
    await sessions.leg_in(directed, "customer", "unresolved")
    assert "AttemptEnded" not in await sessions.kinds(directed)
    await carrier.start()
    ended = await sessions.ended(directed)
    assert (ended.outcome, ended.may_have_rung) == (Outcome.WITHDRAWN, True)


async def test_a_carrier_that_is_away_for_a_moment_costs_no_agent(
    sessions: Sessions, business: BusinessId, carrier: CarrierProcess
):
    await carrier.kill()
    sessions.start()
    directed = await sessions.direct(business)
    await sessions.leg_in(directed, "agent", "new")
    await carrier.start()
    assert (await sessions.ended(directed)).outcome is Outcome.TALKED
    assert "AgentNeeded" not in await sessions.kinds(directed)


async def test_all_works_with_every_hint_lost(sessions: Sessions, business: BusinessId, databases: Databases):
    deaf = dataclasses.replace(databases, hints=Hints(databases.address, enabled=False))
    sessions.databases = deaf
    sessions.start()
    directed = await sessions.direct(business)
    assert (await sessions.ended(directed)).outcome is Outcome.TALKED
    cancelled = await sessions.direct(business, ahead=60)
    await sessions.cancel(cancelled)
    assert (await sessions.ended(cancelled)).outcome is Outcome.WITHDRAWN


async def test_of_two_managers_one_drives_each_attempt(
    sessions: Sessions, business: BusinessId, databases: Databases, carrier: CarrierProcess
):
    environment = CarrierEnvironment(
        database=databases.sessions, dispatcher=databases.dispatcher, hints=databases.hints
    )
    for _ in range(2):
        options = {"simulated": {"address": carrier.address}}
        sessions.start(carriers=open_carriers(["simulated"], environment, options=options))
    directed = [await sessions.direct(business, ahead=0.5) for _ in range(20)]
    for each in directed:
        assert (await sessions.ended(each, within=30)).outcome is Outcome.TALKED
        assert len(carrier.lines("rang", callback=each.callback, party="customer")) == 1
        assert (await sessions.kinds(each)).count("AttemptEnded") == 1


async def test_a_manager_that_stops_hands_its_attempts_over_at_once(
    sessions: Sessions, business: BusinessId, far_ends: SimulatedCarrier, carrier: CarrierProcess
):
    await far_ends.behave(NUMBER, "answers:0.05+hangs_up:3")
    first = sessions.start()
    directed = await sessions.direct(business)
    await sessions.wait_for(directed, events.Joined)
    await sessions.stop(first)
    sessions.start()
    assert (await sessions.ended(directed, within=6)).outcome is Outcome.TALKED
    assert len(carrier.lines("rang", callback=directed.callback)) == 2


@pytest.mark.parametrize("committed", [True, False], ids=["committed", "not committed"])
async def test_a_commit_whose_answer_is_lost_is_neither_done_nor_failed(
    sessions: Sessions, business: BusinessId, databases: Databases, carrier: CarrierProcess, committed: bool
):
    losing = LosesAnswers(databases.sessions, committed=committed)
    sessions.databases = dataclasses.replace(databases, sessions=cast("Database", losing))
    sessions.start(lease=1.0)
    for workflow in ("fence", "record", "record_join", "timer_perform", "apply_sessions"):
        losing.lose(workflow, 2)
        directed = await sessions.direct(business)
        ended = await sessions.ended(directed, within=30)
        assert ended.outcome is Outcome.TALKED
        assert len(carrier.lines("rang", callback=directed.callback, party="customer")) == 1
        assert len(carrier.lines("rang", callback=directed.callback, party="agent")) == 1
        assert any(lost.startswith(workflow) for lost in losing.lost)


async def test_legs_that_belong_to_nothing_are_swept(
    sessions: Sessions, business: BusinessId, far_ends: SimulatedCarrier
):
    manager = sessions.start()
    stray = LegOrder(
        business=business,
        callback=CallbackId(new_id()),
        leg=LegId(new_id()),
        party=Party.CUSTOMER,
        address=NUMBER,
        peer_name="Kim",
        peer_detail="Billing",
    )
    await far_ends.prepare(stray)
    await far_ends.behave(NUMBER, "answers:0.05")
    directed = await sessions.direct(business)
    await sessions.wait_for(directed, events.Joined)
    assert await manager.sweep() == 1
    assert stray.leg not in await far_ends.legs_of(business)
    assert len(await far_ends.legs_of(business)) == 2, "the talk goes on"
    assert await manager.sweep() == 0


async def test_what_is_said_about_an_attempt_that_is_over_changes_nothing(
    sessions: Sessions, business: BusinessId, databases: Databases
):
    sessions.start()
    directed = await sessions.direct(business)
    ended = await sessions.ended(directed)
    leg = (await sessions.legs(directed))[0]["id"]
    ids: dict[str, Any] = {"callback": directed.callback, "attempt": directed.attempt}
    await sessions.offer(directed)
    await sessions.tell(directed, commands.EndAttempt(**ids, reason="cancelled"))
    await sessions.tell(directed, commands.MarkCustomer(**ids, agent=directed.agent, found="voicemail"))
    await sessions.tell(directed, commands.HangUpLeg(**ids, leg=leg))

    async def applied() -> bool:
        async with databases.administrator() as connection:
            return not await connection.fetchval("SELECT count(*) FROM message WHERE recipient = 'sessions'")

    await eventually(applied)
    assert await sessions.ended(directed) == ended
    assert (await sessions.kinds(directed)).count("AttemptEnded") == 1


async def test_many_at_the_same_instant(sessions: Sessions, business: BusinessId, carrier: CarrierProcess):
    sessions.start()
    directed = await asyncio.gather(*(sessions.direct(business, ahead=2.0) for _ in range(60)))
    for each in directed:
        assert (await sessions.ended(each, within=60)).outcome is Outcome.TALKED
    rang = carrier.lines("rang", party="customer")
    assert len(rang) == len({line["callback"] for line in rang}) == 60
