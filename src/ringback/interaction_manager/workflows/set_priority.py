"""Give an open callback another priority: an operator's word, or a business's own system that looked its customer up."""

from __future__ import annotations

from dataclasses import replace

from ringback.domain.commands import SetPriority
from ringback.domain.errors import Conflict, Invalid, Refused
from ringback.domain.ids import BusinessId
from ringback.interaction_manager.assignment import wake_queue
from ringback.interaction_manager.callbacks import lock_callback, save_callback
from ringback.interaction_manager.ledger import record_decision
from ringback.postgres.database import Transaction
from ringback.postgres.messages import answer

HIGHEST = 100


async def set_priority(tx: Transaction, business: BusinessId, command: SetPriority) -> None:
    """Apply SetPriority and leave its answer. The places that it costs others are recorded when the callback is called."""
    try:
        await _set(tx, business, command)
    except Refused as refusal:
        await answer(tx, business, command.command, problem=refusal.id, detail=refusal.detail, field=refusal.field)
        return
    await answer(tx, business, command.command, priority=command.priority)


async def _set(tx: Transaction, business: BusinessId, command: SetPriority) -> None:
    if not 0 <= command.priority <= HIGHEST:
        raise Invalid(f"Priority is 0 to {HIGHEST}.", id="priority-invalid", field="priority")
    callback = await lock_callback(tx, business, command.callback)
    if not callback.is_open:
        raise Conflict("This callback is over already.", id="already-over")
    if callback.priority == command.priority:
        return
    await save_callback(tx, business, replace(callback, priority=command.priority))
    await record_decision(
        tx, business, kind="prioritised", verdict=f"Priority {command.priority}: {command.reason}", callback=callback.id,
        queue=callback.queue, by=command.by, priority_before=callback.priority,
    )  # fmt: skip
    await wake_queue(tx, business, callback.queue)
    tx.hint("console", business)
