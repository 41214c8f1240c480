"""Forget finished persons: nothing open, nothing recent, no STOP to honour."""

from __future__ import annotations

from datetime import timedelta

from ringback.callback_application_server.retention import CHAT_DAYS, SQL
from ringback.callback_application_server.workflows.erase_person import forget
from ringback.domain.ids import BusinessId, PersonId
from ringback.postgres.database import Database

AT_ONCE = 50


async def purge_persons(database: Database, business: BusinessId) -> int:
    """Forget persons last heard of longer ago than chats are kept; return how many."""
    purged = 0
    while True:
        async with database.transaction(business, name="purge_persons") as tx:
            days = await tx.value(SQL["chat_days"], business=business, standard=CHAT_DAYS)
            before = tx.now - timedelta(days=days)
            rows = await tx.rows(SQL["finished_persons"], business=business, before=before, most=AT_ONCE)
            for person in sorted(PersonId(row["id"]) for row in rows):
                await forget(tx, business, person)
        purged += len(rows)
        if len(rows) < AT_ONCE:
            return purged
