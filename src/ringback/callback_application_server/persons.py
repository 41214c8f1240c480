"""A person's own rights, as the API asks for them (domain/persons.py)."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from ringback.callback_application_server.workflows.erase_person import erase_person
from ringback.callback_application_server.workflows.export_person import export_person
from ringback.domain.ids import BusinessId, PersonId
from ringback.domain.repetition import UNKEYED, Once
from ringback.postgres.database import Database


class Persons:
    """Exports and erases in this process. `read` sees every server's tables, `database` is the application server's own."""

    def __init__(self, database: Database, read: Database) -> None:
        self._database = database
        self._read = read

    async def export(self, business: BusinessId, person: PersonId) -> Mapping[str, Any]:
        """Return everything kept about the person."""
        return await export_person(self._read, business, person)

    async def erase(
        self, business: BusinessId, person: PersonId, *, by: str, reason: str | None = None, once: Once = UNKEYED
    ) -> Mapping[str, Any]:
        """Erase what may be erased and say what was."""
        return await erase_person(self._database, business, person, by=by, reason=reason, once=once)
