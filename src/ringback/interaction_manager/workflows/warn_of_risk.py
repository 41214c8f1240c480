"""Say in time that a promise will probably be missed; and that the estimate has changed by more than a few minutes."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import timedelta

from ringback.domain.commands import Estimate
from ringback.domain.events import CallbackChanged, PromiseAtRisk
from ringback.domain.ids import BusinessId, CallbackId, QueueId
from ringback.domain.status import CallbackState, Server
from ringback.interaction_manager.assignment import QueueRow, read_queue
from ringback.interaction_manager.callbacks import CallbackRow, lock_callback, lock_callbacks, save_callback
from ringback.interaction_manager.configuration import SettingsCache
from ringback.interaction_manager.ledger import add_facts, record_decision
from ringback.interaction_manager.rules.getting_through import LOOK_AGAIN
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
    if callback.through_since is not None:
        # With us by another way: what comes of that decides, not the line.
        await set_timer(tx, timer.business, Server.INTERACTIONS, "risk", callback.id, at=tx.now + LOOK_AGAIN)
        return
    queue = await read_queue(tx, timer.business, callback.queue)
    if tx.now < callback.ready_at:
        await set_timer(tx, timer.business, Server.INTERACTIONS, "risk", callback.id, at=callback.ready_at)
        return
    forecast = await load_forecast(tx, timer.business, queue, cache)
    await warn_of_risk(tx, timer.business, callback, queue, forecast)


@dataclass(frozen=True, slots=True, kw_only=True)
class Look:
    """What one look at a waiting callback found."""

    notice: Notice
    told: Estimate  # what the customer would hear
    place: int | None
    moved: bool  # the estimate is another one than they heard

    @property
    def says_something(self) -> bool:
        """Tell whether the customer hears something."""
        return self.notice.say_it or self.moved


def look_at(callback: CallbackRow, queue: QueueRow, forecast: LineForecast) -> Look:
    """Judge one waiting callback by its queue's line."""
    estimate = forecast.estimate(callback)
    probability = (
        0.0 if estimate is None else probability_kept(callback.window, estimate, agent_ring=queue.policy.agent_ring)
    )
    place = forecast.place(callback.id)
    return Look(
        notice=warn(forecast.now, callback.window, probability, notices=callback.notices, policy=queue.policy),
        told=estimate or forecast.estimate_when_staffed(callback),
        place=place,
        moved=estimate is not None and place is not None and _moved(callback, estimate),
    )


async def warn_of_risk(
    tx: Transaction, business: BusinessId, callback: CallbackRow, queue: QueueRow, forecast: LineForecast
) -> None:
    """Look at one waiting callback, whose row is held: warn, or tell that the estimate moved; and say when to look again."""
    found = look_at(callback, queue, forecast)
    await _say(tx, business, callback, found, forecast)
    again = found.notice.look_again_at
    if again is not None and again > tx.now:
        await set_timer(tx, business, Server.INTERACTIONS, "risk", callback.id, at=again)


async def _say(
    tx: Transaction, business: BusinessId, callback: CallbackRow, found: Look, forecast: LineForecast
) -> None:
    if found.notice.say_it:
        await _warn(tx, business, callback, found.told, found.notice)
    elif found.moved:
        await _tell_estimate(tx, business, replace(callback, estimate=found.told), found.place, len(forecast.line))


async def _tell_estimate(
    tx: Transaction, business: BusinessId, callback: CallbackRow, place: int | None, line: int
) -> None:
    await save_callback(tx, business, callback)
    await send(
        tx,
        business,
        Server.APPLICATION,
        callback.id,
        CallbackChanged(
            callback=callback.id,
            state=callback.state,
            promise=callback.promise,
            place=place,
            line=line,
            why="The estimate changed",
        ),
    )


def _moved(callback: CallbackRow, estimate: Estimate) -> bool:
    told = callback.estimate
    return callback.early_is_fine and told is not None and abs(estimate.p50 - told.p50) > TELL_CHANGES_OVER


async def _warn(
    tx: Transaction, business: BusinessId, callback: CallbackRow, estimate: Estimate, notice: Notice
) -> None:
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


async def warn_queue(tx: Transaction, business: BusinessId, queue_id: QueueId, cache: SettingsCache) -> int:
    """Look at everybody who waits in a queue, once a minute; hold only the rows of those who hear something, and return how many."""
    queue = await read_queue(tx, business, queue_id)
    forecast = await load_forecast(tx, business, queue, cache)
    looks = {row.id: (row, look_at(row, queue, forecast)) for row in forecast.line}
    heard = [id for id, (_, found) in looks.items() if found.says_something]
    held = await lock_callbacks(tx, business, heard) if heard else {}
    for id, callback in held.items():
        row, found = looks[id]
        if callback == row:
            await _say(tx, business, callback, found, forecast)
    return len(held)
