"""Forget in time: the text of old chats, and persons nothing is open with any more."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import timedelta
from uuid import UUID

from ringback.callback_application_server.channels.accounts import SQL as CHANNELS
from ringback.callback_application_server.number_proofs import SQL as PROOFS
from ringback.callback_application_server.retention import CHAT_DAYS, LEDGER_DAYS, SQL
from ringback.domain.ids import BusinessId
from ringback.postgres.database import Database, Transaction

AT_ONCE = 200


async def purge_chats(database: Database, business: BusinessId) -> int:
    """Empty chats older than the policy's days; return how many. A chat with an open callback is not old."""
    purged = 0
    while True:
        async with database.transaction(business, name="purge_chats") as tx:
            days = await tx.value(SQL["chat_days"], business=business, standard=CHAT_DAYS)
            before = tx.now - timedelta(days=days)
            rows = await tx.rows(SQL["old_chats"], business=business, before=before, most=AT_ONCE)
            await empty_chats(tx, business, [row["id"] for row in rows])
        purged += len(rows)
        if len(rows) < AT_ONCE:
            return purged


async def empty_chats(tx: Transaction, business: BusinessId, chats: Sequence[UUID]) -> None:
    """Take away what was said in these chats, whose rows are held, and the tokens that open them."""
    if not chats:
        return
    await tx.run(SQL["empty_messages"], business=business, chats=chats, now=tx.now)
    await tx.run(SQL["delete_prompts"], business=business, chats=chats)
    await tx.run(CHANNELS["forget_conversations"], business=business, chats=chats)
    await tx.run(PROOFS["forget_codes_of_chats"], business=business, chats=chats)
    await tx.run(SQL["empty_chats"], business=business, chats=chats, now=tx.now)


async def purge_consents(database: Database, business: BusinessId) -> None:
    """Delete consents older than the ledger is kept."""
    async with database.transaction(business, name="purge_consents") as tx:
        days = await tx.value(SQL["ledger_days"], business=business, standard=LEDGER_DAYS)
        await tx.run(SQL["delete_consents"], business=business, before=tx.now - timedelta(days=days))
