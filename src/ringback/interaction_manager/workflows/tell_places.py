"""Tell the first in a line that they moved up: next, second, third. The others hear of it when their estimate changes."""

from __future__ import annotations

from collections.abc import Sequence

from ringback.domain.events import CallbackChanged
from ringback.domain.ids import BusinessId, CallbackId
from ringback.domain.status import Server
from ringback.interaction_manager.assignment import QueueRow, head_of_line
from ringback.interaction_manager.callbacks import CallbackRow, place_of
from ringback.interaction_manager.rules.line import in_line
from ringback.postgres.database import Transaction
from ringback.postgres.messages import send

TOLD = 3
SEEN = 200  # of a longer line nobody is told how long it is


async def tell_places(
    tx: Transaction, business: BusinessId, line: Sequence[CallbackId], rows: Sequence[CallbackRow]
) -> None:
    """Tell the first few of a line, as it is now, their places."""
    by_id = {row.id: row for row in rows}
    # In the order of their ids, as message heads are locked.
    for callback, place in sorted((callback, place) for place, callback in enumerate(line[:TOLD], start=1)):
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


async def tell_line(tx: Transaction, business: BusinessId, queue: QueueRow) -> None:
    """Tell the first few of a queue's line, after somebody left it."""
    rows = await head_of_line(tx, business, queue, horizon=tx.now, most=SEEN)
    places = [place_of(row, agent_ring=queue.policy.agent_ring) for row in rows]
    line = in_line(places, tx.now, ages_every=queue.policy.priority_ages_every)
    await tell_places(tx, business, [place.callback for place in line], rows)
