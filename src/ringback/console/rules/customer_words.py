"""Who a customer is to desk and console: a name or the last three digits, never the number."""

from __future__ import annotations

from datetime import datetime
from zoneinfo import ZoneInfo

from ringback.console.rules.clock_words import clock, day_always, minutes


def customer_name(name: str | None, destination: str, ending: str | None) -> str:
    """Return the name, or `Customer ending 123`; of an address that is a chat its last digits, so that two are told apart: `Customer 4F2`."""
    if name and name.strip():
        return name.strip()
    if not ending:
        return "Customer in the chat"
    return f"Customer ending {ending}" if destination == "phone" else f"Customer {ending.upper()}"


def where_called(destination: str, ending: str | None, *, proved: bool) -> str:
    """Return `Phone ending 123, number proved`, or `Their browser, in the chat`."""
    if destination == "browser":
        return "Their browser, in the chat"
    return f"Phone ending {ending}" + (", number proved" if proved else "")


def consent_words(at: datetime | None, answer: bool | None, where: ZoneInfo) -> str | None:
    """Return `14:32, this request only`; None when nothing was asked."""
    if at is None:
        return None
    return f"{clock(at, where)}, this request only" if answer else f"{clock(at, where)}, refused"


def last_time(
    at: datetime | None, agent: str | None, talked: float | None, disposition: str | None, where: ZoneInfo
) -> str | None:
    """Return `17 Nov, Kim, 8 min, “Solved”`; None when they never talked."""
    if at is None:
        return None
    parts = [day_always(at, where), agent]
    if talked is not None:
        parts.append(f"{max(1, round(talked / 60))} min")
    if disposition:
        parts.append(f"“{disposition}”")
    return ", ".join(part for part in parts if part)


def local_time(zone_name: str, theirs: ZoneInfo, ours: ZoneInfo, now: datetime) -> str:
    """Return `Same as yours`, or `16:32 in Madrid, 1 h ahead`."""
    there, here = now.astimezone(theirs), now.astimezone(ours)
    ahead = (there.utcoffset() or there - there) - (here.utcoffset() or here - here)
    if not ahead:
        return "Same as yours"
    place = zone_name.rpartition("/")[2].replace("_", " ")
    hours = f"{minutes(abs(ahead)) / 60:g} h"
    return f"{clock(now, theirs)} in {place}, {hours} {'ahead' if ahead.total_seconds() > 0 else 'behind'}"
