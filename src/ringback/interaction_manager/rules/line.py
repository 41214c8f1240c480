"""Who is next: the order of the callbacks that are ready, how it ages, and who gained and lost places by it."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from ringback.domain.ids import CallbackId
from ringback.domain.times import TimeWindow


@dataclass(frozen=True, slots=True, kw_only=True)
class Place:
    """One waiting callback as the line sees it. `latest_safe_start` is None where early is fine and nothing was booked."""

    callback: CallbackId
    priority: int
    ready_at: datetime
    accepted_at: datetime
    latest_safe_start: datetime | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class PlaceChanges:
    """What taking some callbacks out of turn did: by callback, the places gained and lost."""

    gained: dict[CallbackId, int]
    lost: dict[CallbackId, int]


def latest_safe_start(window: TimeWindow, *, agent_ring: float) -> datetime:
    """Return until when a booked callback may be started and still ring in its window: one agent may fail to answer, the next takes it."""
    return max(window.start, window.end - timedelta(seconds=2 * agent_ring))


def is_ready(place: Place, now: datetime) -> bool:
    """Tell whether it may be called now, as far as the line is concerned."""
    return place.ready_at <= now


def must_go(place: Place, now: datetime) -> bool:
    """Tell whether a booked callback's latest safe start has come."""
    return place.latest_safe_start is not None and place.latest_safe_start <= now


def aged_priority(place: Place, now: datetime, *, ages_every: float) -> int:
    """Return the priority with what waiting has added: one for each full `ages_every` seconds since it was ready."""
    return place.priority + max(0, int((now - place.ready_at).total_seconds() // ages_every))


def arrival(place: Place) -> tuple[datetime, datetime, int]:
    """Return the key of the order without any priority."""
    return (place.ready_at, place.accepted_at, place.callback.int)


def in_line(places: Iterable[Place], now: datetime, *, ages_every: float) -> list[Place]:
    """Return those that are ready, in the order in which they are called."""
    ready = [place for place in places if is_ready(place, now)]
    return sorted(
        ready,
        key=lambda place: (
            not must_go(place, now),
            -aged_priority(place, now, ages_every=ages_every),
            *arrival(place),
        ),
    )


def in_turn(line: Sequence[Place], ahead: Iterable[Place], now: datetime) -> list[CallbackId]:
    """Return whom an agent is looked for in turn: those whose latest safe start has come, those booked for soon (`ahead`), then the line."""
    urgent = [place for place in line if must_go(place, now)]
    rest = [place for place in line if not must_go(place, now)]
    return [place.callback for place in (*urgent, *sorted(ahead, key=arrival), *rest)]


def overtaken(waiting: Sequence[Place], taken: Sequence[CallbackId]) -> dict[CallbackId, CallbackId]:
    """Return those who arrived before one that was taken and stayed themselves, each with the first who was."""
    by_id = {place.callback: place for place in waiting}
    stayed = [place for place in waiting if place.callback not in taken]
    found: dict[CallbackId, CallbackId] = {}
    for first in taken:
        for place in stayed:
            if arrival(place) < arrival(by_id[first]):
                found.setdefault(place.callback, first)
    return found


def why_overtaken(
    stayed: Place, first: Place, now: datetime, *, ages_every: float, could_not: str | None = None
) -> str | None:
    """Say why the later one was called first; `could_not`: why the other could not be called when its turn came. None: nothing explains it."""
    if must_go(first, now) and not must_go(stayed, now):
        return "One that came later was called first: its booked time was running out"
    mine, theirs = aged_priority(stayed, now, ages_every=ages_every), aged_priority(first, now, ages_every=ages_every)
    if theirs > mine:
        return f"One that came later was called first: it had priority {theirs}, and this one {mine}"
    if could_not is not None:
        return f"One that came later was called first: {could_not[:1].lower()}{could_not[1:]}"
    return None


def place_changes(waiting: Sequence[Place], taken: Sequence[CallbackId]) -> PlaceChanges:
    """Say who was overtaken when `taken` left the waiting ones in this order: each that arrived earlier and stayed lost a place."""
    left = sorted(waiting, key=arrival)
    gained: dict[CallbackId, int] = {}
    lost: dict[CallbackId, int] = {}
    for callback in taken:
        index = next(i for i, place in enumerate(left) if place.callback == callback)
        del left[index]
        if index:
            gained[callback] = index
        for place in left[:index]:
            lost[place.callback] = lost.get(place.callback, 0) + 1
    for callback in taken:
        # One that was overtaken within the same moment and then taken itself lost nothing but instants.
        lost.pop(callback, None)
    return PlaceChanges(gained=gained, lost=lost)
