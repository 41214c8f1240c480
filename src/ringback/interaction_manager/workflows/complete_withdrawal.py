"""What was asked for while an attempt ran follows now that nothing of it can ring: only now is "cancelled" said."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime

from ringback.domain.events import AttemptEnded
from ringback.domain.ids import BusinessId
from ringback.domain.status import CallbackState, Outcome, Server
from ringback.interaction_manager.assignment import QueueRow, wake_queue
from ringback.interaction_manager.callbacks import CallbackRow, save_callback
from ringback.interaction_manager.rules.callback_states import CallbackEvent, next_state
from ringback.interaction_manager.rules.ledger import Ending
from ringback.interaction_manager.workflows.finish_callback import finish_callback
from ringback.postgres.database import Transaction
from ringback.postgres.timers import set_timer


async def complete_withdrawal(
    tx: Transaction, business: BusinessId, callback: CallbackRow, queue: QueueRow, event: AttemptEnded
) -> None:
    """Carry out what is pending: a cancel, a close, or a move whose new promise is made already."""
    assert callback.pending is not None, "only what is pending is completed"
    pending = callback.pending
    if event.outcome is Outcome.TALKED:
        # The join was first after all, at a carrier that could not be stopped: they talked.
        await finish_callback(
            tx, business, callback, CallbackState.DONE, reason="talked", verdict="They talked", ending=Ending(),
            outcome=event.outcome,
        )  # fmt: skip
        return
    if pending["kind"] == "move":
        await save_callback(
            tx,
            business,
            replace(
                callback,
                state=next_state(callback.state, CallbackEvent.MOVE),
                reason="Moved; the call under way was stopped",
                pending=None,
            ),
        )
        await wake_queue(tx, business, callback.queue)
        return
    if callback.gets_through:
        await save_callback(
            tx,
            business,
            replace(
                callback,
                state=next_state(callback.state, CallbackEvent.RETURN),
                reason="They are with us by another way; the call under way was stopped",
                pending=None,
            ),
        )
        await set_timer(tx, business, Server.INTERACTIONS, "through", callback.id, at=tx.now)
        return
    by_customer = pending["kind"] == "cancel"
    await finish_callback(
        tx,
        business,
        callback,
        CallbackState.CANCELLED if by_customer else CallbackState.CLOSED,
        reason="cancelled" if by_customer else "closed_by_operator",
        verdict=str(pending.get("verdict") or "Cancelled while being called"),
        ending=Ending(
            withdrawn_at=datetime.fromisoformat(pending["at"]) if by_customer else None,
            closed_by_us=not by_customer,
            unknown=event.outcome is Outcome.UNKNOWN,
        ),
        by=str(pending.get("by") or "interaction_manager"),
        outcome=event.outcome,
    )
