"""What the API takes and gives. Instants are ISO 8601 with an offset; numbers come out masked."""

from __future__ import annotations

from datetime import datetime
from typing import Any, Literal
from uuid import UUID

import msgspec

from ringback.domain.errors import Invalid
from ringback.domain.times import When, WhenKind


class Taken(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Everything the API takes: members it does not know are refused."""


class Given(msgspec.Struct, frozen=True, kw_only=True):
    """Everything the API gives."""


# ---------------------------------------------------------------- callbacks


class WhenBody(Taken, frozen=True, kw_only=True):
    """When to call: asap, slot or window (start and end), instant (start). `zone`: the customer's, an IANA name."""

    kind: Literal["asap", "slot", "instant", "window"]
    zone: str = "UTC"
    start: datetime | None = None
    end: datetime | None = None

    def read(self) -> When:
        """Return it as the domain knows it; raise Invalid (`time-invalid`)."""
        if any(at is not None and at.tzinfo is None for at in (self.start, self.end)):
            raise Invalid("A time needs its offset.", id="time-invalid", field="when")
        try:
            return When(kind=WhenKind(self.kind), zone=self.zone, start=self.start, end=self.end)
        except ValueError as error:
            raise Invalid(
                "asap takes no times, instant a start, slot and window a start and an end.",
                id="time-invalid",
                field="when",
            ) from error


class PersonBody(Taken, frozen=True, kw_only=True):
    """Who is called: one we know by `id`, one the business knows by `identity`, or just a name."""

    id: UUID | None = None
    identity: str | None = None
    name: str | None = None


class DestinationBody(Taken, frozen=True, kw_only=True):
    """Where to call. `number` as typed in `region` (ISO 3166), or with +; `chat`: the browser this chat is open in."""

    number: str | None = None
    region: str | None = None
    proved: bool = False
    chat: UUID | None = None


class CallbackBody(Taken, frozen=True, kw_only=True):
    """A callback asked for."""

    provider: str
    when: WhenBody
    destination: DestinationBody
    person: PersonBody = PersonBody()
    topic: str | None = None
    language: str | None = None
    priority: int = 0


class Window(Given, frozen=True, kw_only=True):
    """From start to end."""

    start: datetime
    end: datetime


class PromiseOut(Given, frozen=True, kw_only=True):
    """What we are held to."""

    window: Window
    early_is_fine: bool


class EstimateOut(Given, frozen=True, kw_only=True):
    """The forecast: 10, 50 and 90 % quantiles."""

    p10: datetime
    p50: datetime
    p90: datetime


class QueueRef(Given, frozen=True, kw_only=True):
    """A queue, by short name and name."""

    slug: str
    name: str


class CustomerOut(Given, frozen=True, kw_only=True):
    """Who is called, and where, masked."""

    person: UUID
    name: str
    destination: str
    where: str


class CallbackOut(Given, frozen=True, kw_only=True):
    """A callback. `state` is `sent` until it is accepted or refused."""

    id: UUID
    state: str
    reason: str | None
    provider: str
    queue: QueueRef | None
    agent: str | None
    customer: CustomerOut
    topic: str | None
    language: str | None
    channel: str | None
    created_by: str
    accepted_at: datetime | None
    promise: PromiseOut | None
    estimate: EstimateOut | None
    attempts: int
    customer_attempts: int
    outcome: str | None
    disposition: str | None
    rating: str | None  # by the customer: good, so_so, bad
    finished_at: datetime | None


class Page(Given, frozen=True, kw_only=True):
    """A page of rows; `next` leads on, null on the last page."""

    next: str | None


class CallbackPage(Page, frozen=True, kw_only=True):
    """Callbacks, the latest accepted first."""

    items: list[CallbackOut]


class ReasonBody(Taken, frozen=True, kw_only=True):
    """Why: kept in the audit and the ledger."""

    reason: str


class MoveBody(Taken, frozen=True, kw_only=True):
    """Another time, and another provider where one is named."""

    reason: str
    when: WhenBody
    provider: str | None = None


class ReassignBody(Taken, frozen=True, kw_only=True):
    """Another agent; null: anyone of the queue."""

    reason: str
    agent: UUID | None = None


class PriorityBody(Taken, frozen=True, kw_only=True):
    """Another priority, 0 to 100: higher is called first, and waiting ages it."""

    reason: str
    priority: int


class Done(Given, frozen=True, kw_only=True):
    """It was carried out (`done`), or is on its way; the callback shows what came of it."""

    accepted: bool = True
    done: bool
    detail: str | None = None
    answer: dict[str, Any] = {}


class NumberOut(Given, frozen=True, kw_only=True):
    """A full number. Each look is in the audit."""

    number: str


class DecisionOut(Given, frozen=True, kw_only=True):
    """One decision: what, why, by whom, and what it rested on."""

    kind: str
    at: datetime
    by: str
    verdict: str
    detail: dict[str, Any]


class AttemptOut(Given, frozen=True, kw_only=True):
    """One attempt."""

    number: int
    state: str
    outcome: str | None
    began_at: datetime
    dialled_at: datetime | None
    rang_at: datetime | None
    answered_at: datetime | None
    joined_at: datetime | None
    ended_at: datetime | None


class SentenceOut(Given, frozen=True, kw_only=True):
    """One thing that was decided or that happened, in a sentence, and what it rested on."""

    at: datetime
    topic: str
    text: str
    because: list[str]


class WhyOut(Given, frozen=True, kw_only=True):
    """Everything that was decided and tried for a callback: in sentences, and as recorded."""

    sentences: list[SentenceOut]
    decisions: list[DecisionOut]
    attempts: list[AttemptOut]


# ---------------------------------------------------------------- bulk and levers


class FilterBody(Taken, frozen=True, kw_only=True):
    """Which open callbacks: those named, or all that meet every member given.

    `at_risk`: whose customers were told that we may be late; `short`: whose slot is short of people.
    """

    callbacks: list[UUID] | None = None
    queue: str | None = None
    agent: UUID | None = None
    channel: str | None = None
    language: str | None = None
    at_risk: bool = False
    short: bool = False
    promised_from: datetime | None = None
    promised_until: datetime | None = None


class BulkBody(Taken, frozen=True, kw_only=True):
    """One act on many callbacks. `text`: the message, or why a move is offered; `plan`: of a preview, refused when anything else would be done now."""

    action: Literal["cancel", "move", "reassign", "message", "offer_move"]
    filter: FilterBody
    reason: str
    when: WhenBody | None = None
    agent: UUID | None = None
    text: str | None = None
    plan: str | None = None


class AwayBody(Taken, frozen=True, kw_only=True):
    """Until when an agent is away; null: they are back. `plan`: of a preview."""

    reason: str
    until: datetime | None = None
    plan: str | None = None


class Affected(Given, frozen=True, kw_only=True):
    """Somebody whom an act touches, and how. `changes`: false where it leaves them alone."""

    callback: UUID
    customer: str
    promise: str
    effect: str
    changes: bool = True


class AffectedOut(Given, frozen=True, kw_only=True):
    """Everybody an act touches. `summary`: the same in one line; `plan`: stands for exactly this, to be given with the act."""

    affected: list[Affected]
    summary: str
    plan: str | None = None


class AlertOut(Given, frozen=True, kw_only=True):
    """Something that needs a person at the business."""

    id: UUID
    kind: str
    queue: QueueRef
    verdict: str
    raised_at: datetime
    seen_at: datetime
    told_at: datetime | None
    resolved_at: datetime | None
    callbacks: list[UUID]


class AlertList(Page, frozen=True, kw_only=True):
    """Alerts, the newest first."""

    items: list[AlertOut]


class LeversBody(Taken, frozen=True, kw_only=True):
    """What is left out stays. Null takes a cap, a closure or an incident away.

    `wait_cap`: seconds that nine of ten may wait at most; `close_at`: until `reopen_at`, or the end of that day.
    """

    reason: str
    offering: bool | msgspec.UnsetType = msgspec.UNSET
    dialling: bool | msgspec.UnsetType = msgspec.UNSET
    backlog_cap: int | msgspec.UnsetType | None = msgspec.UNSET
    wait_cap: int | msgspec.UnsetType | None = msgspec.UNSET
    waitlist: bool | msgspec.UnsetType = msgspec.UNSET
    close_at: datetime | msgspec.UnsetType | None = msgspec.UNSET
    reopen_at: datetime | None = None
    incident: str | msgspec.UnsetType | None = msgspec.UNSET


class OutsideStatus(Given, frozen=True, kw_only=True):
    """What is known of a queue from a contact centre outside: who waits there, and how old that is."""

    source: str
    heard_at: datetime | None
    event_missing_since: datetime | None
    waiting: int


class QueueOut(Given, frozen=True, kw_only=True):
    """A queue."""

    id: UUID
    slug: str
    name: str
    is_default: bool
    offering: bool
    dialling: bool
    backlog_cap: int | None
    wait_cap: int | None
    waitlist: bool
    listed: int
    shut_from: datetime | None
    shut_until: datetime | None
    incident: str | None
    waiting: int
    promised: int
    outside: OutsideStatus | None
    open_now: bool
    next_change: datetime | None


class QueueList(Page, frozen=True, kw_only=True):
    """Queues, the default one first."""

    items: list[QueueOut]


class AgentOut(Given, frozen=True, kw_only=True):
    """An agent and their state."""

    id: UUID
    slug: str
    name: str
    state: str
    since: datetime
    reason: str | None
    queues: list[str]


class AgentList(Page, frozen=True, kw_only=True):
    """Agents, by name."""

    items: list[AgentOut]


class AgentStateBody(Taken, frozen=True, kw_only=True):
    """What an agent shall do; paused needs a reason."""

    state: Literal["available", "paused", "offline"]
    reason: str | None = None


class ConfigurationBody(Taken, frozen=True, kw_only=True):
    """A business as it should be."""

    document: dict[str, Any]
    dry_run: bool = False
