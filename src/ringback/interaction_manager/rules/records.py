"""The records that the score is made from: what the database holds, and what a ledger file carries. Values only."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from uuid import UUID

from ringback.domain.commands import Estimate
from ringback.domain.status import AgentState, BrokenCause, Outcome, PromiseKind, PromiseResult
from ringback.interaction_manager.rules.ledger import Ending, PromiseFacts


@dataclass(frozen=True, slots=True, kw_only=True)
class PromiseRecord:
    """One promise whose window ended in the interval; queue, channel and provider are those at acceptance.

    `ending` and `settled_at`: why and when it was judged, `known`: by which facts; None while it is open.
    """

    callback: UUID
    kind: PromiseKind
    queue: str
    channel: str
    provider: str
    made_at: datetime
    facts: PromiseFacts
    estimate: Estimate | None
    result: PromiseResult
    cause: BrokenCause | None
    n: int = 1
    settled_at: datetime | None = None
    ending: Ending | None = None
    known: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Handling:
    """One attempt an agent accepted. `joined_at` None: the customer was not reached. `over_at`: end of wrap-up, or of the attempt."""

    callback: UUID
    queue: str
    channel: str
    provider: str
    accepted_at: datetime
    joined_at: datetime | None
    over_at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class Stretch:
    """One stretch of an agent's time, cut to the interval. `queue`: the agent's home queue."""

    queue: str
    state: AgentState
    begins: datetime
    ends: datetime
    chat_capacity: int


@dataclass(frozen=True, slots=True, kw_only=True)
class CustomerLeg:
    """One customer leg that was let through the gate. `least_gap`: the retry rule's minimum after it, seconds.

    `moved_at`: when the callback was last given another time before this leg, by whoever moved it.
    """

    callback: UUID
    attempt: UUID
    began_at: datetime
    ended_at: datetime | None
    may_have_rung: bool
    joined: bool
    outcome: Outcome | None
    least_gap: float
    queue: str = ""
    channel: str = ""
    provider: str = ""
    moved_at: datetime | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class CallbackRecord:
    """One callback, or a request whose customer was shown yes. `exists` False: no callback stands for it.

    `due_at`: its next due time while it is open; `wakes`: a timer, a live attempt or a question will move it.
    """

    callback: UUID
    queue: str | None
    channel: str
    provider: str
    accepted_at: datetime
    shown_yes: bool
    exists: bool
    is_open: bool = False
    due_at: datetime | None = None
    wakes: bool = False
    places_gained: int = 0
    places_lost: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class Ledger:
    """Everything one report needs. `service_level`: T in seconds by queue, under `""` that of the business.

    Legs that began before the interval are there where a later leg of their callback lies in it.
    """

    business: str
    zone: str
    begins: datetime
    ends: datetime
    as_of: datetime
    service_level: Mapping[str, float] = field(default_factory=dict)
    promises: tuple[PromiseRecord, ...] = ()
    handlings: tuple[Handling, ...] = ()
    stretches: tuple[Stretch, ...] = ()
    legs: tuple[CustomerLeg, ...] = ()
    callbacks: tuple[CallbackRecord, ...] = ()
