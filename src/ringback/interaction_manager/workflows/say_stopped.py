"""Say that nothing is dialled: on each row that waits, and to those who have just heard that they are next."""

from __future__ import annotations

from ringback.domain.events import DIALLING_STOPPED, CallbackChanged
from ringback.domain.ids import BusinessId
from ringback.domain.status import Server
from ringback.interaction_manager.assignment import QueueRow, head_of_line
from ringback.interaction_manager.callbacks import say_why
from ringback.interaction_manager.workflows.tell_places import SEEN, TOLD
from ringback.postgres.database import Transaction
from ringback.postgres.messages import send

STOPPED = "Dialling is stopped"


async def say_stopped(tx: Transaction, business: BusinessId, queue: QueueRow) -> None:
    """Record why everybody who is due waits. The first of the line, who were told their places, hear it once."""
    waiting = await head_of_line(tx, business, queue, horizon=tx.now, most=SEEN)
    await say_why(tx, business, {row.id: STOPPED for row in waiting})
    told = [row for row in waiting if row.early_is_fine][:TOLD]
    for row in sorted((row for row in told if row.reason != STOPPED), key=lambda row: row.id):
        changed = CallbackChanged(callback=row.id, state=row.state, promise=row.promise, why=DIALLING_STOPPED)
        await send(tx, business, Server.APPLICATION, row.id, changed)
    if any(row.reason != STOPPED for row in waiting):
        tx.hint("console", business)
