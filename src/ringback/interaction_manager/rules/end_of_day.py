"""Where a callback goes that cannot be made before its queue closes: finished late, moved to the next opening, or closed with a message."""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from ringback.domain.times import TimeWindow
from ringback.interaction_manager.rules.dial_permission import (
    in_calling_hours,
    late_until,
    next_permitted,
)
from ringback.interaction_manager.rules.hours import Hours
from ringback.interaction_manager.rules.policy import EndOfDay, Policy


@dataclass(frozen=True, slots=True, kw_only=True)
class Put:
    """It gets this window. `next_day`: another day than the customer was told, at raised priority."""

    window: TimeWindow
    next_day: bool
    why: str


@dataclass(frozen=True, slots=True, kw_only=True)
class CloseIt:
    """It cannot be made any more: the customer is told."""

    why: str


def put_at(
    at: datetime,
    width: timedelta,
    *,
    hours: Hours,
    policy: Policy,
    zone: ZoneInfo,
    ready_at: datetime,
    we_chose: bool = True,
    also: Sequence[ZoneInfo] = (),
) -> Put | CloseIt:
    """Find the window for another attempt: `at` itself when it is permitted, else what the policy says.

    The person's calling hours bind what we chose, not what they asked for just now or a talk that broke.
    """
    if not we_chose or in_calling_hours(at, policy.calling_hours, zone, *also):
        if hours.is_open(at):
            closing = hours.closing(at)
            end = at + width if closing is None else min(at + width, closing)
            return Put(window=TimeWindow(start=at, end=end), next_day=False, why="inside opening hours")
        late = late_until(ready_at, hours, policy)
        if late is not None and at < late:
            return Put(window=TimeWindow(start=at, end=min(at + width, late)), next_day=False, why="finished late")
    if policy.end_of_day is EndOfDay.CLOSE:
        return CloseIt(why="the day ended before we could reach you")
    return first_slot(at, hours=hours, policy=policy, zone=zone, agents=1, taken=(), also=also)


def first_slot(
    after: datetime,
    *,
    hours: Hours,
    policy: Policy,
    zone: ZoneInfo,
    agents: int,
    taken: Sequence[datetime],
    also: Sequence[ZoneInfo] = (),
) -> Put | CloseIt:
    """Return the first slot from the next opening on in which fewer are promised than there are agents. `taken`: when others begin, sorted."""
    opening = next_permitted(after, hours, policy.calling_hours, zone, *also)
    if opening is None:
        return CloseIt(why="no opening is known for the next months")
    length = timedelta(seconds=policy.slot_seconds(agents))
    start = opening
    while bisect_left(taken, start + length) - bisect_left(taken, start) >= max(1, agents):
        start += length
        if not hours.is_open(start) or not in_calling_hours(start, policy.calling_hours, zone, *also):
            # More than a day holds: the rest gets its first slot and is moved again by the same rule.
            start = opening
            break
    return Put(window=TimeWindow(start=start, end=start + length), next_day=True, why="moved to the next opening")


def at_closing(
    now: datetime,
    *,
    ready_at: datetime,
    hours: Hours,
    policy: Policy,
    zone: ZoneInfo,
    agents: int,
    taken: Sequence[datetime],
    also: Sequence[ZoneInfo] = (),
) -> Put | CloseIt | None:
    """Say what becomes of a callback that is still waiting after closing; None: the people on duty finish it."""
    late = late_until(ready_at, hours, policy)
    if late is not None and now < late:
        return None
    if policy.end_of_day is EndOfDay.CLOSE:
        return CloseIt(why="the day ended before we could reach you")
    return first_slot(now, hours=hours, policy=policy, zone=zone, agents=agents, taken=taken, also=also)
