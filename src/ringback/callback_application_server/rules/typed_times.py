"""What a time in the customer's own words asks of the interaction manager; what is uncertain asks for nothing, and times are offered instead."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

from ringback.callback_application_server.rules.when import Reading, ReadingKind, read
from ringback.domain.times import When, WhenKind

NARROW = timedelta(hours=6)  # a wider window that begins with a time ("after 3") is asked for at that time


@dataclass(frozen=True, slots=True, kw_only=True)
class TimeReading:
    """What was read; `passed` when a time was named that lies behind us."""

    when: When
    passed: bool = False


def read_when(text: str, *, now: datetime, zone: ZoneInfo) -> TimeReading | None:
    """Return the time a message names, if it names one for certain. A day without a time is none: its times are offered."""
    reading = read(text, now=now, zone=zone)
    if reading.passed is not None:
        return TimeReading(when=_instant(reading.passed, zone), passed=True)
    if reading.kind is ReadingKind.NOW:
        return TimeReading(when=When(kind=WhenKind.ASAP, zone=zone.key))
    if reading.start is None or reading.whole_day:
        return None
    return TimeReading(when=_window(reading, zone) or _instant(reading.start, zone))


def _instant(start: datetime, zone: ZoneInfo) -> When:
    return When(kind=WhenKind.INSTANT, zone=zone.key, start=start.astimezone(UTC))


def _window(reading: Reading, zone: ZoneInfo) -> When | None:
    if reading.start is None or reading.end is None or reading.end - reading.start > NARROW:
        return None
    start, end = reading.start.astimezone(UTC), reading.end.astimezone(UTC)
    return When(kind=WhenKind.WINDOW, zone=zone.key, start=start, end=end)
