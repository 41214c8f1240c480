"""What has to be asked of carriers now, as a function of the committed state alone: so whoever takes an attempt over goes on with it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TypeAlias

from ringback.domain.ids import LegId
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


Verb: TypeAlias = Place | Release | LookUp | Join


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
    join = to_join(attempt)
    return (*verbs, join) if join is not None else tuple(verbs)


def to_join(attempt: Attempt) -> Join | None:
    """Return the join that is due: both answered, neither wanted over, nothing recorded yet."""
    agent, customer = attempt.agent_leg, attempt.customer_leg
    if attempt.state is not AttemptState.RINGING_CUSTOMER or agent is None or customer is None:
        return None
    if not (agent.answered and customer.answered) or agent.release_why or customer.release_why:
        return None
    return Join(agent.id, customer.id)
