"""One leg, and what each piece of evidence makes of it. Instants only get earlier, outcomes are written once."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field, replace
from datetime import datetime
from enum import StrEnum
from typing import TypeAlias
from uuid import UUID

from ringback.domain.ids import AgentId, LegId
from ringback.domain.status import Party
from ringback.session_management_server.carriers.protocol import EndCause, LegEventKind, LegReport, Whereabouts
from ringback.session_management_server.rules.leg_states import MAY_RING, LegHappening, LegPhase, next_phase


class LegOutcome(StrEnum):
    """How a leg ended: a carrier's EndCause, or that nobody can know."""

    HUNG_UP = "hung_up"
    RELEASED = "released"
    DECLINED = "declined"
    BUSY = "busy"
    NO_ANSWER = "no_answer"
    UNREACHABLE = "unreachable"
    INVALID_NUMBER = "invalid_number"
    ABSENT = "absent"
    LOST = "lost"
    FAILED = "failed"
    CARRIER_LOST = "carrier_lost"
    UNKNOWN = "unknown"  # it was let through, and its carrier has forgotten it


class Evidence(StrEnum):
    """What proves that a leg is over."""

    END_EVENT = "end_event"
    REVOKED = "confirmed_revoke"
    REPORT = "carrier_report"  # the carrier, when asked
    NEVER_FENCED = "never_fenced"  # nobody was ever allowed to dial it
    FORGOTTEN = "carrier_restarted"  # the carrier has no such leg any more: it cannot ring, but may have rung


class ReleaseWhy(StrEnum):
    """Why we want a leg over."""

    WITHDRAWN = "withdrawn"
    RING_TIMEOUT = "ring_timeout"
    AGENT_GONE = "agent_gone"  # the customer's leg: nobody is there to talk to
    CUSTOMER_GONE = "customer_gone"  # the agent's leg
    PEER_GONE = "peer_gone"  # the other one hung up after the talk
    OPERATOR = "operator"
    FOUND = "found"  # voicemail or the wrong person
    NOT_DIALLED = "not_dialled"  # its fence was too old, and this process knows that it did not dial
    ABANDONED = "abandoned"  # let through by a process that is gone, and not dialled so far
    JOIN_FAILED = "join_failed"
    NOT_ACCEPTED = "not_accepted"  # picked up, and the key that says yes was not pressed
    TALKED_LONG = "talked_long"  # as long as a call may take
    TRANSFERRED = "transferred"  # the agent's leg: another one takes over
    REFUSED = "refused"  # by a guard, just before the fence


@dataclass(frozen=True, slots=True, kw_only=True)
class Leg:
    """A leg as committed. `agent` is set on agents' legs; `n` counts within the party."""

    id: LegId
    party: Party
    n: int
    carrier: str
    agent: AgentId | None = None
    account: str = ""
    phase: LegPhase = LegPhase.NEW
    fence_token: UUID | None = field(default=None, repr=False)
    dialled_at: datetime | None = None
    ringing_at: datetime | None = None
    picked_up_at: datetime | None = None  # where somebody has to say yes, or is screened, before they count as there
    screened_at: datetime | None = None  # told to be a person
    answered_at: datetime | None = None
    joined_at: datetime | None = None
    ended_at: datetime | None = None
    rings_until: datetime | None = None
    release_why: ReleaseWhy | None = None
    outcome: LegOutcome | None = None
    evidence: Evidence | None = None
    detail: str | None = None

    @property
    def live(self) -> bool:
        """It is not over."""
        return self.phase is not LegPhase.ENDED

    @property
    def fenced(self) -> bool:
        """The gate let it through: somebody may have dialled it."""
        return self.dialled_at is not None

    @property
    def answered(self) -> bool:
        """It was answered and is not over."""
        return self.live and self.answered_at is not None

    @property
    def may_have_rung(self) -> bool:
        """A device may have rung for it, as far as anybody can know."""
        if self.ringing_at is not None or self.answered_at is not None:
            return True
        if not self.fenced:
            return False
        if self.outcome is LegOutcome.RELEASED and self.release_why is ReleaseWhy.NOT_DIALLED:
            return False
        return self.outcome not in _DID_NOT_RING


Change: TypeAlias = Callable[[Leg], Leg]

_DID_NOT_RING = frozenset(
    {LegOutcome.BUSY, LegOutcome.UNREACHABLE, LegOutcome.INVALID_NUMBER, LegOutcome.ABSENT, LegOutcome.FAILED}
)


def fenced(leg: Leg, *, token: UUID, at: datetime, rings_until: datetime) -> Leg:
    """The carrier confirmed the leg and the gate let it through."""
    phase = next_phase(next_phase(leg.phase, LegHappening.PREPARE), LegHappening.FENCE)
    return replace(leg, phase=phase, fence_token=token, dialled_at=at, rings_until=rings_until)


def rang(leg: Leg, at: datetime) -> Leg:
    """The device rang; an earlier instant corrects a later one."""
    changed = replace(leg, phase=next_phase(leg.phase, LegHappening.RING), ringing_at=_earliest(leg.ringing_at, at))
    return _never_to_be_dialled(changed)


def picked_up(leg: Leg, at: datetime, *, until: datetime) -> Leg:
    """The device was picked up, so it rang; who did it has until then to say yes."""
    if leg.picked_up_at is not None or leg.answered_at is not None:
        return replace(leg, phase=next_phase(leg.phase, LegHappening.PICK_UP)) if leg.answered_at is None else leg
    first = leg.ringing_at if leg.ringing_at is not None else at
    phase = next_phase(leg.phase, LegHappening.PICK_UP)
    changed = replace(leg, phase=phase, ringing_at=_earliest(first, at), picked_up_at=at, rings_until=until)
    return _never_to_be_dialled(changed)


def answered(leg: Leg, at: datetime) -> Leg:
    """It was answered, so it rang."""
    first = leg.ringing_at if leg.ringing_at is not None else at
    phase = next_phase(leg.phase, LegHappening.ANSWER)
    changed = replace(leg, phase=phase, ringing_at=_earliest(first, at), answered_at=_earliest(leg.answered_at, at))
    return _never_to_be_dialled(changed)


def _never_to_be_dialled(leg: Leg) -> Leg:
    """What a carrier says rang before anybody was let through must not be rung again: it is taken back instead."""
    return leg if leg.fenced else released(leg, ReleaseWhy.ABANDONED)


def joined(leg: Leg, at: datetime) -> Leg:
    """It is connected with the other party."""
    leg = answered(leg, at)
    return replace(leg, phase=next_phase(leg.phase, LegHappening.JOIN), joined_at=_earliest(leg.joined_at, at))


def out_of_sight(leg: Leg) -> Leg:
    """Its carrier does not answer."""
    return replace(leg, phase=next_phase(leg.phase, LegHappening.LOSE_SIGHT))


def released(leg: Leg, why: ReleaseWhy) -> Leg:
    """We want it over; the first reason stays."""
    return leg if not leg.live or leg.release_why is not None else replace(leg, release_why=why)


def over(leg: Leg, outcome: LegOutcome, evidence: Evidence, at: datetime, detail: str | None = None) -> Leg:
    """It is over; the first evidence stays."""
    if not leg.live:
        return leg
    return replace(
        leg,
        phase=next_phase(leg.phase, LegHappening.END),
        outcome=outcome,
        evidence=evidence,
        ended_at=at,
        detail=detail if detail is not None else leg.detail,
    )


def heard(leg: Leg, kind: LegEventKind, at: datetime, *, cause: EndCause | None, detail: str | None) -> Leg:
    """Apply what the carrier said happened; sound, hold and resume change no phase."""
    match kind:
        case LegEventKind.RINGING:
            return rang(leg, at)
        case LegEventKind.ANSWERED | LegEventKind.MACHINE:
            return answered(leg, at)
        case LegEventKind.ENDED:
            return over(leg, _outcome(cause), Evidence.END_EVENT, at, detail)
        case _:  # sound, hold and resume; keys and the like are read before (rules/picking_up.py)
            return leg


def reported(leg: Leg, report: LegReport, *, now: datetime, revoked: bool) -> Leg:
    """Apply what the carrier answered when asked, or when told to make sure that the leg cannot ring (`revoked`)."""
    if report.rang_at is not None:
        leg = rang(leg, report.rang_at)
    if report.answered_at is not None:
        leg = answered(leg, report.answered_at)
    match report.whereabouts:
        case Whereabouts.ANSWERED:
            return answered(leg, report.answered_at or now)
        case Whereabouts.JOINED:
            return joined(answered(leg, report.answered_at or now), report.joined_at or now)
        case Whereabouts.DIALLING:
            return replace(leg, phase=next_phase(leg.phase, LegHappening.SEE_AGAIN))
        case Whereabouts.PREPARED:
            return released(leg, ReleaseWhy.ABANDONED) if leg.phase in MAY_RING else leg
        case Whereabouts.ENDED:
            evidence = Evidence.REVOKED if revoked else Evidence.REPORT
            return over(leg, _outcome(report.cause), evidence, report.ended_at or now)
        case Whereabouts.ABSENT:
            return _forgotten(leg, now, revoked=revoked)


def _forgotten(leg: Leg, now: datetime, *, revoked: bool) -> Leg:
    if not leg.fenced:
        return over(leg, LegOutcome.FAILED, Evidence.NEVER_FENCED, now) if revoked else leg
    if leg.release_why is ReleaseWhy.NOT_DIALLED and leg.ringing_at is None:
        return over(leg, LegOutcome.RELEASED, Evidence.REVOKED, now)
    return over(leg, LegOutcome.UNKNOWN, Evidence.FORGOTTEN, now)


def _outcome(cause: EndCause | None) -> LegOutcome:
    return LegOutcome.UNKNOWN if cause is None else LegOutcome(cause.value)


def _earliest(known: datetime | None, at: datetime) -> datetime:
    return at if known is None else min(known, at)
