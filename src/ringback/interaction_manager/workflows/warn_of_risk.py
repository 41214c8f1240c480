"""Say in time that a promise will probably be missed; and that the estimate has changed by more than a few minutes."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

from ringback.domain.commands import Estimate
from ringback.domain.events import CallbackChanged, PromiseAtRisk
from ringback.domain.ids import BusinessId, CallbackId, QueueId
from ringback.domain.status import CallbackState, Server
from ringback.interaction_manager.assignment import QueueRow, read_queue
from ringback.interaction_manager.callbacks import CallbackRow, lock_callback, save_callback
from ringback.interaction_manager.configuration import SettingsCache
from ringback.interaction_manager.ledger import add_facts, record_decision
from ringback.interaction_manager.rules.risk import Notice, probability_kept, warn
from ringback.interaction_manager.workflows.forecast_line import LineForecast, load_forecast
from ringback.postgres.database import Transaction
from ringback.postgres.messages import send
from ringback.postgres.timers import Timer, set_timer

TELL_CHANGES_OVER = timedelta(minutes=5)


async def check_risk(tx: Transaction, timer: Timer, cache: SettingsCache) -> None:
    """Timer `risk`: the latest moment at which one promise must be looked at."""
    callback = await lock_callback(tx, timer.business, CallbackId(timer.subject))
    if callback.state is not CallbackState.WAITING:
        return
    queue = await read_queue(tx, timer.business, callback.queue)
    if tx.now < callback.ready_at:
        await _look_at(
            tx, timer.business, callback, Notice(say_it=False, probability=1.0, look_again_at=callback.ready_at)
        )
        return
    forecast = await load_forecast(tx, timer.business, queue, cache)
    await warn_of_risk(tx, timer.business, callback, queue, forecast)


async def warn_of_risk(
    tx: Transaction, business: BusinessId, callback: CallbackRow, queue: QueueRow, forecast: LineForecast
) -> CallbackRow:
    """Look at one waiting callback, whose row is held: warn, or tell that the estimate moved."""
    estimate = forecast.estimate(callback)
    probability = (
        0.0 if estimate is None else probability_kept(callback.window, estimate, agent_ring=queue.policy.agent_ring)
    )
    notice = warn(tx.now, callback.window, probability, notices=callback.notices, policy=queue.policy)
    told = estimate or forecast.estimate_when_staffed(callback)
    await _look_at(tx, business, callback, notice)
    if notice.say_it:
        return await _warn(tx, business, callback, told, notice)
    place = forecast.place(callback.id)
    if estimate is None or place is None or not _moved(callback, estimate):
        return callback
    changed = replace(callback, estimate=estimate)
    await save_callback(tx, business, changed)
    await send(
        tx,
        business,
        Server.APPLICATION,
        callback.id,
        CallbackChanged(
            callback=callback.id,
            state=callback.state,
            promise=changed.promise,
            place=place,
            line=len(forecast.line),
            why="The estimate changed",
        ),
    )
    return changed


def _moved(callback: CallbackRow, estimate: Estimate) -> bool:
    told = callback.estimate
    return callback.early_is_fine and told is not None and abs(estimate.p50 - told.p50) > TELL_CHANGES_OVER


async def _look_at(tx: Transaction, business: BusinessId, callback: CallbackRow, notice: Notice) -> None:
    if notice.look_again_at is not None and notice.look_again_at > tx.now:
        await set_timer(tx, business, Server.INTERACTIONS, "risk", callback.id, at=notice.look_again_at)


async def _warn(
    tx: Transaction, business: BusinessId, callback: CallbackRow, estimate: Estimate, notice: Notice
) -> CallbackRow:
    warned = replace(callback, notices=callback.notices + 1, estimate=estimate if callback.early_is_fine else None)
    await save_callback(tx, business, warned)
    await add_facts(tx, business, callback.id, notice_at=tx.now)
    percent = round(100 * notice.probability)
    late = tx.now >= callback.window.end
    await record_decision(
        tx,
        business,
        kind="at_risk",
        verdict="The window is over and nobody called"
        if late
        else f"Kept with a probability of {percent} %: the customer is told",
        callback=callback.id,
        queue=callback.queue,
        probability=notice.probability,
        notice=warned.notices,
    )
    await send(
        tx,
        business,
        Server.APPLICATION,
        callback.id,
        PromiseAtRisk(callback=callback.id, window=callback.window, estimate=estimate, notice=warned.notices),
    )
    tx.hint("console", business)
    return warned


async def warn_queue(tx: Transaction, business: BusinessId, queue_id: QueueId, cache: SettingsCache) -> int:
    """Look at everybody who waits in a queue, once a minute; return how many hear something."""
    queue = await read_queue(tx, business, queue_id)
    forecast = await load_forecast(tx, business, queue, cache)
    heard = 0
    for row in sorted(forecast.line, key=lambda each: each.id):
        callback = await lock_callback(tx, business, row.id)
        if callback != row:
            continue
        heard += await warn_of_risk(tx, business, callback, queue, forecast) != callback
    return heard
