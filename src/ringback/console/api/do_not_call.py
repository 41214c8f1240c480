"""/api/v1/do-not-call: the numbers that are never called."""

from __future__ import annotations

import base64
import json
from datetime import datetime
from typing import Any

from litestar import delete, get, post
from litestar.di import NamedDependency
from litestar.params import FromPath, FromQuery

from ringback.console.api.wire import Given, Taken
from ringback.console.edge import After, AnyRequest, Key, Limit, asked_of
from ringback.console.parts import Parts
from ringback.console.rules.cursors import page_size
from ringback.console.statements import DO_NOT_CALL
from ringback.console.workflows.list_numbers import add_numbers, remove_number
from ringback.console.workflows.send_command import Act, audit
from ringback.domain.errors import Invalid
from ringback.domain.guards.listing import read_csv, read_listed
from ringback.identity.guards import needs
from ringback.identity.principal import Principal
from ringback.identity.rules.rights import Right


class ListedBody(Taken, frozen=True, kw_only=True):
    """A number in E.164, and why it is not to be called."""

    number: str
    note: str | None = None


class ListedCsv(Taken, frozen=True, kw_only=True):
    """A CSV with a column `number`, and perhaps `note`."""

    csv: str


class ListedOut(Given, frozen=True, kw_only=True):
    """An entry. `source`: added, import, stop (a customer's STOP), agent (a disposition)."""

    number: str
    source: str
    note: str | None
    added_by: str
    added_at: datetime


class ListedPage(Given, frozen=True, kw_only=True):
    """A page of the list, newest first."""

    items: list[ListedOut]
    next: str | None


class ListedCount(Given, frozen=True, kw_only=True):
    """How many entries there were in the file, and how many were new."""

    read: int
    added: int


@get("/do-not-call", opt=needs(Right.NUMBERS_READ), summary="List numbers that are not called")
async def numbers(
    parts: NamedDependency[Parts],
    principal: NamedDependency[Principal],
    number: FromQuery[str | None] = None,
    after: After = None,
    limit: Limit = None,
) -> ListedPage:
    """Return the list, newest first, or the entry of one number; numbers in full: each look is in the audit."""
    size = page_size(limit)
    wanted = read_listed(number).number if number else None
    at, after_number = _read_cursor(after)
    async with parts.application.transaction(principal.business, name="read_do_not_call") as tx:
        rows = await tx.rows(
            DO_NOT_CALL["list_numbers"],
            business=principal.business,
            after=at,
            after_number=after_number,
            number=wanted,
            size=size + 1,
        )
    await audit(parts, principal, Act(action="do_not_call.read", subject="do-not-call list"))
    items = [ListedOut(**dict(row)) for row in rows[:size]]
    return ListedPage(items=items, next=_write_cursor(items[-1]) if len(rows) > size else None)


@post("/do-not-call", opt=needs(Right.CONFIGURATION_WRITE), summary="Put a number on the list")
async def add(
    request: AnyRequest,
    data: ListedBody,
    parts: NamedDependency[Parts],
    principal: NamedDependency[Principal],
    key: Key = None,
) -> ListedOut:
    """Never call this number again, from any chat. One that is on the list stays as it is."""
    entry = read_listed(data.number, data.note)
    once = (await asked_of(request, principal, key)).once
    await add_numbers(parts.application, principal.business, [entry], by=principal.name, source="added", once=once)
    async with parts.application.transaction(principal.business, name="find_do_not_call") as tx:
        row = await tx.row(DO_NOT_CALL["find_number"], business=principal.business, number=entry.number)
    return ListedOut(**dict(row or {}))


@post("/do-not-call/import", opt=needs(Right.CONFIGURATION_WRITE), status_code=200, summary="Import a list from CSV")
async def take_in(
    request: AnyRequest,
    data: ListedCsv,
    parts: NamedDependency[Parts],
    principal: NamedDependency[Principal],
    key: Key = None,
) -> ListedCount:
    """Add every number of a CSV; when a line is wrong each such line is named, and nothing is added."""
    entries = read_csv(data.csv)
    if not entries:
        return ListedCount(read=0, added=0)
    business, by = principal.business, principal.name
    once = (await asked_of(request, principal, key)).once
    added = await add_numbers(parts.application, business, entries, by=by, source="import", once=once)
    return ListedCount(read=len(entries), added=added)


@delete("/do-not-call/{number:str}", opt=needs(Right.CONFIGURATION_WRITE), summary="Take a number off the list")
async def remove(
    number: FromPath[str],
    request: AnyRequest,
    parts: NamedDependency[Parts],
    principal: NamedDependency[Principal],
    key: Key = None,
) -> None:
    """Let this number be called again."""
    once = (await asked_of(request, principal, key)).once
    await remove_number(parts.application, principal.business, read_listed(number), by=principal.name, once=once)


def _write_cursor(last: ListedOut) -> str:
    text = json.dumps([last.added_at.isoformat(), last.number])
    return base64.urlsafe_b64encode(text.encode()).rstrip(b"=").decode()


def _read_cursor(cursor: str | None) -> tuple[datetime | None, str]:
    """Return the moment and number behind a cursor; raise Invalid (`cursor-invalid`) for what is none of ours."""
    if not cursor:
        return None, ""
    try:
        found: Any = json.loads(base64.urlsafe_b64decode(cursor + "=" * (-len(cursor) % 4)))
        at, number = datetime.fromisoformat(found[0]), str(found[1])
    except (ValueError, TypeError, LookupError) as error:
        raise Invalid("This cursor is none of ours: leave `after` out.", id="cursor-invalid", field="after") from error
    if at.tzinfo is None:
        raise Invalid("This cursor is none of ours: leave `after` out.", id="cursor-invalid", field="after")
    return at, number
