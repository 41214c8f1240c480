"""What a STOP in a chat puts on the do-not-call list: the telephone number that would have been called."""

from __future__ import annotations

from ringback.domain.guards.numbers import is_e164
from ringback.domain.ids import BusinessId, ChatId
from ringback.postgres.database import Transaction
from ringback.postgres.sql import load_sql

SQL = load_sql(__file__, "do_not_call.sql")


async def list_stopped(tx: Transaction, business: BusinessId, chat: ChatId, where: str) -> None:
    """List the number a callback would have gone to; one that would have rung a browser has none."""
    if is_e164(where):
        await tx.run(SQL["list_stopped"], business=business, number=where, by=f"chat:{chat}", now=tx.now)
