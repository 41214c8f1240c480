"""A small contact centre made of values, for tests of rules."""

from datetime import UTC, datetime, timedelta
from uuid import UUID

from ringback.domain.ids import AgentId, CallbackId, PersonId, QueueId
from ringback.domain.offers import OffersQuery
from ringback.domain.status import AgentState
from ringback.domain.times import TimeWindow, When, WhenKind
from ringback.interaction_manager.rules.hours import hours_of
from ringback.interaction_manager.rules.policy import policy_of
from ringback.interaction_manager.rules.shifts import shifts_of
from ringback.interaction_manager.rules.snapshot import Agent, Booking, Queue, Rates, Snapshot, Waiting

EVERY_DAY = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
NOW = datetime(2026, 11, 24, 14, 32, tzinfo=UTC)  # a Tuesday, in London


def utc(year: int, month: int, day: int, hour: int = 0, minute: int = 0, second: int = 0) -> datetime:
    return datetime(year, month, day, hour, minute, second, tzinfo=UTC)


def minutes(count: float) -> timedelta:
    return timedelta(minutes=count)


def window(start: datetime, length: timedelta) -> TimeWindow:
    return TimeWindow(start=start, end=start + length)


def queue_id(n: int) -> QueueId:
    return QueueId(UUID(int=1000 + n))


def agent_id(n: int) -> AgentId:
    return AgentId(UUID(int=2000 + n))


def callback_id(n: int) -> CallbackId:
    return CallbackId(UUID(int=3000 + n))


def queue(n=0, *, daily=("08:00-18:00",), zone="Europe/London", policy=None, hours=None, **changes) -> Queue:
    values = {
        "id": queue_id(n),
        "slug": ("billing", "support", "sales", "claims")[n],
        "name": ("Billing", "Support", "Sales", "Claims")[n],
        "is_default": n == 0,
        "hours": hours_of(hours or {"zone": zone, "week": dict.fromkeys(EVERY_DAY, list(daily))}),
        "policy": policy_of({}, policy or {}),
    }
    return Queue(**(values | changes))


def agent(n=0, *, queues=(0,), state="available", shifts=None, zone="Europe/London", **changes) -> Agent:
    values = {
        "id": agent_id(n),
        "slug": ("kim", "lee", "ana", "bo", "cy", "di")[n],
        "name": ("Kim", "Lee", "Ana", "Bo", "Cy", "Di")[n],
        "home_queue": queue_id(queues[0]),
        "queues": frozenset(queue_id(q) for q in queues),
        "shifts": shifts_of(shifts or {}, zone=zone),
        "state": AgentState(state),
        "since": NOW,
    }
    return Agent(**(values | changes))


def centre(queues=None, agents=None, **changes) -> Snapshot:
    queues = [queue()] if queues is None else queues
    agents = [agent()] if agents is None else agents
    values = {
        "business": "acme",
        "zone": "Europe/London",
        "queues": {each.id: each for each in queues},
        "agents": {each.id: each for each in agents},
    }
    return Snapshot(**(values | changes))


def waiting(count=1, *, q=0, at=NOW, **changes) -> Waiting:
    return Waiting(queue=queue_id(q), ready_at=at, count=count, **changes)


def booking(slot: TimeWindow, *, q=0, count=1, named=None, held=False) -> Booking:
    return Booking(
        queue=queue_id(q), slot=slot, count=count, named_agent=None if named is None else agent_id(named), held=held
    )


def rates(handling=300.0, *, q=0, **changes):
    return {queue_id(q): Rates(handling=handling, **changes)}


def ask(provider="biz:acme", *, zone="Europe/London", when=None, **changes) -> OffersQuery:
    values = {
        "business": UUID(int=1),
        "provider": provider,
        "zone": zone,
        "person": PersonId(UUID(int=9)),
        "when": when,
    }
    return OffersQuery(**(values | changes))


def asap(zone="Europe/London") -> When:
    return When(kind=WhenKind.ASAP, zone=zone)


def instant(at: datetime, zone="Europe/London") -> When:
    return When(kind=WhenKind.INSTANT, zone=zone, start=at)


def slot(start: datetime, length: timedelta = timedelta(minutes=30), zone="Europe/London") -> When:
    return When(kind=WhenKind.SLOT, zone=zone, start=start, end=start + length)


def between(start: datetime, end: datetime, zone="Europe/London") -> When:
    return When(kind=WhenKind.WINDOW, zone=zone, start=start, end=end)
