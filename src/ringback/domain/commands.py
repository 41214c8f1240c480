"""What one server asks of another: durable messages on the aggregate a docstring names, applied once, in order. Those with a
`command` leave one `CommandAnswered` row for whoever waits (see postgres/messages.py).
"""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime
from uuid import UUID

from ringback.domain.destinations import Destination
from ringback.domain.guards.policy import RingRules
from ringback.domain.handling import CallHandling
from ringback.domain.ids import AgentId, AttemptId, CallbackId, ChatId, CommandId, LegId, PersonId, QueueId
from ringback.domain.outside import OutsideEvent, OutsideSnapshot
from ringback.domain.status import DialOrder
from ringback.domain.times import TimeWindow, When

# ------------------------------------------------------------------ to the interaction manager


@dataclass(frozen=True, slots=True, kw_only=True)
class RequestCallback:
    """Book this callback, or refuse it with a reason. Aggregate: the callback. Answered by CallbackAccepted or CallbackRefused."""

    callback: CallbackId
    provider: str
    when: When
    destination: Destination
    person: PersonId
    person_name: str | None = None
    chat: ChatId | None = None
    channel: str = "web"
    language: str = "en"
    topic: str | None = None
    consent: UUID | None = None
    created_by: str = "customer"  # customer, or a principal such as user:<id>
    named_time: bool = False  # the customer named the time (or "now") themselves: evidence for the calling-hours rule
    priority: int = 0  # from signed attributes or an operator; higher goes first
    told_by: datetime | None = None  # as soon as possible: by when they were told to be called as they said yes


@dataclass(frozen=True, slots=True, kw_only=True)
class CancelCallback:
    """Cancel it; "cancelled" is said when no phone will ring. Aggregate: the callback. Answered by CommandAnswered."""

    command: CommandId
    callback: CallbackId
    by: str
    reason: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class MoveCallback:
    """Give it another time (and, where named, another provider). The old place is kept until the new one is certain. Aggregate: the callback."""

    command: CommandId
    callback: CallbackId
    when: When
    by: str
    provider: str | None = None
    reason: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class ReassignCallback:
    """Name another agent (None: anyone of the queue). Aggregate: the callback."""

    command: CommandId
    callback: CallbackId
    agent: AgentId | None
    by: str
    reason: str


@dataclass(frozen=True, slots=True, kw_only=True)
class CallNext:
    """Put it before the others of its queue, with a reason kept in the ledger. Aggregate: the callback. `agent`: who asked to make it themselves."""

    command: CommandId
    callback: CallbackId
    by: str
    reason: str
    agent: AgentId | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class SetPriority:
    """Another priority for an open callback, 0 to 100: an operator's, or that of a system that looked the customer up. Aggregate: the callback."""

    command: CommandId
    callback: CallbackId
    priority: int
    by: str
    reason: str


@dataclass(frozen=True, slots=True, kw_only=True)
class AnswerQuestion:
    """What the customer said when the chat asked. Aggregate: the callback.

    question: "unknown" (answer "rang" | "did_not_ring"), "declined" (answer "again" | "close"), "late" (answer "keep"),
    "still_needed" (answer "keep"), "agent_away" (answer "anyone" | "keep").
    """

    callback: CallbackId
    question: str
    answer: str


@dataclass(frozen=True, slots=True, kw_only=True)
class SetAgentState:
    """An agent becomes available, paused (with a reason) or offline. Aggregate: the agent."""

    command: CommandId
    agent: AgentId
    state: str
    by: str
    reason: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class EndWrapUp:
    """The agent's disposition of an attempt; ends the wrap-up. Aggregate: the callback."""

    command: CommandId
    callback: CallbackId
    attempt: AttemptId
    agent: AgentId
    code: str
    note: str | None = None
    call_again_at: datetime | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class ExtendWrapUp:
    """More time, once. Aggregate: the callback."""

    command: CommandId
    callback: CallbackId
    attempt: AttemptId
    agent: AgentId


@dataclass(frozen=True, slots=True, kw_only=True)
class TransferCustomer:
    """The agent of a talk hands the customer to another agent, or to whoever is free in a queue. Aggregate: the callback."""

    command: CommandId
    callback: CallbackId
    attempt: AttemptId
    agent: AgentId  # who asks
    to_agent: AgentId | None = None
    to_queue: QueueId | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class SetLevers:
    """Set a queue's levers; None leaves one as it is, a cap of -1 removes it, an empty incident ends it. Aggregate: the queue.

    `close_at` closes the queue then, until `reopen_at` or the end of that day; `reopen` takes such a closure back.
    """

    command: CommandId
    queue: str
    by: str
    reason: str
    offering: bool | None = None
    dialling: bool | None = None
    backlog_cap: int | None = None
    wait_cap: int | None = None  # seconds that nine of ten may wait at most
    waitlist: bool | None = None
    close_at: datetime | None = None
    reopen_at: datetime | None = None
    reopen: bool = False
    incident: str | None = None  # words that stand instead of offers


@dataclass(frozen=True, slots=True, kw_only=True)
class BulkAct:
    """Cancel, move, reassign or offer a move to the callbacks named, or write to them. Aggregate: the business. Fans out to one command each.

    `dry_run` only answers with the plan; with `plan` (the fingerprint of one) it is refused when something else would be done now.
    """

    command: CommandId
    action: str
    callbacks: tuple[CallbackId, ...]
    by: str
    reason: str
    when: When | None = None
    agent: AgentId | None = None
    text: str | None = None
    dry_run: bool = False
    plan: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class OfferMove:
    """Tell the customer that their time will probably not be kept, with keep, move, cancel. Aggregate: the callback. `why`: words for them."""

    command: CommandId
    callback: CallbackId
    by: str
    reason: str
    why: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class WriteToCustomer:
    """Say something in the chat that a callback came from. Aggregate: the callback."""

    command: CommandId
    callback: CallbackId
    text: str
    by: str
    reason: str


@dataclass(frozen=True, slots=True, kw_only=True)
class MarkAway:
    """An agent is away until then: their callbacks go to others or are offered a move. Aggregate: the agent. `until` None: they are back.

    `dry_run` only answers with the plan; with `plan` (the fingerprint of one) it is refused when something else would be done now.
    """

    command: CommandId
    agent: AgentId
    by: str
    reason: str
    until: datetime | None = None
    dry_run: bool = False
    plan: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class JoinWaitlist:
    """Tell this chat when there is room. Aggregate: the chat. Answered by WaitlistAnswered."""

    chat: ChatId
    person: PersonId
    provider: str
    topic: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class ImportShifts:
    """Take shifts from the business's own planning. Aggregate: the business. The answer carries the difference."""

    command: CommandId
    document: str  # JSON: csv, shifts or headcount
    by: str
    dry_run: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class ReportOutside:
    """What an outside contact centre reports: events, or all of it at once (`snapshot`). Aggregate: the source, by its name."""

    command: CommandId
    source: str
    events: tuple[OutsideEvent, ...] = ()
    snapshot: OutsideSnapshot | None = None


# ------------------------------------------------------------------ to the session management server


@dataclass(frozen=True, slots=True, kw_only=True)
class RingTimes:
    """How long things may take in one attempt, seconds."""

    agent_ring: float = 20.0
    customer_ring: float = 25.0
    customer_wait: float = 20.0  # for an agent, once the customer answered (customer first, on-deck)


@dataclass(frozen=True, slots=True, kw_only=True)
class PerformCallback:
    """Perform the callback with that agent at not_before: `perform_callback(callback, agent, not_before, not_after, dial_order)`.

    Aggregate: the callback. `epoch` and `due_version` are the gate's at the time of the direction: every fence compares them.
    """

    callback: CallbackId
    attempt: AttemptId
    number: int  # of the attempt: 1, 2, 3 …
    agent: AgentId
    agent_name: str
    agent_address: str  # browser carrier: the agent's id
    agent_carrier: str
    customer: Destination
    customer_carrier: str
    customer_name: str
    not_before: datetime
    not_after: datetime
    dial_order: DialOrder
    epoch: int
    due_version: int
    queue_name: str
    topic: str | None = None
    agent_named: bool = True  # on-deck: the agent above is whom it is aimed at; who comes is said by OfferAgent
    ring: RingTimes = field(default_factory=RingTimes)
    handling: CallHandling = field(default_factory=CallHandling)
    guards: RingRules | None = None  # telephones: looked at again just before the fence


@dataclass(frozen=True, slots=True, kw_only=True)
class OfferAgent:
    """Ring this agent next, in the attempt that asked for one. Aggregate: the callback."""

    callback: CallbackId
    attempt: AttemptId
    agent: AgentId
    agent_name: str
    agent_address: str
    agent_carrier: str


@dataclass(frozen=True, slots=True, kw_only=True)
class EndAttempt:
    """Stop this attempt: no further agent comes, or the callback was withdrawn (the gate is already closed or moved). Aggregate: the callback."""

    callback: CallbackId
    attempt: AttemptId
    reason: str  # "no_agent" | "cancelled" | "moved" | "closed" | "got_through"


@dataclass(frozen=True, slots=True, kw_only=True)
class MarkCustomer:
    """The agent says what answered: "voicemail" or "wrong_person". Aggregate: the callback."""

    callback: CallbackId
    attempt: AttemptId
    agent: AgentId
    found: str


@dataclass(frozen=True, slots=True, kw_only=True)
class ChangeTalk:
    """The agent wants the customer on hold, themselves muted, or the recording paused; or no more. Aggregate: the callback."""

    callback: CallbackId
    attempt: AttemptId
    agent: AgentId
    what: str  # "hold" | "mute" | "recording"
    on: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class HandCustomerOver:
    """The customer of a talk goes to this agent, who is reserved; the one before is let go. Aggregate: the callback."""

    callback: CallbackId
    attempt: AttemptId
    agent: AgentId
    agent_name: str
    agent_address: str
    agent_carrier: str


@dataclass(frozen=True, slots=True, kw_only=True)
class HangUpLeg:
    """An operator ends a leg. Aggregate: the callback."""

    callback: CallbackId
    attempt: AttemptId
    leg: LegId


# ------------------------------------------------------------------ to interaction manager and session management server


@dataclass(frozen=True, slots=True, kw_only=True)
class ForgetPerson:
    """Take name, number and words of these finished callbacks away; the ledger keeps its times. Aggregate: the person."""

    person: PersonId
    callbacks: tuple[CallbackId, ...]


# ------------------------------------------------------------------ shared values inside messages


@dataclass(frozen=True, slots=True, kw_only=True)
class Estimate:
    """The predicted wait as instants: the 10, 50 and 90 % quantiles, unrounded."""

    p10: datetime
    p50: datetime
    p90: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class PromiseMade:
    """What the customer was told: the window we are held to, and the estimate if there is one."""

    window: TimeWindow
    early_is_fine: bool
    estimate: Estimate | None = None
