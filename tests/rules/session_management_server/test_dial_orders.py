"""Customer first and on-deck: the customer is rung while no agent is, and is never left on the line for long."""

from __future__ import annotations

from datetime import timedelta
from uuid import uuid4

from ringback.domain import events
from ringback.domain.ids import LegId
from ringback.domain.status import DialOrder, Outcome
from ringback.session_management_server.carriers.protocol import EndCause, LegEventKind
from ringback.session_management_server.rules import happenings as on
from ringback.session_management_server.rules.attempt import advance
from ringback.session_management_server.rules.attempt_states import AttemptState
from ringback.session_management_server.rules.verbs import Join, Place, Release, wanted
from tests.rules.session_management_server.test_attempt import KIM, LEE, Play, directed


def customer_answers(order: DialOrder) -> Play:
    play = Play(directed(order)).then(on.Begin())
    assert play.attempt.agent_leg is None, "nobody else is rung yet"
    play.then(on.Fenced(leg=play.customer, token=uuid4()))
    return play.hears(play.customer, LegEventKind.RINGING).hears(play.customer, LegEventKind.ANSWERED)


def agent_answers(play: Play) -> Play:
    play.then(on.Fenced(leg=play.agent, token=uuid4()))
    return play.hears(play.agent, LegEventKind.RINGING).hears(play.agent, LegEventKind.ANSWERED)


def test_customer_first_the_agent_is_rung_when_the_customer_has_answered_and_joined_when_they_accept():
    play = customer_answers(DialOrder.CUSTOMER_FIRST)
    assert play.attempt.state is AttemptState.RINGING_AGENT
    assert wanted(play.attempt) == (Place(play.agent),)
    agent_answers(play)
    assert wanted(play.attempt) == (Join(play.agent, play.customer),)
    play.then(on.JoinMade(at=play.now))
    assert play.attempt.state.value == "joined"
    assert [type(each).__name__ for each in play.said] == [
        "CustomerDialled",
        "CustomerRings",
        "CustomerAnswered",
        "AgentRings",
        "AgentAccepted",
        "Joined",
    ]


def test_a_customer_who_hangs_up_while_the_agent_rings_frees_the_agent_and_is_not_rung_again_by_itself():
    play = customer_answers(DialOrder.CUSTOMER_FIRST)
    play.then(on.Fenced(leg=play.agent, token=uuid4())).hears(play.agent, LegEventKind.RINGING)
    play.hears(play.customer, LegEventKind.ENDED, EndCause.HUNG_UP)
    assert wanted(play.attempt) == (Release(play.agent),)
    play.released(play.agent)
    assert (play.ended.outcome, play.ended.may_have_rung) == (Outcome.DECLINED, True)


def test_an_agent_who_does_not_come_is_followed_by_the_next_while_the_customer_waits():
    play = customer_answers(DialOrder.CUSTOMER_FIRST)
    play.then(on.Fenced(leg=play.agent, token=uuid4())).hears(play.agent, LegEventKind.ENDED, EndCause.DECLINED)
    assert play.attempt.state is AttemptState.SEEKING_AGENT
    assert isinstance(play.said[-1], events.AgentNeeded)
    play.then(on.AgentOffered(agent=LEE))
    agent_answers(play)
    assert wanted(play.attempt) == (Join(play.agent, play.customer),)


def test_a_customer_is_not_kept_waiting_longer_than_the_policy_allows():
    play = customer_answers(DialOrder.CUSTOMER_FIRST)
    since = play.attempt.customer_waits_since
    assert since is not None
    wait = timedelta(seconds=play.attempt.ring.customer_wait)
    before = advance(play.attempt, on.TimePassed(), now=since + wait - timedelta(seconds=1), leg_id=LegId(uuid4()))
    assert before.attempt.withdraw_reason is None
    play.now = since + wait
    play.then(on.TimePassed())
    assert Release(play.customer) in wanted(play.attempt)
    play.then(on.NotPlaced(leg=play.agent, detail="withdrawn")).released(play.customer)
    assert (play.ended.outcome, play.ended.may_have_rung) == (Outcome.AGENT_UNAVAILABLE, True)


def test_on_deck_the_customer_gets_whoever_was_named_meanwhile():
    play = Play(directed(DialOrder.ON_DECK)).then(on.Begin(), on.AgentOffered(agent=LEE))
    assert (play.attempt.state, play.attempt.agent) == (AttemptState.CALLING_CUSTOMER, LEE)
    play.then(on.AgentOffered(agent=KIM), on.Fenced(leg=play.customer, token=uuid4()))
    play.hears(play.customer, LegEventKind.ANSWERED)
    assert (play.attempt.state, play.attempt.agent) == (AttemptState.RINGING_AGENT, LEE)


def test_on_deck_a_customer_who_answers_before_anybody_is_free_waits_for_whoever_is_named():
    play = customer_answers(DialOrder.ON_DECK)
    assert play.attempt.state is AttemptState.SEEKING_AGENT
    assert wanted(play.attempt) == ()
    assert not [each for each in play.said if isinstance(each, events.AgentNeeded)], "CustomerAnswered says it"
    agent_answers(play.then(on.AgentOffered(agent=LEE)))
    play.then(on.JoinMade(at=play.now))
    assert (play.attempt.state.value, play.attempt.agent) == ("joined", LEE)


def test_on_deck_a_customer_who_hangs_up_before_anybody_is_free_ends_it():
    play = customer_answers(DialOrder.ON_DECK)
    play.hears(play.customer, LegEventKind.ENDED, EndCause.HUNG_UP)
    assert play.ended.outcome is Outcome.DECLINED


def test_a_customer_who_is_not_reached_costs_no_agent_anything():
    play = Play(directed(DialOrder.CUSTOMER_FIRST)).then(on.Begin())
    play.then(on.Fenced(leg=play.customer, token=uuid4()))
    play.hears(play.customer, LegEventKind.ENDED, EndCause.BUSY)
    assert play.ended.outcome is Outcome.BUSY
    assert play.attempt.agent_leg is None
