"""Spans of wall-clock time and the instants at which a zone's clocks show them.

An instant belongs to a span exactly when the clock on the wall there shows a time in it. So a span in the hour that
is skipped in spring has no instants, and one in the hour that comes twice in autumn has two runs of them.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from itertools import pairwise
from zoneinfo import ZoneInfo

from ringback.domain.times import TimeWindow
from ringback.interaction_manager.rules.reading import Reader

WEEKDAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
DAY = timedelta(days=1)
_SPAN = re.compile(r"(\d{1,2}):(\d{2})(?::(\d{2}))?\s*-\s*(\d{1,2}):(\d{2})(?::(\d{2}))?")


@dataclass(frozen=True, slots=True, kw_only=True)
class ClockSpan:
    """From `start` to `end` after a day's midnight, as the wall clock shows it; `end` may lie on the next day."""

    start: timedelta
    end: timedelta

    def __str__(self) -> str:
        """Return it as people write it: `08:00-18:00`."""
        return f"{_clock(self.start)}-{_clock(self.end if self.end <= DAY else self.end - DAY)}"


Week = tuple[tuple[ClockSpan, ...], ...]


def _clock(offset: timedelta) -> str:
    minutes, seconds = divmod(int(offset.total_seconds()), 60)
    return f"{minutes // 60:02}:{minutes % 60:02}" + (f":{seconds:02}" if seconds else "")


def _offset(zone: ZoneInfo, instant: datetime) -> timedelta:
    offset = instant.astimezone(zone).utcoffset()
    assert offset is not None
    return offset


def _change(zone: ZoneInfo, before: datetime, after: datetime) -> datetime:
    """Return the first whole second at which the offset is that of `after`."""
    old = _offset(zone, before)
    while after - before > timedelta(seconds=1):
        middle = before + timedelta(seconds=int((after - before).total_seconds()) // 2)
        before, after = (middle, after) if _offset(zone, middle) == old else (before, middle)
    return after


def pieces(zone: ZoneInfo, start: datetime, end: datetime) -> Iterator[tuple[datetime, datetime, timedelta]]:
    """Cut the time from `start` to `end` where the zone's offset changes: (from, to, offset)."""
    while start < end:
        stop = min(start + DAY, end)
        offset = _offset(zone, start)
        if _offset(zone, stop) != offset:
            stop = _change(zone, start, stop)
        yield start, stop, offset
        start = stop


def instants(zone: ZoneInfo, day: date, span: ClockSpan) -> list[TimeWindow]:
    """Return the runs of instants, in UTC, at which the clocks of `zone` show this span of this day."""
    midnight = datetime.combine(day, time())
    shown_from, shown_to = midnight + span.start, midnight + span.end
    around = datetime.combine(day, time(), UTC)
    first, last = around + span.start - DAY, around + span.end + DAY
    runs = []
    if _offset(zone, first) == _offset(zone, last):
        offset = _offset(zone, first)
        return [
            TimeWindow(start=(shown_from - offset).replace(tzinfo=UTC), end=(shown_to - offset).replace(tzinfo=UTC))
        ]
    for begins, ends, offset in pieces(zone, first, last):
        start = max(begins, (shown_from - offset).replace(tzinfo=UTC))
        end = min(ends, (shown_to - offset).replace(tzinfo=UTC))
        if start < end:
            runs.append(TimeWindow(start=start, end=end))
    return runs


def merged(windows: Iterable[TimeWindow]) -> list[TimeWindow]:
    """Return the union: in order, with what touches or overlaps made one."""
    union: list[TimeWindow] = []
    for window in sorted(windows, key=lambda w: w.start):
        if union and window.start <= union[-1].end:
            if window.end > union[-1].end:
                union[-1] = TimeWindow(start=union[-1].start, end=window.end)
        else:
            union.append(window)
    return union


def clipped(windows: Iterable[TimeWindow], start: datetime, end: datetime) -> list[TimeWindow]:
    """Return what of the windows lies from `start` to `end`."""
    return [
        TimeWindow(start=max(w.start, start), end=min(w.end, end)) for w in windows if w.start < end and w.end > start
    ]


def without(windows: Iterable[TimeWindow], holes: Iterable[TimeWindow]) -> list[TimeWindow]:
    """Return the windows less the holes."""
    left = list(windows)
    for hole in holes:
        cut: list[TimeWindow] = []
        for w in left:
            if not w.overlaps(hole):
                cut.append(w)
                continue
            if w.start < hole.start:
                cut.append(TimeWindow(start=w.start, end=hole.start))
            if hole.end < w.end:
                cut.append(TimeWindow(start=hole.end, end=w.end))
        left = cut
    return left


def seconds(windows: Iterable[TimeWindow]) -> float:
    """Return how long the windows are together."""
    return sum(w.length.total_seconds() for w in windows)


def read_span(reader: Reader, value: object, path: str) -> ClockSpan | None:
    """Read `08:00-18:00`; an end at or before the start lies on the next day, `24:00` is midnight at the day's end."""
    match = _SPAN.fullmatch(value.strip()) if isinstance(value, str) else None
    if match is None:
        reader.problem(path, "must be a span such as 08:00-18:00")
        return None
    hours = (int(match[1]), int(match[4]))
    rest = (int(match[2]), int(match[3] or 0), int(match[5]), int(match[6] or 0))
    start = timedelta(hours=hours[0], minutes=rest[0], seconds=rest[1])
    end = timedelta(hours=hours[1], minutes=rest[2], seconds=rest[3])
    if max(rest) > 59 or start >= DAY or end > DAY:
        reader.problem(path, "has a time that no clock shows")
        return None
    return ClockSpan(start=start, end=end if end > start else end + DAY)


def read_spans(reader: Reader, value: object, path: str) -> tuple[ClockSpan, ...]:
    """Read a list of spans of one day; they may not overlap."""
    found = [read_span(reader, item, f"{path}[{i}]") for i, item in enumerate(reader.sequence(value, path))]
    spans = sorted((span for span in found if span is not None), key=lambda s: s.start)
    for earlier, later in pairwise(spans):
        if later.start < earlier.end:
            reader.problem(path, f"{earlier} and {later} overlap")
    return tuple(spans)


def read_week(reader: Reader, value: object, path: str) -> Week:
    """Read `{mon: [08:00-12:00, 13:00-18:00], …}`; days left out have none."""
    days = reader.mapping(value, path)
    for day in days.keys() - set(WEEKDAYS):
        reader.problem(f"{path}.{day}", f"is not a day of the week; use {', '.join(WEEKDAYS)}")
    return tuple(read_spans(reader, days.get(day, []), f"{path}.{day}") for day in WEEKDAYS)


def written_week(week: Week) -> dict[str, list[str]]:
    """Return a week as its document."""
    return {day: [str(span) for span in spans] for day, spans in zip(WEEKDAYS, week, strict=True) if spans}
