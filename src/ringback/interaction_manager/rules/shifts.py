"""When an agent works: weekly shifts in a zone, less breaks and absences."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, date, datetime
from typing import Any
from zoneinfo import ZoneInfo

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

_REMEMBERED = 500  # days


@dataclass(frozen=True, slots=True, kw_only=True)
class Absence:
    """Days off, both included."""

    first: date
    last: date
    name: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Shifts:
    """An agent's plan. `week` None means: no plan of their own, they work when their queues are open."""

    zone: ZoneInfo
    week: Week | None = None
    breaks: tuple[ClockSpan, ...] = ()  # on every day of work
    absences: tuple[Absence, ...] = ()
    extra: Mapping[date, tuple[ClockSpan, ...]] | None = None  # days with shifts of their own
    cut: tuple[TimeWindow, ...] = ()  # when a headcount plans without them
    out: TimeWindow | None = None  # away, as an operator said, whatever the plan is
    _known: dict[date, tuple[list[TimeWindow], list[TimeWindow]]] = field(
        default_factory=dict, init=False, repr=False, compare=False
    )

    def away(self, day: date) -> bool:
        """Tell whether they have this day off."""
        return any(absence.first <= day <= absence.last for absence in self.absences)

    def spans(self, start: datetime, end: datetime, open_spans: list[TimeWindow] | None = None) -> list[TimeWindow]:
        """Return when they work from `start` to `end`, in UTC; `open_spans` stands in for a plan they do not have."""
        if start >= end:
            return []
        works: list[TimeWindow] = []
        off: list[TimeWindow] = []
        day, last = start.astimezone(self.zone).date() - DAY, end.astimezone(self.zone).date()
        while day <= last:
            working, not_working = self._day(day)
            works += working
            off += not_working
            day += DAY
        if self.week is None:
            works += open_spans or []
        off += [window for window in self.cut if window.start < end and start < window.end]
        if self.out is not None:
            off.append(self.out)
        return clipped(without(merged(works), merged(off)), start.astimezone(UTC), end.astimezone(UTC))

    def on_shift(self, at: datetime, open_spans: list[TimeWindow] | None = None) -> bool:
        """Tell whether they work at this instant."""
        return any(span.start <= at < span.end for span in self.spans(at, at + DAY, open_spans))

    def _day(self, day: date) -> tuple[list[TimeWindow], list[TimeWindow]]:
        """Return the runs of work that begin on a day, and what is taken out of them; worked out once."""
        known = self._known.get(day)
        if known is None:
            if len(self._known) > _REMEMBERED:
                self._known.clear()
            if self.away(day):
                known = ([], instants(self.zone, day, ClockSpan(start=0 * DAY, end=DAY)) if self.week is None else [])
            else:
                known = (
                    [run for span in self._planned(day) for run in instants(self.zone, day, span)],
                    [run for span in self.breaks for run in instants(self.zone, day, span)],
                )
            self._known[day] = known
        return known

    def _planned(self, day: date) -> tuple[ClockSpan, ...]:
        if self.extra is not None and day in self.extra:
            return self.extra[day]
        return () if self.week is None else self.week[day.weekday()]


def read_shifts(reader: Reader, document: object, path: str, *, zone: str) -> Shifts:
    """Read an agent's shifts; `{}` means that they work when their queues are open. `zone` is the business's."""
    entry = reader.entry(document, path, set(), {"zone", "week", "breaks", "absences", "extra"}) or {}
    absences = []
    for i, item in enumerate(reader.sequence(entry.get("absences", []), f"{path}.absences")):
        here = f"{path}.absences[{i}]"
        given = reader.entry(item, here, {"first"}, {"last", "name"})
        if given is None:
            continue
        first = reader.day(given["first"], f"{here}.first")
        last = reader.day(given["last"], f"{here}.last") if "last" in given else first
        name = reader.text(given["name"], f"{here}.name") if given.get("name") else ""
        if first is not None and last is not None:
            if last < first:
                reader.problem(f"{here}.last", "lies before first")
            absences.append(Absence(first=first, last=last, name=name))
    extra: dict[date, tuple[ClockSpan, ...]] = {}
    for key, spans in reader.mapping(entry.get("extra", {}), f"{path}.extra").items():
        day = reader.day(key, f"{path}.extra.{key}")
        if day is not None:
            extra[day] = read_spans(reader, spans, f"{path}.extra.{key}")
    return Shifts(
        zone=zone_of(reader.zone(entry.get("zone", zone), f"{path}.zone")),
        week=read_week(reader, entry["week"], f"{path}.week") if "week" in entry else None,
        breaks=read_spans(reader, entry.get("breaks", []), f"{path}.breaks"),
        absences=tuple(absences),
        extra=extra,
    )


def shifts_problems(document: object, path: str = "shifts", *, zone: str = "UTC") -> tuple[Problem, ...]:
    """Return everything that is wrong with a document of shifts."""
    reader = Reader()
    read_shifts(reader, document, path, zone=zone)
    return tuple(reader.problems)


def shifts_of(document: object, *, zone: str) -> Shifts:
    """Return the shifts of a document; raise Invalid naming the first field that is wrong."""
    reader = Reader()
    shifts = read_shifts(reader, document, "shifts", zone=zone)
    if reader.problems:
        first = reader.problems[0]
        raise Invalid(f"{first.path} {first.detail}", id="shifts-invalid", field=first.path)
    return shifts


def written_shifts(shifts: Shifts, zone: str) -> dict[str, Any]:
    """Return shifts as their document, the zone left out where it is the business's."""
    written: dict[str, Any] = {} if shifts.zone.key == zone else {"zone": shifts.zone.key}
    if shifts.week is not None:
        written["week"] = written_week(shifts.week)
    if shifts.breaks:
        written["breaks"] = [str(span) for span in shifts.breaks]
    if shifts.absences:
        written["absences"] = [
            {"first": each.first.isoformat(), "last": each.last.isoformat()}
            | ({"name": each.name} if each.name else {})
            for each in shifts.absences
        ]
    if shifts.extra:
        days = sorted(shifts.extra.items())
        written["extra"] = {day.isoformat(): [str(span) for span in spans] for day, spans in days}
    return written
