"""Delete what the ledger need not prove any more: promises that ended before `ledger_days`, and the decisions about their callbacks."""

from __future__ import annotations

from datetime import timedelta

from ringback.domain.ids import BusinessId
from ringback.interaction_manager.ledger import SQL
from ringback.interaction_manager.rules.policy import Policy
from ringback.postgres.database import Transaction

AT_ONCE = 500  # promises of one transaction; the next minute takes the next


async def forget_ledger(tx: Transaction, business: BusinessId) -> int:
    """Delete a part of what is too old and return how many promises went. What is open stays, however old."""
    days = await tx.value(SQL["ledger_days"], business=business, standard=Policy().ledger_days)
    before = tx.now - timedelta(days=days)
    callbacks = await tx.rows(SQL["forget_promises"], business=business, before=before, most=AT_ONCE)
    if callbacks:
        gone = list({row["callback"] for row in callbacks})
        await tx.run(SQL["forget_decisions"], business=business, callbacks=gone, before=before)
    return len(callbacks)
