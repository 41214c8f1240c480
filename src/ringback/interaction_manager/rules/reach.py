"""How far from a time bookings can matter to a booking then: what has to be loaded before room is counted."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

from ringback.domain.times import TimeWindow
from ringback.interaction_manager.rules.grid import work_seconds
from ringback.interaction_manager.rules.slots import FAR
from ringback.interaction_manager.rules.snapshot import Queue, Snapshot

_DAY = timedelta(hours=26)  # the longest one of the year, and more


@dataclass(frozen=True, slots=True, kw_only=True)
class Reach:
    """How far before and after a time bookings can matter to a booking then."""

    before: timedelta
    after: timedelta

    def around(self, start: datetime, end: datetime | None) -> TimeWindow:
        """Return the time that matters to a booking from `start` to `end`."""
        instant = start + timedelta(
            microseconds=1
        )  # the end is not included: an instant at a slot's start is in that slot
        return TimeWindow(start=start - self.before, end=max(instant, end or instant) + self.after)


def reach(snapshot: Snapshot, queue: Queue, *, longest: timedelta) -> Reach:
    """Return a slot's length, or far more where the work of one slot reaches into others. `longest`: of the slots booked in so far."""
    queues = [snapshot.queues[id] for id in snapshot.related(queue.id) if id in snapshot.queues]
    lengths = {each.policy.slot_seconds(snapshot.serve_it(each.id)) for each in queues}
    apart = len(lengths) == 1 and all(work_seconds(each, snapshot.rate(each.id)) <= min(lengths) for each in queues)
    apart = apart and len({each.hours.zone for each in queues}) == 1
    if not apart:
        return Reach(before=FAR, after=FAR)
    day = _DAY if queue.policy.day_cap is not None else timedelta(0)
    return Reach(before=max(day, longest, timedelta(seconds=max(lengths))), after=day)
