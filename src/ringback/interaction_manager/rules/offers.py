"""What can be offered, and why: one pure function over a snapshot, a question and the time."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from itertools import islice
from math import ceil
from zoneinfo import ZoneInfo

from ringback.domain.ids import QueueId
from ringback.domain.offers import (
    AgentOffer,
    AsapOffer,
    DayOffer,
    Offers,
    OffersQuery,
    Opening,
    QueueOffer,
    Reason,
    Refusal,
    SlotOffer,
)
from ringback.domain.times import TimeWindow, When
from ringback.interaction_manager.rules.admission import judge
from ringback.interaction_manager.rules.dial_permission import in_calling_hours
from ringback.interaction_manager.rules.estimate import forecast, servers_of
from ringback.interaction_manager.rules.grid import slot_grid
from ringback.interaction_manager.rules.hours import Hours
from ringback.interaction_manager.rules.possibility import Possible, as_soon_as_possible, refusal, slot_length, stopped
from ringback.interaction_manager.rules.promise import estimate_of
from ringback.interaction_manager.rules.routing import Route, route
from ringback.interaction_manager.rules.slots import Timetable
from ringback.interaction_manager.rules.snapshot import Agent, Queue, Snapshot
from ringback.interaction_manager.rules.staffing import FREE, on_duty, planned
from ringback.interaction_manager.rules.words import clock, people

GOOD_TIMES = 8
# Very short slots (tests, demonstrations) are thinned: so many from now on, then evenly up to the day's end.
_NEAR, _A_DAY = 24, 96
_NEAREST = 3
_DAYS, _RATES = 20_000, 16  # remembered at most
WANTS_ROOM = frozenset({"backlog-full", "wait-too-long", "waitlist", "offering-stopped"})  # room may appear


@dataclass(frozen=True, slots=True, kw_only=True)
class _Question:
    """The question with everything that is looked up once."""

    snapshot: Snapshot
    query: OffersQuery
    route: Route
    now: datetime
    zone: ZoneInfo
    timetable: Timetable


def offers(snapshot: Snapshot, query: OffersQuery, now: datetime) -> Offers:
    """Say what can be offered; raise NotFound (`unknown-provider`) for a provider that this business does not have."""
    way = route(snapshot, query.provider, query.topic)
    queue, zone = way.queue, ZoneInfo(query.zone)
    question = _Question(
        snapshot=snapshot,
        query=query,
        route=way,
        now=now,
        zone=zone,
        timetable=Timetable(snapshot, queue.id, now),
    )
    refusals: list[Refusal] = []
    open_callback = next((each.callback for each in snapshot.open_callbacks if each.queue == queue.id), None)
    if snapshot.blocked:
        refusals.append(refusal("contact-stopped", "You asked us not to call you again."))
    if open_callback is not None:
        refusals.append(refusal("one-is-open", "You have a callback already.", next="Move it or cancel it here."))
    asap = as_soon_as_possible(snapshot, queue, way.agent, now, zone, language=query.language)
    if isinstance(asap, Refusal):
        refusals.append(asap)
    days = () if stopped(queue) or snapshot.blocked else tuple(_days(question))
    if not any(day.slots for day in days) and not stopped(queue):
        refusals.append(_no_times(question))
    requested, nearest = _requested(question, refusals, days)
    opening = Opening(
        open_now=queue.hours.is_open(now),
        until=queue.hours.closing(now),
        next_opening=queue.hours.next_opening(now),
        zone=queue.hours.zone.key,
    )
    offering = None if snapshot.blocked or isinstance(asap, Refusal) else _asap(snapshot, queue, asap, now)
    return Offers(
        provider=way.provider,
        provider_why=way.why,
        queue_slug=queue.slug,
        queue_name=queue.name,
        agent_name=way.agent.name if way.agent is not None else None,
        opening=opening,
        asap=offering,
        days=days,
        agents=_agents(snapshot, queue, now),
        queues=_queues(snapshot, queue.id, now, zone, query.language),
        departments=snapshot.structure.departments if snapshot.structure is not None else (),
        people=snapshot.structure.people if snapshot.structure is not None else (),
        requested=requested,
        nearest=nearest,
        refusals=_once_each(refusals),
        open_callback=open_callback,
        waitlist=queue.waitlist and isinstance(asap, Refusal) and asap.id in WANTS_ROOM,
        agents_chat=queue.policy.live_chat_wait is not None and opening.open_now,
        now=now,
    )


def _once_each(refusals: Sequence[Refusal]) -> tuple[Refusal, ...]:
    first: dict[str, Refusal] = {}
    for each in refusals:
        first.setdefault(each.id, each)
    return tuple(first.values())


def _asap(snapshot: Snapshot, queue: Queue, possible: Possible, now: datetime) -> AsapOffer:
    assert possible.wait is not None
    return AsapOffer(
        estimate=estimate_of(possible.wait, now),
        promise=possible.window,
        place=possible.wait.ahead + 1,
        line=snapshot.line(queue.id, now) + 1,
        reason=possible.reason,
    )


def _no_times(question: _Question) -> Refusal:
    name = question.route.agent.name if question.route.agent is not None else question.route.queue.name
    days = question.route.queue.policy.days_ahead
    return refusal("no-times", f"{name} has no free time in the next {days} days.", next="Try again later.", days=days)


# ------------------------------------------------------------------ days and their times


def _days(question: _Question) -> Iterator[DayOffer]:
    queue, zone, now = question.route.queue, question.zone, question.now
    first_day = now.astimezone(zone).date()
    is_open = queue.hours.is_open(now)
    opening = None if is_open else queue.hours.next_opening(now)
    for ahead in range(queue.policy.days_ahead + 1):
        day = first_day + timedelta(days=ahead)
        begins, ends = _day_edges(day, zone)
        grid = _day_grid(question, begins, ends)
        free = [offer for slot in grid if (offer := _slot_offer(question, slot)) is not None]
        # After hours, "as soon as possible" becomes the next opening, spread so that not all get its first minutes.
        spread_until = None
        if opening is not None and begins <= opening < ends:
            spread_until = opening + timedelta(seconds=queue.policy.opening_spread)
        yield DayOffer(
            day=day,
            slots=_good_times(free, near=day == first_day and is_open, spread_until=spread_until),
            more=tuple(free),
            full=bool(grid) and not free,
            closed=not grid,
        )


def _day_grid(question: _Question, begins: datetime, ends: datetime) -> Sequence[TimeWindow]:
    """Return the slots of a day at which people may be called; a whole day's are remembered with the settings."""
    queue, now, structure = question.route.queue, question.now, question.snapshot.structure
    length = slot_length(question.snapshot, queue)
    if structure is None or (ends - begins).total_seconds() > _A_DAY * length or not structure.has_hours(queue):
        return _callable(question, _grid(queue.hours, length, max(begins, now), ends))
    key = (queue.id, question.zone.key, begins)
    known = structure.days.get(key)
    if known is None:
        if len(structure.days) > _DAYS:
            structure.days.clear()
        known = structure.days[key] = tuple(_callable(question, list(slot_grid(queue.hours, length, begins, ends))))
    return known if begins >= now else [slot for slot in known if slot.start >= now]


def _callable(question: _Question, slots: list[TimeWindow]) -> list[TimeWindow]:
    calling = question.route.queue.policy.calling_hours
    return [slot for slot in slots if in_calling_hours(slot.start, calling, question.zone)]


def _day_edges(day: date, zone: ZoneInfo) -> tuple[datetime, datetime]:
    midnights = (datetime.combine(each, time(), zone) for each in (day, day + timedelta(days=1)))
    begins, ends = (midnight.astimezone(UTC) for midnight in midnights)
    return begins, ends


def _grid(hours: Hours, length: float, begins: datetime, ends: datetime) -> list[TimeWindow]:
    """Return the day's slots; of very many, the nearest and then some over the day."""
    if (ends - begins).total_seconds() <= _A_DAY * length:
        return list(slot_grid(hours, length, begins, ends))
    near = list(islice(slot_grid(hours, length, begins, ends), _NEAR))
    if not near:
        return []
    every = ceil((ends - near[-1].end).total_seconds() / length / (_A_DAY - _NEAR))
    far = slot_grid(hours, length * max(1, every), near[-1].end, ends)
    return [*near, *(TimeWindow(start=slot.start, end=slot.start + timedelta(seconds=length)) for slot in far)]


def _slot_offer(question: _Question, slot: TimeWindow) -> SlotOffer | None:
    """Return a slot with its room; where nothing is booked, what was offered there before."""
    if question.route.agent is not None:
        return _new_offer(question, slot)
    untouched = question.timetable.untouched(question.route.queue.id, slot)
    if untouched is None:
        return _new_offer(question, slot)
    cell, key = untouched
    if key not in cell.remembered:
        if len(cell.remembered) > _RATES:
            cell.remembered.clear()
        cell.remembered[key] = _new_offer(question, slot)
    known = cell.remembered[key]
    return known if isinstance(known, SlotOffer) else None


def _new_offer(question: _Question, slot: TimeWindow) -> SlotOffer | None:
    queue, agent, timetable = question.route.queue, question.route.agent, question.timetable
    room = timetable.room(queue.id, slot, agent.id if agent is not None else None)
    if room <= 0:
        return None
    there, booked = timetable.on_shift(queue.id, slot), timetable.booked(queue.id, slot)
    return SlotOffer(
        window=slot,
        room=room,
        reason=Reason(
            verdict=f"{people(there)} planned, {booked} booked, room for {room}",
            detail={"planned": there, "booked": booked, "room": room},
        ),
    )


def _evenly(items: Sequence[SlotOffer], count: int) -> list[SlotOffer]:
    if len(items) <= count:
        return list(items)
    if count <= 1:
        return list(items[:count])
    return [items[round(i * (len(items) - 1) / (count - 1))] for i in range(count)]


def _good_times(free: Sequence[SlotOffer], *, near: bool, spread_until: datetime | None) -> tuple[SlotOffer, ...]:
    """Choose at most eight: today the next four and four more over the day; other days evenly."""
    if spread_until is not None:
        early = [offer for offer in free if offer.window.start < spread_until]
        if early:
            return tuple(_evenly(early, GOOD_TIMES))
    if near and len(free) > GOOD_TIMES:
        half = GOOD_TIMES // 2
        return (*free[:half], *_evenly(free[half:], GOOD_TIMES - half))
    return tuple(_evenly(free, GOOD_TIMES))


# ------------------------------------------------------------------ the time that was typed


def _requested(
    question: _Question, refusals: list[Refusal], days: Sequence[DayOffer]
) -> tuple[SlotOffer | None, tuple[SlotOffer, ...]]:
    when = question.query.when
    if when is None or when.start is None:
        return None, ()
    possible = judge(
        question.snapshot,
        question.route,
        when,
        question.now,
        language=question.query.language,
        named_time=True,
        timetable=question.timetable,
    )
    if isinstance(possible, Possible):
        return SlotOffer(window=possible.window, room=possible.room, reason=possible.reason), ()
    nearest = _nearest(question, when, days)
    if nearest and possible.id in ("slot-taken", "past-time"):
        next_free = next((each for each in nearest if each.window.start >= when.start), nearest[0])
        words = f"Next: {clock(next_free.window.start, question.zone, question.now)}."
        possible = Refusal(id=possible.id, reason=possible.reason, next=words)
    refusals.insert(0, possible)
    return None, nearest


def _nearest(question: _Question, when: When, days: Sequence[DayOffer]) -> tuple[SlotOffer, ...]:
    """Return the free times nearest to what was asked, in order of time."""
    assert when.start is not None
    asked = when.start
    queue = question.route.queue
    length = timedelta(seconds=slot_length(question.snapshot, queue))
    around = slot_grid(
        queue.hours,
        length.total_seconds(),
        max(question.now, asked - 8 * length),
        min(asked + 8 * length, question.now + timedelta(days=queue.policy.days_ahead + 1)),
    )
    close = [offer for slot in around if (offer := _slot_offer(question, slot)) is not None]
    every = {offer.window.start: offer for offer in [*(o for day in days for o in day.more), *close]}
    best = sorted(every.values(), key=lambda offer: abs(offer.window.start - asked))[:_NEAREST]
    return tuple(sorted(best, key=lambda offer: offer.window.start))


# ------------------------------------------------------------------ people and departments


def _agents(snapshot: Snapshot, queue: Queue, now: datetime) -> tuple[AgentOffer, ...]:
    found = [
        _agent(snapshot, snapshot.queues.get(agent.home_queue, queue), agent, queue, now)
        for agent in snapshot.serving(queue.id)
    ]
    return tuple(sorted(found, key=lambda offer: (offer.free_at is None, offer.free_at or now, offer.name)))


def _agent(snapshot: Snapshot, home: Queue, agent: Agent, queue: Queue, now: datetime) -> AgentOffer:
    free_at = back_at = None
    if agent.state in FREE:
        free_at = now
    elif on_duty(agent):
        mine = servers_of(snapshot, queue, now, None, agent.id)
        wait = forecast(snapshot, queue, now, named=agent.id)
        busy = max((server.soon or 0.0 for server in mine), default=0.0)
        free_at = now + timedelta(seconds=max(busy, wait.p50 if wait is not None else 0.0))
    else:
        shifts = planned(agent, queue, now, now + timedelta(days=queue.policy.days_ahead + 1))
        if not any(span.start <= now < span.end for span in shifts):  # whoever should be here may come any moment
            back_at = next((span.start for span in shifts if span.start > now), None)
    shown = home if home.id in agent.queues else queue
    return AgentOffer(
        slug=agent.slug, name=agent.name, queue=shown.slug, state=agent.state, free_at=free_at, back_at=back_at
    )


def shown_queues(snapshot: Snapshot, queue: QueueId) -> list[QueueId]:
    """Return the departments that somebody who asks for one is shown, the default first."""
    if snapshot.structure is not None:
        return [id for id in snapshot.structure.shown_with(queue) if id in snapshot.queues]
    return sorted(snapshot.queues, key=lambda id: (not snapshot.queues[id].is_default, snapshot.queues[id].name))


def _queues(snapshot: Snapshot, mine: QueueId, now: datetime, zone: ZoneInfo, language: str) -> tuple[QueueOffer, ...]:
    found = []
    for queue in (snapshot.queues[id] for id in shown_queues(snapshot, mine)):
        serving = [agent for agent in snapshot.serving(queue.id) if on_duty(agent)]
        possible = as_soon_as_possible(snapshot, queue, None, now, zone, language=language)
        found.append(
            QueueOffer(
                slug=queue.slug,
                name=queue.name,
                on_duty=len(serving),
                free_now=any(agent.state in FREE for agent in serving),
                asap=None if isinstance(possible, Refusal) else _asap(snapshot, queue, possible, now),
            )
        )
    return tuple(found)
