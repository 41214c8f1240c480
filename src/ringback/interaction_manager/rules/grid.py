"""The times that can be booked: full slots inside opening hours, on round wall-clock times; and how long one callback takes."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta

from ringback.domain.times import TimeWindow
from ringback.interaction_manager.rules.hours import Hours
from ringback.interaction_manager.rules.snapshot import Queue, Rates
from ringback.interaction_manager.rules.wall_clock import pieces

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_FAILED = 0.25  # of attempts, until it is learned


def work_seconds(queue: Queue, rates: Rates) -> float:
    """Return what one callback takes of an agent: handling, half of each ringing time, and its part of failed attempts."""
    ringing = (queue.policy.agent_ring + queue.policy.customer_ring) / 2
    failed = _FAILED if rates.success is None else 1.0 - rates.success
    return rates.handling + ringing + queue.policy.customer_ring * failed


def turn_seconds(queue: Queue, rates: Rates) -> float:
    """Return what the turn of one in the line takes of an agent: ringing, and a talk as often as tries succeed; all, until that is known."""
    ringing = (queue.policy.agent_ring + queue.policy.customer_ring) / 2
    success = 1.0 if rates.success is None else rates.success
    return ringing + success * rates.handling + (1.0 - success) * queue.policy.customer_ring


def slot_grid(hours: Hours, length: float, start: datetime, end: datetime) -> Iterator[TimeWindow]:
    """Yield the slots that begin from `start` on and before `end`: full slots inside opening hours, on round wall-clock times."""
    step = timedelta(seconds=length)
    earliest = start
    for span in hours.open_spans((start - step).replace(microsecond=0), end + step):
        for begins, ends, offset in pieces(hours.zone, span.start, span.end):
            shown = (begins + offset - _EPOCH).total_seconds()
            at = begins + timedelta(seconds=-shown % length)
            while at < ends and at < end and at + step <= span.end:
                if at >= earliest:
                    yield TimeWindow(start=at, end=at + step)
                    earliest = at + step
                at += step


def slot_at(hours: Hours, length: float, at: datetime) -> TimeWindow | None:
    """Return the slot in which an instant lies; None outside opening hours."""
    step = timedelta(seconds=length)
    return next((slot for slot in slot_grid(hours, length, at - step, at + step) if slot.start <= at < slot.end), None)
