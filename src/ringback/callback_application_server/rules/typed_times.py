"""Times as people type them, where they are obvious: now, in a while, at a time today, tomorrow or on a weekday."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from ringback.domain.times import When, WhenKind

_NOW = re.compile(
    r"\b(?:asap|as soon as (?:possible|you can)|right (?:now|away)|straight ?away|immediately|at once|soonest)\b",
    re.IGNORECASE,
)
_BARE_NOW = re.compile(r"\bnow\b", re.IGNORECASE)
_CALL = re.compile(r"\b(?:call|ring|phone)\b", re.IGNORECASE)
_NOT_NOW = re.compile(
    r"\b(?:not|isn't|can't talk|busy) (?:right )?(?:now|at once|immediately|right away|straight ?away)\b", re.IGNORECASE
)
_NUMBERS = {
    "a": 1,
    "an": 1,
    "one": 1,
    "two": 2,
    "three": 3,
    "four": 4,
    "five": 5,
    "ten": 10,
    "fifteen": 15,
    "twenty": 20,
    "thirty": 30,
}
_AMOUNT = (
    r"(?:(?P<half>half an hour)|(?P<count>a couple of|\d{1,3}|"
    + "|".join(_NUMBERS)
    + r") ?(?P<unit>min(?:ute)?s?|m|h(?:ou)?rs?|h)(?: and (?P<and_half>a half)| ?(?:and )?(?P<and_minutes>\d{1,2}) ?m(?:in(?:ute)?s?)?)?)"
)
_WAITS = tuple(
    re.compile(pattern, re.IGNORECASE)
    for pattern in (
        rf"\bin (?:about )?{_AMOUNT}\b",
        rf"\b{_AMOUNT} (?:from now|later)\b",
        rf"^\s*(?:give me )?{_AMOUNT}(?: please)?[.!]?\s*$",
    )
)
_HOURS = ("one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten", "eleven", "twelve")
_SPOKEN = re.compile(
    r"\b(?P<part>half past|quarter past|quarter to) (?P<hour>\d{1,2}|" + "|".join(_HOURS) + r")\b(?!:)", re.IGNORECASE
)
_CLOCK = re.compile(
    r"\b(?:(?:at|around|about|after|from|@) ?)?(?:(noon|midday)|(\d{1,2})(?:[:.h](\d{2}))? ?(a\.?m\.?|p\.?m\.?|o'?clock)?)(?![\d/%])(?! ?(?:min|hour|day|week|people|times?\b))",
    re.IGNORECASE,
)
_MARKED = re.compile(
    r"\b(?:at|around|about|after|from|@) ?\d|\d[:.]\d\d|\d ?(?:am|pm|a\.m|p\.m|o'?clock)|\b(?:noon|midday)\b",
    re.IGNORECASE,
)
_BEYOND = re.compile(  # what only a fuller reading gets right: the customer is asked to pick instead
    r"\b(?:yesterday|ago|weeks?|months?|before|between|until|till|past|quarter|half past|next|last(?! time)|every|from now|"
    r"(?:jan|feb|mar|apr|may|jun|jul|aug|sep|oct|nov|dec)[a-z]*\.? ?\d|\d+(?:st|nd|rd|th)|\d{1,2} ?(?:-|–|to) ?\d{1,2}|"
    r"heute|morgen|demain|aujourd|hoy|ma[nñ]ana|amanh[ãa]|hoje|domani|oggi|am or pm|morning|afternoon|evening|pacific|eastern|central|[a-z]{1,3}t\b(?<=[cepm][sd]t))|\d/\d",
    re.IGNORECASE,
)
_WEEKDAYS = ("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday")
_DAY = re.compile(
    r"\b(today|tonight|tomorrow|tomorow|tmrw|tmw|the day after tomorrow|(?:next |on |this )?(?:"
    + "|".join(f"{name[:3]}(?:{name[3:]})?" for name in _WEEKDAYS)
    + r"))\b",
    re.IGNORECASE,
)


@dataclass(frozen=True, slots=True, kw_only=True)
class TimeReading:
    """What was read; `passed` when a time of today was named that lies behind us."""

    when: When
    passed: bool = False


def read_when(text: str, *, now: datetime, zone: ZoneInfo) -> TimeReading | None:
    """Return the time a message names, if it obviously names one."""
    name = zone.key
    if (
        (_NOW.search(text) or _asks_for_now(text))
        and not _NOT_NOW.search(text)
        and not re.search(r"\d|\bfrom now\b", text)
    ):
        return TimeReading(when=When(kind=WhenKind.ASAP, zone=name))
    if match := next(filter(None, (wait.search(text) for wait in _WAITS)), None):
        return TimeReading(when=When(kind=WhenKind.INSTANT, zone=name, start=_minute(now + _length(match))))
    text = _SPOKEN.sub(_in_digits, text)
    if _BEYOND.search(text):
        return None
    day_match = _DAY.search(text)
    clock_match = _clock_match(text, has_day=day_match is not None)
    if clock_match is None:
        return None
    local = now.astimezone(zone)
    day = _day(day_match[1], local.date()) if day_match else None
    return _at(clock_match, day, local, zone)


def _asks_for_now(text: str) -> bool:
    """A bare "now" is a time where the text is hardly longer, or asks for a call before it: "my bill is now higher" is neither."""
    found = _BARE_NOW.search(text)
    if found is None:
        return False
    words = text.split(maxsplit=5)
    return (len(words) <= 4 and bool(_BARE_NOW.search(words[-1]))) or bool(_CALL.search(text, 0, found.start()))


def _clock_match(text: str, *, has_day: bool) -> re.Match[str] | None:
    """Find a clock time; a bare number is one only beside a day, or where nothing else is said."""
    if not (_MARKED.search(text) or (has_day and re.search(r"\d", text)) or re.fullmatch(r"\s*\d{1,2}\s*", text)):
        return None
    candidates = [each for each in _CLOCK.finditer(text) if each[1] or int(each[2]) <= 24]
    marked = [each for each in candidates if _MARKED.search(each[0])]
    alone = has_day or re.fullmatch(r"\s*\d{1,2}\s*", text)
    return next(iter(marked or (candidates if alone else ())), None)


def _at(match: re.Match[str], day: date | None, local: datetime, zone: ZoneInfo) -> TimeReading | None:
    hour, minute = (12, 0) if match[1] else (int(match[2]), int(match[3] or 0))
    half = (match[4] or "").replace(".", "").lower()
    if hour > 24 or minute > 59 or (half in ("am", "pm") and not 1 <= hour <= 12):
        return None
    if half == "pm":
        hour = hour % 12 + 12
    elif half == "am":
        hour %= 12
    elif not match[1] and 1 <= hour <= 7 and not match[2].startswith("0"):
        hour += 12  # "at 4" and "4:30" are in the afternoon, where offices are open; "04:30" is not
    hour %= 24
    wanted = _instant(day or local.date(), hour, minute, zone)
    when = When(kind=WhenKind.INSTANT, zone=zone.key, start=wanted)
    if wanted >= local - timedelta(minutes=1):
        return TimeReading(when=when)
    if day is not None:
        return TimeReading(when=when, passed=True)
    tomorrow = _instant(local.date() + timedelta(days=1), hour, minute, zone)
    return TimeReading(when=When(kind=WhenKind.INSTANT, zone=zone.key, start=tomorrow))


def _instant(day: date, hour: int, minute: int, zone: ZoneInfo) -> datetime:
    """Return the moment a clock on that wall shows this; a time the clocks skip becomes the one an hour on."""
    return datetime.combine(day, time(hour, minute), tzinfo=zone).astimezone(ZoneInfo("UTC"))


def _day(word: str, today: date) -> date:
    word = word.lower()
    if word in ("today", "tonight"):
        return today
    if word in ("tomorrow", "tomorow", "tmrw", "tmw"):
        return today + timedelta(days=1)
    if word == "the day after tomorrow":
        return today + timedelta(days=2)
    name = word.split()[-1][:3]
    number = next(n for n, each in enumerate(_WEEKDAYS) if each.startswith(name))
    return today + timedelta(days=(number - today.weekday()) % 7 or 7)


def _in_digits(match: re.Match[str]) -> str:
    """Write `half past three` as `at 3:30`."""
    word = match["hour"].lower()
    hour = int(word) if word.isdigit() else _HOURS.index(word) + 1
    if match["part"].lower() == "quarter to":
        return f"at {(hour - 2) % 12 + 1 if hour <= 12 else hour - 1}:45"
    return f"at {hour}:{'30' if match['part'].lower() == 'half past' else '15'}"


def _length(match: re.Match[str]) -> timedelta:
    if match["half"]:
        return timedelta(minutes=30)
    word = match["count"].lower()
    count = 2 if word == "a couple of" else int(word) if word.isdigit() else _NUMBERS[word]
    unit = timedelta(hours=1) if match["unit"].lower().startswith("h") else timedelta(minutes=1)
    return count * unit + (unit / 2 if match["and_half"] else timedelta(minutes=int(match["and_minutes"] or 0)))


def _minute(instant: datetime) -> datetime:
    """Round up to the minute: people name minutes."""
    return (
        instant
        if instant.second == instant.microsecond == 0
        else instant.replace(second=0, microsecond=0) + timedelta(minutes=1)
    )
