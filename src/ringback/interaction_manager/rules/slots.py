"""How many callbacks fit in each of the times that can be booked: from staffing, one allocation over all queues that share agents.

A booking takes `work_seconds` of one agent, begun in its slot, at a stretch. A slot has room for one more when everything booked
around it can be given to agents together with it (allocation.py): where all of that lies in the one slot, exactly; where slots of
several lengths or grids overlap, or the work is longer than a slot, by laying all of it on the agents' own time. All bookings
together may take only the share of the staffing that the policies leave to callbacks.
"""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from math import ceil, floor

from ringback.domain.ids import AgentId, QueueId
from ringback.domain.times import TimeWindow
from ringback.interaction_manager.rules.allocation import Flow, Job, Timelines
from ringback.interaction_manager.rules.grid import work_seconds
from ringback.interaction_manager.rules.roster import Cell, roster_of
from ringback.interaction_manager.rules.snapshot import Booking, Snapshot
from ringback.interaction_manager.rules.staffing import REALLY_THERE, missing
from ringback.interaction_manager.rules.wall_clock import without

_STEP = timedelta(minutes=15)
FAR = timedelta(
    days=2
)  # who waits now is served by then; bookings that overlap one another all the way are apart by then


class Timetable:
    """What each agent can do when, and what is booked, over the queues that share agents with one of them."""

    def __init__(self, snapshot: Snapshot, queue: QueueId, now: datetime) -> None:
        self._now = now
        related = snapshot.related(queue)
        self._queues = {id: snapshot.queues[id] for id in related if id in snapshot.queues}
        self._work = {id: work_seconds(each, snapshot.rate(id)) for id, each in self._queues.items()}
        self._lasts = {id: timedelta(seconds=work) for id, work in self._work.items()}
        self._longest_work = max(self._work.values(), default=0.0)
        self._roster = roster_of(snapshot, related, self._queues)
        self._agents = [snapshot.agents.get(agent.id, agent) for agent in self._roster.agents]
        self._grace = max((each.policy.late_grace for each in self._queues.values()), default=0.0)
        self._backlog = sum(
            self._work[each.queue] * each.count
            for each in snapshot.waiting
            if each.queue in self._queues and not each.booked
        )
        mine = [booking for booking in snapshot.bookings if booking.queue in self._queues]
        self._bookings = sorted(mine, key=lambda booking: booking.slot.start)
        # Where each begins, and where its work is over at the latest: read far more often than worked out.
        self._booked_from = [booking.slot.start for booking in self._bookings]
        self._booked_until = [self._end(each.queue, each.slot) for each in self._bookings]
        self._longest = max(
            (end - start for start, end in zip(self._booked_from, self._booked_until, strict=True)),
            default=timedelta(0),
        )
        self._cells: dict[tuple[datetime, datetime], Cell] = {}
        self._believed = now + REALLY_THERE
        self._missing: list[TimeWindow | None] | None = None
        self._all_there: bool | None = None
        self._worked_off: datetime | None = None
        self._rooms: dict[tuple[QueueId, TimeWindow, AgentId | None], int] = {}

    def add(self, booking: Booking, count: int = 1) -> None:
        """Count so many more places as taken; fewer, where `count` is negative."""
        self._remember_room(booking, count)
        at = bisect_left(self._booked_from, booking.slot.start)
        for i in range(at, len(self._bookings)):
            each = self._bookings[i]
            if each.slot.start != booking.slot.start:
                break
            if (each.queue, each.named_agent, each.held, each.slot.end) == (
                booking.queue,
                booking.named_agent,
                booking.held,
                booking.slot.end,
            ):
                left = max(0, each.count + count)  # not by `replace`, which is slow: this is done for every wish
                self._bookings[i] = Booking(
                    queue=each.queue, slot=each.slot, count=left, named_agent=each.named_agent, held=each.held
                )
                return
        if count <= 0:
            return
        over = self._end(booking.queue, booking.slot)
        self._bookings.insert(at, booking if booking.count == count else replace(booking, count=count))
        self._booked_from.insert(at, booking.slot.start)
        self._booked_until.insert(at, over)
        self._longest = max(self._longest, over - booking.slot.start)

    # ------------------------------------------------------------------ what is asked of it

    def booked(self, queue: QueueId, slot: TimeWindow) -> int:
        """Return how many places of this slot are taken for good."""
        return self._taken(queue, slot, held=False)

    def held(self, queue: QueueId, slot: TimeWindow) -> int:
        """Return how many places of this slot are kept for chats that have not said yes."""
        return self._taken(queue, slot, held=True)

    def capacity(self, queue: QueueId, slot: TimeWindow) -> int:
        """Return how many bookings of this queue the slot can carry, given all other bookings: fewer than are booked is a shortfall."""
        return max(0, self.booked(queue, slot) + self._more(queue, slot, None))

    def room(self, queue: QueueId, slot: TimeWindow, named: AgentId | None = None) -> int:
        """Return how many more can be booked, with this agent if one is named."""
        return max(0, self._more(queue, slot, named))

    def may_hold(
        self, queue: QueueId, slot: TimeWindow, named: AgentId | None = None, *, room: int | None = None
    ) -> bool:
        """Tell whether a place may be kept for a chat: there is room, and holds take no more than their share of what is not booked."""
        room = self.room(queue, slot, named) if room is None else room
        held = self.held(queue, slot)
        return room > 0 and held < max(1, floor(self._queues[queue].policy.hold_share * (held + room)))

    def untouched(self, queue: QueueId, slot: TimeWindow) -> tuple[Cell, tuple[QueueId, float, float]] | None:
        """Return the cell of a slot whose room follows from settings and rates alone, and the key under which to remember it there."""
        policy = self._queues[queue].policy
        ends = self._end(queue, slot)
        if policy.day_cap is not None or ends > slot.end or not self._as_planned(slot.start, ends):
            return None
        if self._backlog and slot.start < self._backlog_ends():
            return None
        first = bisect_left(self._booked_from, slot.start - self._longest)
        if first < len(self._bookings) and self._booked_from[first] < ends:
            return None
        return self._cell(slot), (queue, self._work[queue], self._longest_work)

    def on_shift(self, queue: QueueId, slot: TimeWindow) -> int:
        """Return how many agents are there for this queue at some time in the slot."""
        pools = self._roster.pools_for.get(queue, ())
        people = self._cell(slot).pool_people
        return sum([people[pool] for pool in pools])

    def is_there(self, agent: AgentId, slot: TimeWindow) -> bool:
        """Tell whether this agent is there at some time in the slot."""
        i = self._roster.index.get(agent)
        return i is not None and self._cell(slot).seconds[i] > 0

    def load(self, queue: QueueId, slot: TimeWindow) -> float:
        """Return which part of the queue's staffing in the slot is booked or kept: 0 to 1, and more where too much is."""
        mine = self._seconds_for(queue, self._cell(slot))
        return self._taken(queue, slot) * self._work[queue] / mine if mine > 0 else 1.0

    # ------------------------------------------------------------------ how much more

    def _taken(self, queue: QueueId, slot: TimeWindow, *, held: bool | None = None) -> int:
        at, begins, count = bisect_left(self._booked_from, slot.start), slot.start, 0
        while at < len(self._bookings) and self._booked_from[at] == begins:
            each = self._bookings[at]
            count += each.count if each.queue == queue and held in (None, each.held) else 0
            at += 1
        return count

    def _remember_room(self, booking: Booking, count: int) -> None:
        """Whoever takes places takes as much room from the next one who wants the very same; of any other it has to be counted again."""
        key = (booking.queue, booking.slot, booking.named_agent)
        left = self._rooms.get(key, 0) - count
        self._rooms.clear()
        if count > 0 and left >= 0:
            self._rooms[key] = left

    def _more(self, queue: QueueId, slot: TimeWindow, named: AgentId | None) -> int:
        """Return how many more of this queue's bookings the slot can carry; negative: that many cannot be carried out."""
        known = self._rooms.get((queue, slot, named))
        if known is not None:
            return known
        if queue not in self._queues or (named is not None and named not in self._roster.index):
            return 0
        run = self._run(queue, slot)
        work, apart = self._work[queue], True
        for each in run:
            work = max(work, self._work[each.queue])
            apart = apart and each.slot == slot
        apart = apart and work <= slot.length.total_seconds()
        limit = self._limit(queue, slot, run if apart else None)
        if apart:
            more = self._rooms[queue, slot, named] = self._more_in_slot(queue, slot, run, work, named, limit)
            return more
        return self._more_in_run(queue, slot, run, named, limit)

    def _more_in_slot(
        self,
        queue: QueueId,
        slot: TimeWindow,
        bookings: Sequence[Booking],
        work: float,
        named: AgentId | None,
        limit: int,
    ) -> int:
        """All is done inside the one slot: a flow from bookings to pools of agents alike, and to agents by name; no flow where nobody competes."""
        cell, roster = self._cell(slot), self._roster
        if named is None and all(each.queue == queue and each.named_agent is None for each in bookings):
            pooled = cell.pooled(work)
            more = sum([pooled[pool] for pool in roster.pools_for[queue]]) - sum([each.count for each in bookings])
            return min(limit, more)
        units, nodes = cell.units(work), list(cell.pooled(work))
        by_name: dict[AgentId, int] = {}
        for name in (named, *(each.named_agent for each in bookings)):
            if name is not None and name not in by_name and name in roster.index:
                i = roster.index[name]
                by_name[name] = len(nodes)
                nodes[roster.pool_of[i]] -= units[i]
                nodes.append(units[i])

        def able(of: QueueId, name: AgentId | None) -> list[int]:
            if name is not None:
                return [by_name[name]] if name in by_name and self._can(name, of) else []
            return [*roster.pools_for[of], *(node for each, node in by_name.items() if self._can(each, of))]

        mine = able(queue, named)
        flow, unplaced = Flow(nodes), 0
        for each in sorted(bookings, key=lambda b: (b.queue == queue, b.named_agent is None)):
            placed = flow.place(each.count, able(each.queue, each.named_agent))
            unplaced += each.count - placed if each.queue == queue else 0
        if unplaced or limit <= 0:
            return -unplaced if unplaced else limit
        return flow.place(limit, mine)

    def _more_in_run(
        self, queue: QueueId, slot: TimeWindow, bookings: Sequence[Booking], named: AgentId | None, limit: int
    ) -> int:
        """Bookings overlap in other ways: lay all of them on the agents' own time, then as many more as find a place."""
        begins = min([slot.start, *(each.slot.start for each in bookings)])
        ends = max([self._end(queue, slot), *(self._end(each.queue, each.slot) for each in bookings)])
        lines = Timelines(
            [[(s.start.timestamp(), s.end.timestamp()) for s in mine] for mine in self._spans(begins, ends)]
        )
        unplaced = 0
        for each in sorted(
            bookings, key=lambda b: (b.slot.start, b.slot.end, b.named_agent is None, b.queue == queue, b.queue)
        ):
            job = self._job(each.queue, each.slot, each.named_agent)
            for _ in range(each.count):
                found = lines.place(replace(job))
                unplaced += not found and each.queue == queue
        if unplaced or limit <= 0:
            return -unplaced if unplaced else limit
        more, wanted = 0, self._job(queue, slot, named)
        while more < limit and lines.place(replace(wanted)):
            more += 1
        return more

    def _job(self, queue: QueueId, slot: TimeWindow, named: AgentId | None) -> Job:
        work, begins = self._work[queue], slot.start.timestamp()
        able = self._roster.eligible[queue]
        if named is not None:
            able = (self._roster.index[named],) if named in self._roster.index and self._can(named, queue) else ()
        return Job(release=begins, latest=max(begins, slot.end.timestamp() - work), length=work, able=able)

    def _can(self, agent: AgentId, queue: QueueId) -> bool:
        i = self._roster.index[agent]
        return queue in self._roster.pools[self._roster.pool_of[i]]

    # ------------------------------------------------------------------ what is around it

    def _end(self, queue: QueueId, slot: TimeWindow) -> datetime:
        return max(slot.end, slot.start + self._lasts[queue])

    def _run(self, queue: QueueId, slot: TimeWindow) -> list[Booking]:
        """Return the bookings whose work shares time with that of one in this slot, directly or by others."""
        begins, ends = slot.start, self._end(queue, slot)
        while True:
            first = bisect_left(self._booked_from, begins - self._longest)
            last = bisect_left(self._booked_from, ends)
            run = [i for i in range(first, last) if self._booked_until[i] > begins]
            grown_from = min([begins, *(self._booked_from[i] for i in run)])
            grown_to = max([ends, *(self._booked_until[i] for i in run)])
            if grown_from == begins and grown_to == ends:
                return [self._bookings[i] for i in run]
            begins, ends = grown_from, grown_to

    def _in(self, window: TimeWindow) -> list[Booking]:
        """Return the bookings whose slot shares time with the window."""
        first = bisect_left(self._booked_from, window.start - self._longest)
        last = bisect_left(self._booked_from, window.end)
        return [booking for booking in self._bookings[first:last] if booking.slot.end > window.start]

    # ------------------------------------------------------------------ how much is wanted of it

    def _limit(self, queue: QueueId, slot: TimeWindow, alone: Sequence[Booking] | None) -> int:
        """Return how many more the quotas allow: the callbacks' share, the load that is refused, and caps. `alone`: all there is in this slot."""
        if alone is not None:
            limit = self._limit_in(queue, slot, alone)
        else:
            length = max(slot.length, self._lasts[queue])
            before = self._in(TimeWindow(start=slot.start - length, end=slot.start))
            begins = {slot.start} | {each.slot.start for each in before if slot.start - length < each.slot.start}
            stretches = [TimeWindow(start=at, end=at + length) for at in begins]
            limit = min(self._limit_in(queue, each, self._in(each)) for each in stretches)
        policy = self._queues[queue].policy
        if policy.slot_cap is not None:
            limit = min(limit, policy.slot_cap - self._taken(queue, slot))
        if policy.day_cap is not None:
            limit = min(limit, policy.day_cap - self._on_day(queue, slot.start))
        return limit

    def _limit_in(self, queue: QueueId, stretch: TimeWindow, bookings: Sequence[Booking]) -> int:
        cell = self._cell(stretch)
        own = sum([each.count for each in bookings if each.queue == queue])
        total = sum([each.count for each in bookings])
        quota = cell.quotas.get((queue, self._work[queue], self._longest_work))
        if quota is None:
            if len(cell.quotas) > 32:  # the work is learned anew all the time
                cell.quotas.clear()
            quota = self._quota(queue, cell)
            cell.quotas[queue, self._work[queue], self._longest_work] = quota
        of_mine, of_all, of_load = quota
        return min(of_mine - own, of_all - total, of_load - self._waiting_then(stretch, cell) - total)

    def _quota(self, queue: QueueId, cell: Cell) -> tuple[int, int, int]:
        """Return how many bookings the share of the queue's own agents carries, that of all, and the load the policy allows."""
        policy = self._queues[queue].policy
        most = floor(cell.total * policy.refuse_above * (1 - policy.shrinkage) / self._longest_work + 1e-9)
        return (
            self._share(queue, self._seconds_for(queue, cell)),
            self._share(queue, cell.total),
            max(1, most),
        )

    def _seconds_for(self, queue: QueueId, cell: Cell) -> float:
        return sum([cell.pool_seconds[pool] for pool in self._roster.pools_for[queue]])

    def _on_day(self, queue: QueueId, at: datetime) -> int:
        zone = self._queues[queue].hours.zone
        day = at.astimezone(zone).date()
        return sum(
            each.count
            for each in self._bookings
            if each.queue == queue and each.slot.start.astimezone(zone).date() == day
        )

    def _share(self, queue: QueueId, staffing: float) -> int:
        """Return how many bookings the callbacks' share of so many agent seconds carries: at least one, if any at all."""
        policy = self._queues[queue].policy
        share = policy.callbacks_share * (1 - policy.shrinkage)
        return max(1, floor(staffing * share / self._work[queue] + 1e-9)) if share > 0 else 0

    def _waiting_then(self, stretch: TimeWindow, cell: Cell) -> int:
        """Return how many bookings' worth of agents those take who wait for as soon as possible and are not served by then."""
        if not self._backlog or stretch.start >= self._backlog_ends():
            return 0
        left = self._backlog - self._staffing(self._now, stretch.start)
        return ceil(min(cell.total, max(0.0, left)) / self._longest_work - 1e-9)

    def _backlog_ends(self) -> datetime:
        """Return when nobody who waits now is left, if everybody works on that alone."""
        if self._worked_off is None:
            at, left = self._now, self._backlog
            while left > 0 and at < self._now + FAR:
                left -= self._staffing(at, at + _STEP)
                at += _STEP
            self._worked_off = at
        return self._worked_off

    # ------------------------------------------------------------------ who is there

    def _staffing(self, start: datetime, end: datetime) -> float:
        return self._cell(TimeWindow(start=start, end=end)).total if start < end else 0.0

    def _cell(self, window: TimeWindow) -> Cell:
        if self._as_planned(window.start, window.end):
            return self._roster.cell(window)
        key = (window.start, window.end)
        known = self._cells.get(key)
        if known is None:
            spans = self._spans(window.start, window.end)
            known = self._cells[key] = self._roster.cell_of(spans, window)
        return known

    def _as_planned(self, start: datetime, end: datetime) -> bool:
        """Tell whether the plan is all that is known about a time: it is too far off, or everybody who should be there is."""
        return start >= self._believed or end <= self._now or self._everybody_is_there()

    def _spans(self, start: datetime, end: datetime) -> list[list[TimeWindow]]:
        planned = self._roster.spans(start, end)
        if self._as_planned(start, end):
            return planned
        return [
            without(mine, [gone]) if gone is not None else mine
            for mine, gone in zip(planned, self._who_is_missing(), strict=True)
        ]

    def _everybody_is_there(self) -> bool:
        if self._all_there is None:
            self._all_there = not any(self._who_is_missing())
        return self._all_there

    def _who_is_missing(self) -> list[TimeWindow | None]:
        if self._missing is None:
            planned = self._roster.spans(self._now - REALLY_THERE, self._now + REALLY_THERE)
            self._missing = [
                missing(agent, plan, self._now, grace=self._grace)
                for agent, plan in zip(self._agents, planned, strict=True)
            ]
        return self._missing
