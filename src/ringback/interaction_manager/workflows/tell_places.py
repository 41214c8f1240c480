"""Tell the first in a line that they moved up: next, second, third. The others hear of it when their estimate changes."""

from __future__ import annotations

from collections.abc import Sequence

from ringback.domain.events import CallbackChanged
from ringback.domain.ids import BusinessId, CallbackId
from ringback.domain.status import Server
from ringback.interaction_manager.callbacks import CallbackRow
from ringback.postgres.database import Transaction
from ringback.postgres.messages import send

TOLD = 3


async def tell_places(
    tx: Transaction, business: BusinessId, line: Sequence[CallbackId], rows: Sequence[CallbackRow]
) -> None:
    """Tell the first few of a line, as it is now, their places."""
    by_id = {row.id: row for row in rows}
    for place, callback in enumerate(line[:TOLD], start=1):
        row = by_id[callback]
        if not row.early_is_fine:
            continue  # whoever booked a time has no place in a line
        await send(
            tx,
            business,
            Server.APPLICATION,
            callback,
            CallbackChanged(
                callback=callback, state=row.state, promise=row.promise, place=place, line=len(line), why=row.reason
            ),
        )
