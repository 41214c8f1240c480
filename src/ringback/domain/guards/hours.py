"""Calling hours in every zone a number may lie in: a number tells a country or a region, never where somebody is."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, time, timedelta
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

import phonenumbers
from phonenumbers import NumberParseException, timezone

from ringback.domain.guards.verdict import GuardCause, GuardRefusal

_HALF_A_YEAR = timedelta(days=182)
_UNKNOWN = timezone.UNKNOWN_TIMEZONE
_CHANGES = 12  # edges looked at until the intersection of several zones' hours is found, or is none


@dataclass(frozen=True, slots=True, kw_only=True)
class Places:
    """Where a number may lie: zones whose clocks differ. `asked`: too many, or none known, so the customer has to say when."""

    zones: tuple[ZoneInfo, ...]
    asked: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class CallingTimes:
    """Between which times of day somebody may be called at a time that we chose, in all of these zones."""

    start: time
    end: time
    zones: tuple[str, ...]


def possible_places(number: str, now: datetime, *, most: int) -> Places:
    """Return the zones of an E.164 number; two whose clocks show the same all year are one."""
    try:
        parsed = phonenumbers.parse(number, None)
    except NumberParseException:
        return Places(zones=(), asked=True)
    names = timezone.time_zones_for_number(parsed)
    if _UNKNOWN in names:  # its kind is not known: its prefix may be
        names = timezone.time_zones_for_geographical_number(parsed)
    found: dict[tuple[timedelta | None, ...], ZoneInfo] = {}
    for name in names:
        zone = _zone(name)
        if zone is not None:
            clocks = tuple((now + _HALF_A_YEAR * half).astimezone(zone).utcoffset() for half in range(2))
            found.setdefault(clocks, zone)
    zones = tuple(found.values())
    return Places(zones=zones, asked=not zones or len(zones) > most)


def _zone(name: str) -> ZoneInfo | None:
    if name == _UNKNOWN:
        return None
    try:
        return ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError):
        return None


def in_hours(at: datetime, start: time, end: time, zones: Iterable[ZoneInfo]) -> bool:
    """Tell whether every zone's clock is inside the hours."""
    return all(start <= at.astimezone(zone).time() < end for zone in zones)


def next_in_hours(at: datetime, start: time, end: time, zones: Sequence[ZoneInfo]) -> datetime | None:
    """Return the first instant from `at` on that is inside the hours in every zone; None where there is none."""
    for _ in range(_CHANGES):
        late = [zone for zone in zones if not start <= at.astimezone(zone).time() < end]
        if not late:
            return at
        at = max(_next_start(at, start, zone) for zone in late)
    return None


def _next_start(at: datetime, start: time, zone: ZoneInfo) -> datetime:
    local = at.astimezone(zone)
    for days in range(3):
        edge = datetime.combine(local.date() + timedelta(days=days), start, zone).astimezone(UTC)
        if edge > at:
            return edge
    raise AssertionError("every day has its calling hours")


def judge_hours(now: datetime, calling: CallingTimes | None) -> GuardRefusal | None:
    """Refuse outside the hours of any of the zones; None as `calling` means that the customer named the time."""
    if calling is None:
        return None
    zones = tuple(ZoneInfo(name) for name in calling.zones)
    if in_hours(now, calling.start, calling.end, zones):
        return None
    where = "where this number may be" if len(zones) > 1 else "where you are"
    return GuardRefusal(
        cause=GuardCause.HOURS,
        words=f"We call between {calling.start:%H:%M} and {calling.end:%H:%M} {where}.",
        next="Pick a time between, or name one yourself.",
        again_at=next_in_hours(now, calling.start, calling.end, zones),
    )
