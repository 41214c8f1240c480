"""What has to be asked of carriers now, as a function of the committed state alone: so whoever takes an attempt over goes on with it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TypeAlias

from ringback.domain.handling import AgentHears
from ringback.domain.ids import LegId
from ringback.domain.status import Party
from ringback.session_management_server.rules.attempt_states import AttemptState
from ringback.session_management_server.rules.leg_states import LegPhase
from ringback.session_management_server.rules.snapshot import Attempt


@dataclass(frozen=True, slots=True)
class Place:
    """Prepare the leg, commit its fence, dial it."""

    leg: LegId


@dataclass(frozen=True, slots=True)
class Release:
    """Hang it up or revoke it until there is evidence."""

    leg: LegId


@dataclass(frozen=True, slots=True)
class LookUp:
    """Ask the carrier what it knows."""

    leg: LegId


@dataclass(frozen=True, slots=True)
class Join:
    """Connect the two answered legs."""

    agent: LegId
    customer: LegId


@dataclass(frozen=True, slots=True)
class Say:
    """Tell who picked up what it is about, and which keys there are."""

    leg: LegId


@dataclass(frozen=True, slots=True)
class Screen:
    """Find out whether a machine picked up."""

    leg: LegId


@dataclass(frozen=True, slots=True)
class Entertain:
    """Let the agent hear that the customer's telephone rings; or a customer, who waits for another agent, music."""

    leg: LegId
    sound: str


@dataclass(frozen=True, slots=True)
class LeaveMessage:
    """Leave the message on the machine, which hangs up afterwards."""

    leg: LegId


@dataclass(frozen=True, slots=True)
class Tune:
    """Hold, mute or record the talk, or not any more."""

    what: str
    leg: LegId
    on: bool


Verb: TypeAlias = Place | Release | LookUp | Join | Say | Screen | Entertain | LeaveMessage | Tune


def wanted(attempt: Attempt) -> tuple[Verb, ...]:
    """List what is to be done, each as often as it is asked: all are idempotent, except that a leg is placed by one fence only."""
    verbs: list[Verb] = []
    for leg in attempt.live_legs:
        if leg.release_why is not None:
            verbs.append(Release(leg.id))
        elif leg.phase in (LegPhase.NEW, LegPhase.PREPARED):
            verbs.append(Place(leg.id))
        elif leg.phase is LegPhase.UNRESOLVED:
            verbs.append(LookUp(leg.id))
    verbs += [*_picked_up(attempt), *_talk(attempt)]
    join = to_join(attempt)
    return (*verbs, join) if join is not None else tuple(verbs)


def _picked_up(attempt: Attempt) -> list[Verb]:
    """What those hear who have picked up and not said yes, and those who wait."""
    verbs: list[Verb] = []
    how, agent, customer = attempt.handling, attempt.agent_leg, attempt.customer_leg
    for leg in attempt.live_legs:
        if leg.phase is not LegPhase.PICKED_UP or leg.release_why is not None:
            continue
        if leg.party is Party.CUSTOMER and how.machine_detection and leg.screened_at is None:
            verbs.append(Screen(leg.id))
        else:
            verbs.append(Say(leg.id))
    rings = attempt.state is AttemptState.RINGING_CUSTOMER and customer is not None and not customer.answered
    hears = how.agent_hears is not AgentHears.NOTHING and agent is not None and agent.answered
    if rings and hears and agent is not None and agent.release_why is None:
        verbs.append(Entertain(agent.id, how.agent_hears.value))
    if customer is not None and attempt.customer_waits_since is not None and how.agent_hears is not AgentHears.NOTHING:
        verbs.append(Entertain(customer.id, AgentHears.MUSIC.value))
    return verbs


def _talk(attempt: Attempt) -> list[Verb]:
    """What the agent wants of the talk, and the recording that the queue keeps of each."""
    agent, customer = attempt.agent_leg, attempt.customer_leg
    if customer is None or not customer.answered or customer.release_why is not None:
        return []
    if attempt.state is AttemptState.LEAVING_MESSAGE:
        return [LeaveMessage(customer.id)]
    if attempt.state is not AttemptState.JOINED or agent is None or agent.release_why is not None:
        return []
    wishes = {"recording": True, **attempt.wishes} if attempt.handling.recording else dict(attempt.wishes)
    if not attempt.handling.recording:
        wishes.pop("recording", None)
    return [Tune(what, agent.id if what == "mute" else customer.id, on) for what, on in sorted(wishes.items())]


def to_join(attempt: Attempt) -> Join | None:
    """Return the join that is due: both answered, neither wanted over, nothing recorded yet."""
    agent, customer = attempt.agent_leg, attempt.customer_leg
    if attempt.state is not AttemptState.RINGING_CUSTOMER or agent is None or customer is None:
        return None
    if not (agent.answered and customer.answered) or agent.release_why or customer.release_why:
        return None
    return Join(agent.id, customer.id)
