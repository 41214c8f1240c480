"""Forget what only served a moment: signals, inputs, presence, replies to commands, idempotency keys, delivered webhooks."""

from __future__ import annotations

from datetime import timedelta

from ringback.callback_application_server.number_proofs import purge_numbers
from ringback.callback_application_server.retention import SQL
from ringback.callback_application_server.webhooks.publish import SQL as WEBHOOKS
from ringback.domain.ids import BusinessId
from ringback.postgres.database import Database
from ringback.postgres.idempotency import SQL as KEYS

A_DAY = timedelta(days=1)
A_MONTH = timedelta(days=30)
KEYS_LIVE = timedelta(days=2)  # longer than anything repeats a request


async def purge_traces(database: Database, business: BusinessId) -> None:
    """Delete a business's traces of yesterday, and webhooks of last month."""
    async with database.transaction(business, name="purge_traces") as tx:
        before = tx.now - A_DAY
        for statement in (
            "delete_signals",
            "delete_signal_heads",
            "delete_inputs",
            "delete_presence",
            "delete_answers",
        ):
            await tx.run(SQL[statement], business=business, before=before)
        await purge_numbers(tx, business)
        await tx.run(WEBHOOKS["forget_deliveries"], business=business, before=tx.now - A_MONTH)
        await tx.run(KEYS["forget_keys"], business=business, before=tx.now - KEYS_LIVE)
