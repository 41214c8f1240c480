"""The do-not-call list from the command line."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime

from ringback.administration.businesses import find_business
from ringback.console.statements import DO_NOT_CALL
from ringback.console.workflows.list_numbers import add_numbers, remove_number
from ringback.domain.guards.listing import Listed, read_csv, read_listed
from ringback.installation import ready_installation
from ringback.postgres.address import Role
from ringback.settings import Settings

PAGE = 500
BY = "cli"


@dataclass(frozen=True, slots=True, kw_only=True)
class Entry:
    """A line of the list."""

    number: str = field(repr=False)
    source: str
    note: str | None
    added_by: str
    added_at: datetime


async def list_all(settings: Settings, business: str) -> list[Entry]:
    """Return the whole list, newest first."""
    async with ready_installation(settings) as installation:
        found = await find_business(installation, business)
        database = await installation.pool(Role.APPLICATION)
        entries: list[Entry] = []
        async with database.transaction(found, name="read_do_not_call") as tx:
            while True:
                last = entries[-1] if entries else None
                rows = await tx.rows(
                    DO_NOT_CALL["list_numbers"],
                    business=found,
                    after=last.added_at if last else None,
                    after_number=last.number if last else "",
                    size=PAGE,
                )
                entries += [Entry(**dict(row)) for row in rows]
                if len(rows) < PAGE:
                    return entries


async def add(settings: Settings, business: str, number: str, note: str | None) -> int:
    """Put one number on the list; return 1 when it is new there."""
    return await _add(settings, business, [read_listed(number, note)], source="added")


async def take_in(settings: Settings, business: str, text: str) -> tuple[int, int]:
    """Add every number of a CSV; return how many were read, and how many are new."""
    entries = read_csv(text)
    return len(entries), await _add(settings, business, entries, source="import") if entries else 0


async def _add(settings: Settings, business: str, entries: Sequence[Listed], *, source: str) -> int:
    async with ready_installation(settings) as installation:
        found = await find_business(installation, business)
        return await add_numbers(await installation.pool(Role.APPLICATION), found, entries, by=BY, source=source)


async def remove(settings: Settings, business: str, number: str) -> None:
    """Take one number off the list; raise NotFound when it is not on it."""
    async with ready_installation(settings) as installation:
        found = await find_business(installation, business)
        await remove_number(await installation.pool(Role.APPLICATION), found, read_listed(number), by=BY)
