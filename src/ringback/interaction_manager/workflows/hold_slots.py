"""Keep places of slots for chats that have picked a time and not said yes: many chats' wishes in one transaction.

A chat has one place at most; a new wish gives the old one back. A place is over by the clock alone, and booking it succeeds until
then. Wishes are judged as bookings are, under the same locks, one after another, each seeing what the ones before it were given.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import timedelta

from ringback.domain.errors import Invalid, NotFound
from ringback.domain.ids import BusinessId, ChatId, QueueId
from ringback.domain.offers import Held, HoldQuery
from ringback.domain.times import TimeWindow, WhenKind
from ringback.interaction_manager.booking import (
    Hold,
    count_holds,
    free_places,
    keep_places,
    load_line,
    load_places,
    load_rates,
    load_reach,
)
from ringback.interaction_manager.configuration import SettingsCache, load_agents, load_settings, lock_queues
from ringback.interaction_manager.rules.possibility import Possible
from ringback.interaction_manager.rules.reach import Reach
from ringback.interaction_manager.rules.routing import Route, route
from ringback.interaction_manager.rules.slots import Timetable
from ringback.interaction_manager.rules.snapshot import Booking, Snapshot
from ringback.interaction_manager.rules.staffing import REALLY_THERE
from ringback.interaction_manager.rules.timed import at_a_time
from ringback.interaction_manager.workflows.judge_request import read_when
from ringback.postgres.database import Transaction

_FAR = REALLY_THERE + timedelta(hours=2)  # beyond this only the plan counts, not who is there and waits now


async def hold_slots(
    cache: SettingsCache, tx: Transaction, business: BusinessId, wanted: Sequence[HoldQuery]
) -> list[Held | None]:
    """Keep a place for each wish that there is room for. No two wishes are of the same chat."""
    settings = await load_settings(tx, business, cache)
    snapshot = settings.snapshot({})
    routes = _routes(snapshot, wanted)
    queues = frozenset(queue for way in routes if way is not None for queue in snapshot.related(way.queue.id))
    if any(
        each.when is not None and each.when.start is not None and each.when.start < tx.now + _FAR for each in wanted
    ):
        snapshot = await load_agents(tx, business, settings, queues)
        snapshot = await load_line(tx, business, snapshot, queues)
    snapshot = await lock_queues(tx, business, snapshot, queues)
    snapshot = await load_rates(tx, business, snapshot, queues, cache)
    routes = _routes(snapshot, wanted)  # with the levers as they are under the lock
    chats = [each.chat for each in wanted]
    times = await _times(tx, business, snapshot, wanted, routes)
    snapshot, before = await load_places(tx, business, snapshot, queues, times, chats=chats)
    capped = [id for id in queues if snapshot.queues[id].policy.holds_per_agent is not None]
    keeper = _Keeper(snapshot, tx, await count_holds(tx, business, capped) if capped else {}, before)
    kept = [keeper.keep(each, way) for each, way in zip(wanted, routes, strict=True)]
    await keep_places(tx, business, (hold for hold in kept if hold is not None and before.get(hold.chat) != hold))
    await free_places(
        tx, business, (chat for chat, hold in zip(chats, kept, strict=True) if hold is None and chat in before)
    )
    return [None if hold is None else Held(window=hold.place.slot, until=hold.until) for hold in kept]


def _routes(snapshot: Snapshot, wanted: Sequence[HoldQuery]) -> list[Route | None]:
    """Return where each wish leads; None where it cannot be understood, or wishes for nothing any more."""
    known: dict[tuple[str, str | None], Route | None] = {}
    routes: list[Route | None] = []
    for each in wanted:
        if each.when is None or each.when.kind is WhenKind.ASAP:
            routes.append(None)
            continue
        key = (each.provider, each.topic)
        if key not in known:
            try:
                known[key] = route(snapshot, each.provider, each.topic)
            except (NotFound, Invalid):
                known[key] = None
        routes.append(known[key])
    return routes


async def _times(
    tx: Transaction,
    business: BusinessId,
    snapshot: Snapshot,
    wanted: Sequence[HoldQuery],
    routes: Sequence[Route | None],
) -> list[TimeWindow]:
    found: set[TimeWindow] = set()
    far: dict[QueueId, Reach] = {}
    for each, way in zip(wanted, routes, strict=True):
        if way is not None and each.when is not None and each.when.start is not None:
            id = way.queue.id
            if id not in far:
                far[id] = await load_reach(tx, business, snapshot, way.queue)
            found.add(far[id].around(each.when.start, each.when.end))
    return list(found)


class _Keeper:
    """Judges wishes one after another; what one is given, the next does not see as free."""

    def __init__(
        self, snapshot: Snapshot, tx: Transaction, counts: dict[QueueId, int], before: dict[ChatId, Hold]
    ) -> None:
        self._snapshot = snapshot
        self._now = tx.now
        self._counts = counts
        self._before = before
        self._tables: dict[QueueId, Timetable] = {}
        for hold in before.values():
            if hold.place.queue in snapshot.queues:
                self._table(hold.place.queue).add(hold.place)

    def keep(self, wish: HoldQuery, way: Route | None) -> Hold | None:
        """Return the place that is kept from now on; the one that was kept already stays, and lasts no longer for it."""
        old = self._before.get(wish.chat)
        if (
            old is not None and old.place.queue in self._snapshot.queues
        ):  # free for whoever comes now; counted again below if it stays
            self._counts[old.place.queue] = self._counts.get(old.place.queue, 0) - 1
            self._table(old.place.queue).add(old.place, -1)
        if way is None or wish.when is None:
            return None
        try:
            when = read_when(wish.when)
        except Invalid:
            return None
        table = self._table(way.queue.id)
        snapshot = self._snapshot if old is None else replace(self._snapshot, own_hold=old.place)
        possible = at_a_time(
            snapshot, table, way.queue, way.agent, when, self._now, named_time=True, by_message=wish.by_message,
            explain=False,
        )  # fmt: skip
        if not isinstance(possible, Possible) or possible.slot is None:
            return None
        named = way.agent.id if way.agent is not None else None
        place = Booking(queue=way.queue.id, slot=possible.slot, named_agent=named, held=True)
        hold = old if old is not None and old.place == place else self._new(wish, way, place, table, possible.room)
        if hold is not None:
            table.add(place)
            self._counts[place.queue] = self._counts.get(place.queue, 0) + 1
        return hold

    def _new(self, wish: HoldQuery, way: Route, place: Booking, table: Timetable, room: int) -> Hold | None:
        policy = way.queue.policy
        if policy.holds_per_agent is not None:
            most = policy.holds_per_agent * self._snapshot.serve_it(way.queue.id)
            if self._counts.get(place.queue, 0) >= most:
                return None
        if not table.may_hold(place.queue, place.slot, place.named_agent, room=room):
            return None
        lasts = policy.slot_hold_by_message if wish.by_message else policy.slot_hold
        return Hold(chat=wish.chat, place=place, until=self._now + timedelta(seconds=lasts))

    def _table(self, queue: QueueId) -> Timetable:
        if queue not in self._tables:  # one for all queues that share agents
            table = Timetable(self._snapshot, queue, self._now)
            self._tables.update(dict.fromkeys(self._snapshot.related(queue), table))
        return self._tables[queue]
