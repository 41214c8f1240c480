"""Remind the customer of a time that was booked well ahead."""

from __future__ import annotations

from ringback.domain.errors import NotFound
from ringback.domain.events import REMINDER, CallbackChanged
from ringback.domain.ids import CallbackId
from ringback.domain.status import CallbackState, Server
from ringback.interaction_manager.callbacks import read_callback
from ringback.postgres.database import Transaction
from ringback.postgres.messages import send
from ringback.postgres.timers import Timer


async def remind_customer(tx: Transaction, timer: Timer) -> None:
    """Timer `reminder`: tell the customer's server once; `why` says that nothing has changed."""
    try:
        callback = await read_callback(tx, timer.business, CallbackId(timer.subject))
    except NotFound:
        return
    if callback.state is not CallbackState.WAITING or callback.attempts or callback.window.start <= tx.now:
        return
    await send(
        tx,
        timer.business,
        Server.APPLICATION,
        callback.id,
        CallbackChanged(callback=callback.id, state=callback.state, promise=callback.promise, why=REMINDER),
    )
