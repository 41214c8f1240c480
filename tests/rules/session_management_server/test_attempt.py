"""Whatever happens to an attempt, in whatever order and however often, its promises hold."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID, uuid4

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ringback.domain import events
from ringback.domain.commands import RingTimes
from ringback.domain.errors import IllegalTransition
from ringback.domain.ids import AgentId, AttemptId, BusinessId, CallbackId, LegId
from ringback.domain.status import DialOrder, Outcome, Party
from ringback.session_management_server.carriers.protocol import EndCause, LegEventKind, LegReport, Whereabouts
from ringback.session_management_server.rules import happenings as on
from ringback.session_management_server.rules import legs as leg_rules
from ringback.session_management_server.rules.attempt import Step, advance
from ringback.session_management_server.rules.attempt_states import TRANSITIONS, AttemptEvent, AttemptState, next_state
from ringback.session_management_server.rules.leg_states import MAY_RING, LegHappening, LegPhase, next_phase
from ringback.session_management_server.rules.leg_states import TRANSITIONS as LEG_TRANSITIONS
from ringback.session_management_server.rules.legs import Leg, LegOutcome, ReleaseWhy
from ringback.session_management_server.rules.news import RECIPIENTS
from ringback.session_management_server.rules.picking_up import RING_GRACE
from ringback.session_management_server.rules.snapshot import Attempt
from ringback.session_management_server.rules.verbs import Join, LookUp, Place, Release, wanted

START = datetime(2026, 11, 24, 14, 30, tzinfo=UTC)
KIM = on.Agent(id=AgentId(uuid4()), name="Kim", address="kim", carrier="simulated")
LEE = on.Agent(id=AgentId(uuid4()), name="Lee", address="lee", carrier="simulated")


def directed(order: DialOrder = DialOrder.AGENT_FIRST) -> Attempt:
    return Attempt(
        business=BusinessId(uuid4()),
        id=AttemptId(uuid4()),
        callback=CallbackId(uuid4()),
        number=1,
        state=AttemptState.DIRECTED,
        agent=KIM,
        customer_carrier="simulated",
        ring=RingTimes(),
        epoch=2,
        due_version=1,
        not_before=START,
        order=order,
        agent_named=order is not DialOrder.ON_DECK,
    )


class Play:
    """Applies happenings one second apart and keeps what was said."""

    def __init__(self, attempt: Attempt | None = None) -> None:
        self.attempt = attempt or directed()
        self.now = START
        self.said: list[Any] = []

    def then(self, *happenings: on.Happening) -> Play:
        for happening in happenings:
            self.now += timedelta(seconds=1)
            step = advance(self.attempt, happening, now=self.now, leg_id=LegId(uuid4()))
            self.attempt = step.attempt
            self.said += step.messages
        return self

    @property
    def agent(self) -> LegId:
        assert self.attempt.agent_leg is not None
        return self.attempt.agent_leg.id

    @property
    def customer(self) -> LegId:
        assert self.attempt.customer_leg is not None
        return self.attempt.customer_leg.id

    @property
    def ended(self) -> events.AttemptEnded:
        last = self.said[-1]
        assert isinstance(last, events.AttemptEnded)
        return last

    def hears(self, leg: LegId, kind: LegEventKind, cause: EndCause | None = None) -> Play:
        return self.then(heard(leg, kind, self.now + timedelta(seconds=1), cause))

    def agent_accepts(self) -> Play:
        self.then(on.Begin(), on.Fenced(leg=self.begun_agent(), token=uuid4()))
        return self.hears(self.agent, LegEventKind.RINGING).hears(self.agent, LegEventKind.ANSWERED)

    def begun_agent(self) -> LegId:
        if self.attempt.agent_leg is None:
            self.then(on.Begin())
        return self.agent

    def customer_dialled(self) -> Play:
        self.agent_accepts()
        return self.then(on.Fenced(leg=self.customer, token=uuid4()))

    def talking(self) -> Play:
        self.customer_dialled().hears(self.customer, LegEventKind.ANSWERED)
        return self.then(on.JoinMade(at=self.now))

    def released(self, leg: LegId, cause: EndCause = EndCause.RELEASED) -> Play:
        report = LegReport(whereabouts=Whereabouts.ENDED, cause=cause, ended_at=self.now)
        return self.then(on.Reported(leg=leg, report=report, revoked=True))


def heard(leg: LegId, kind: LegEventKind, at: datetime, cause: EndCause | None = None) -> on.Heard:
    return on.Heard(leg=leg, event=f"{leg}/{kind}", account="", kind=kind, at=at, cause=cause)


# ---------------------------------------------------------------- one thing after another


def test_an_agent_s_acceptance_makes_the_customer_s_leg():
    play = Play().agent_accepts()
    assert play.attempt.state is AttemptState.RINGING_CUSTOMER
    assert wanted(play.attempt) == (Place(play.customer),)
    assert [type(each).__name__ for each in play.said] == ["AgentRings", "AgentAccepted"]


def test_both_answered_is_joined_and_asked_for_until_it_is_on_record():
    play = Play().customer_dialled().hears(play_customer := LegId(uuid4()), LegEventKind.RINGING)
    assert play_customer != play.customer
    play.hears(play.customer, LegEventKind.ANSWERED)
    join = Join(play.agent, play.customer)
    assert wanted(play.attempt) == (join,)
    play.then(on.JoinMade(at=play.now))
    assert play.attempt.state is AttemptState.JOINED
    assert wanted(play.attempt) == ()


def test_a_join_that_a_cancel_came_before_is_undone_on_both_sides():
    play = Play().customer_dialled().hears(play_leg(Play()), LegEventKind.SOUND)
    play.hears(play.customer, LegEventKind.ANSWERED).then(on.JoinRefused())
    assert set(wanted(play.attempt)) == {Release(play.agent), Release(play.customer)}
    play.then(on.EndAsked(reason="cancelled")).released(play.agent)
    assert not isinstance(play.said[-1], events.AttemptEnded), "cancelled is not said while a leg has no evidence"
    play.released(play.customer)
    assert (play.ended.outcome, play.ended.detail) == (Outcome.WITHDRAWN, "cancelled")
    assert not [each for each in play.said if isinstance(each, events.Joined)]


def play_leg(play: Play) -> LegId:
    return play.begun_agent()


@pytest.mark.parametrize(
    ("cause", "outcome", "rang"),
    [
        (EndCause.BUSY, Outcome.BUSY, False),
        (EndCause.DECLINED, Outcome.DECLINED, True),
        (EndCause.NO_ANSWER, Outcome.NO_ANSWER, True),
        (EndCause.UNREACHABLE, Outcome.UNREACHABLE, False),
        (EndCause.INVALID_NUMBER, Outcome.INVALID_NUMBER, False),
        (EndCause.ABSENT, Outcome.CUSTOMER_ABSENT, False),
        (EndCause.FAILED, Outcome.CARRIER_FAILURE, False),
        (EndCause.CARRIER_LOST, Outcome.UNKNOWN, True),
        (None, Outcome.UNKNOWN, True),
    ],
)
def test_how_the_customer_s_leg_ended_is_the_outcome(cause: EndCause | None, outcome: Outcome, rang: bool):
    play = Play().customer_dialled()
    play.hears(play.customer, LegEventKind.ENDED, cause)
    assert wanted(play.attempt) == (Release(play.agent),)
    play.released(play.agent)
    assert (play.ended.outcome, play.ended.may_have_rung) == (outcome, rang)


def test_what_was_fenced_and_forgotten_is_unknown():
    play = Play().customer_dialled()
    play.then(on.Reported(leg=play.customer, report=LegReport(whereabouts=Whereabouts.ABSENT))).released(play.agent)
    assert (play.ended.outcome, play.ended.may_have_rung) == (Outcome.UNKNOWN, True)


def test_what_this_process_did_not_dial_did_not_ring():
    play = Play().customer_dialled()
    play.then(on.NotDialled(leg=play.customer))
    assert Release(play.customer) in wanted(play.attempt)
    play.then(on.Reported(leg=play.customer, report=LegReport(whereabouts=Whereabouts.ABSENT), revoked=True))
    play.released(play.agent)
    assert (play.ended.outcome, play.ended.may_have_rung) == (Outcome.CARRIER_FAILURE, False)


@pytest.mark.parametrize(
    ("cause", "outcome", "rang"),
    [(EndCause.FAILED, Outcome.CARRIER_FAILURE, False), (EndCause.RELEASED, Outcome.UNKNOWN, True)],
)
def test_what_another_process_left_undialled_is_revoked_and_its_end_says_whether_it_rang(
    cause: EndCause, outcome: Outcome, rang: bool
):
    play = Play().customer_dialled()
    play.then(on.Reported(leg=play.customer, report=LegReport(whereabouts=Whereabouts.PREPARED)))
    assert Release(play.customer) in wanted(play.attempt)
    play.released(play.customer, cause).released(play.agent)
    assert (play.ended.outcome, play.ended.may_have_rung) == (outcome, rang)


def test_a_leg_out_of_sight_blocks_the_attempt_until_its_carrier_is_back():
    play = Play().customer_dialled()
    play.then(on.EndAsked(reason="cancelled"), on.OutOfSight(leg=play.customer)).released(play.agent)
    leg = play.attempt.customer_leg
    assert leg is not None
    assert leg.phase is LegPhase.UNRESOLVED
    assert not play.attempt.over
    assert wanted(play.attempt) == (Release(play.customer),)
    play.released(play.customer)
    assert play.ended.outcome is Outcome.WITHDRAWN


def test_a_leg_out_of_sight_that_is_seen_again_goes_on():
    play = Play().customer_dialled().then()
    play.then(on.OutOfSight(leg=play.customer))
    assert wanted(play.attempt) == (LookUp(play.customer),)
    play.then(on.Reported(leg=play.customer, report=LegReport(whereabouts=Whereabouts.DIALLING, rang_at=play.now)))
    assert play.attempt.customer_leg is not None
    assert play.attempt.customer_leg.phase is LegPhase.RINGING
    assert wanted(play.attempt) == ()


def test_a_talk_goes_on_while_its_carrier_can_not_be_asked():
    play = Play().talking()
    play.then(on.OutOfSight(leg=play.customer))
    assert play.attempt.customer_leg is not None
    assert play.attempt.customer_leg.phase is LegPhase.JOINED


def test_a_device_rings_no_longer_than_it_may_even_if_its_carrier_forgets():
    play = Play().customer_dialled()
    leg = play.attempt.customer_leg
    assert leg is not None
    assert leg.rings_until is not None
    before = advance(
        play.attempt, on.TimePassed(), now=leg.rings_until + RING_GRACE - timedelta(milliseconds=1), leg_id=leg.id
    )
    assert wanted(before.attempt) == ()
    after = advance(play.attempt, on.TimePassed(), now=leg.rings_until + RING_GRACE, leg_id=leg.id)
    assert wanted(after.attempt) == (Release(leg.id),)
    play.attempt = after.attempt
    play.released(leg.id).released(play.agent)
    assert play.ended.outcome is Outcome.NO_ANSWER


@pytest.mark.parametrize("failures", [1, 2, 3])
def test_an_agent_whose_leg_failed_before_ringing_is_rung_again_a_few_times(failures: int):
    play = Play().then(on.Begin())
    for _ in range(failures):
        play.then(on.NotPlaced(leg=play.agent, detail="carrier away"))
    if failures < 3:
        assert wanted(play.attempt) == (Place(play.agent),)
        assert play.said == []
    else:
        assert play.attempt.state is AttemptState.SEEKING_AGENT
        assert [each.why for each in play.said] == ["unreachable"]


def test_the_next_agent_is_rung_and_the_first_one_is_not_told_of_again():
    play = Play().then(on.Begin())
    play.then(on.Fenced(leg=play.agent, token=uuid4())).hears(play.agent, LegEventKind.ENDED, EndCause.DECLINED)
    assert play.attempt.state is AttemptState.SEEKING_AGENT
    play.then(on.AgentOffered(agent=LEE), on.AgentOffered(agent=KIM))
    assert play.attempt.agent == LEE
    assert [leg.agent for leg in play.attempt.legs] == [KIM.id, LEE.id]


def test_an_end_before_its_time_needs_no_evidence():
    play = Play().then(on.EndAsked(reason="moved"))
    assert (play.ended.outcome, play.ended.may_have_rung, play.attempt.legs) == (Outcome.WITHDRAWN, False, ())


def test_dropped_and_hung_up_are_told_apart():
    lost, hung_up = Play().talking(), Play().talking()
    lost.hears(lost.customer, LegEventKind.ENDED, EndCause.LOST).released(lost.agent)
    hung_up.hears(hung_up.agent, LegEventKind.ENDED, EndCause.HUNG_UP).released(hung_up.customer)
    assert (lost.ended.outcome, lost.ended.ended_by) == (Outcome.DROPPED, Party.CUSTOMER)
    assert (hung_up.ended.outcome, hung_up.ended.ended_by) == (Outcome.TALKED, Party.AGENT)


def test_a_carrier_that_dies_in_a_talk_ends_a_talk():
    play = Play().talking()
    for leg in (play.customer, play.agent):
        play.hears(leg, LegEventKind.ENDED, EndCause.CARRIER_LOST)
    assert play.ended.outcome is Outcome.TALKED


def test_the_agent_who_hangs_up_while_the_customer_rings_leaves_nobody_to_talk_to():
    play = Play().customer_dialled()
    play.hears(play.customer, LegEventKind.RINGING).hears(play.agent, LegEventKind.ENDED, EndCause.HUNG_UP)
    assert wanted(play.attempt) == (Release(play.customer),)
    play.released(play.customer)
    assert (play.ended.outcome, play.ended.may_have_rung) == (Outcome.AGENT_UNAVAILABLE, True)


# ---------------------------------------------------------------- evidence in any order

EVIDENCE = [
    heard(LegId(UUID(int=1)), LegEventKind.RINGING, START + timedelta(seconds=1)),
    heard(LegId(UUID(int=1)), LegEventKind.ANSWERED, START + timedelta(seconds=5)),
    heard(LegId(UUID(int=1)), LegEventKind.SOUND, START + timedelta(seconds=6)),
    heard(LegId(UUID(int=1)), LegEventKind.ENDED, START + timedelta(seconds=9), EndCause.HUNG_UP),
]


@given(order=st.permutations(EVIDENCE * 2))
def test_the_facts_of_a_leg_do_not_depend_on_the_order_of_its_events(order: list[on.Heard]):
    leg = Leg(id=LegId(UUID(int=1)), party=Party.CUSTOMER, n=1, carrier="simulated")
    leg = leg_rules.fenced(leg, token=uuid4(), at=START, rings_until=START + timedelta(seconds=25))
    for event in order:
        leg = leg_rules.heard(leg, event.kind, event.at, cause=event.cause, detail=None)
    assert leg.phase is LegPhase.ENDED
    assert leg.outcome is LegOutcome.HUNG_UP
    assert (leg.ringing_at, leg.answered_at, leg.ended_at) == (EVIDENCE[0].at, EVIDENCE[1].at, EVIDENCE[3].at)


# ---------------------------------------------------------------- anything at all

causes = st.none() | st.sampled_from(EndCause)
seconds = st.integers(0, 100).map(lambda count: START + timedelta(seconds=count))
reports = st.builds(
    LegReport,
    whereabouts=st.sampled_from(Whereabouts),
    rang_at=st.none() | seconds,
    answered_at=st.none() | seconds,
    ended_at=st.none() | seconds,
    cause=causes,
)


@st.composite
def anything(draw: st.DrawFn) -> tuple[int, Any]:
    """A happening that waits for its leg: (which leg, how to make it)."""
    kind = draw(
        st.sampled_from(
            ["fence", "fence", "heard", "heard", "heard", "report", "report", "sight", "place", "dial", "hang"]
            + ["offer", "end", "gate", "mark", "join", "refuse", "fail", "time", "begin"]
        )
    )
    which = draw(st.integers(0, 5))
    match kind:
        case "fence":
            return which, lambda leg: on.Fenced(leg=leg, token=uuid4())
        case "heard":
            what, at, cause = draw(st.sampled_from(LegEventKind)), draw(seconds), draw(causes)
            return which, lambda leg: heard(leg, what, at, cause if what is LegEventKind.ENDED else None)
        case "report":
            report, revoked = draw(reports), draw(st.booleans())
            return which, lambda leg: on.Reported(leg=leg, report=report, revoked=revoked)
        case "sight":
            return which, lambda leg: on.OutOfSight(leg=leg)
        case "place":
            return which, lambda leg: on.NotPlaced(leg=leg, detail="away")
        case "dial":
            return which, lambda leg: on.NotDialled(leg=leg)
        case "hang":
            return which, lambda leg: on.HangUpAsked(leg=leg)
    fixed: dict[str, on.Happening] = {
        "offer": on.AgentOffered(agent=LEE),
        "end": on.EndAsked(reason=draw(st.sampled_from(["no_agent", "cancelled", "moved"]))),
        "gate": on.GateRefused(),
        "mark": on.Marked(found=draw(st.sampled_from(["voicemail", "wrong_person"]))),
        "join": on.JoinMade(at=draw(seconds)),
        "refuse": on.JoinRefused(),
        "fail": on.JoinFailed(detail="away"),
        "time": on.TimePassed(),
        "begin": on.Begin(),
    }
    return which, lambda _: fixed[kind]


def legal(attempt: Attempt, happening: on.Happening) -> bool:
    """A fence is asked for in the gate's transaction only where the leg is not fenced and not to be released."""
    if not isinstance(happening, on.Fenced):
        return True
    leg = attempt.leg(happening.leg)
    return leg is not None and leg.phase in (LegPhase.NEW, LegPhase.PREPARED) and leg.release_why is None


_OF_CUSTOMER = [events.CustomerDialled, events.CustomerRings, events.CustomerAnswered]
_LAST = [events.Joined, events.AttemptEnded]
RANK: dict[DialOrder, list[type]] = {
    DialOrder.AGENT_FIRST: [events.AgentAccepted, *_OF_CUSTOMER, *_LAST],
    DialOrder.CUSTOMER_FIRST: [*_OF_CUSTOMER, events.AgentAccepted, *_LAST],
    DialOrder.ON_DECK: [*_OF_CUSTOMER, events.AgentAccepted, *_LAST],
}


@settings(max_examples=400, deadline=None)
@given(
    order=st.sampled_from(DialOrder),
    happenings=st.lists(anything(), max_size=40),
    jumps=st.lists(st.integers(0, 40), max_size=40),
)
def test_whatever_happens_the_promises_hold(order: DialOrder, happenings: list[tuple[int, Any]], jumps: list[int]):
    attempt, now = directed(order), START
    said: list[Any] = []
    for number, (which, make) in enumerate([(0, lambda _: on.Begin()), *happenings]):
        now += timedelta(seconds=jumps[number % len(jumps)] if jumps else 1)
        leg = attempt.legs[which % len(attempt.legs)].id if attempt.legs else LegId(uuid4())
        happening = make(leg)
        if not legal(attempt, happening):
            continue
        step = advance(attempt, happening, now=now, leg_id=LegId(uuid4()))
        hold(attempt, step)
        said += step.messages
        attempt = step.attempt
    kinds = [type(message) for message in said]
    rank = RANK[order]
    assert all(kinds.count(kind) <= 1 for kind in rank), kinds
    places = [rank.index(kind) for kind in kinds if kind in rank]
    assert places == sorted(places), kinds
    assert all(kind in RECIPIENTS for kind in kinds)
    assert (events.AttemptEnded in kinds) == attempt.over
    if attempt.over:
        told(attempt, said[-1])


def hold(before: Attempt, step: Step) -> None:
    """What every single step keeps."""
    after = step.attempt
    if before.over:
        assert step == Step(attempt=before)
    assert sum(leg.party is Party.CUSTOMER for leg in after.legs) <= 1
    assert sum(leg.party is Party.AGENT and leg.live for leg in after.legs) <= 1
    assert len(after.legs) <= len(before.legs) + 1
    for old in before.legs:
        new = after.leg(old.id)
        assert new is not None
        assert old.live or (new.phase, new.outcome, new.evidence, new.ended_at) == (
            old.phase,
            old.outcome,
            old.evidence,
            old.ended_at,
        )
        assert old.release_why is None or new.release_why is old.release_why
        assert not (old.fenced and new.phase in (LegPhase.NEW, LegPhase.PREPARED))
        assert new.live or (new.outcome and new.evidence and new.ended_at)
    if after.order is not DialOrder.AGENT_FIRST and any(leg.party is Party.AGENT for leg in after.legs):
        assert after.customer_leg is not None and after.customer_leg.answered_at is not None, "the customer came first"
    if any(isinstance(verb, Join) for verb in wanted(after)):
        assert after.customer_leg is not None and after.customer_leg.answered_at is not None
    placed = {verb.leg for verb in wanted(after) if isinstance(verb, Place)}
    assert not any(leg.fenced for leg in after.legs if leg.id in placed), "what was let through is never placed again"
    if after.over:
        assert not after.live_legs
        assert wanted(after) == ()


def told(attempt: Attempt, ended: events.AttemptEnded) -> None:
    """What the end says agrees with the legs."""
    customer = attempt.customer_leg
    assert ended.may_have_rung or ended.rang_at is None
    if customer is None or not customer.fenced:
        assert ended.outcome not in (Outcome.NO_ANSWER, Outcome.BUSY, Outcome.UNKNOWN) or ended.may_have_rung
    if ended.outcome is Outcome.CARRIER_FAILURE:
        assert not ended.may_have_rung, "what may have rung is never a mere failure of the carrier"
    if ended.joined_at is not None:
        assert ended.outcome in (Outcome.TALKED, Outcome.DROPPED, Outcome.MACHINE, Outcome.WRONG_PERSON)


# ---------------------------------------------------------------- the tables themselves


def test_every_state_is_reached_and_only_ended_is_final():
    targets = {target for arrows in TRANSITIONS.values() for target in arrows.values()}
    assert targets | {AttemptState.DIRECTED} == set(AttemptState)
    assert [state for state, arrows in TRANSITIONS.items() if not arrows] == [AttemptState.ENDED]
    with pytest.raises(IllegalTransition):
        next_state(AttemptState.ENDED, AttemptEvent.BEGIN)


def test_leg_phases_only_move_forward():
    forward: list[LegPhase] = [phase for phase in LegPhase if phase is not LegPhase.UNRESOLVED]
    for phase, arrows in LEG_TRANSITIONS.items():
        for target in arrows.values():
            if LegPhase.UNRESOLVED not in (phase, target):
                assert forward.index(target) > forward.index(phase)
    assert LEG_TRANSITIONS[LegPhase.ENDED] == {}
    for phase in MAY_RING:
        with pytest.raises(IllegalTransition):
            next_phase(phase, LegHappening.FENCE)
    assert ReleaseWhy.WITHDRAWN.value == "withdrawn"
