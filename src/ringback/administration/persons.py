"""One customer's own rights from the command line: found, exported and erased as the API does it, with an entry in the audit."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from ringback.administration.businesses import find_business
from ringback.callback_application_server.persons import Persons
from ringback.domain.errors import Conflict, Invalid, NotFound
from ringback.domain.ids import BusinessId, PersonId
from ringback.domain.phone_numbers import read_number
from ringback.identity.workflows.record_audit import record_audit
from ringback.installation import Installation, ready_installation
from ringback.postgres.address import Role
from ringback.postgres.sql import load_sql
from ringback.settings import Settings

SQL = load_sql(__file__, "persons.sql")
BY = "cli"


@dataclass(frozen=True, slots=True, kw_only=True)
class Found:
    """The one person who is meant, as far as it is shown before anything is done: nothing personal."""

    id: PersonId
    since: datetime
    callbacks: int


async def find_one(settings: Settings, business: str, who: str) -> Found:
    """Find the person by id, number or identity. Raises NotFound; Conflict with the ids when it is not one person alone."""
    async with ready_installation(settings) as installation:
        return await _find(installation, await find_business(installation, business), who)


async def export_one(settings: Settings, business: str, who: str) -> Mapping[str, Any]:
    """Return everything kept about the person, and write the export down."""
    async with ready_installation(settings) as installation:
        at = await find_business(installation, business)
        person = (await _find(installation, at, who)).id
        exported = await (await _persons(installation)).export(at, person)
        identity = await installation.pool(Role.IDENTITY)
        await record_audit(identity, at, principal=BY, action="person.exported", subject=f"person:{person}")
        return exported


async def erase_one(settings: Settings, business: str, who: str, *, reason: str) -> Mapping[str, Any]:
    """Erase what may be erased, and say what was and what stays. Raises Conflict (`callback-open`) while a callback is open."""
    async with ready_installation(settings) as installation:
        at = await find_business(installation, business)
        person = (await _find(installation, at, who)).id
        return await (await _persons(installation)).erase(at, person, by=BY, reason=reason)


async def _persons(installation: Installation) -> Persons:
    return Persons(await installation.pool(Role.APPLICATION), await installation.pool(Role.READ))


async def _find(installation: Installation, business: BusinessId, who: str) -> Found:
    read = await installation.pool(Role.READ)
    async with read.transaction(business, name="find_persons") as tx:
        rows = await tx.rows(
            SQL["find_persons"], business=business, id=_id(who), identity=who.strip(), number=_number(who)
        )
    if not rows:
        raise NotFound("There is no such person.", next="Give the number in full, +44…, or the id.")
    if len(rows) > 1:
        ids = ", ".join(str(row["id"]) for row in rows)
        raise Conflict(f"These are {len(rows)} persons: {ids}.", id="person-ambiguous", next="Give one id.")
    return Found(id=PersonId(rows[0]["id"]), since=rows[0]["created_at"], callbacks=rows[0]["callbacks"])


def _id(who: str) -> UUID | None:
    try:
        return UUID(who.strip())
    except ValueError:
        return None


def _number(who: str) -> str | None:
    try:
        return read_number(who, region=None)
    except Invalid:  # one that is not called today may have been called before
        digits = "".join(filter(str.isdigit, who))
        return f"+{digits}" if digits and who.strip().startswith("+") else None
