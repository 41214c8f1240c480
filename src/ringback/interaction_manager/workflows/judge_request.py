"""Hold what requests compete for, load what they are judged by, and judge them in their order: the part that booking and moving share."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from ringback.domain.errors import Invalid, Refused
from ringback.domain.guards.policy import ProveBy
from ringback.domain.ids import BusinessId, CallbackId, ChatId, QueueId
from ringback.domain.times import TimeWindow, When, WhenKind
from ringback.interaction_manager.asking import Asker, OpenBefore, lock_persons, read_open
from ringback.interaction_manager.booking import (
    SOON,
    Place,
    load_line,
    load_places,
    load_rates,
    load_reach,
    take_places,
)
from ringback.interaction_manager.configuration import SettingsCache, load_agents, load_settings, lock_queues
from ringback.interaction_manager.guarding import NOT_PROVED, judge_telephone
from ringback.interaction_manager.operators import load_waitlist
from ringback.interaction_manager.rules.admission import Admitted, NotAdmitted, admit
from ringback.interaction_manager.rules.reading import zone_of
from ringback.interaction_manager.rules.routing import Route, route
from ringback.interaction_manager.rules.slots import Timetable
from ringback.interaction_manager.rules.snapshot import Booking, OpenCallback, Snapshot, Waiting
from ringback.postgres.database import Transaction


@dataclass(frozen=True, slots=True, kw_only=True)
class Asked:
    """What is asked, by whom. `moving`: the open callback that gets another time; `also`: its queue."""

    provider: str
    topic: str | None
    when: When
    asker: Asker
    language: str
    named_time: bool
    priority: int = 0
    by_message: bool = False
    moving: CallbackId | None = None
    also: QueueId | None = None
    chat: ChatId | None = None  # for which a place may be kept
    unproved: bool = False  # a customer names a number that nobody vouches for
    told_by: datetime | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Judgement:
    """The verdict, under the locks that make it stay true until the commit. `place`: what it takes of a slot, if anything."""

    route: Route
    verdict: Admitted | NotAdmitted
    place: Place | None

    async def take_place(self, tx: Transaction, business: BusinessId) -> None:
        """Count the booking in its slot, if it takes a place in one; raise Conflict (`slot-taken`) when that is full."""
        if self.place is not None:
            await take_places(tx, business, [self.place])


def read_when(when: When) -> When:
    """Return what was asked when it can be understood; raise Invalid (`time-invalid`) when it cannot."""
    try:
        zone_of(when.zone)
    except ValueError as error:
        raise Invalid(f"{error}.", id="time-invalid", field="when.zone") from error
    if any(at is not None and at.tzinfo is None for at in (when.start, when.end)):
        raise Invalid("A time needs its offset.", id="time-invalid", field="when.start")
    if when.start is not None and when.end is not None and when.end <= when.start:
        raise Invalid("The time ends before it begins.", id="time-invalid", field="when.end")
    return when


async def judge_request(tx: Transaction, business: BusinessId, cache: SettingsCache, asked: Asked) -> Judgement:
    """Judge one request. Holds the person, then the queue (for a time: all queues that share its agents).

    Raises NotFound or Invalid (`unknown-provider`, `time-invalid`).
    """
    read_when(asked.when)
    return await (await begin_judging(tx, business, cache, [asked])).judge(asked)


async def begin_judging(
    tx: Transaction, business: BusinessId, cache: SettingsCache, wanted: Sequence[Asked]
) -> Judging:
    """Hold and load what some requests need, all at once; a move comes alone. Raises NotFound when there is no such business."""
    assert len(wanted) == 1 or all(each.moving is None for each in wanted), "a move is judged alone"
    moving = wanted[0].moving if wanted else None
    await lock_persons(tx, business, (each.asker for each in wanted))
    settings = await load_settings(tx, business, cache)
    snapshot = await load_agents(tx, business, settings)
    held: set[QueueId] = {each.also for each in wanted if each.also is not None}
    near: set[QueueId] = set()
    for each in wanted:
        way = _way(snapshot, each)
        if way is not None:
            related = snapshot.related(way.queue.id)
            near |= related
            held |= {way.queue.id} if each.when.kind is WhenKind.ASAP else related
    snapshot = await lock_queues(tx, business, snapshot, frozenset(held))
    before = await read_open(tx, business, (each.asker for each in wanted))
    snapshot = await load_line(tx, business, snapshot, frozenset(near), moving)
    snapshot = await load_rates(tx, business, snapshot, near, cache)
    kept: dict[ChatId, Booking] = {}
    times = await _times(tx, business, snapshot, wanted)
    if times:
        chats = sorted({each.chat for each in wanted if each.chat is not None})
        snapshot, holds = await load_places(tx, business, snapshot, frozenset(near), times, moving=moving, chats=chats)
        kept = {chat: hold.place for chat, hold in holds.items()}
    return Judging(tx, business, snapshot, before, kept)


def _way(snapshot: Snapshot, asked: Asked) -> Route | None:
    """Return where a request leads; None where it leads nowhere, or nobody can understand when it is for."""
    try:
        read_when(asked.when)
        return route(snapshot, asked.provider, asked.topic)
    except Refused:
        return None


async def _times(
    tx: Transaction, business: BusinessId, snapshot: Snapshot, wanted: Sequence[Asked]
) -> list[TimeWindow]:
    found: set[TimeWindow] = set()
    for each in wanted:
        way = _way(snapshot, each)  # with the levers as they are under the lock
        if way is not None and each.when.kind is not WhenKind.ASAP:
            assert each.when.start is not None
            reach = await load_reach(tx, business, snapshot, way.queue)
            found.add(reach.around(each.when.start, each.when.end))
    return list(found)


class Judging:
    """Judges requests one after another, each seeing what the ones before it were given."""

    def __init__(
        self,
        tx: Transaction,
        business: BusinessId,
        snapshot: Snapshot,
        before: OpenBefore,
        kept: dict[ChatId, Booking],
    ) -> None:
        self._tx = tx
        self._business = business
        self._snapshot = replace(snapshot, plans={})
        self._before = before
        self._kept = kept  # for the chats of these requests; not among the snapshot's bookings
        self._tables: dict[frozenset[QueueId], Timetable] = {}

    async def judge(self, asked: Asked) -> Judgement:
        """Judge one request; raise NotFound or Invalid (`unknown-provider`, `time-invalid`)."""
        when = read_when(asked.when)
        way = route(self._snapshot, asked.provider, asked.topic)
        own = self._kept.pop(asked.chat, None) if asked.chat is not None else None
        if own is not None:
            self._count(own, -1)
        timetable = self._table(way.queue.id) if when.kind is not WhenKind.ASAP else None
        seen = self._before.seen_by(self._snapshot, asked.asker)
        seen = await load_waitlist(self._tx, self._business, seen, {way.queue.id}, asked.asker.person)
        verdict = admit(
            seen if own is None else replace(seen, own_hold=own),
            way,
            when,
            self._tx.now,
            language=asked.language,
            named_time=asked.named_time,
            priority=asked.priority,
            moving=asked.moving,
            timetable=timetable,
            by_message=asked.by_message,
            told_by=asked.told_by,
        )
        if isinstance(verdict, Admitted):
            verdict = await self._guard(asked, verdict)
        if isinstance(verdict, Admitted):
            return Judgement(route=way, verdict=verdict, place=_place(verdict, timetable))
        if own is not None and asked.chat is not None:
            self._kept[asked.chat] = own
            self._count(own, 1)
        return Judgement(route=way, verdict=verdict, place=None)

    async def _guard(self, asked: Asked, admitted: Admitted) -> Admitted | NotAdmitted:
        """Refuse a telephone that would not be rung."""
        if asked.asker.number is None:
            return admitted
        refused = await judge_telephone(
            self._tx,
            self._business,
            asked.asker.number,
            admitted.route.queue.policy,
            zone=asked.when.zone,
            business_zone=self._snapshot.zone,
            at=max(admitted.possible.window.start, self._tx.now),
            named_time=asked.named_time or asked.when.kind is WhenKind.ASAP,
        )
        if refused is None and asked.unproved and admitted.route.queue.policy.guards.prove_numbers is not ProveBy.OFF:
            refused = NOT_PROVED  # last: no code goes to a number that would not be rung
        return admitted if refused is None else NotAdmitted(refusal=refused)

    def give(self, asked: Asked, admitted: Admitted, callback: CallbackId) -> None:
        """Let the requests that come next see a booking that was just made."""
        possible, queue = admitted.possible, admitted.route.queue.id
        named = admitted.route.agent.id if admitted.route.agent is not None else None
        opened = OpenCallback(callback=callback, queue=queue, window=possible.window)
        self._before.add(asked.asker, opened)
        if possible.ready_at <= self._tx.now + SOON:
            waits = Waiting(
                queue=queue,
                ready_at=possible.ready_at,
                priority=asked.priority,
                named_agent=named,
                booked=not admitted.promise.early_is_fine,
            )
            self._snapshot = replace(self._snapshot, waiting=_and(self._snapshot.waiting, waits, self._tx.now))
        if admitted.promise.early_is_fine:
            self._tables.pop(self._snapshot.related(queue), None)  # the backlog that a timetable counts has grown
        if possible.slot is not None:
            booking = Booking(queue=queue, slot=possible.slot, named_agent=named)
            self._count(booking, 1)
            self._snapshot = replace(self._snapshot, bookings=(*self._snapshot.bookings, booking))

    def _count(self, booking: Booking, count: int) -> None:
        if booking.queue in self._snapshot.queues:
            table = self._tables.get(self._snapshot.related(booking.queue))
            if table is not None:
                table.add(booking, count)

    def _table(self, queue: QueueId) -> Timetable:
        related = self._snapshot.related(queue)
        if related not in self._tables:
            taken = self._snapshot.bookings + tuple(self._kept.values())
            self._tables[related] = Timetable(replace(self._snapshot, bookings=taken), queue, self._tx.now)
        return self._tables[related]


def _and(waiting: tuple[Waiting, ...], one: Waiting, now: datetime) -> tuple[Waiting, ...]:
    """Add one who waits: ready ones are counted by kind, with the earliest of them, as they are read."""
    if one.ready_at <= now:
        for i, each in enumerate(waiting):
            alike = replace(each, ready_at=one.ready_at, count=1) == one
            if alike and each.ready_at <= now:
                counted = replace(each, ready_at=min(each.ready_at, one.ready_at), count=each.count + 1)
                return (*waiting[:i], counted, *waiting[i + 1 :])
    return (*waiting, one)


def _place(admitted: Admitted, timetable: Timetable | None) -> Place | None:
    """Return what a booking takes of its slot. Under the queues' locks nothing can have been booked since; a kept place is there whatever became of the staffing."""
    slot, queue = admitted.possible.slot, admitted.route.queue.id
    if slot is None or timetable is None:
        return None
    capacity = timetable.capacity(queue, slot)
    return Place(queue=queue, slot=slot, capacity=capacity, most=timetable.booked(queue, slot) + 1)
