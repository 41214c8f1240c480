"""Count the next four hours again from who is really there: what a slot cannot carry any more is a visible shortfall, with who is affected."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import timedelta
from itertools import islice

from ringback.domain.ids import BusinessId
from ringback.domain.times import TimeWindow
from ringback.interaction_manager.booking import (
    SlotRow,
    affected,
    forget_slots,
    load_bookings,
    load_line,
    load_rates,
    save_capacity,
    slot_rows,
)
from ringback.interaction_manager.configuration import SettingsCache, load_agents, load_settings
from ringback.interaction_manager.learning import learn_waits
from ringback.interaction_manager.ledger import record_decision
from ringback.interaction_manager.rules.grid import slot_grid
from ringback.interaction_manager.rules.possibility import slot_length
from ringback.interaction_manager.rules.slots import FAR, Timetable
from ringback.interaction_manager.rules.snapshot import Queue, Snapshot
from ringback.interaction_manager.rules.staffing import REALLY_THERE
from ringback.postgres.database import Transaction

MOST = 128  # slots of a queue; very short ones are counted no further
REMEMBERED = timedelta(days=1)


async def refresh_slots(cache: SettingsCache, tx: Transaction, business: BusinessId) -> int:
    """Recount the slots of every queue; return how many are short now."""
    settings = await load_settings(tx, business, cache)
    snapshot = await load_agents(tx, business, settings)
    every = frozenset(snapshot.queues)
    begins, ends = tx.now, tx.now + REALLY_THERE
    await learn_waits(tx, business, snapshot.queues, snapshot.agents)
    snapshot = await load_line(tx, business, snapshot, every)
    snapshot = await load_rates(tx, business, snapshot, every, cache)
    reach = TimeWindow(start=begins - FAR, end=ends + FAR)
    snapshot = await load_bookings(tx, business, snapshot, every, [reach], holds=False)
    known = await slot_rows(tx, business, every, begins=begins - REALLY_THERE, ends=ends)
    short = 0
    for id in sorted(every):
        mine = [row for row in known if row.queue == id and row.slot.end > tx.now]
        counted = _count(snapshot, snapshot.queues[id], mine, tx)
        before = {row.slot.start: row for row in mine}
        await save_capacity(tx, business, counted)
        for row in counted:
            if row.booked <= row.capacity:
                continue
            short += 1
            last = before.get(row.slot.start)
            if last is None or last.capacity != row.capacity:
                await _say_short(tx, business, snapshot.queues[id], row)
    await forget_slots(tx, business, before=tx.now - REMEMBERED)
    tx.hint("console", business)
    return short


def _count(snapshot: Snapshot, queue: Queue, known: Sequence[SlotRow], tx: Transaction) -> list[SlotRow]:
    """Return the slots to come as they can be carried now: those on the grid, and those that somebody booked in."""
    ends = tx.now + REALLY_THERE
    timetable = Timetable(snapshot, queue.id, tx.now)
    grid = islice(slot_grid(queue.hours, slot_length(snapshot, queue), tx.now, ends), MOST)
    booked = {row.slot.start: row for row in known}
    slots = {slot.start: slot for slot in grid} | {start: row.slot for start, row in booked.items() if row.booked > 0}
    return [
        SlotRow(
            queue=queue.id,
            slot=slot,
            capacity=timetable.capacity(queue.id, slot),
            booked=booked[start].booked if start in booked else 0,
        )
        for start, slot in sorted(slots.items())
    ]


async def _say_short(tx: Transaction, business: BusinessId, queue: Queue, row: SlotRow) -> None:
    callbacks = await affected(tx, business, queue.id, row.slot.start)
    await record_decision(
        tx,
        business,
        kind="short",
        verdict=f"Short by {row.booked - row.capacity}: {row.booked} promised, room for {row.capacity}",
        queue=queue.id,
        slot_start=row.slot.start,
        slot_end=row.slot.end,
        promised=row.booked,
        room=row.capacity,
        affected=[str(callback) for callback in callbacks],
    )
