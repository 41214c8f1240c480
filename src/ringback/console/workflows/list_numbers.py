"""Put numbers on the do-not-call list, and take them off: each written in the audit, by the number's last digits only."""

from __future__ import annotations

from collections.abc import Sequence

from ringback.console.statements import DO_NOT_CALL
from ringback.domain.errors import NotFound
from ringback.domain.guards.listing import Listed
from ringback.domain.ids import BusinessId
from ringback.domain.repetition import UNKEYED, Once
from ringback.identity.workflows.record_audit import write_audit
from ringback.postgres.database import Database
from ringback.postgres.idempotency import answered_before, keep_once


async def add_numbers(
    database: Database,
    business: BusinessId,
    entries: Sequence[Listed],
    *,
    by: str,
    source: str,
    once: Once = UNKEYED,
) -> int:
    """Put these on the list, all or none; return how many were not on it before."""
    async with database.transaction(business, name="list_numbers") as tx:
        before: int | None = await answered_before(tx, business, once)
        if before is not None:
            return before
        added = await tx.run(
            DO_NOT_CALL["add_numbers"],
            business=business,
            numbers=[each.number for each in entries],
            notes=[each.note for each in entries],
            source=source,
            by=by,
            now=tx.now,
        )
        subject = _masked(entries[0].number) if len(entries) == 1 else f"{len(entries)} numbers"
        detail = {"added": added, "source": source}
        await write_audit(tx, business, principal=by, action="do_not_call.added", subject=subject, detail=detail)
        await keep_once(tx, business, once, added)
    return added


async def remove_number(
    database: Database, business: BusinessId, entry: Listed, *, by: str, once: Once = UNKEYED
) -> None:
    """Take one off the list; raise NotFound when it is not on it."""
    async with database.transaction(business, name="unlist_number") as tx:
        if await answered_before(tx, business, once) is not None:
            return
        if not await tx.run(DO_NOT_CALL["remove_number"], business=business, number=entry.number):
            raise NotFound("This number is not on the list.")
        await write_audit(tx, business, principal=by, action="do_not_call.removed", subject=_masked(entry.number))
        await keep_once(tx, business, once, {})


def _masked(number: str) -> str:
    return f"number:…{number[-3:]}"
