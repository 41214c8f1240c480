"""What a time in the customer's own words asks of the interaction manager; what is uncertain becomes a question with its readings, and is never guessed."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

from ringback.callback_application_server.rules.when import Reading, ReadingKind, Span, read
from ringback.domain.times import When, WhenKind

NARROW = timedelta(hours=6)  # a wider window that begins with a time ("after 3") is asked for at that time
MOST_READINGS = 3


@dataclass(frozen=True, slots=True, kw_only=True)
class TimeReading:
    """What was read: one time; or the two or three that it can be; or a day without a time. `passed`: a time was named that lies behind us."""

    when: When | None = None
    passed: bool = False
    readings: tuple[When, ...] = ()
    day: str | None = None  # 2026-11-24


def read_when(text: str, *, now: datetime, zone: ZoneInfo) -> TimeReading | None:
    """Return the time a message names, if it names one for certain. A day without a time is none: its times are offered."""
    found = read_time(text, now=now, zone=zone)
    return found if found is not None and found.when is not None else None


def read_time(
    text: str, *, now: datetime, zone: ZoneInfo, locale: str | None = None, before: When | None = None
) -> TimeReading | None:
    """Return what a message says about when. `before`: the time talked about so far, whose day or hour a correction keeps."""
    reading = read(text, now=now, zone=zone, locale=locale)
    if before is not None and before.start is not None:
        reading = _completed(reading, before.start.astimezone(zone), now)
    if reading.passed is not None:
        return TimeReading(when=_instant(reading.passed, zone), passed=True)
    if reading.kind is ReadingKind.NOW:
        return TimeReading(when=When(kind=WhenKind.ASAP, zone=zone.key))
    if reading.kind is ReadingKind.AMBIGUOUS and 1 < len(reading.alternatives) <= MOST_READINGS:
        return TimeReading(readings=tuple(_when(each.start, each.end, zone) for each in reading.alternatives))
    if reading.start is None:
        return None
    if reading.whole_day:
        one = reading.end is None or reading.end - reading.start < timedelta(days=1)
        return TimeReading(day=reading.start.date().isoformat()) if one else None
    return TimeReading(when=_when(reading.start, reading.end, zone))


def _completed(reading: Reading, before: datetime, now: datetime) -> Reading:
    """Give a bare time the day, and a bare day the hour, that were talked about before."""
    if reading.whole_day and reading.start is not None and reading.end is not None:
        if reading.end - reading.start >= timedelta(days=1):
            return reading
        start = reading.start.replace(hour=before.hour, minute=before.minute, second=0, microsecond=0)
        if start <= now:
            return reading
        return Reading(kind=ReadingKind.POINT, start=start, evidence=reading.evidence, language=reading.language)
    if reading.day_named or reading.kind not in (ReadingKind.POINT, ReadingKind.WINDOW, ReadingKind.AMBIGUOUS):
        return reading
    moved = [_on_day(Span(start=reading.start, end=reading.end), before) for _ in (0,) if reading.start is not None]
    moved = moved or [_on_day(each, before) for each in reading.alternatives]
    later = tuple(dict.fromkeys(each for each in moved if each.start > now))
    if not later:
        return reading
    if len(later) > 1:
        by_day = tuple(each for each in later if 7 <= each.start.hour < 21)  # both halves of the day were possible
        later = by_day if len(by_day) == 1 else later
    if len(later) > 1:
        return Reading(
            kind=ReadingKind.AMBIGUOUS, alternatives=later, evidence=reading.evidence, language=reading.language
        )
    kind = ReadingKind.POINT if later[0].end is None else ReadingKind.WINDOW
    return Reading(
        kind=kind, start=later[0].start, end=later[0].end, evidence=reading.evidence, language=reading.language
    )


def _on_day(span: Span, day: datetime) -> Span:
    start = datetime.combine(day.date(), span.start.timetz())
    return Span(start=start, end=None if span.end is None else start + (span.end - span.start))


def _when(start: datetime, end: datetime | None, zone: ZoneInfo) -> When:
    if end is None or end - start > NARROW:
        return _instant(start, zone)
    return When(kind=WhenKind.WINDOW, zone=zone.key, start=start.astimezone(UTC), end=end.astimezone(UTC))


def _instant(start: datetime, zone: ZoneInfo) -> When:
    return When(kind=WhenKind.INSTANT, zone=zone.key, start=start.astimezone(UTC))
