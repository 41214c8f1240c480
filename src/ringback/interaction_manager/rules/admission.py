"""Whether a request becomes a callback: who asks, what they have open already, then whether it is possible; in this order."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime
from zoneinfo import ZoneInfo

from ringback.domain.commands import PromiseMade
from ringback.domain.ids import CallbackId
from ringback.domain.offers import Refusal
from ringback.domain.times import TimeWindow, When, WhenKind
from ringback.interaction_manager.rules.estimate import Wait, ahead_of
from ringback.interaction_manager.rules.policy import Policy
from ringback.interaction_manager.rules.possibility import (
    Possible,
    as_soon_as_possible,
    refusal,
)
from ringback.interaction_manager.rules.promise import as_told, estimate_of
from ringback.interaction_manager.rules.routing import Route
from ringback.interaction_manager.rules.slots import Timetable
from ringback.interaction_manager.rules.snapshot import Snapshot
from ringback.interaction_manager.rules.timed import at_a_time
from ringback.interaction_manager.rules.words import clock


@dataclass(frozen=True, slots=True, kw_only=True)
class Admitted:
    """It can be booked, and as what. `place` and `line` are for as soon as possible only."""

    route: Route
    possible: Possible
    promise: PromiseMade
    place: int | None
    line: int | None


@dataclass(frozen=True, slots=True, kw_only=True)
class NotAdmitted:
    """It cannot be booked, and why; `open_callback` when one that is open already stands in the way."""

    refusal: Refusal
    open_callback: CallbackId | None = None


def timetable_for(snapshot: Snapshot, route: Route, when: When, now: datetime) -> Timetable | None:
    """Return the timetable around what is asked; None for as soon as possible."""
    if when.start is None:
        return None
    return Timetable(snapshot, route.queue.id, now)


def admit(
    snapshot: Snapshot,
    route: Route,
    when: When,
    now: datetime,
    *,
    language: str,
    named_time: bool = False,
    priority: int = 0,
    moving: CallbackId | None = None,
    timetable: Timetable | None = None,
    by_message: bool = False,
    told_by: datetime | None = None,
) -> Admitted | NotAdmitted:
    """Judge one request. `moving`: the open callback that it moves, which stands in its own way nowhere. `told_by`: by when
    whoever asks for as soon as possible was told to be called.
    """
    if snapshot.blocked:
        return NotAdmitted(refusal=refusal("contact-stopped", "You asked us not to call you again."))
    already = _one_is_open(snapshot, route, when, moving, now)
    if already is not None:
        return already
    possible = judge(
        snapshot,
        route,
        when,
        now,
        language=language,
        named_time=named_time,
        priority=priority,
        timetable=timetable,
        by_message=by_message,
    )
    if not isinstance(possible, Refusal) and possible.wait is not None and told_by is not None:
        possible = _as_told(route, possible, possible.wait, now, told_by, ZoneInfo(when.zone))
    if isinstance(possible, Refusal):
        return NotAdmitted(refusal=possible)
    overlapping = _overlapping(snapshot, possible.window, moving)
    if overlapping is not None:
        return NotAdmitted(
            refusal=refusal(
                "overlaps", "You have another callback at that time.", next="Move that one, or pick another time."
            ),
            open_callback=overlapping,
        )
    asap = when.kind is WhenKind.ASAP
    promise = PromiseMade(
        window=possible.window,
        early_is_fine=asap,
        estimate=estimate_of(possible.wait, now) if possible.wait is not None else None,
    )
    place = line = None
    if asap:
        ready = ahead_of(snapshot, route.queue, now, priority=priority)
        place = sum(each.count for each in ready) + 1
        line = snapshot.line(route.queue.id, now) + 1
    return Admitted(route=route, possible=possible, promise=promise, place=place, line=line)


def _as_told(
    route: Route, possible: Possible, wait: Wait, now: datetime, told_by: datetime, zone: ZoneInfo
) -> Possible | Refusal:
    """Promise what was told, or say what it would be now: nobody is promised something else without a word."""
    window = as_told(possible.window, wait, now, told_by)
    if window is not None:
        return replace(possible, window=window)
    by, told = clock(possible.window.end, zone, now), clock(told_by, zone, now)
    return refusal(
        "promise-moved",
        f"It got busier at {route.queue.name} just now: we would call by {by}, not by {told}.",
        next="See what is possible now.",
        told_by=told_by.isoformat(),
        by=possible.window.end.isoformat(),
    )


def judge(
    snapshot: Snapshot,
    route: Route,
    when: When,
    now: datetime,
    *,
    language: str | None,
    named_time: bool,
    priority: int = 0,
    timetable: Timetable | None = None,
    by_message: bool = False,
) -> Possible | Refusal:
    """Say whether this is possible, as offers and admission both see it."""
    if when.kind is WhenKind.ASAP:
        zone = ZoneInfo(when.zone)
        return as_soon_as_possible(snapshot, route.queue, route.agent, now, zone, language=language, priority=priority)
    timetable = timetable or timetable_for(snapshot, route, when, now)
    assert timetable is not None
    return at_a_time(
        snapshot, timetable, route.queue, route.agent, when, now, named_time=named_time, by_message=by_message
    )


def _one_is_open(
    snapshot: Snapshot, route: Route, when: When, moving: CallbackId | None, now: datetime
) -> NotAdmitted | None:
    others = [each for each in snapshot.open_callbacks if each.callback != moving]
    zone = ZoneInfo(when.zone)
    for each in others:
        if each.queue == route.queue.id:
            by = clock(each.window.end, zone, now)
            words = refusal("one-is-open", f"You have a callback by {by}.", next="Move it or cancel it here.")
            return NotAdmitted(refusal=words, open_callback=each.callback)
    policy: Policy = route.queue.policy
    if len(others) >= policy.open_per_business:
        words = refusal(
            "too-many-open", f"You have {len(others)} callbacks already.", next="Move or cancel one of them."
        )
        return NotAdmitted(refusal=words, open_callback=others[0].callback)
    return None


def _overlapping(snapshot: Snapshot, window: TimeWindow, moving: CallbackId | None) -> CallbackId | None:
    return next(
        (each.callback for each in snapshot.open_callbacks if each.callback != moving and each.window.overlaps(window)),
        None,
    )
