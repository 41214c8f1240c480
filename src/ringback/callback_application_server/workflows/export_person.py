"""Everything kept about one person, for the person: plain JSON, from every server's tables."""

from __future__ import annotations

from typing import Any

from ringback.callback_application_server import retention
from ringback.domain.errors import NotFound
from ringback.domain.ids import BusinessId, PersonId
from ringback.postgres.database import Database
from ringback.postgres.sql import load_sql

SQL = load_sql(retention.__file__, "export.sql")
PARTS = ("chats", "messages", "answers", "consents", "requests", "callbacks", "promises", "attempts")


async def export_person(read: Database, business: BusinessId, person: PersonId) -> dict[str, Any]:
    """Return it as one consistent picture. Raises NotFound (`person-not-found`)."""
    async with read.transaction(business, name="export_person") as tx:
        who = await tx.value(SQL["person"], business=business, person=person)
        if who is None:
            raise NotFound("There is no such person.", id="person-not-found")
        exported: dict[str, Any] = {"exported_at": tx.now.isoformat(), "person": who}
        for part in PARTS:
            rows = await tx.rows(SQL[part], business=business, person=person)
            exported[part] = [row["value"] for row in rows]
    return exported
