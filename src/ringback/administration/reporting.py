"""`ringback report`: the score of a business from its database, or of anybody's from an exported ledger; a table, JSON, a page."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import date
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

from rich.table import Table

from ringback.administration.businesses import find_business
from ringback.administration.files import write_whole
from ringback.administration.report_page import report_page
from ringback.administration.report_words import Line, heading, lines_of, must_be_zero
from ringback.domain.errors import Invalid, NotFound
from ringback.installation import ready_installation
from ringback.interaction_manager.ledger_file import LedgerFile, read_ledger, written
from ringback.interaction_manager.rules.records import Ledger
from ringback.interaction_manager.rules.report import Report, narrowed, report_of
from ringback.local_clients import LocalReports, days_as_instants, read_group, read_interval
from ringback.postgres.address import Role
from ringback.settings import Settings


@dataclass(frozen=True, slots=True, kw_only=True)
class Asked:
    """What a report is asked for, as typed."""

    since: str | None = None
    until: str | None = None
    queue: str | None = None
    by: str | None = None
    interval: str | None = None


async def read_ledger_of(settings: Settings, business: str | None, asked: Asked) -> Ledger:
    """Return what these days of the business's zone, both included, rest on. Raises Invalid for a day that is none."""
    assert business is not None, "a report is of a business, or of a file"
    first = _day(asked.since) if asked.since else None
    last = _day(asked.until) if asked.until else first
    async with ready_installation(settings) as installation:
        found = await find_business(installation, business)
        reports = LocalReports(await installation.pool(Role.READ))
        today = await reports.today(found)
        return await reports.ledger(found, since=first or last or today, until=last or today, queue=asked.queue)


def open_ledger(file: Path, asked: Asked) -> LedgerFile:
    """Read the part of an exported ledger that is asked for. Raises Invalid when it cannot be read, or is of one other queue."""
    try:
        with file.open("rb") as lines:
            found = read_ledger(lines)
    except OSError as error:
        raise Invalid(f"{file}: {error.strerror}.", id="ledger-invalid", field="ledger") from error
    if found.queue is not None and asked.queue not in (None, found.queue):
        raise Invalid(f"This ledger is of the queue {found.queue} only.", id="ledger-invalid", field="queue")
    return replace(found, ledger=_narrowed_to(found.ledger, asked))


def _narrowed_to(ledger: Ledger, asked: Asked) -> Ledger:
    """Return the part of a ledger that is asked for. Raises Invalid when it holds nothing of those days, NotFound for no queue of its business."""
    if asked.queue is not None and asked.queue not in ledger.service_level:
        raise NotFound(f"There is no queue {asked.queue} in this ledger.", id="unknown-queue", field="queue")
    begins, ends = ledger.begins, ledger.ends
    if asked.since or asked.until:
        first = _day(asked.since or asked.until or "")
        last = _day(asked.until) if asked.until else first
        asked_begins, asked_ends = days_as_instants(first, last, ZoneInfo(ledger.zone))
        begins, ends = max(begins, asked_begins), min(ends, asked_ends)
    if ends <= begins:
        raise Invalid("The ledger holds nothing of these days.", field="from")
    return narrowed(ledger, begins=begins, ends=ends, queue=asked.queue)


def make_report(ledger: Ledger, asked: Asked) -> Report:
    """Make the report that is asked for."""
    return report_of(ledger, queue=asked.queue, by=read_group(asked.by), interval=read_interval(asked.interval))


def write_files(ledger: Ledger, asked: Asked, *, export: Path | None, html: Path | None) -> Iterator[str]:
    """Write what is asked for, each file whole or not at all; say the export's digest, to be kept apart from it."""
    if export is not None:
        lines = list(written(ledger, queue=asked.queue))
        write_whole(export, lines)
        yield f"{export}: sha256 {json.loads(lines[-1])['sha256']}"
    if html is not None:
        interval = read_interval(asked.interval) if asked.interval else None
        write_whole(html, [report_page(ledger, queue=asked.queue, interval=interval)])


def json_of(report: Report, found: LedgerFile | None) -> dict[str, Any]:
    """Return a report as JSON; one made from a file says what was wrong with it."""
    plain = report.as_json()
    if found is None:
        return plain
    problems = [{"line": each.number, "why": each.why} for each in found.problems]
    return {**plain, "ledger": {"sha256": found.digest, "genuine": found.genuine, "problems": problems}}


def complaints_of(found: LedgerFile) -> Iterator[str]:
    """Say what is wrong with a file that could be read."""
    for each in found.problems:
        yield f"line {each.number} is left out: {each.why}"
    if not found.genuine:
        yield "the digest in its end line is not that of its lines: the file was changed after it was written"


def tables_of(report: Report) -> Iterator[Table]:
    """Draw the figures; every definition is in docs/scores.md."""
    yield _table(heading(report), lines_of(report.total))
    for group in report.groups:
        yield _table(f"{report.by} {group.group or 'without a name'}", lines_of(group))
    yield _table("must be 0", must_be_zero(report))


def _table(title: str, lines: Iterator[Line]) -> Table:
    table = Table("figure", "value", "beside it", title=title, title_justify="left")
    for line in lines:
        table.add_row(line.name, line.value, line.beside)
    return table


def _day(text: str) -> date:
    try:
        return date.fromisoformat(text)
    except ValueError:
        raise Invalid(f"{text!r} is not a day such as 2026-11-22.", field="day") from None
