"""The people of the simulated centre: its agents, its callbacks, and the callers who stay on the line."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from ringback.domain.commands import Estimate
from ringback.domain.ids import AgentId, AttemptId, CallbackId
from ringback.domain.status import AgentState, CallbackState, Outcome, PromiseKind
from ringback.domain.times import TimeWindow
from ringback.interaction_manager.rules.estimates.basis import Basis
from ringback.interaction_manager.rules.ledger import PromiseFacts
from ringback.interaction_manager.rules.line import Place, latest_safe_start
from ringback.interaction_manager.rules.selection import Candidate


@dataclass(slots=True, kw_only=True)
class Agent:
    """One agent as they are now. `on_shift`: they are there by now, until their shift ends."""

    id: AgentId
    name: str
    state: AgentState = AgentState.OFFLINE
    since: datetime
    until: datetime | None = None
    idle_since: datetime | None = None
    callback: CallbackId | None = None
    on_shift: bool = False

    def candidate(self) -> Candidate:
        """Return them as the rules of selection see them."""
        return Candidate(
            agent=self.id, name=self.name, state=self.state, present=True, skills={}, idle_since=self.idle_since
        )


@dataclass(slots=True, kw_only=True)
class Promise:
    """The promise that is open now, with what happened to it."""

    n: int
    kind: PromiseKind
    made_at: datetime
    facts: PromiseFacts
    estimate: Estimate | None
    basis: Basis | None = None
    settled: bool = False


@dataclass(slots=True, kw_only=True)
class Callback:
    """One callback as it stands."""

    id: CallbackId
    accepted_at: datetime
    ready_at: datetime
    window: TimeWindow
    early_is_fine: bool
    promise: Promise
    slot: TimeWindow | None = None
    priority: int = 0
    state: CallbackState = CallbackState.WAITING
    why: str | None = None
    refused: dict[AgentId, datetime] = field(default_factory=dict)
    notices: int = 0
    attempts: int = 0
    attempt: AttemptId | None = None
    customer_attempts: int = 0
    outcomes: Counter[Outcome] = field(default_factory=Counter)
    joins: int = 0
    named_time: bool = False
    gained: int = 0
    lost: int = 0
    moved_at: datetime | None = None
    cancel_at: datetime | None = None

    @property
    def booked(self) -> bool:
        """Tell whether it is for a time."""
        return not self.early_is_fine

    @property
    def at_our_time(self) -> bool:
        """Tell whether we chose its time: a retry or a move."""
        return not self.named_time and self.booked and self.slot is None

    def place(self, agent_ring: float) -> Place:
        """Return it as the line sees it."""
        safe = latest_safe_start(self.window, agent_ring=agent_ring) if self.booked else None
        return Place(
            callback=self.id,
            priority=self.priority,
            ready_at=self.ready_at,
            accepted_at=self.accepted_at,
            latest_safe_start=safe,
        )


@dataclass(slots=True, kw_only=True)
class Call:
    """Somebody who stays on the line."""

    number: int
    arrived_at: datetime
    gives_up_at: datetime


def seconds(count: float) -> timedelta:
    """Return so many seconds."""
    return timedelta(seconds=count)
