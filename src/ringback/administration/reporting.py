"""`ringback report`: the score of a business, as a table or JSON."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import date
from typing import Any

from rich.table import Table

from ringback.administration.businesses import find_business
from ringback.domain.errors import Invalid
from ringback.installation import ready_installation
from ringback.local_clients import LocalReports
from ringback.postgres.address import Role
from ringback.settings import Settings


async def read_report(
    settings: Settings, business: str, *, since: str | None, until: str | None, queue: str | None
) -> Mapping[str, Any]:
    """Return the figures of these days of the business's zone, both included. Raises Invalid for a day that is none."""
    first = _day(since) if since else None
    last = _day(until) if until else first
    async with ready_installation(settings) as installation:
        found = await find_business(installation, business)
        reports = LocalReports(await installation.pool(Role.READ))
        today = await reports.today(found)
        return await reports.report(found, since=first or last or today, until=last or today, queue=queue)


def _day(text: str) -> date:
    try:
        return date.fromisoformat(text)
    except ValueError:
        raise Invalid(f"{text!r} is not a day such as 2026-11-22.", field="day") from None


def tables_of(figures: Mapping[str, Any]) -> Iterator[Table]:
    """Draw the figures; every definition is in docs/scores.md."""
    yield _table(f"{figures['begins']} – {figures['ends']}, {figures['zone']}", figures["total"])
    for group in figures["groups"]:
        yield _table(str(group["group"]), group)
    table = Table("must be 0", "", title=None)
    table.add_row("lost", str(figures["lost"]))
    table.add_row("rung twice", str(figures["rung_twice"]))
    yield table


def _table(title: str, group: Mapping[str, Any]) -> Table:
    table = Table("figure", "value", title=title, title_justify="left")
    for name, value in _flat(group):
        table.add_row(name, value)
    return table


def _flat(group: Mapping[str, Any], prefix: str = "") -> Iterator[tuple[str, str]]:
    for name, value in group.items():
        words = f"{prefix}{name.replace('_', ' ')}"
        if isinstance(value, Mapping):
            yield from _flat(value, f"{words} · ")
        elif name != "group":
            yield words, "–" if value is None else f"{value:.1f}" if isinstance(value, float) else str(value)
