"""The rule of an attempt: `advance(attempt, happening)` says what it is afterwards and what the other servers are told."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from uuid import UUID

from ringback.domain import events
from ringback.domain.ids import LegId
from ringback.domain.status import DialOrder, Party
from ringback.session_management_server.carriers.protocol import LegEventKind
from ringback.session_management_server.rules import happenings as on
from ringback.session_management_server.rules import legs as leg_rules
from ringback.session_management_server.rules import picking_up
from ringback.session_management_server.rules.attempt_states import TRANSITIONS, AttemptEvent, AttemptState, next_state
from ringback.session_management_server.rules.legs import Evidence, Leg, LegOutcome, ReleaseWhy
from ringback.session_management_server.rules.news import Message, attempt_ended, news
from ringback.session_management_server.rules.outcomes import NO_AGENT, NOT_PERMITTED, VOICEMAIL, ending_of
from ringback.session_management_server.rules.snapshot import Attempt

MESSAGE_WITHIN = timedelta(seconds=90)  # a message on a machine, with the silence before it
TRIES_THAT_NEVER_RANG = 3  # legs of one agent, one after another, that failed before ringing
GATE_SHUT = "gate_shut"
WISHES = frozenset({"hold", "mute", "recording"})


@dataclass(frozen=True, slots=True, kw_only=True)
class Step:
    """What an attempt is after a happening, and what must be said."""

    attempt: Attempt
    messages: tuple[Message, ...] = ()


def advance(attempt: Attempt, happening: on.Happening, *, now: datetime, leg_id: LegId) -> Step:
    """Apply one happening. A leg that has to be made gets `leg_id`; whatever is late, repeated or out of place changes nothing."""
    if attempt.over:
        return Step(attempt=attempt)
    words = happening.words if isinstance(happening, on.Heard) else None
    after = _apply(attempt, happening, now, leg_id)
    return _settle(attempt, after, now, leg_id, words)


def _apply(attempt: Attempt, happening: on.Happening, now: datetime, leg_id: LegId) -> Attempt:
    match happening:
        case on.Begin():
            if attempt.state is not AttemptState.DIRECTED:
                return attempt
            if attempt.order is not DialOrder.AGENT_FIRST:
                return _with_customer_leg(_moved(attempt, AttemptEvent.BEGIN_WITH_CUSTOMER), leg_id)
            return _with_agent_leg(_moved(attempt, AttemptEvent.BEGIN), leg_id)
        case on.AgentOffered(agent=agent):
            return _offered(attempt, agent, leg_id)
        case on.EndAsked(reason=reason):
            return _withdrawn(attempt, reason)
        case on.GateRefused() | on.JoinRefused():
            return _withdrawn(attempt, GATE_SHUT)
        case on.Marked(found=found):
            return _marked(attempt, found, now)
        case on.TalkChanged(what=what, on=wanted):
            return _wished(attempt, what, wanted)
        case on.TransferAsked(agent=agent):
            return _transferred(attempt, agent, now, leg_id)
        case on.HangUpAsked(leg=leg):
            return _each(attempt, leg, lambda one: leg_rules.released(one, ReleaseWhy.OPERATOR))
        case on.Fenced(leg=leg, token=token):
            return _each(attempt, leg, lambda one: _fenced(attempt, one, token, now))
        case on.NotPlaced(leg=leg, detail=why):
            return _each(attempt, leg, lambda one: _not_placed(one, now, why))
        case on.RingRefused(leg=leg, cause=cause, detail=why):
            return _refused(attempt, leg, cause.value, why, now)
        case on.NotDialled(leg=leg):
            return _each(attempt, leg, lambda one: leg_rules.released(one, ReleaseWhy.NOT_DIALLED))
        case on.Heard(leg=leg, kind=kind, at=at, cause=cause, detail=detail):
            how = attempt.handling
            changed = _each(attempt, leg, lambda one: picking_up.heard(one, how, kind, at, cause=cause, detail=detail))
            return _marked(changed, VOICEMAIL, now) if kind is LegEventKind.MACHINE else changed
        case on.Reported(leg=leg, report=report, revoked=revoked):
            how = attempt.handling
            changed = _each(attempt, leg, lambda one: picking_up.reported(one, how, report, now=now, revoked=revoked))
            return _marked(changed, VOICEMAIL, now) if report.machine else changed
        case on.OutOfSight(leg=leg):
            return _each(attempt, leg, _out_of_sight)
        case on.JoinMade(at=at):
            return _join_made(attempt, at)
        case on.JoinFailed(detail=why):
            released = _released(attempt, ReleaseWhy.JOIN_FAILED)
            return replace(released, legs=tuple(replace(leg, detail=why) for leg in released.legs))
        case on.TimePassed():
            attempt = replace(
                attempt, legs=tuple(picking_up.too_long(leg, attempt.handling, now) for leg in attempt.legs)
            )
            over = lasts_until(attempt)
            if over is not None and now >= over:
                return _released(attempt, ReleaseWhy.TALKED_LONG)
            return _withdrawn(attempt, NO_AGENT) if _waited_too_long(attempt, now) else attempt


def _settle(before: Attempt, attempt: Attempt, now: datetime, leg_id: LegId, words: str | None) -> Step:
    """Draw the consequences: who is rung next, who is let go, whether it is over; and tell what is new."""
    said = news(before, attempt, now)
    if attempt.state is AttemptState.CALLING_CUSTOMER:
        attempt = _settle_customer(attempt, leg_id)
    if attempt.state is AttemptState.RINGING_AGENT:
        attempt = _settle_agent(attempt, now, leg_id, words, said)
    agent, customer = attempt.agent_leg, attempt.customer_leg
    if attempt.state in (AttemptState.RINGING_CUSTOMER, AttemptState.JOINED) and agent and customer:
        if not agent.live:
            talked = attempt.state is AttemptState.JOINED
            attempt = _released(attempt, ReleaseWhy.PEER_GONE if talked else ReleaseWhy.AGENT_GONE)
        if not customer.live:
            attempt = _released(attempt, ReleaseWhy.CUSTOMER_GONE)
    if not attempt.live_legs and (attempt.state in _CAN_END or (attempt.state in _CAN_END_ALONE and customer)):
        attempt = _ended(attempt)
        said.append(attempt_ended(attempt, now))
    return Step(attempt=attempt, messages=tuple(said))


_CAN_END = frozenset(
    {
        AttemptState.CALLING_CUSTOMER,
        AttemptState.RINGING_CUSTOMER,
        AttemptState.JOINED,
        AttemptState.LEAVING_MESSAGE,
        AttemptState.WITHDRAWING,
    }
)
_CAN_END_ALONE = frozenset({AttemptState.RINGING_AGENT, AttemptState.SEEKING_AGENT})  # with a customer who waited


def _settle_customer(attempt: Attempt, leg_id: LegId) -> Attempt:
    """Customer first: whoever answered gets the agent who is kept for them; on-deck the one whom somebody names."""
    if attempt.customer_waits_since is None:
        return attempt
    if not attempt.agent_named:
        return _moved(attempt, AttemptEvent.CUSTOMER_ALONE)
    return _with_agent_leg(_moved(attempt, AttemptEvent.CUSTOMER_READY), leg_id)


def _settle_agent(attempt: Attempt, now: datetime, leg_id: LegId, words: str | None, said: list[Message]) -> Attempt:
    leg = attempt.agent_leg
    if leg is None:
        return attempt
    if leg.answered and leg.release_why is None:
        said.append(
            events.AgentAccepted(
                callback=attempt.callback, attempt=attempt.id, agent=attempt.agent.id, at=leg.answered_at or now
            )
        )
        attempt = _moved(attempt, AttemptEvent.AGENT_ACCEPTED)
        return attempt if attempt.customer_leg else _with_customer_leg(attempt, leg_id)
    if attempt.customer_leg is not None and attempt.customer_waits_since is None:
        return _released(attempt, ReleaseWhy.CUSTOMER_GONE)
    if leg.live:
        return attempt
    if _never_rang(leg) and _failures_in_a_row(attempt) < TRIES_THAT_NEVER_RANG:
        return _with_agent_leg(attempt, leg_id)
    said.append(
        events.AgentNeeded(
            callback=attempt.callback,
            attempt=attempt.id,
            agent=attempt.agent.id,
            why=_why_agent_lost(leg),
            at=leg.ended_at or now,
            reason=words,
        )
    )
    return _moved(attempt, AttemptEvent.AGENT_LOST)


def _moved(attempt: Attempt, event: AttemptEvent) -> Attempt:
    return replace(attempt, state=next_state(attempt.state, event))


def _with_agent_leg(attempt: Attempt, id: LegId) -> Attempt:
    number = sum(leg.party is Party.AGENT for leg in attempt.legs) + 1
    agent = attempt.agent
    return replace(
        attempt,
        legs=(*attempt.legs, Leg(id=id, party=Party.AGENT, n=number, carrier=agent.carrier, agent=agent.id)),
    )


def _with_customer_leg(attempt: Attempt, id: LegId) -> Attempt:
    leg = Leg(id=id, party=Party.CUSTOMER, n=1, carrier=attempt.customer_carrier)
    return replace(attempt, legs=(*attempt.legs, leg))


def _offered(attempt: Attempt, agent: on.Agent, leg_id: LegId) -> Attempt:
    """Ring the agent who was asked for; one who is named on-deck, before the customer answered, is rung then."""
    named = replace(attempt, agent=agent, agent_named=True)
    if attempt.state is AttemptState.SEEKING_AGENT:
        gone = attempt.customer_leg is not None and attempt.customer_waits_since is None
        return attempt if gone else _with_agent_leg(_moved(named, AttemptEvent.AGENT_FOUND), leg_id)
    if attempt.agent_named:
        return attempt
    if attempt.state is AttemptState.CALLING_CUSTOMER:
        return _moved(named, AttemptEvent.AGENT_FOUND)
    return named if attempt.state is AttemptState.DIRECTED else attempt


def _withdrawn(attempt: Attempt, reason: str) -> Attempt:
    """Stop it, unless the two are joined: then the talk came first and goes on, and so does a message."""
    if attempt.state in (AttemptState.JOINED, AttemptState.LEAVING_MESSAGE):
        return attempt
    kept = attempt.withdraw_reason if attempt.withdraw_reason not in (None, GATE_SHUT) else reason
    return _released(replace(_moved(attempt, AttemptEvent.WITHDRAW), withdraw_reason=kept), ReleaseWhy.WITHDRAWN)


def _refused(attempt: Attempt, id: LegId, cause: str, why: str, now: datetime) -> Attempt:
    """A guard refuses: an agent's telephone is one that was not placed; the customer's ends the attempt with the guard's cause."""
    leg = attempt.leg(id)
    if leg is None or leg.fenced or attempt.state is AttemptState.JOINED:
        return attempt
    if leg.party is Party.AGENT:
        return _each(attempt, id, lambda one: _not_placed(one, now, why))
    stopped = replace(_moved(attempt, AttemptEvent.WITHDRAW), found=attempt.found or NOT_PERMITTED)
    return _released(_each(stopped, id, lambda one: replace(one, detail=cause)), ReleaseWhy.REFUSED)


def _marked(attempt: Attempt, found: str, now: datetime) -> Attempt:
    """A machine, or somebody else: the call is over, but a machine may get a message, and the agent is free meanwhile."""
    customer = attempt.customer_leg
    if customer is None or not customer.answered or attempt.found is not None:
        return attempt
    attempt = replace(attempt, found=found)
    message = attempt.handling.machine_message if found == VOICEMAIL else None
    if message is None or customer.release_why or AttemptEvent.LEAVE_MESSAGE not in TRANSITIONS[attempt.state]:
        return _released(attempt, ReleaseWhy.FOUND)
    leaving = _moved(attempt, AttemptEvent.LEAVE_MESSAGE)
    legs = tuple(
        replace(leg, rings_until=now + MESSAGE_WITHIN)
        if leg.id == customer.id
        else leg_rules.released(leg, ReleaseWhy.FOUND)
        for leg in leaving.legs
    )
    return replace(leaving, legs=legs)


def _wished(attempt: Attempt, what: str, wanted: bool) -> Attempt:
    if attempt.state is not AttemptState.JOINED or what not in WISHES:
        return attempt
    return replace(attempt, wishes={**attempt.wishes, what: wanted})


def _transferred(attempt: Attempt, agent: on.Agent, now: datetime, leg_id: LegId) -> Attempt:
    """Blind: the agent is let go at once, the customer waits on the line while the next one is rung."""
    old, customer = attempt.agent_leg, attempt.customer_leg
    if attempt.state is not AttemptState.JOINED or old is None or customer is None or agent.id == attempt.agent.id:
        return attempt
    if not customer.answered or customer.release_why is not None:
        return attempt
    gone = _each(attempt, old.id, lambda one: leg_rules.released(one, ReleaseWhy.TRANSFERRED))
    moved = _moved(replace(gone, agent=agent, agent_named=True, transferred_at=now, wishes={}), AttemptEvent.TRANSFER)
    return _with_agent_leg(moved, leg_id)


def lasts_until(attempt: Attempt) -> datetime | None:
    """Return when a talk, or a message on a machine, has lasted as long as it may."""
    customer = attempt.customer_leg
    if attempt.state is AttemptState.LEAVING_MESSAGE:
        return customer.rings_until if customer is not None and customer.release_why is None else None
    if attempt.state is not AttemptState.JOINED or attempt.joined_at is None:
        return None
    ending = all(leg.release_why is not None for leg in attempt.live_legs)
    return None if ending else attempt.joined_at + timedelta(seconds=attempt.handling.longest_call)


def _join_made(attempt: Attempt, at: datetime) -> Attempt:
    if attempt.state is not AttemptState.RINGING_CUSTOMER:
        return attempt
    latest = attempt.agent_leg
    both = tuple(
        leg_rules.joined(leg, at) if leg.party is Party.CUSTOMER or leg is latest else leg for leg in attempt.legs
    )
    first = attempt.joined_at if attempt.joined_at is not None else at
    return replace(_moved(attempt, AttemptEvent.JOIN), legs=both, joined_at=first, transferred_at=None)


def _released(attempt: Attempt, why: ReleaseWhy) -> Attempt:
    return replace(attempt, legs=tuple(leg_rules.released(leg, why) for leg in attempt.legs))


def _ended(attempt: Attempt) -> Attempt:
    ending = ending_of(
        attempt.legs, joined_at=attempt.joined_at, found=attempt.found, withdraw_reason=attempt.withdraw_reason
    )
    return replace(_moved(attempt, AttemptEvent.END), ending=ending)


def _each(attempt: Attempt, id: LegId, change: leg_rules.Change) -> Attempt:
    return replace(attempt, legs=tuple(change(leg) if leg.id == id else leg for leg in attempt.legs))


def _fenced(attempt: Attempt, leg: Leg, token: UUID, now: datetime) -> Leg:
    seconds = attempt.ring.agent_ring if leg.party is Party.AGENT else attempt.ring.customer_ring
    return leg_rules.fenced(leg, token=token, at=now, rings_until=now + timedelta(seconds=seconds))


def _not_placed(leg: Leg, now: datetime, detail: str) -> Leg:
    return leg if leg.fenced else leg_rules.over(leg, LegOutcome.FAILED, Evidence.NEVER_FENCED, now, detail)


def _out_of_sight(leg: Leg) -> Leg:
    """A talk goes on while its carrier cannot be asked; only what has to end, or may be ringing, is unresolved."""
    return leg if leg.answered and leg.release_why is None else leg_rules.out_of_sight(leg)


def _waited_too_long(attempt: Attempt, now: datetime) -> bool:
    since = attempt.customer_waits_since
    waits = attempt.state in _CAN_END_ALONE and since is not None
    return waits and since is not None and now >= since + timedelta(seconds=attempt.ring.customer_wait)


def _never_rang(leg: Leg) -> bool:
    """The agent noticed nothing: it failed on our side, and ringing the same agent again is no second ring."""
    return not leg.may_have_rung and (
        leg.outcome is LegOutcome.FAILED
        or (leg.outcome is LegOutcome.RELEASED and leg.release_why is ReleaseWhy.NOT_DIALLED)
    )


def _failures_in_a_row(attempt: Attempt) -> int:
    count = 0
    for leg in reversed(attempt.legs):
        if leg.agent != attempt.agent.id or not _never_rang(leg):
            break
        count += 1
    return count


_NOT_TAKEN = frozenset({ReleaseWhy.RING_TIMEOUT, ReleaseWhy.OPERATOR, ReleaseWhy.NOT_ACCEPTED})


def _why_agent_lost(leg: Leg) -> str:
    match leg.outcome:
        case LegOutcome.DECLINED | LegOutcome.HUNG_UP | LegOutcome.BUSY:
            return "declined"
        case LegOutcome.NO_ANSWER:
            return "no_answer"
        case LegOutcome.RELEASED if leg.release_why is ReleaseWhy.NOT_ACCEPTED and leg.detail is not None:
            return "declined"  # by another key
        case LegOutcome.RELEASED if leg.release_why in _NOT_TAKEN:
            return "no_answer"
        case _:
            return "unreachable"
