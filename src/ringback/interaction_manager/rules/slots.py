"""The times that can be booked, and how many fit in each: from staffing, one allocation over all queues that share agents.

A booking takes `work_seconds` of one agent. Looking at any stretch of time as long as a slot (or as one booking's work, when
that is longer), every booking in it must have an agent of its own, as often as that agent's time there allows; and all together
may take only the share of the staffing that the policies leave to callbacks. For slots at least as long as the work, what passes
can always be carried out. For shorter ones that holds while the agents concerned can stand in for each other.
"""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from math import ceil, floor

from ringback.domain.ids import AgentId, QueueId
from ringback.domain.times import TimeWindow
from ringback.interaction_manager.rules.allocation import Flow
from ringback.interaction_manager.rules.hours import Hours
from ringback.interaction_manager.rules.snapshot import Booking, Queue, Rates, Snapshot
from ringback.interaction_manager.rules.staffing import qualified, staffed
from ringback.interaction_manager.rules.wall_clock import merged, pieces

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


def work_seconds(queue: Queue, rates: Rates) -> float:
    """Return what one callback takes of an agent: handling, half of each ringing time, and its part of failed attempts."""
    ringing = (queue.policy.agent_ring + queue.policy.customer_ring) / 2
    return rates.handling + ringing + queue.policy.customer_ring / 4


def slot_grid(hours: Hours, length: float, start: datetime, end: datetime) -> Iterator[TimeWindow]:
    """Yield the slots that begin from `start` on and before `end`: full slots inside opening hours, on round wall-clock times."""
    step = timedelta(seconds=length)
    earliest = start
    for span in hours.open_spans((start - step).replace(microsecond=0), end + step):
        for begins, ends, offset in pieces(hours.zone, span.start, span.end):
            shown = (begins + offset - _EPOCH).total_seconds()
            at = begins + timedelta(seconds=-shown % length)
            while at < ends and at < end and at + step <= span.end:
                if at >= earliest:
                    yield TimeWindow(start=at, end=at + step)
                    earliest = at + step
                at += step


def slot_at(hours: Hours, length: float, at: datetime) -> TimeWindow | None:
    """Return the slot in which an instant lies; None outside opening hours."""
    step = timedelta(seconds=length)
    return next((slot for slot in slot_grid(hours, length, at - step, at + step) if slot.start <= at < slot.end), None)


class Timetable:
    """What each agent can do when, and what is booked, over the queues that share agents with one of them."""

    def __init__(self, snapshot: Snapshot, queue: Queue, now: datetime, start: datetime, end: datetime) -> None:
        self._now = now
        related = snapshot.related(queue.id)
        self._queues = {id: snapshot.queues[id] for id in related if id in snapshot.queues}
        self._work = {id: work_seconds(each, snapshot.rate(id)) for id, each in self._queues.items()}
        self._length = {
            id: timedelta(seconds=each.policy.slot_seconds(len(snapshot.serving(id))))
            for id, each in self._queues.items()
        }
        agents = [agent for agent in snapshot.agents.values() if agent.queues & related]
        self._index: dict[AgentId, int] = {agent.id: i for i, agent in enumerate(agents)}
        self._eligible: dict[QueueId, list[int]] = {
            id: [i for i, agent in enumerate(agents) if qualified(agent, each)] for id, each in self._queues.items()
        }
        self._backlog = sum(
            self._work[each.queue] * each.count
            for each in snapshot.waiting
            if each.queue in self._queues and not each.booked
        )
        reach = max(*self._length.values(), timedelta(seconds=max(self._work.values())))
        before, after = (min(start, now) if self._backlog else start) - reach, end + reach
        self._spans = [
            merged(
                span
                for id in agent.queues
                if id in self._queues
                for span in staffed(agent, self._queues[id], now, before, after)
            )
            for agent in agents
        ]
        self._starts = [[span.start for span in spans] for spans in self._spans]
        mine = [booking for booking in snapshot.bookings if booking.queue in self._queues]
        self._bookings = sorted(mine, key=lambda booking: booking.slot.start)
        self._booked_from = [booking.slot.start for booking in self._bookings]
        self._longest = max((booking.slot.length for booking in self._bookings), default=timedelta(0))

        self._worked_off: datetime | None = None

    def booked(self, queue: QueueId, slot: TimeWindow) -> int:
        """Return how many places of this slot are taken."""
        return sum(each.count for each in self._in(slot) if each.queue == queue and each.slot.start == slot.start)

    def capacity(self, queue: QueueId, slot: TimeWindow) -> int:
        """Return how many bookings of this queue the slot can carry, given all other bookings: fewer than are booked is a shortfall."""
        return max(0, self.booked(queue, slot) + self._more(queue, slot, None))

    def room(self, queue: QueueId, slot: TimeWindow, named: AgentId | None = None) -> int:
        """Return how many more can be booked, with this agent if one is named."""
        return max(0, self._more(queue, slot, named))

    def on_shift(self, queue: QueueId, slot: TimeWindow) -> int:
        """Return how many agents are there for this queue at some time in the slot."""
        return sum(1 for i in self._eligible[queue] if self._available(i, slot) > 0)

    def is_there(self, agent: AgentId, slot: TimeWindow) -> bool:
        """Tell whether this agent is there at some time in the slot."""
        return agent in self._index and self._available(self._index[agent], slot) > 0

    def _more(self, queue: QueueId, slot: TimeWindow, named: AgentId | None) -> int:
        if named is not None and named not in self._index:
            return 0
        stretch = max(self._length[queue], slot.length, timedelta(seconds=self._work[queue]))
        begins = {slot.start}
        for booking in self._in(TimeWindow(start=slot.start - stretch, end=slot.start)):
            if slot.start - stretch < booking.slot.start < slot.start and stretch > slot.length:
                begins.add(booking.slot.start)
        return min(self._more_in(queue, TimeWindow(start=at, end=at + stretch), named) for at in begins)

    def _more_in(self, queue: QueueId, stretch: TimeWindow, named: AgentId | None) -> int:
        """Return how many more of this queue's bookings one stretch of time can carry; negative: that many cannot be carried out."""
        work = max(self._work.values())
        available = [self._available(i, stretch) for i in range(len(self._spans))]
        units = [floor(seconds / work + 1e-9) for seconds in available]
        mine = self._eligible[queue]
        if not any(units[i] for i in mine):
            return -sum(each.count for each in self._in(stretch) if each.queue == queue)
        bookings = self._in(stretch)
        own = sum(each.count for each in bookings if each.queue == queue)
        total = sum(each.count for each in bookings)
        limit = min(
            self._share(queue, sum(available[i] for i in mine)) - own,
            self._share(queue, sum(available)) - total,
            self._all_work(queue, stretch, sum(available)) - total,
        )
        if not bookings:
            return min(limit, sum(units[i] for i in mine) if named is None else units[self._index[named]])
        flow = Flow(units)
        unplaced = 0
        for each in sorted(bookings, key=lambda b: (b.queue == queue, b.named_agent is None)):
            placed = flow.place(each.count, self._who(each))
            unplaced += each.count - placed if each.queue == queue else 0
        if unplaced:
            return -unplaced
        if limit <= 0:
            return limit
        return flow.place(limit, mine if named is None else [self._index[named]])

    def _who(self, booking: Booking) -> list[int]:
        if booking.named_agent is None:
            return self._eligible[booking.queue]
        return [self._index[booking.named_agent]] if booking.named_agent in self._index else []

    def _share(self, queue: QueueId, staffing: float) -> int:
        """Return how many bookings the callbacks' share of so many agent seconds carries: at least one, if any at all."""
        policy = self._queues[queue].policy
        share = policy.callbacks_share * (1 - policy.shrinkage)
        return max(1, floor(staffing * share / self._work[queue] + 1e-9)) if share > 0 else 0

    def _all_work(self, queue: QueueId, stretch: TimeWindow, staffing: float) -> int:
        """Return how many bookings fit beside those who wait for as soon as possible, up to the load the policy allows."""
        policy = self._queues[queue].policy
        work = max(self._work.values())
        load = 0.0
        if self._backlog and (self._worked_off is None or stretch.start < self._worked_off):
            left = self._backlog - self._staffing_until(stretch.start)
            load = min(staffing, max(0.0, left))
            if left <= 0:
                self._worked_off = stretch.start  # from here on nobody who waits now is left
        most = max(1, floor(staffing * policy.refuse_above * (1 - policy.shrinkage) / work + 1e-9))
        return most - ceil(load / work - 1e-9)

    def _staffing_until(self, end: datetime) -> float:
        if end <= self._now:
            return 0.0
        before = TimeWindow(start=self._now, end=end)
        return sum(self._available(i, before) for i in range(len(self._spans)))

    def _available(self, agent: int, window: TimeWindow) -> float:
        """Return for how many seconds of the window the agent is there."""
        spans, starts = self._spans[agent], self._starts[agent]
        i = max(0, bisect_right(starts, window.start) - 1)
        if i < len(spans) and spans[i].start <= window.start and spans[i].end >= window.end:
            return (window.end - window.start).total_seconds()
        seconds = 0.0
        while i < len(spans) and spans[i].start < window.end:
            overlap = min(spans[i].end, window.end) - max(spans[i].start, window.start)
            seconds += max(0.0, overlap.total_seconds())
            i += 1
        return seconds

    def _in(self, window: TimeWindow) -> list[Booking]:
        """Return the bookings whose slot shares time with the window."""
        first = bisect_left(self._booked_from, window.start - self._longest)
        last = bisect_left(self._booked_from, window.end)
        return [booking for booking in self._bookings[first:last] if booking.slot.end > window.start]
