"""Write down who did what: in the transaction of the act, so that the audit claims nothing that did not happen."""

from __future__ import annotations

from collections.abc import Mapping

from ringback.domain.ids import BusinessId, new_id
from ringback.identity.queries import SQL
from ringback.postgres.database import Database, Transaction


async def write_audit(
    tx: Transaction,
    business: BusinessId,
    *,
    principal: str,
    action: str,
    subject: str,
    reason: str | None = None,
    detail: Mapping[str, object] | None = None,
) -> None:
    """Add a row to the audit in this transaction."""
    await tx.run(
        SQL["insert_audit"],
        business=business,
        id=new_id(),
        now=tx.now,
        principal=principal,
        action=action,
        subject=subject,
        reason=reason,
        detail=dict(detail or {}),
    )


async def record_audit(
    database: Database,
    business: BusinessId,
    *,
    principal: str,
    action: str,
    subject: str,
    reason: str | None = None,
    detail: Mapping[str, object] | None = None,
) -> None:
    """Commit a row of the audit by itself, of an act that writes nothing else: a look at a number, an export, a refusal."""
    async with database.transaction(business, name="record_audit") as tx:
        await write_audit(
            tx, business, principal=principal, action=action, subject=subject, reason=reason, detail=detail
        )
