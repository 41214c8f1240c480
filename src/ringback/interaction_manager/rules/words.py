"""Times as people say them in one line of reason: the clock for today, the day with it otherwise; and figures in words."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import datetime
from typing import Any
from uuid import UUID
from zoneinfo import ZoneInfo


def clock(at: datetime, zone: ZoneInfo, now: datetime) -> str:
    """Return `15:15`, or `Wed 25 Nov, 08:00` when it is another day there; with the offset in an hour that comes twice."""
    shown = at.astimezone(zone)
    time = f"{shown:%H:%M}" if not shown.second else f"{shown:%H:%M:%S}"
    if shown.replace(fold=0).utcoffset() != shown.replace(fold=1).utcoffset():
        time += f" (UTC{shown:%z})"
    if shown.date() == now.astimezone(zone).date():
        return time
    return f"{shown:%a} {shown.day} {shown:%b}, {time}"


def span(start: datetime, end: datetime, zone: ZoneInfo, now: datetime) -> str:
    """Return `15:15–15:30`, with the day where it is not today."""
    first = clock(start, zone, now)
    same_day = start.astimezone(zone).date() == end.astimezone(zone).date()
    return f"{first}\N{EN DASH}{clock(end, zone, end if same_day else now)}"


def minutes(low: float, high: float) -> str:
    """Return a range of seconds as people say it: `about 6-9 min`, `less than a minute`."""
    if high < 60:
        return "less than a minute"
    first, last = max(1, round(low / 60)), max(1, -(-int(high) // 60))
    return f"about {first} min" if first >= last else f"about {first}\N{EN DASH}{last} min"


def length(seconds: float) -> str:
    """Return `0.4 s`, `42 s`, `6 min 08 s`, `1 h 02 min`."""
    if seconds < 10:
        return f"{seconds:.1f}".removesuffix(".0") + " s"
    whole = round(seconds)
    if whole < 60:
        return f"{whole} s"
    if whole < 3600:
        return f"{whole // 60} min {whole % 60:02d} s"
    return f"{whole // 3600} h {whole % 3600 // 60:02d} min"


def people(count: int) -> str:
    """Return `nobody`, `1 person`, `3 people`."""
    return "nobody" if count == 0 else "1 person" if count == 1 else f"{count} people"


# Figures that rules record behind a verdict, in the order in which they are told; every other is told after them, by its own name.
_FIGURES = {
    "routed": "it went there because {}",
    "ahead": "{} ahead in line",
    "line": "{} in line",
    "waiting": "{} waiting",
    "on_duty": "{} on duty",
    "free_now": "{} free at that moment",
    "handling_seconds": "a call takes {} on average, as learned",
    "wait_p10": "one wait in ten ends within {}",
    "wait_p50": "half of the waits end within {}",
    "wait_p90": "nine waits in ten end within {}",
    "wait_p97": "97 % of the waits end within {}",
    "planned": "{} planned",
    "booked": "{} booked",
    "room": "room for {}",
    "slot": "in the slot that begins at {}",
    "opens": "opens at {}",
    "closing": "closes at {}",
    "serve_the_queue": "{} serve the queue",
    "have_the_skills": "{} have the skills",
    "logged_in": "{} logged in",
    "not_asked_yet": "{} not asked yet",
    "tried": "{} tried",
    "free": "{} free",
    "could_take_it": "{} could take it",
    "others": "the others: {}",
    "skills": "skills: {}",
    "language": "language: {}",
    "idle_since": "idle since {}",
    "until": "until {}",
    "probability": "the probability of keeping it was {}",
    "words": "in their words: {}",
    "said": "said: {}",
}
_ORDER = {name: index for index, name in enumerate(_FIGURES)}
_COUNTS = frozenset({"ahead", "line", "waiting", "on_duty", "free_now", "planned", "booked", "logged_in", "free"})
_LENGTHS = frozenset({"handling_seconds", "wait_p10", "wait_p50", "wait_p90", "wait_p97"})
# Told by the sentence itself, or a figure that orders things and says nothing to people.
_UNSAID = frozenset(
    {
        "level", "agent", "attempt", "number", "asked", "window_start", "window_end", "from_start", "from_end", "notice",
        "outcome", "reason", "id", "provider", "why", "block", "follow_up", "named_time", "ended_by", "code",
    }
)  # fmt: skip


def basis(detail: Mapping[str, Any], zone: ZoneInfo, now: datetime) -> Iterator[str]:
    """Yield in words what a decision rested on, from the figures recorded with it."""
    for name in sorted(detail, key=lambda each: (_ORDER.get(each, len(_ORDER)), each)):
        value = detail[name]
        if name in _UNSAID or value is None or value == "" or isinstance(value, UUID | list | dict):
            continue
        shown = _shown(value, zone, now)
        if name in _COUNTS and value == 0:
            shown = "nobody"
        elif isinstance(value, int | float) and name in _LENGTHS:
            shown = length(float(value))
        elif isinstance(value, int | float) and name == "probability":
            shown = f"{round(100 * value)} %"
        yield _FIGURES[name].format(shown) if name in _FIGURES else f"{name.replace('_', ' ')}: {shown}"


def _shown(value: object, zone: ZoneInfo, now: datetime) -> str:
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, float):
        return f"{value:g}"
    text = str(value)
    if "T" not in text and "-" not in text:
        return text
    try:
        at = datetime.fromisoformat(text)
    except ValueError:
        return text
    return text if at.tzinfo is None else clock(at, zone, now)
