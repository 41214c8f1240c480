"""Timer `promise`: its window is over. Judge it, unless an attempt under way will."""

from __future__ import annotations

from ringback.domain.ids import CallbackId
from ringback.domain.status import CallbackState, PromiseResult, Server
from ringback.interaction_manager.assignment import may_dial, read_queue, wake_queue
from ringback.interaction_manager.callbacks import lock_callback
from ringback.interaction_manager.configuration import SettingsCache
from ringback.interaction_manager.ledger import record_decision, settle_last
from ringback.interaction_manager.rules.getting_through import LOOK_AGAIN
from ringback.interaction_manager.rules.ledger import Ending
from ringback.interaction_manager.workflows.forecast_line import load_forecast
from ringback.interaction_manager.workflows.warn_of_risk import warn_of_risk
from ringback.postgres.database import Transaction
from ringback.postgres.timers import Timer, set_timer

# Their promise is judged by the end of the attempt, or was when the question was asked.
_JUDGED_ELSEWHERE = frozenset(
    {CallbackState.CALLING, CallbackState.TALKING, CallbackState.CANCELLING, CallbackState.ASKING}
)


async def settle_promise(tx: Transaction, timer: Timer, cache: SettingsCache) -> None:
    """Judge the promise of a callback that still waits; it will be called late, and hears so."""
    callback = await lock_callback(tx, timer.business, CallbackId(timer.subject))
    if not callback.is_open or callback.state in _JUDGED_ELSEWHERE:
        return
    if tx.now < callback.window.end:
        await set_timer(tx, timer.business, Server.INTERACTIONS, "promise", callback.id, at=callback.window.end)
        return
    if callback.through_since is not None and callback.through_since <= callback.window.end:
        # With us by another way since before its end: judged by what comes of that.
        await set_timer(tx, timer.business, Server.INTERACTIONS, "promise", callback.id, at=tx.now + LOOK_AGAIN)
        return
    queue = await read_queue(tx, timer.business, callback.queue)
    stopped = not queue.dialling or not await may_dial(tx)
    settlement = await settle_last(tx, timer.business, callback.id, Ending(stopped=stopped))
    if settlement is not None and settlement.result is PromiseResult.BROKEN:
        await record_decision(
            tx,
            timer.business,
            kind="broken",
            verdict=f"The window is over: {str(settlement.cause).replace('_', ' ')}",
            callback=callback.id,
            queue=callback.queue,
            cause=settlement.cause,
        )
    forecast = await load_forecast(tx, timer.business, queue, cache)
    await warn_of_risk(tx, timer.business, callback, queue, forecast)
    await wake_queue(tx, timer.business, callback.queue)
