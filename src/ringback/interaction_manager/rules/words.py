"""Times as people say them in one line of reason: the clock for today, the day with it otherwise."""

from __future__ import annotations

from datetime import datetime
from zoneinfo import ZoneInfo


def clock(at: datetime, zone: ZoneInfo, now: datetime) -> str:
    """Return `15:15`, or `Wed 25 Nov, 08:00` when it is another day there."""
    shown = at.astimezone(zone)
    time = f"{shown:%H:%M}" if not shown.second else f"{shown:%H:%M:%S}"
    if shown.date() == now.astimezone(zone).date():
        return time
    return f"{shown:%a} {shown.day} {shown:%b}, {time}"


def minutes(low: float, high: float) -> str:
    """Return a range of seconds as people say it: `about 6-9 min`, `less than a minute`."""
    if high < 60:
        return "less than a minute"
    first, last = max(1, round(low / 60)), max(1, -(-int(high) // 60))
    return f"about {first} min" if first >= last else f"about {first}\N{EN DASH}{last} min"


def people(count: int) -> str:
    """Return `nobody`, `1 person`, `3 people`."""
    return "nobody" if count == 0 else "1 person" if count == 1 else f"{count} people"
