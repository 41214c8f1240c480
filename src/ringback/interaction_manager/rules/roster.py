"""When the agents of queues that share agents are planned: as settings say, and so the same for as long as they are.

Worked out once per day and per slot and then remembered; `Timetable` (slots.py) corrects the near hours by who is really there.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import UTC, datetime, timedelta
from math import floor

from ringback.domain.ids import AgentId, QueueId
from ringback.domain.times import TimeWindow
from ringback.interaction_manager.rules.snapshot import Agent, Queue, Snapshot
from ringback.interaction_manager.rules.staffing import planned, qualified
from ringback.interaction_manager.rules.wall_clock import clipped, merged

_DAY = timedelta(days=1)
_CELLS = 50_000  # remembered at most


class Cell:
    """One stretch of time: the unbroken pieces of it, in seconds, for which each agent is there; and the same by pools."""

    __slots__ = (
        "_pool_of",
        "_pooled",
        "_units",
        "_work",
        "pieces",
        "pool_people",
        "pool_seconds",
        "quotas",
        "remembered",
        "seconds",
        "total",
    )

    def __init__(self, pieces: Sequence[tuple[float, ...]], pool_of: Sequence[int], pools: int) -> None:
        self.pieces = pieces
        self.seconds = tuple(sum(each) for each in pieces)
        self.total = sum(self.seconds)
        self.pool_seconds = _by_pool(self.seconds, pool_of, pools)
        self.pool_people = tuple(
            int(each) for each in _by_pool([1 if each > 0 else 0 for each in self.seconds], pool_of, pools)
        )
        self.quotas: dict[tuple[QueueId, float, float], tuple[int, int, int]] = {}  # by queue and work: slots.py
        self.remembered: dict[
            tuple[QueueId, float, float], object
        ] = {}  # what was offered where nothing was booked: offers.py
        self._pool_of = pool_of
        self._work = 0.0
        self._units: tuple[int, ...] = ()
        self._pooled: tuple[int, ...] = ()

    def units(self, work: float) -> tuple[int, ...]:
        """Return how many bookings of so many seconds each agent can do: each at a stretch."""
        self._count(work)
        return self._units

    def pooled(self, work: float) -> tuple[int, ...]:
        """Return the same for each pool."""
        self._count(work)
        return self._pooled

    def _count(self, work: float) -> None:
        if work != self._work:
            self._units = tuple(sum(floor(piece / work + 1e-9) for piece in each) for each in self.pieces)
            self._pooled = tuple(int(each) for each in _by_pool(self._units, self._pool_of, len(self.pool_seconds)))
            self._work = work


def _by_pool(figures: Sequence[float], pool_of: Sequence[int], pools: int) -> tuple[float, ...]:
    sums = [0.0] * pools
    for pool, figure in zip(pool_of, figures, strict=True):
        sums[pool] += figure
    return tuple(sums)


class Roster:
    """The agents of some queues, numbered, with what each can do and when they are planned."""

    def __init__(self, queues: Mapping[QueueId, Queue], agents: Sequence[Agent]) -> None:
        self.queues = queues
        self.agents = agents
        self.index: dict[AgentId, int] = {agent.id: i for i, agent in enumerate(agents)}
        self.eligible: dict[QueueId, tuple[int, ...]] = {
            id: tuple(i for i, agent in enumerate(agents) if qualified(agent, each)) for id, each in queues.items()
        }
        able: list[list[QueueId]] = [[] for _ in agents]
        for id, mine in self.eligible.items():
            for i in mine:
                able[i].append(id)
        kinds: dict[frozenset[QueueId], int] = {}
        # Agents who can do the same are one pool: room is counted by pools.
        self.pool_of: tuple[int, ...] = tuple(kinds.setdefault(frozenset(each), len(kinds)) for each in able)
        self.pools: tuple[frozenset[QueueId], ...] = tuple(kinds)
        self.pools_for: dict[QueueId, tuple[int, ...]] = {
            id: tuple(p for p, kind in enumerate(self.pools) if id in kind) for id in queues
        }
        self._days: dict[datetime, list[list[TimeWindow]]] = {}
        self._cells: dict[tuple[datetime, datetime], Cell] = {}

    def cell(self, window: TimeWindow) -> Cell:
        """Return a stretch of time as it is planned."""
        key = (window.start, window.end)
        known = self._cells.get(key)
        if known is None:
            if len(self._cells) >= _CELLS:
                self._cells.clear()
            known = self._cells[key] = self.cell_of(self.spans(window.start, window.end), window)
        return known

    def cell_of(self, spans: Iterable[Sequence[TimeWindow]], window: TimeWindow) -> Cell:
        """Return what of a window each agent is there for. `spans`: each agent's, in order and apart."""
        whole = (window.length.total_seconds(),)
        pieces: list[tuple[float, ...]] = []
        for mine in spans:
            if len(mine) == 1 and mine[0].start <= window.start and mine[0].end >= window.end:
                pieces.append(whole)
            else:
                cut = clipped(mine, window.start, window.end)
                pieces.append(tuple(each.length.total_seconds() for each in cut))
        return Cell(pieces, self.pool_of, len(self.pools))

    def spans(self, start: datetime, end: datetime) -> list[list[TimeWindow]]:
        """Return when each agent is planned on the days that this time touches."""
        day = start.astimezone(UTC).replace(hour=0, minute=0, second=0, microsecond=0)
        found = self._day(day)
        joined = False
        while day + _DAY < end:
            day += _DAY
            more = self._day(day)
            found = [[*mine, *others] for mine, others in zip(found, more, strict=True)]
            joined = True
        return [merged(mine) for mine in found] if joined else found

    def _day(self, day: datetime) -> list[list[TimeWindow]]:
        known = self._days.get(day)
        if known is None:
            if len(self._days) > 40:
                self._days.clear()
            known = self._days[day] = [self._planned(agent, day, day + _DAY) for agent in self.agents]
        return known

    def _planned(self, agent: Agent, start: datetime, end: datetime) -> list[TimeWindow]:
        return merged(
            span for id in agent.queues if id in self.queues for span in planned(agent, self.queues[id], start, end)
        )


def roster_of(snapshot: Snapshot, related: frozenset[QueueId], queues: dict[QueueId, Queue]) -> Roster:
    """Return the roster of queues that share agents: the one that is remembered, as long as it is about these queues and their hours."""
    if snapshot.structure is not None:
        known = snapshot.structure.roster(related)
        if known.queues.keys() == queues.keys() and all(known.queues[id].hours == queues[id].hours for id in queues):
            return known
    agents = [agent for agent in snapshot.agents.values() if agent.queues & queues.keys()]
    return Roster({id: queues[id] for id in sorted(queues)}, sorted(agents, key=lambda agent: agent.id))
