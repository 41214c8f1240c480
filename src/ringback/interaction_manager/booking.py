"""What booking needs: the snapshot a judgement rests on, places in slots, and the callback that comes of it."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta

import asyncpg

from ringback.domain.errors import Conflict
from ringback.domain.ids import BusinessId, CallbackId, ChatId, QueueId
from ringback.domain.times import TimeWindow, When
from ringback.interaction_manager.callbacks import CallbackRow
from ringback.interaction_manager.configuration import SettingsCache
from ringback.interaction_manager.learning import load_models
from ringback.interaction_manager.outside import load_outside
from ringback.interaction_manager.rules.estimate import rates_of
from ringback.interaction_manager.rules.reach import Reach, reach
from ringback.interaction_manager.rules.routing import Route
from ringback.interaction_manager.rules.snapshot import Booking, Queue, Rates, Snapshot, Waiting
from ringback.interaction_manager.rules.wall_clock import merged
from ringback.postgres.database import Transaction
from ringback.postgres.sql import load_sql

SQL = load_sql(__file__, "booking.sql")

RATES_FOR = timedelta(seconds=15)
_NOTHING_IS_KEPT = datetime(9999, 1, 1, tzinfo=UTC)  # a now at which every hold is over
SOON = timedelta(hours=4)  # bookings further off do not lengthen a wait that begins now


@dataclass(frozen=True, slots=True, kw_only=True)
class SlotRow:
    """A slot as it was last counted."""

    queue: QueueId
    slot: TimeWindow
    capacity: int
    booked: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Hold:
    """A place of a slot that is kept for a chat, until then at the latest."""

    chat: ChatId
    place: Booking
    until: datetime


async def load_line(
    tx: Transaction,
    business: BusinessId,
    snapshot: Snapshot,
    queues: frozenset[QueueId],
    moving: CallbackId | None = None,
) -> Snapshot:
    """Add who waits in these queues, with us and at the contact centre outside."""
    rows = await tx.rows(
        SQL["waiting"], business=business, queues=sorted(queues), now=tx.now, soon=tx.now + SOON, moving=moving
    )
    snapshot = replace(snapshot, waiting=snapshot.waiting + tuple(Waiting(**dict(row)) for row in rows))
    return await load_outside(tx, business, snapshot, queues)


async def load_bookings(
    tx: Transaction,
    business: BusinessId,
    snapshot: Snapshot,
    queues: frozenset[QueueId],
    times: Sequence[TimeWindow],
    *,
    moving: CallbackId | None = None,
    chat: ChatId | None = None,
    holds: bool = True,
) -> Snapshot:
    """Add the places of slots in these times that are taken in these queues, booked or kept; and the one that is kept for a chat."""
    chats = [] if chat is None else [chat]
    snapshot, kept = await load_places(tx, business, snapshot, queues, times, moving=moving, chats=chats, holds=holds)
    return replace(snapshot, own_hold=kept[chat].place) if chat is not None and chat in kept else snapshot


async def load_places(
    tx: Transaction,
    business: BusinessId,
    snapshot: Snapshot,
    queues: frozenset[QueueId],
    times: Sequence[TimeWindow],
    *,
    moving: CallbackId | None = None,
    chats: Sequence[ChatId] = (),
    holds: bool = True,
) -> tuple[Snapshot, dict[ChatId, Hold]]:
    """Add the places that are taken, but for those kept for some chats, which are returned."""
    wanted = [(queue, each) for queue in sorted(queues) for each in merged(times)]
    rows = await tx.rows(
        SQL["places"],
        business=business,
        queues=[queue for queue, _ in wanted],
        begins=[each.start for _, each in wanted],
        ends=[each.end for _, each in wanted],
        moving=moving,
        chats=list(chats),
        now=tx.now if holds else _NOTHING_IS_KEPT,
    )
    bookings = tuple(
        Booking(
            queue=row["queue"],
            slot=TimeWindow(start=row["starts_at"], end=row["ends_at"]),
            count=row["count"],
            named_agent=row["named_agent"],
            held=row["held"],
        )
        for row in rows
        if row["count"] > 0 and row["chat"] is None
    )
    kept = {row["chat"]: _hold(row) for row in rows if row["chat"] is not None}
    return replace(snapshot, bookings=snapshot.bookings + bookings), kept


def _hold(row: asyncpg.Record) -> Hold:
    slot = TimeWindow(start=row["starts_at"], end=row["ends_at"])
    place = Booking(queue=row["queue"], slot=slot, named_agent=row["named_agent"], held=True)
    return Hold(chat=row["chat"], place=place, until=row["until"])


async def load_reach(tx: Transaction, business: BusinessId, snapshot: Snapshot, queue: Queue) -> Reach:
    """Return how far around a time bookings matter. Slots may have been longer under other settings: read once per settings."""
    related = snapshot.related(queue.id)
    known = snapshot.structure.longest if snapshot.structure is not None else {}
    if related not in known:
        seconds = await tx.value(SQL["longest_slot"], business=business, queues=sorted(related), now=tx.now)
        known[related] = timedelta(seconds=seconds)
    return reach(snapshot, queue, longest=known[related])


async def count_holds(tx: Transaction, business: BusinessId, queues: Iterable[QueueId]) -> dict[QueueId, int]:
    """Return how many places are kept in each of some queues."""
    rows = await tx.rows(SQL["count_holds"], business=business, queues=sorted(queues), now=tx.now)
    return {row["queue"]: row["count"] for row in rows}


async def keep_places(tx: Transaction, business: BusinessId, holds: Iterable[Hold]) -> None:
    """Keep a place for each of these chats, instead of the one it had."""
    ordered = sorted(holds, key=lambda hold: hold.chat)
    if ordered:
        await tx.run(
            SQL["keep_places"],
            business=business,
            chats=[each.chat for each in ordered],
            queues=[each.place.queue for each in ordered],
            begins=[each.place.slot.start for each in ordered],
            ends=[each.place.slot.end for each in ordered],
            agents=[each.place.named_agent for each in ordered],
            untils=[each.until for each in ordered],
        )


async def free_places(tx: Transaction, business: BusinessId, chats: Iterable[ChatId]) -> None:
    """Keep nothing for these chats any more."""
    ordered = sorted(chats)
    if ordered:
        await tx.run(SQL["free_places"], business=business, chats=ordered)


async def load_rates(
    tx: Transaction, business: BusinessId, snapshot: Snapshot, queues: Iterable[QueueId], cache: SettingsCache
) -> Snapshot:
    """Add what these queues have learned; read again every quarter of a minute."""
    wanted = sorted(set(queues) & snapshot.queues.keys())
    old = [id for id in wanted if not _fresh(cache, business, id, tx.now)]
    if old:
        models = await load_models(tx, business, {id: snapshot.queues[id] for id in old}, cache.models)
        for id, model in models.items():
            cache.rates[business, id] = (tx.now, rates_of(model, tx.now))
    rates: dict[QueueId, Rates] = {id: cache.rates[business, id][1] for id in wanted}
    return replace(snapshot, rates=rates)


def _fresh(cache: SettingsCache, business: BusinessId, queue: QueueId, now: datetime) -> bool:
    known = cache.rates.get((business, queue))
    return known is not None and known[0] <= now < known[0] + RATES_FOR


@dataclass(frozen=True, slots=True, kw_only=True)
class Place:
    """A place in a slot that a booking takes: what the slot can carry, and how many are booked with it."""

    queue: QueueId
    slot: TimeWindow
    capacity: int
    most: int


async def take_places(tx: Transaction, business: BusinessId, places: Iterable[Place]) -> None:
    """Count the bookings of slots; raise Conflict (`slot-taken`) when one is full after all, and none is to count then."""
    slots: dict[tuple[QueueId, datetime], list[Place]] = {}
    for each in places:
        slots.setdefault((each.queue, each.slot.start), []).append(each)
    ordered = [slots[key] for key in sorted(slots)]
    if not ordered:
        return
    last = [max(each, key=lambda place: place.most) for each in ordered]
    taken = await tx.rows(
        SQL["take_places"],
        business=business,
        queues=[each.queue for each in last],
        begins=[each.slot.start for each in last],
        ends=[each.slot.end for each in last],
        capacities=[each.capacity for each in last],
        counts=[len(each) for each in ordered],
        mosts=[each.most for each in last],
    )
    if len(taken) < len(ordered):
        raise Conflict("This time was just taken.", id="slot-taken", next="Pick another time.")


async def insert_callback(tx: Transaction, business: BusinessId, row: CallbackRow, *, routed_why: str) -> None:
    """Store a callback that was accepted just now."""
    estimate = row.estimate
    tx.later(
        SQL["insert_callback"],
        business=business,
        id=row.id,
        queue=row.queue,
        provider=row.provider,
        named_agent=row.named_agent,
        routed_why=routed_why,
        chat=row.chat,
        channel=row.channel,
        person=row.person,
        person_name=row.person_name,
        destination=row.destination.kind.value,
        address=row.destination.address,
        proved=row.destination.proved,
        language=row.language,
        topic=row.topic,
        consent=row.consent,
        created_by=row.created_by,
        when_kind=row.when_kind.value,
        zone=row.zone,
        named_time=row.named_time,
        reason=row.reason,
        priority=row.priority,
        now=tx.now,
        ready_at=row.ready_at,
        window_start=row.window.start,
        window_end=row.window.end,
        early_is_fine=row.early_is_fine,
        estimate_p10=estimate.p10 if estimate else None,
        estimate_p50=estimate.p50 if estimate else None,
        estimate_p90=estimate.p90 if estimate else None,
        slot_start=row.slot_start,
    )


async def retime_callback(
    tx: Transaction, business: BusinessId, callback: CallbackId, way: Route, when: When, *, named_time: bool
) -> None:
    """Store what was asked for in a move; its row lock must be held."""
    await tx.run(
        SQL["retime_callback"],
        business=business,
        callback=callback,
        provider=way.provider,
        routed_why=way.why,
        when_kind=when.kind.value,
        zone=when.zone,
        named_time=named_time,
    )


async def slot_rows(
    tx: Transaction, business: BusinessId, queues: Iterable[QueueId], *, begins: datetime, ends: datetime
) -> list[SlotRow]:
    """Return the slots of some queues as they were last counted."""
    rows = await tx.rows(SQL["slot_rows"], business=business, queues=sorted(queues), begins=begins, ends=ends)
    return [
        SlotRow(
            queue=row["queue"],
            slot=TimeWindow(start=row["starts_at"], end=row["ends_at"]),
            capacity=row["capacity"],
            booked=row["booked"],
        )
        for row in rows
    ]


async def affected(tx: Transaction, business: BusinessId, queue: QueueId, slot_start: datetime) -> list[CallbackId]:
    """Return who holds places of a slot, latest booked first."""
    rows = await tx.rows(SQL["affected"], business=business, queue=queue, slot_start=slot_start)
    return [row["id"] for row in rows]


async def save_capacity(tx: Transaction, business: BusinessId, counted: Iterable[SlotRow]) -> None:
    """Store what slots can carry now."""
    await tx.run_many(
        SQL["save_capacity"],
        (
            {
                "business": business,
                "queue": each.queue,
                "starts_at": each.slot.start,
                "ends_at": each.slot.end,
                "capacity": each.capacity,
            }
            for each in counted
        ),
    )


async def forget_slots(tx: Transaction, business: BusinessId, *, before: datetime) -> int:
    """Remove slots long past that nobody booked, and places that were kept then."""
    await tx.run(SQL["forget_holds"], business=business, before=before)
    return await tx.run(SQL["forget_slots"], business=business, before=before)
