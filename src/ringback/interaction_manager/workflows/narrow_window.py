"""Narrow a window as its time comes: find the best moment inside it again, move the place there if it is clearly better, and tell the customer."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

from ringback.domain.commands import Estimate
from ringback.domain.errors import NotFound
from ringback.domain.events import CallbackChanged
from ringback.domain.ids import BusinessId, CallbackId
from ringback.domain.status import CallbackState, Server
from ringback.domain.times import When, WhenKind
from ringback.interaction_manager.assignment import wake_queue
from ringback.interaction_manager.booking import (
    Place,
    load_bookings,
    load_line,
    load_rates,
    load_reach,
    take_places,
)
from ringback.interaction_manager.callbacks import (
    CallbackRow,
    give_slot_back,
    lock_callback,
    lock_slots,
    read_callback,
    save_callback,
)
from ringback.interaction_manager.configuration import SettingsCache, load_agents, load_settings, lock_queues
from ringback.interaction_manager.ledger import record_decision
from ringback.interaction_manager.rules.possibility import Possible, slot_length
from ringback.interaction_manager.rules.slots import Timetable
from ringback.interaction_manager.rules.timed import at_a_time, stays
from ringback.postgres.database import Transaction
from ringback.postgres.messages import send
from ringback.postgres.timers import Timer

NARROW = "narrow"  # the timer, and what the customer's server is told


async def narrow_window(tx: Transaction, timer: Timer, cache: SettingsCache) -> None:
    """Timer `narrow`: settle on the moment inside a window, under the locks of a booking, and say it. The promise stays as it was told."""
    try:
        callback = await read_callback(tx, timer.business, CallbackId(timer.subject))
    except NotFound:
        return
    if not _can_be_narrowed(callback):
        return
    settings = await load_settings(tx, timer.business, cache)
    related = settings.structure.related(callback.queue)
    snapshot = await load_agents(tx, timer.business, settings, related)
    snapshot = await lock_queues(tx, timer.business, snapshot, related)
    queue = snapshot.queues.get(callback.queue)
    agent = snapshot.agents.get(callback.named_agent) if callback.named_agent is not None else None
    if queue is None or (callback.named_agent is not None and agent is None):
        return
    snapshot = await load_line(tx, timer.business, snapshot, related)
    snapshot = await load_rates(tx, timer.business, snapshot, related, cache)
    reach = await load_reach(tx, timer.business, snapshot, queue)
    times = [reach.around(callback.window.start, callback.window.end)]
    snapshot = await load_bookings(tx, timer.business, snapshot, related, times, moving=callback.id)
    table = Timetable(snapshot, queue.id, tx.now)
    when = When(kind=WhenKind.WINDOW, zone=callback.zone, start=callback.window.start, end=callback.window.end)
    found = at_a_time(snapshot, table, queue, agent, when, tx.now, named_time=True)
    better = (
        found if isinstance(found, Possible) and not stays(table, callback.queue, callback.slot_start, found) else None
    )
    length = timedelta(seconds=slot_length(snapshot, queue))
    await _settle_on(tx, timer.business, callback, better, table, length)


def _can_be_narrowed(callback: CallbackRow) -> bool:
    return (
        callback.state is CallbackState.WAITING
        and callback.when_kind is WhenKind.WINDOW
        and callback.slot_start is not None
        and callback.attempt is None
        and callback.attempts == 0
    )


async def _settle_on(
    tx: Transaction,
    business: BusinessId,
    before: CallbackRow,
    better: Possible | None,
    table: Timetable,
    length: timedelta,
) -> None:
    """Take the better place, if there is one, and give the old one back; then say which moment it is."""
    new = better.slot if better is not None else None
    await lock_slots(tx, business, before.queue, [before.slot_start, new.start if new is not None else None])
    callback = await lock_callback(tx, business, before.id)
    if not _can_be_narrowed(callback) or callback.slot_start != before.slot_start:
        return
    if better is not None and new is not None:
        most = table.booked(callback.queue, new) + 1
        capacity = table.capacity(callback.queue, new)
        await take_places(tx, business, [Place(queue=callback.queue, slot=new, capacity=capacity, most=most)])
        callback = await give_slot_back(tx, business, callback)
        callback = replace(callback, slot_start=new.start, ready_at=better.ready_at)
    told = replace(callback, estimate=_moment(callback, length))
    await save_callback(tx, business, told)
    await record_decision(
        tx,
        business,
        kind="narrowed",
        verdict=better.reason.verdict if better is not None else "The moment that was planned is still the best",
        callback=callback.id,
        queue=callback.queue,
        planned=told.planned_at,
        moved=better is not None,
    )
    await wake_queue(tx, business, callback.queue)
    await send(
        tx,
        business,
        Server.APPLICATION,
        callback.id,
        CallbackChanged(callback=callback.id, state=callback.state, promise=told.promise, why=NARROW),
    )
    tx.hint("console", business)


def _moment(callback: CallbackRow, length: timedelta) -> Estimate:
    """Return when the call is expected: the slot it is planned for, as far as it lies inside the promise."""
    begins = callback.planned_at
    ends = min(begins + length, callback.window.end)
    return Estimate(p10=begins, p50=begins + (ends - begins) / 2, p90=ends)
