"""Everything that can happen to an attempt: said by the other servers, by carriers, by the gate, or by the clock."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime
from typing import TypeAlias
from uuid import UUID

from ringback.domain.guards.verdict import GuardCause
from ringback.domain.ids import AgentId, LegId
from ringback.session_management_server.carriers.protocol import EndCause, LegEventKind, LegReport


@dataclass(frozen=True, slots=True, kw_only=True)
class Agent:
    """Whose device is rung, and where."""

    id: AgentId
    name: str
    address: str = field(repr=False)
    carrier: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Begin:
    """Its time has come."""


@dataclass(frozen=True, slots=True, kw_only=True)
class AgentOffered:
    """The interaction manager names the next agent."""

    agent: Agent


@dataclass(frozen=True, slots=True, kw_only=True)
class EndAsked:
    """The interaction manager wants it over: no_agent, cancelled, moved, closed."""

    reason: str


@dataclass(frozen=True, slots=True, kw_only=True)
class GateRefused:
    """The gate let nothing through: it was closed or moved, and the words follow in an EndAsked."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Marked:
    """The agent says what answered: voicemail, wrong_person."""

    found: str


@dataclass(frozen=True, slots=True, kw_only=True)
class TalkChanged:
    """The agent wants the customer on hold, themselves muted, or the recording paused; or no more."""

    what: str  # "hold" | "mute" | "recording"
    on: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class TransferAsked:
    """The customer goes to another agent, and this one is free."""

    agent: Agent


@dataclass(frozen=True, slots=True, kw_only=True)
class HangUpAsked:
    """An operator ends a leg."""

    leg: LegId


@dataclass(frozen=True, slots=True, kw_only=True)
class Fenced:
    """The carrier confirmed the leg, and the gate lets it be dialled (applied in the gate's own transaction)."""

    leg: LegId
    token: UUID


@dataclass(frozen=True, slots=True, kw_only=True)
class NotPlaced:
    """The carrier would not or could not make the leg, before any fence: nobody may dial it."""

    leg: LegId
    detail: str


@dataclass(frozen=True, slots=True, kw_only=True)
class RingRefused:
    """A guard refused it just before the fence: nobody may dial it."""

    leg: LegId
    cause: GuardCause
    detail: str


@dataclass(frozen=True, slots=True, kw_only=True)
class NotDialled:
    """The fence is committed, and this process, which held it, has not dialled and will not: it was too late for that."""

    leg: LegId


@dataclass(frozen=True, slots=True, kw_only=True)
class Heard:
    """A carrier's event. `event` is its id there; `words` are an agent's when declining."""

    leg: LegId
    event: str
    account: str
    kind: LegEventKind
    at: datetime
    cause: EndCause | None = None
    detail: str | None = None
    words: str | None = field(default=None, repr=False)


@dataclass(frozen=True, slots=True, kw_only=True)
class Reported:
    """A carrier's answer to a lookup or, when `revoked`, to a revoke."""

    leg: LegId
    report: LegReport
    revoked: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class OutOfSight:
    """The leg's carrier did not answer when it had to."""

    leg: LegId


@dataclass(frozen=True, slots=True, kw_only=True)
class JoinMade:
    """The two are connected, and the gate has it on record."""

    at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class JoinRefused:
    """The two were connected, and the gate refused to record it: a cancel or move committed first."""


@dataclass(frozen=True, slots=True, kw_only=True)
class JoinFailed:
    """The carrier could not connect them in time."""

    detail: str


@dataclass(frozen=True, slots=True, kw_only=True)
class TimePassed:
    """Look at the clock: somebody may have been rung for too long."""


Happening: TypeAlias = (
    Begin
    | AgentOffered
    | EndAsked
    | GateRefused
    | Marked
    | TalkChanged
    | TransferAsked
    | HangUpAsked
    | Fenced
    | NotPlaced
    | RingRefused
    | NotDialled
    | Heard
    | Reported
    | OutOfSight
    | JoinMade
    | JoinRefused
    | JoinFailed
    | TimePassed
)
