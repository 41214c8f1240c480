"""Intervals of a day in the business's zone: 15 or 30 minutes, or the whole day, also on the days on which the clock changes."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from enum import StrEnum
from zoneinfo import ZoneInfo

from ringback.interaction_manager.rules.records import Stretch

_MINUTE = timedelta(minutes=1)


class Interval(StrEnum):
    """How long the intervals of a report are."""

    QUARTER = "15min"
    HALF_HOUR = "30min"
    DAY = "day"

    @property
    def minutes(self) -> int:
        """How many minutes of the wall clock it has."""
        return {Interval.QUARTER: 15, Interval.HALF_HOUR: 30, Interval.DAY: 1440}[self]


def interval_of(at: datetime, zone: ZoneInfo, interval: Interval) -> str:
    """Return the wall-clock beginning of the interval an instant lies in: a date, or a time with its offset, so that an hour that comes twice is two."""
    local = at.astimezone(zone)
    if interval is Interval.DAY:
        return local.date().isoformat()
    since_midnight = local.hour * 60 + local.minute
    begins = since_midnight - since_midnight % interval.minutes
    return local.replace(hour=begins // 60, minute=begins % 60, second=0, microsecond=0).isoformat(timespec="minutes")


def next_edge(at: datetime, zone: ZoneInfo, interval: Interval) -> datetime:
    """Return the first instant after `at` that begins another interval."""
    local = at.astimezone(zone)
    if interval is Interval.DAY:
        midnight = local.replace(hour=0, minute=0, second=0, microsecond=0, fold=0) + timedelta(days=1)
        return midnight.astimezone(UTC)
    # Clocks change on edges of half hours, so that within an interval a minute is a minute.
    into = timedelta(minutes=local.minute % interval.minutes, seconds=local.second, microseconds=local.microsecond)
    return at.astimezone(UTC) - into + interval.minutes * _MINUTE


def cut(stretches: Iterable[Stretch], zone: ZoneInfo, interval: Interval) -> Iterator[Stretch]:
    """Cut agents' time at the edges of intervals."""
    for stretch in stretches:
        begins = stretch.begins
        while begins < stretch.ends:
            ends = min(next_edge(begins, zone, interval), stretch.ends)
            yield replace(stretch, begins=begins, ends=ends)
            begins = ends
