"""When a callback may be dialled: inside the business's hours, inside the person's calling hours where we chose the time, and while dialling is on."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from ringback.domain.guards.hours import in_hours
from ringback.interaction_manager.rules.hours import Hours
from ringback.interaction_manager.rules.policy import CallingHours, EndOfDay, Policy

_NO_CLOSING = timedelta(hours=12)
_TRIES = 40


@dataclass(frozen=True, slots=True, kw_only=True)
class Permission:
    """Whether one callback may be dialled now. `until`: when that ends; `again_at`: when it begins again."""

    allowed: bool
    why: str | None = None
    until: datetime | None = None
    again_at: datetime | None = None


def in_calling_hours(at: datetime, calling: CallingHours, *zones: ZoneInfo) -> bool:
    """Tell whether a person who may be in any of these zones may be called then, at a time that we chose."""
    return in_hours(at, calling.start, calling.end, zones)


def _calling_edge(at: datetime, calling: CallingHours, zone: ZoneInfo, *, begin: bool) -> datetime:
    """Return the first beginning (or end) of calling hours after `at`."""
    local = at.astimezone(zone)
    for days in range(3):
        day = local.date() + timedelta(days=days)
        edge = datetime.combine(day, calling.start if begin else calling.end, zone)
        if edge > local:
            return edge.astimezone(at.tzinfo)
    raise AssertionError("every day has calling hours")


def next_permitted(at: datetime, hours: Hours, calling: CallingHours | None, *zones: ZoneInfo) -> datetime | None:
    """Return the first instant from `at` on that is in opening hours and, where given, in every zone's calling hours; None when there is none."""
    for _ in range(_TRIES):
        if not hours.is_open(at):
            opening = hours.next_opening(at)
            if opening is None:
                return None
            at = opening
        if calling is None or in_calling_hours(at, calling, *zones):
            return at
        at = max(
            _calling_edge(at, calling, each, begin=True) for each in zones if not in_calling_hours(at, calling, each)
        )
    return None


def late_until(ready_at: datetime, hours: Hours, policy: Policy) -> datetime | None:
    """Return until when a callback that was ready before closing may be finished late; None where the policy says otherwise."""
    if policy.end_of_day is not EndOfDay.LATE:
        return None
    closing = hours.closing(ready_at)
    return None if closing is None else closing + timedelta(seconds=policy.late_limit)


def permission(
    now: datetime,
    *,
    ready_at: datetime,
    hours: Hours,
    policy: Policy,
    zone: ZoneInfo,
    we_chose_the_time: bool,
    also: Sequence[ZoneInfo] = (),
) -> Permission:
    """Say whether the business and the person, in `zone` and in whatever other zones they may be, may be on the telephone now."""
    zones = (zone, *also)
    calling = policy.calling_hours if we_chose_the_time else None
    late = late_until(ready_at, hours, policy)
    is_open = hours.is_open(now)
    if not is_open and (late is None or now >= late):
        return Permission(
            allowed=False, why=hours.why_closed(now), again_at=next_permitted(now, hours, calling, *zones)
        )
    if calling is not None and not in_calling_hours(now, calling, *zones):
        return Permission(
            allowed=False,
            why="outside the person's calling hours",
            again_at=next_permitted(now, hours, calling, *zones),
        )
    ends = [hours.closing(now) if is_open else None, late]
    until = max((at for at in ends if at is not None), default=now + _NO_CLOSING)
    if calling is not None:
        until = min(until, *(_calling_edge(now, calling, each, begin=False) for each in zones))
    return Permission(allowed=True, until=until)
