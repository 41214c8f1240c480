"""How a customer's words for a time are read, shown to whoever wants to know."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any
from zoneinfo import ZoneInfo

from ringback.callback_application_server.rules.when import Reading, ReadingKind, read
from ringback.domain.errors import ConfigurationError

_SHOWN = "%a %d %b %Y %H:%M %Z"


def clock(now: str, zone: str) -> datetime:
    """Return the customer's clock, in their zone; without `now`, the clock on the wall there. Raises ConfigurationError for what is neither."""
    try:
        place = ZoneInfo(zone)
    except (KeyError, ValueError, OSError) as error:
        raise ConfigurationError(
            f"{zone!r} is no time zone; one is called Europe/Berlin or America/New_York"
        ) from error
    if not now:
        return datetime.now(UTC).astimezone(place)
    try:
        moment = datetime.fromisoformat(now)
    except ValueError as error:
        raise ConfigurationError(f"{now!r} is no time; write it as 2026-11-23T10:00") from error
    return moment.replace(tzinfo=place) if moment.tzinfo is None else moment.astimezone(place)


def read_text(text: str, *, clock: datetime, locale: str | None) -> Reading:
    """Read one text of a customer whose clock and zone these are."""
    assert isinstance(clock.tzinfo, ZoneInfo)
    return read(text, now=clock, zone=clock.tzinfo, locale=locale)


def as_plain(reading: Reading) -> dict[str, Any]:
    """Return the reading as JSON: times in ISO 8601 with the offset of the customer's zone."""
    return {
        "kind": reading.kind.value,
        "start": _moment(reading.start),
        "end": _moment(reading.end),
        "alternatives": [{"start": _moment(each.start), "end": _moment(each.end)} for each in reading.alternatives],
        "evidence": list(reading.evidence),
    }


def in_words(reading: Reading) -> str:
    """Return the reading in a line."""
    line = reading.kind.value
    if reading.kind is ReadingKind.WINDOW and reading.start and reading.end:
        line += f"  {reading.start:{_SHOWN}} – {reading.end:%H:%M}"
    elif reading.start:
        line += f"  {reading.start:{_SHOWN}}"
    elif reading.alternatives:
        line += "  " + " | ".join(f"{each.start:{_SHOWN}}" for each in reading.alternatives)
    elif reading.passed:
        line += f"  {reading.passed:{_SHOWN}} has passed"
    if reading.evidence:
        line += "  (read: " + ", ".join(reading.evidence) + ")"
    return line


def _moment(value: datetime | None) -> str | None:
    return value.isoformat(timespec="minutes") if value else None
