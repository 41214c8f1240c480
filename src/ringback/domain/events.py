"""What one server tells another. Durable messages on the callback's aggregate unless their docstring says otherwise."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from ringback.domain.commands import Estimate, PromiseMade
from ringback.domain.ids import AgentId, AttemptId, CallbackId, ChatId, LegId
from ringback.domain.status import BrokenCause, CallbackState, Outcome, Party, PromiseKind, PromiseResult
from ringback.domain.times import TimeWindow

# ------------------------------------------------------------------ interaction manager → callback application server


@dataclass(frozen=True, slots=True, kw_only=True)
class CallbackAccepted:
    """It is booked and committed: the customer may hear yes."""

    callback: CallbackId
    promise: PromiseMade
    queue_name: str
    agent_name: str | None
    place: int | None
    line: int | None  # how many are in the line, this one included


@dataclass(frozen=True, slots=True, kw_only=True)
class CallbackRefused:
    """It is not booked. `id` is a problem id (slot-taken, one-is-open, closed …); `open_callback` when one is open already."""

    callback: CallbackId
    id: str
    detail: str
    next: str | None = None
    open_callback: CallbackId | None = None


REMINDER = "reminder"  # why of a CallbackChanged: nothing has changed, and the time comes near
DIALLING_STOPPED = "dialling_stopped"  # why of a CallbackChanged: nobody is called until somebody lets it go on
PAGE_ABSENT = "page_absent"  # why of a CallbackChanged: no page is there that could ring


@dataclass(frozen=True, slots=True, kw_only=True)
class CallbackChanged:
    """Its state, place, estimate or window is another one now. Sent when the customer would be told (design.md §6)."""

    callback: CallbackId
    state: CallbackState
    promise: PromiseMade
    agent_name: str | None = None
    place: int | None = None
    line: int | None = None
    why: str | None = None
    moved: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class PromiseAtRisk:
    """It will probably be missed: tell the customer, with keep, move, cancel. `why`: words for them, where it is not the line's length."""

    callback: CallbackId
    window: TimeWindow
    estimate: Estimate | None
    notice: int  # 1 or 2
    why: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class AgentAway:
    """Whom the customer asked for will not be there: shall somebody else call, or another time?"""

    callback: CallbackId
    agent_name: str
    window: TimeWindow


@dataclass(frozen=True, slots=True, kw_only=True)
class StillNeeded:
    """There is an incident: ask whether the call is still needed. Its words are the operator's."""

    callback: CallbackId
    incident: str


@dataclass(frozen=True, slots=True, kw_only=True)
class OperatorWrote:
    """Words of an operator for the chat a callback came from."""

    callback: CallbackId
    text: str


@dataclass(frozen=True, slots=True, kw_only=True)
class WaitlistAnswered:
    """The chat is on the waitlist, at this place; or not, and why. On the chat's aggregate."""

    chat: ChatId
    queue_name: str
    place: int | None
    why: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class RoomAppeared:
    """There is room for a chat of the waitlist, kept for it until then. On the chat's aggregate."""

    chat: ChatId
    provider: str
    queue_name: str
    until: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class AlertRaised:
    """Something needs a person at the business. On the business's aggregate; for webhooks and mail."""

    alert: UUID
    kind: str
    queue: str
    queue_name: str
    verdict: str
    raised_at: datetime
    mail: tuple[str, ...] = ()  # who is told by mail
    callbacks: tuple[CallbackId, ...] = ()  # who is affected, latest booked first


@dataclass(frozen=True, slots=True, kw_only=True)
class AlertResolved:
    """What an alert was raised for is over. On the business's aggregate."""

    alert: UUID
    kind: str
    queue: str
    queue_name: str
    verdict: str
    raised_at: datetime
    resolved_at: datetime
    mail: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class AttemptMissed:
    """An attempt ended without a talk. `next_window` is the retry's promise; None when the customer is asked or it was the last."""

    callback: CallbackId
    attempt: AttemptId
    number: int
    outcome: Outcome
    at: datetime
    next_window: TimeWindow | None
    question: str | None = None  # "unknown" | "declined": the chat must ask
    next_try: int | None = None  # which of the customer's tries the next one is, of `tries`
    tries: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class CallbackFinished:
    """It is over."""

    callback: CallbackId
    state: CallbackState  # done, cancelled or closed
    reason: str  # a code: talked, cancelled, withdrawn, attempts_used, end_of_day, closed_by_operator, invalid_number, stop …
    detail: str | None = None
    talked_for: float | None = None  # seconds
    rate: bool = False  # they talked: ask how it was


@dataclass(frozen=True, slots=True, kw_only=True)
class GotThrough:
    """The person talked with us by another way, briefly or about something else, or `wrote` with us: ask whether the call is still needed."""

    callback: CallbackId
    queue_name: str
    at: datetime
    talked_for: float  # seconds
    wrote: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class PromiseSettled:
    """The ledger's last word on one promise. Nothing of it is said in the chat; webhooks hear of it."""

    callback: CallbackId
    number: int  # of the callback: 1, 2, 3 …
    kind: PromiseKind
    window: TimeWindow
    result: PromiseResult
    cause: BrokenCause | None = None
    first_ring_at: datetime | None = None
    joined_at: datetime | None = None


# ------------------------------------------------------------------ session management server → interaction manager and callback application server


@dataclass(frozen=True, slots=True, kw_only=True)
class AgentNeeded:
    """The agent did not take it; the attempt waits for an OfferAgent or EndAttempt. To the interaction manager."""

    callback: CallbackId
    attempt: AttemptId
    agent: AgentId
    why: str  # "declined" | "no_answer" | "unreachable"
    at: datetime
    reason: str | None = None  # the agent's words


@dataclass(frozen=True, slots=True, kw_only=True)
class AgentRings:
    """The agent's device rings. To the interaction manager and the application server."""

    callback: CallbackId
    attempt: AttemptId
    agent: AgentId
    agent_name: str
    leg: LegId
    at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class AgentAccepted:
    """The agent took it. To the interaction manager."""

    callback: CallbackId
    attempt: AttemptId
    agent: AgentId
    at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class AgentFreed:
    """The attempt goes on without this agent: a machine hears our message, or the customer goes to somebody else. To the interaction manager."""

    callback: CallbackId
    attempt: AttemptId
    agent: AgentId
    at: datetime
    why: str  # "message" | "transferred"


@dataclass(frozen=True, slots=True, kw_only=True)
class CustomerDialled:
    """The fence of the customer's leg is committed: it may ring from now on. To both."""

    callback: CallbackId
    attempt: AttemptId
    leg: LegId
    agent_name: str
    at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class CustomerRings:
    """First evidence that the customer's device rang. To both."""

    callback: CallbackId
    attempt: AttemptId
    leg: LegId
    at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class CustomerAnswered:
    """The customer answered. To the interaction manager."""

    callback: CallbackId
    attempt: AttemptId
    leg: LegId
    at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class Joined:
    """Agent and customer are joined. To both."""

    callback: CallbackId
    attempt: AttemptId
    agent: AgentId
    agent_name: str
    at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class AttemptEnded:
    """The attempt is over, with evidence that nothing of it can ring any more (or outcome unknown). To both; the instants feed the ledger."""

    callback: CallbackId
    attempt: AttemptId
    number: int
    outcome: Outcome
    at: datetime
    agent: AgentId | None
    ended_by: Party | None = None
    may_have_rung: bool = False
    rang_at: datetime | None = None
    answered_at: datetime | None = None
    joined_at: datetime | None = None
    detail: str | None = None
