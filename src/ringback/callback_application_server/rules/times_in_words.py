"""Times as a person would say them: estimates are ranges with "about", promises are clock times with "by" or a window."""

from __future__ import annotations

import math
from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

from ringback.callback_application_server.rules.wording import day_words, t
from ringback.domain.commands import Estimate
from ringback.domain.times import TimeWindow


def clock(instant: datetime, zone: ZoneInfo) -> str:
    """Return `14:50`; with the offset where the clock shows this hour twice that day."""
    local = instant.astimezone(zone)
    twice = local.replace(fold=0).utcoffset() != local.replace(fold=1).utcoffset()
    return f"{local:%H:%M}" + (f" ({local:%Z})" if twice else "")


def day_name(day: date, today: date) -> str:
    """Return `today`, `tomorrow`, or `Wed 25 Nov`."""
    if day == today:
        return t("today")
    if day == today + timedelta(days=1):
        return t("tomorrow")
    return short_date(day)


def short_date(day: date) -> str:
    """Return `Wed 25 Nov`."""
    return day_words(day, "MMMEd", f"{day:%a} {day.day} {day:%b}")


def weekday(day: date) -> str:
    """Return `Wed`."""
    return day_words(day, "EEE", f"{day:%a}")


def weekday_in_full(day: date) -> str:
    """Return `Wednesday`."""
    return day_words(day, "EEEE", f"{day:%A}")


def day_and_month(day: date) -> str:
    """Return `25 Nov`."""
    return day_words(day, "MMMd", f"{day.day} {day:%b}")


def clock_window(span: TimeWindow, zone: ZoneInfo) -> str:
    """Return `15:15–15:30`."""
    return clock(span.start, zone) if span.start == span.end else f"{clock(span.start, zone)}–{clock(span.end, zone)}"


def window(span: TimeWindow, zone: ZoneInfo, now: datetime) -> str:
    """Return `15:15–15:30`, with the day before it when that is not today."""
    start = span.start.astimezone(zone)
    text = clock_window(span, zone)
    today = now.astimezone(zone).date()
    return text if start.date() == today else f"{_named_day(start.date(), today)}, {text}"


def moment(instant: datetime, zone: ZoneInfo, now: datetime) -> str:
    """Return `14:50`, or `tomorrow, Wed 25 Nov, 08:00`."""
    return window(TimeWindow(start=instant, end=instant), zone, now)


def deadline(instant: datetime, zone: ZoneInfo, now: datetime) -> str:
    """Return `by 14:50`."""
    return t("by {moment}", moment=moment(instant, zone, now))


def estimate_range(estimate: Estimate, now: datetime) -> str:
    """Return `about 6–9 min`, `about 2–3 h`, `in under a minute`: the 10–90 % range, rounded as a person would."""
    low = max(0.0, (estimate.p10 - now).total_seconds())
    high = max(low, (estimate.p90 - now).total_seconds())
    if under_a_minute(estimate, now):
        return t("in under a minute")
    if high < 90 * 60:
        return _span(max(1, round(low / 60)), math.ceil(high / 60), "min")
    return _span(round(low / 3600 * 2) / 2, math.ceil(high / 3600 * 2) / 2, "h")


def under_a_minute(estimate: Estimate, now: datetime) -> bool:
    """Tell whether a minute is the longest that it takes."""
    return (estimate.p90 - now).total_seconds() < 60 and (estimate.p10 - now).total_seconds() < 60


def estimate_clock(estimate: Estimate, zone: ZoneInfo, now: datetime) -> str:
    """Return `14:38–14:41`."""
    low, high = max(estimate.p10, now), max(estimate.p90, now)
    if clock(low, zone) == clock(high, zone):
        return clock(high, zone)
    return window(TimeWindow(start=low, end=high), zone, now)


def duration(seconds: float) -> str:
    """Return `6 min`, `40 s`, `1 h 5 min`."""
    if seconds < 60:
        return f"{max(1, round(seconds))} s"
    minutes = round(seconds / 60)
    return f"{minutes} min" if minutes < 60 else f"{minutes // 60} h {minutes % 60} min"


def zone_note(zone: ZoneInfo, business_zone: ZoneInfo | None, business: str, at: datetime) -> str | None:
    """Return `Your time, Madrid. Acme Energy is 1 h behind.` where the two clocks differ at that moment, else None."""
    if business_zone is None:
        return None
    theirs, ours = at.astimezone(zone).utcoffset(), at.astimezone(business_zone).utcoffset()
    if theirs is None or ours is None or theirs == ours:
        return None
    minutes = round(abs(theirs - ours).total_seconds() / 60)
    apart = (
        f"{minutes // 60} h" + (f" {minutes % 60} min" if minutes % 60 else "") if minutes >= 60 else f"{minutes} min"
    )
    place = zone.key.rsplit("/", 1)[-1].replace("_", " ")
    if ours < theirs:
        return t("Your time, {place}. {business} is {apart} behind.", place=place, business=business, apart=apart)
    return t("Your time, {place}. {business} is {apart} ahead.", place=place, business=business, apart=apart)


def _span(low: float, high: float, unit: str) -> str:
    shown_low, shown_high = f"{low:g}", f"{high:g}"
    span = f"{shown_high} {unit}" if low >= high else f"{shown_low}–{shown_high} {unit}"
    return t("about {span}", span=span)


def _named_day(day: date, today: date) -> str:
    return f"{t('tomorrow')}, {short_date(day)}" if day == today + timedelta(days=1) else short_date(day)
