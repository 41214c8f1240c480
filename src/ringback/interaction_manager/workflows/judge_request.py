"""Hold what a request competes for, load what it is judged by, and judge it: the part that booking and moving share."""

from __future__ import annotations

from dataclasses import dataclass

from ringback.domain.errors import Invalid
from ringback.domain.ids import BusinessId, CallbackId, ChatId, QueueId
from ringback.domain.times import When, WhenKind
from ringback.interaction_manager.booking import (
    Asker,
    load_bookings,
    load_line,
    load_open,
    load_rates,
    load_reach,
    lock_person,
    take_place,
)
from ringback.interaction_manager.configuration import SettingsCache, load_agents, load_settings, lock_queues
from ringback.interaction_manager.guarding import judge_telephone
from ringback.interaction_manager.operators import load_waitlist
from ringback.interaction_manager.rules.admission import Admitted, NotAdmitted, admit, timetable_for
from ringback.interaction_manager.rules.reading import zone_of
from ringback.interaction_manager.rules.routing import Route, route
from ringback.interaction_manager.rules.slots import Timetable
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


@dataclass(frozen=True, slots=True, kw_only=True)
class Judgement:
    """The verdict, under the locks that make it stay true until the commit."""

    route: Route
    verdict: Admitted | NotAdmitted
    timetable: Timetable | None

    async def take_place(self, tx: Transaction, business: BusinessId) -> None:
        """Count the booking in its slot, if it takes a place in one; raise Conflict (`slot-taken`) when that is full."""
        assert isinstance(self.verdict, Admitted)
        slot = self.verdict.possible.slot
        if slot is not None and self.timetable is not None:
            queue = self.route.queue.id
            # Under the queues' locks nothing can have been booked since; a kept place is there whatever became of the staffing.
            most = self.timetable.booked(queue, slot) + 1
            await take_place(tx, business, queue, slot, capacity=self.timetable.capacity(queue, slot), most=most)


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
    """Judge a request. Holds the person, then the queue (for a time: all queues that share its agents).

    Raises NotFound or Invalid (`unknown-provider`, `time-invalid`).
    """
    when = read_when(asked.when)
    await lock_person(tx, business, asked.asker)
    settings = await load_settings(tx, business, cache)
    snapshot = await load_agents(tx, business, settings)
    way = route(snapshot, asked.provider, asked.topic)
    related = snapshot.related(way.queue.id)
    at_a_time = when.kind is not WhenKind.ASAP
    held = related if at_a_time else frozenset({way.queue.id})
    snapshot = await lock_queues(tx, business, snapshot, held | ({asked.also} if asked.also else set()))
    way = route(snapshot, asked.provider, asked.topic)  # with the levers as they are under the lock
    snapshot = await load_open(tx, business, snapshot, asked.asker)
    snapshot = await load_waitlist(tx, business, snapshot, {way.queue.id}, asked.asker.person)
    snapshot = await load_line(tx, business, snapshot, related, asked.moving)
    snapshot = await load_rates(tx, business, snapshot, related, cache)
    timetable = None
    if at_a_time:
        assert when.start is not None
        times = (await load_reach(tx, business, snapshot, way.queue)).around(when.start, when.end)
        snapshot = await load_bookings(tx, business, snapshot, related, [times], moving=asked.moving, chat=asked.chat)
        timetable = timetable_for(snapshot, way, when, tx.now)
    verdict = admit(
        snapshot,
        way,
        when,
        tx.now,
        language=asked.language,
        named_time=asked.named_time,
        priority=asked.priority,
        moving=asked.moving,
        timetable=timetable,
        by_message=asked.by_message,
    )
    if isinstance(verdict, Admitted) and asked.asker.number is not None:
        refused = await judge_telephone(
            tx,
            business,
            asked.asker.number,
            way.queue.policy,
            zone=when.zone,
            business_zone=snapshot.zone,
            at=max(verdict.possible.window.start, tx.now),
            named_time=asked.named_time or when.kind is WhenKind.ASAP,
        )
        verdict = NotAdmitted(refusal=refused) if refused is not None else verdict
    return Judgement(route=way, verdict=verdict, timetable=timetable)
