"""Shifts from the business's own planning, as CSV or rows: named ones or headcounts. Everything wrong is named by its line, and nothing is half taken."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from itertools import pairwise
from typing import Any
from zoneinfo import ZoneInfo

from ringback.domain.documents import Problem
from ringback.domain.times import TimeWindow
from ringback.interaction_manager.rules.reading import Reader
from ringback.interaction_manager.rules.wall_clock import ClockSpan, instants, read_span

NAMED = ("agent", "day", "start", "end")
COUNTED = ("skill", "day", "start", "end", "agents")
MOST_ROWS = 50_000
MOST_PROBLEMS = 20
FOR_QUEUE = "queue:"


@dataclass(frozen=True, slots=True, kw_only=True)
class Known:
    """What rows may name. `zone`: the business's, in which its times are written."""

    agents: frozenset[str]
    skills: frozenset[str]
    queues: frozenset[str]
    zone: ZoneInfo


@dataclass(frozen=True, slots=True, kw_only=True)
class Headcount:
    """So many people of a skill work from then till then."""

    skill: str
    span: TimeWindow
    agents: int


@dataclass(frozen=True, slots=True, kw_only=True)
class ShiftImport:
    """What a file says: days of agents (no span: off), or headcounts."""

    days: Mapping[tuple[str, date], tuple[str, ...]]
    headcounts: tuple[Headcount, ...] = ()


def rows_of(document: Mapping[str, Any], reader: Reader) -> list[tuple[str, dict[str, Any]]]:
    """Return the rows of a document with where each stands: `csv` by line numbers, `shifts` or `headcount` by row numbers."""
    given = [key for key in ("csv", "shifts", "headcount") if document.get(key) is not None]
    if len(given) != 1:
        reader.problem("document", "needs one of csv, shifts, headcount")
        return []
    if given == ["csv"]:
        return _csv_rows(document["csv"], reader)
    columns = NAMED if given == ["shifts"] else COUNTED
    rows = []
    for n, row in enumerate(reader.sequence(document[given[0]], given[0]), start=1):
        entry = reader.entry(row, f"row {n}", set(columns[:2]), set(columns[2:]))
        if entry is not None:
            rows.append((f"row {n}", entry))
    return rows


def _csv_rows(text: object, reader: Reader) -> list[tuple[str, dict[str, Any]]]:
    if not isinstance(text, str):
        reader.problem("csv", "must be text")
        return []
    text = text.removeprefix("\ufeff")
    first = text.partition("\n")[0]
    lines = csv.reader(io.StringIO(text), delimiter=";" if first.count(";") > first.count(",") else ",", strict=True)
    rows: list[tuple[str, dict[str, Any]]] = []
    try:
        header = [name.strip().lower() for name in next(lines, [])]
        if sorted(header) not in (sorted(NAMED), sorted(COUNTED)):
            reader.problem("line 1", f"must name the columns {','.join(NAMED)} or {','.join(COUNTED)}")
            return []
        for cells in lines:
            if not any(cell.strip() for cell in cells):
                continue
            where = f"line {lines.line_num}"
            if len(cells) != len(header):
                reader.problem(where, f"has {len(cells)} columns, not {len(header)}")
                continue
            rows.append((where, dict(zip(header, (cell.strip() for cell in cells), strict=True))))
    except csv.Error as error:
        reader.problem(f"line {lines.line_num}", f"cannot be read: {error}")
    return rows


def read_import(document: Mapping[str, Any], known: Known) -> tuple[ShiftImport | None, tuple[Problem, ...]]:
    """Read a document; with any problem nothing of it is returned."""
    reader = Reader()
    rows = rows_of(document, reader)
    if len(rows) > MOST_ROWS:
        reader.problem("document", f"has more than {MOST_ROWS} rows")
        rows = []
    named = bool(rows) and "agent" in rows[0][1]
    found = _days(rows, known, reader) if named else _headcounts(rows, known, reader)
    if not rows and not reader.problems:
        reader.problem("document", "has no rows")
    return (None if reader.problems else found), tuple(reader.problems)


def _days(rows: Sequence[tuple[str, dict[str, Any]]], known: Known, reader: Reader) -> ShiftImport:
    days: dict[tuple[str, date], list[tuple[ClockSpan, str]]] = {}
    off: dict[tuple[str, date], str] = {}
    for where, row in rows:
        agent = str(row["agent"])
        if agent not in known.agents:
            reader.problem(where, f"there is no agent {agent}")
        day = reader.day(row["day"], where)
        if day is None:
            continue
        start, end = row.get("start") or "", row.get("end") or ""
        if not start and not end:
            off[agent, day] = where
            days.setdefault((agent, day), [])
            continue
        span = _span(reader, start, end, where)
        if span is None:
            continue
        earlier = days.setdefault((agent, day), [])
        met = next((at for other, at in earlier if other.start < span.end and span.start < other.end), None)
        if met is not None:
            reader.problem(where, f"overlaps {met}")
        earlier.append((span, where))
    for key, where in off.items():
        if days[key]:
            reader.problem(where, f"is off, and {days[key][0][1]} is not")
    return ShiftImport(
        days={
            key: tuple(str(span) for span, _ in sorted(spans, key=lambda each: each[0].start))
            for key, spans in days.items()
        }
    )


def _headcounts(rows: Sequence[tuple[str, dict[str, Any]]], known: Known, reader: Reader) -> ShiftImport:
    found: list[tuple[Headcount, str]] = []
    for where, row in rows:
        skill = str(row["skill"])
        queue = skill.removeprefix(FOR_QUEUE) if skill.startswith(FOR_QUEUE) else None
        if queue is not None and queue not in known.queues:
            reader.problem(where, f"there is no queue {queue}")
        elif queue is None and skill not in known.skills:
            reader.problem(where, f"nobody has the skill {skill}")
        day = reader.day(row["day"], where)
        span = _span(reader, row.get("start") or "", row.get("end") or "", where)
        count = _count(reader, row.get("agents"), where)
        if day is None or span is None or count is None:
            continue
        runs = instants(known.zone, day, span)
        if not runs:
            reader.problem(where, f"{span} does not exist on {day} in {known.zone.key}: the clocks skip it")
        found += [(Headcount(skill=skill, span=run, agents=count), where) for run in runs]
    found.sort(key=lambda each: (each[0].skill, each[0].span.start))
    for (one, at), (other, where) in pairwise(found):
        if one.skill == other.skill and other.span.start < one.span.end:
            reader.problem(where, f"overlaps {at}")
    return ShiftImport(days={}, headcounts=tuple(headcount for headcount, _ in found))


def _span(reader: Reader, start: str, end: str, where: str) -> ClockSpan | None:
    return read_span(reader, f"{start}-{end}", where)


def _count(reader: Reader, value: object, where: str) -> int | None:
    if isinstance(value, str) and value.isdigit():
        value = int(value)
    if isinstance(value, int) and not isinstance(value, bool) and 0 <= value <= 100_000:
        return value
    reader.problem(where, "agents must be a whole number")
    return None


def in_words(problems: Iterable[Problem]) -> str:
    """Return what is wrong as one text, the first lines of it."""
    said = [f"{each.path}: {each.detail}" for each in problems]
    more = f"; and {len(said) - MOST_PROBLEMS} more" if len(said) > MOST_PROBLEMS else ""
    return f"Nothing was changed. {'; '.join(said[:MOST_PROBLEMS])}{more}."
