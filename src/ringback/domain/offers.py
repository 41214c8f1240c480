"""What can be offered, and why: the interaction manager's answer to a question that changes nothing."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Protocol

from ringback.domain.commands import Estimate
from ringback.domain.ids import BusinessId, CallbackId, ChatId, PersonId
from ringback.domain.status import AgentState
from ringback.domain.times import TimeWindow, When


@dataclass(frozen=True, slots=True, kw_only=True)
class OffersQuery:
    """Ask what `provider` can offer this person; `when` is what they typed, if they did; `zone` decides what a day is."""

    business: BusinessId
    provider: str
    zone: str
    person: PersonId | None = None
    when: When | None = None
    topic: str | None = None
    language: str = "en"
    chat: ChatId | None = None  # a place that is kept for this chat is free for it


@dataclass(frozen=True, slots=True, kw_only=True)
class HoldQuery:
    """Keep a place at this time for a chat, instead of the one that was kept; `when` None: keep none any more."""

    business: BusinessId
    chat: ChatId
    provider: str
    when: When | None
    topic: str | None = None
    language: str = "en"
    by_message: bool = False  # the answer comes as a message, not from a page: kept longer


@dataclass(frozen=True, slots=True, kw_only=True)
class Held:
    """A place is kept: booking this time succeeds until then. Without one, whoever books first has it."""

    window: TimeWindow
    until: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class Reason:
    """One line, and the figures behind it."""

    verdict: str
    detail: dict[str, str | int | float | None] = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class Refusal:
    """What cannot be offered. `id` is a problem id: closed, no-staff, backlog-full, offering-stopped, one-is-open, past-time, slot-taken, unknown-provider …"""

    id: str
    reason: Reason
    next: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class AsapOffer:
    """As soon as possible: the estimate is a forecast, the promise (early is fine) is what we are held to."""

    estimate: Estimate
    promise: TimeWindow
    place: int
    line: int
    reason: Reason


@dataclass(frozen=True, slots=True, kw_only=True)
class SlotOffer:
    """A time to pick."""

    window: TimeWindow
    room: int
    reason: Reason


@dataclass(frozen=True, slots=True, kw_only=True)
class DayOffer:
    """A day in the customer's zone, with at most eight good times (all of them in `more`)."""

    day: date
    slots: tuple[SlotOffer, ...]
    more: tuple[SlotOffer, ...] = ()
    full: bool = False
    closed: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class AgentOffer:
    """A named agent: what they are doing, and when they are free."""

    slug: str
    name: str
    queue: str
    state: AgentState
    free_at: datetime | None  # about when, if today
    back_at: datetime | None  # start of the next shift, when away


@dataclass(frozen=True, slots=True, kw_only=True)
class QueueOffer:
    """A department: how many people are on duty, and how long it takes."""

    slug: str
    name: str
    on_duty: int
    free_now: bool
    asap: AsapOffer | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Department:
    """A department by its name, as a customer may write it."""

    slug: str
    name: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Colleague:
    """An agent by their name, as a customer may write it, and the department in which they are asked for."""

    slug: str
    name: str
    queue: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Opening:
    """Whether the provider's queue is open, and until or from when."""

    open_now: bool
    until: datetime | None
    next_opening: datetime | None
    zone: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Offers:
    """Everything a prompt needs about one provider, at one moment."""

    provider: str  # resolved: biz:acme/q:billing or biz:acme/q:billing/a:kim
    provider_why: str
    queue_slug: str
    queue_name: str
    agent_name: str | None
    opening: Opening
    asap: AsapOffer | None
    days: tuple[DayOffer, ...]
    agents: tuple[AgentOffer, ...]
    queues: tuple[QueueOffer, ...]
    requested: SlotOffer | None  # what `when` asked for, if it is possible
    nearest: tuple[SlotOffer, ...]  # around what was asked, when it is not
    refusals: tuple[Refusal, ...]
    open_callback: CallbackId | None  # the person has one already
    waitlist: bool = False  # no room just now, and one can wait to be told of some
    agents_chat: bool = False  # people of its queue write in chats, and it is open
    departments: tuple[Department, ...] = ()  # all of them; `queues` are those that are shown
    people: tuple[Colleague, ...] = ()  # all of them; `agents` are those of this queue
    now: datetime | None = None


class OffersClient(Protocol):
    """Reads offers: in the same process, or over the interaction manager's internal HTTP."""

    async def offers(self, query: OffersQuery) -> Offers:
        """Return what can be offered; raise NotFound (`unknown-provider`) for a provider the business does not have."""

    async def hold(self, query: HoldQuery) -> Held | None:
        """Keep a place for a chat; None when none is kept. Asking again changes nothing; lost, it is over by itself."""
