"""When a queue is open: weekly hours in its zone, public holidays, own closed days, and days with hours of their own."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from functools import lru_cache
from typing import Any
from zoneinfo import ZoneInfo

import holidays

from ringback.domain.documents import Problem
from ringback.domain.errors import Invalid
from ringback.domain.times import TimeWindow
from ringback.interaction_manager.rules.reading import Reader, zone_of
from ringback.interaction_manager.rules.wall_clock import (
    DAY,
    ClockSpan,
    Week,
    clipped,
    instants,
    merged,
    read_spans,
    read_week,
    without,
    written_week,
)

_STEP = timedelta(days=14)
_FAR = timedelta(days=400)
_REMEMBERED = 500  # days


@dataclass(frozen=True, slots=True, kw_only=True)
class SpecialDay:
    """A day whose hours differ: none, or other ones."""

    name: str
    spans: tuple[ClockSpan, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Closure:
    """Time in which somebody has closed it, whatever the week says."""

    window: TimeWindow
    name: str


@lru_cache(maxsize=256)
def _public_holidays(country: str, subdivision: str | None) -> holidays.HolidayBase:
    return holidays.country_holidays(country, subdiv=subdivision)


@dataclass(frozen=True, slots=True, kw_only=True)
class Hours:
    """Opening hours. `special` wins over public holidays, they win over the week; `closures` win over all."""

    zone: ZoneInfo
    week: Week
    country: str | None = None
    subdivision: str | None = None
    special: Mapping[date, SpecialDay] = field(default_factory=dict)
    closures: tuple[Closure, ...] = ()
    _known: dict[date, list[TimeWindow]] = field(default_factory=dict, init=False, repr=False, compare=False)
    _closings: dict[datetime, datetime | None] = field(default_factory=dict, init=False, repr=False, compare=False)

    def closed_name(self, day: date) -> str | None:
        """Return the name of what closes this day: a holiday, or a closed day of the business's own."""
        special = self.special.get(day)
        if special is not None:
            return None if special.spans else special.name
        if self.country is not None:
            return _public_holidays(self.country, self.subdivision).get(day)
        return None

    def day_spans(self, day: date) -> tuple[ClockSpan, ...]:
        """Return the wall-clock spans that begin on this day."""
        special = self.special.get(day)
        if special is not None:
            return special.spans
        return () if self.closed_name(day) is not None else self.week[day.weekday()]

    def open_spans(self, start: datetime, end: datetime) -> list[TimeWindow]:
        """Return when it is open from `start` to `end`, in order, in UTC."""
        if start >= end:
            return []
        return clipped(merged(self._runs(start, end)), start.astimezone(UTC), end.astimezone(UTC))

    def is_open(self, at: datetime) -> bool:
        """Tell whether it is open at this instant; the instant of closing is closed."""
        return any(run.start <= at < run.end for run in self._runs(at, at))

    def closing(self, at: datetime) -> datetime | None:
        """Return when it closes next; None when it is closed now, or does not close within two weeks."""
        if at not in self._closings:  # asked for at one moment by many
            if len(self._closings) > _REMEMBERED:
                self._closings.clear()
            self._closings[at] = self._closing(at)
        return self._closings[at]

    def _closing(self, at: datetime) -> datetime | None:
        for step in (DAY, _STEP):  # nearly always it closes within the day
            for span in merged(self._runs(at, at + step)):
                if span.start <= at < span.end and span.end < at + step:
                    return span.end
        return None

    def next_opening(self, at: datetime) -> datetime | None:
        """Return the first instant after `at` at which it opens; None when it does not within 400 days."""
        begin = at
        while begin < at + _FAR:
            for span in merged(self._runs(begin - DAY, begin + _STEP)):
                if span.start > at:
                    return span.start
            begin += _STEP
        return None

    def why_closed(self, at: datetime) -> str:
        """Return one line: why it is closed at this instant."""
        name = next((each.name for each in self.closures if each.window.contains(at)), None)
        name = name or self.closed_name(at.astimezone(self.zone).date())
        return f"closed: {name}" if name else "outside opening hours"

    def _runs(self, start: datetime, end: datetime) -> list[TimeWindow]:
        """Return the runs of every day that can touch the time from `start` to `end`, not clipped."""
        day, last = start.astimezone(self.zone).date() - DAY, end.astimezone(self.zone).date()
        runs: list[TimeWindow] = []
        while day <= last:
            runs += self._day_runs(day)
            day += DAY
        return without(runs, (each.window for each in self.closures)) if self.closures else runs

    def _day_runs(self, day: date) -> list[TimeWindow]:
        """Return the runs that begin on one day; worked out once, because every question about a week asks for them."""
        known = self._known.get(day)
        if known is None:
            if len(self._known) > _REMEMBERED:
                self._known.clear()
            known = [run for span in self.day_spans(day) for run in instants(self.zone, day, span)]
            self._known[day] = known
        return known


def read_hours(reader: Reader, document: object, path: str) -> Hours | None:
    """Read a queue's hours; None when they cannot be used."""
    entry = reader.entry(document, path, {"zone", "week"}, {"holidays", "closed_days", "special_days"})
    if entry is None:
        return None
    zone = zone_of(reader.zone(entry["zone"], f"{path}.zone"))
    week = read_week(reader, entry["week"], f"{path}.week")
    country, subdivision = _read_holidays(reader, entry.get("holidays"), f"{path}.holidays")
    special: dict[date, SpecialDay] = {}
    for key, optional in (("closed_days", set[str]()), ("special_days", {"open"})):
        for i, item in enumerate(reader.sequence(entry.get(key, []), f"{path}.{key}")):
            here = f"{path}.{key}[{i}]"
            given = reader.entry(item, here, {"day", "name"} | optional, set())
            if given is None:
                continue
            day, name = reader.day(given["day"], f"{here}.day"), reader.text(given["name"], f"{here}.name")
            if day is not None and day in special:
                reader.problem(f"{here}.day", f"{day} is there twice")
            if day is not None:
                special[day] = SpecialDay(name=name, spans=read_spans(reader, given.get("open", []), f"{here}.open"))
    return Hours(zone=zone, week=week, country=country, subdivision=subdivision, special=special)


def _read_holidays(reader: Reader, value: object, path: str) -> tuple[str | None, str | None]:
    if value is None:
        return None, None
    entry = reader.entry(value, path, {"country"}, {"subdivision"})
    if entry is None:
        return None, None
    country = reader.text(entry["country"], f"{path}.country")
    subdivision = reader.text(entry["subdivision"], f"{path}.subdivision") if entry.get("subdivision") else None
    try:
        _public_holidays(country, subdivision)
    except NotImplementedError:
        reader.problem(path, f"no public holidays are known for {country} {subdivision or ''}".rstrip())
        return None, None
    return country, subdivision


def hours_problems(document: object, path: str = "hours") -> tuple[Problem, ...]:
    """Return everything that is wrong with a document of hours."""
    reader = Reader()
    read_hours(reader, document, path)
    return tuple(reader.problems)


def hours_of(document: object) -> Hours:
    """Return the hours of a document; raise Invalid naming the first field that is wrong."""
    reader = Reader()
    hours = read_hours(reader, document, "hours")
    if hours is None or reader.problems:
        first = reader.problems[0]
        raise Invalid(f"{first.path} {first.detail}", id="hours-invalid", field=first.path)
    return hours


def written_hours(hours: Hours) -> dict[str, Any]:
    """Return hours as their document."""
    written: dict[str, Any] = {"zone": hours.zone.key, "week": written_week(hours.week)}
    if hours.country is not None:
        place = {"country": hours.country} | ({"subdivision": hours.subdivision} if hours.subdivision else {})
        written["holidays"] = place
    days = sorted(hours.special.items())
    closed = [{"day": day.isoformat(), "name": special.name} for day, special in days if not special.spans]
    other = [
        {"day": day.isoformat(), "name": special.name, "open": [str(span) for span in special.spans]}
        for day, special in days
        if special.spans
    ]
    return written | ({"closed_days": closed} if closed else {}) | ({"special_days": other} if other else {})
