"""Times as people at a business read them: by the clock of its zone, with the day where it is not today."""

from __future__ import annotations

from datetime import date, datetime, timedelta
from functools import lru_cache
from zoneinfo import ZoneInfo

EN_DASH = "\u2013"
_DAYS = ("Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun")
_MONTHS = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")


@lru_cache(maxsize=64)
def zone(name: str) -> ZoneInfo:
    """Return a zone by its IANA name."""
    return ZoneInfo(name)


def clock(at: datetime, where: ZoneInfo) -> str:
    """Return `14:50`; with the offset on the hour that comes twice."""
    local = at.astimezone(where)
    words = f"{local:%H:%M}"
    if local.replace(fold=0).utcoffset() != local.replace(fold=1).utcoffset():
        words += f" (UTC{local:%z})"
    return words


def day(at: datetime, now: datetime, where: ZoneInfo) -> str | None:
    """Return `Wed 25 Nov`; None for today."""
    wanted = at.astimezone(where).date()
    return None if wanted == now.astimezone(where).date() else _date(wanted)


def day_always(at: datetime, where: ZoneInfo) -> str:
    """Return `17 Nov`."""
    local = at.astimezone(where)
    return f"{local.day} {_MONTHS[local.month - 1]}"


def moment(at: datetime, now: datetime, where: ZoneInfo) -> str:
    """Return `14:50`, or `Wed 25 Nov, 08:00` on another day."""
    other = day(at, now, where)
    return f"{other}, {clock(at, where)}" if other else clock(at, where)


def span(start: datetime, end: datetime, now: datetime, where: ZoneInfo) -> str:
    """Return `15:15–15:30`, or `Wed 25 Nov, 15:15–15:30`."""
    other = day(start, now, where)
    hours = f"{clock(start, where)}{EN_DASH}{clock(end, where)}"
    return f"{other}, {hours}" if other else hours


def start_of_day(now: datetime, where: ZoneInfo) -> datetime:
    """Return midnight of today in the zone."""
    return datetime.combine(now.astimezone(where).date(), datetime.min.time(), tzinfo=where)


def minutes(length: timedelta) -> int:
    """Return whole minutes, rounded, at least 1."""
    return max(1, round(length.total_seconds() / 60))


def duration(seconds: float) -> str:
    """Return `6 min 08 s`, `42 s`."""
    whole = round(seconds)
    return f"{whole} s" if whole < 60 else f"{whole // 60} min {whole % 60:02d} s"


def _date(value: date) -> str:
    return f"{_DAYS[value.weekday()]} {value.day} {_MONTHS[value.month - 1]}"
