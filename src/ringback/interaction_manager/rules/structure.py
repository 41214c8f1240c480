"""What follows from a business's settings alone: which queues share agents, who serves what, and the rosters. Worked out once per settings."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import datetime, timedelta
from typing import TYPE_CHECKING

from ringback.domain.ids import AgentId, QueueId
from ringback.domain.offers import Colleague, Department
from ringback.domain.times import TimeWindow, WhenKind
from ringback.interaction_manager.rules.roster import Roster
from ringback.interaction_manager.rules.snapshot import Agent, Queue

if TYPE_CHECKING:
    from ringback.interaction_manager.rules.timed import Frame

SHOWN = 12  # departments in one prompt
FrameKey = tuple[QueueId, WhenKind, datetime | None, datetime | None]


def _people(queues: Mapping[QueueId, Queue], agents: Mapping[AgentId, Agent]) -> Iterator[Colleague]:
    """Name every agent who serves a queue, with the one in which they are asked for: their own, where they serve it."""
    for agent in sorted(agents.values(), key=lambda agent: agent.name):
        serves = agent.queues & queues.keys()
        if serves:
            queue = agent.home_queue if agent.home_queue in serves else min(serves)
            yield Colleague(slug=agent.slug, name=agent.name, queue=queues[queue].slug)


class Structure:
    """The queues and agents of one business, as settings have them."""

    def __init__(self, queues: Mapping[QueueId, Queue], agents: Mapping[AgentId, Agent]) -> None:
        self._queues = queues
        self._agents = agents
        served: dict[QueueId, list[AgentId]] = {id: [] for id in queues}
        for agent in agents.values():
            for queue in agent.queues:
                served.setdefault(queue, []).append(agent.id)
        self.served_by: Mapping[QueueId, tuple[AgentId, ...]] = {id: tuple(each) for id, each in served.items()}
        self._related = _components(served, agents)
        self._rosters: dict[frozenset[QueueId], Roster] = {}
        by_name = sorted(queues.values(), key=lambda queue: (not queue.is_default, queue.name))
        self.departments: tuple[Department, ...] = tuple(Department(slug=each.slug, name=each.name) for each in by_name)
        self.ordered: tuple[QueueId, ...] = tuple(
            queue.id for queue in sorted(queues.values(), key=lambda queue: (not queue.is_default, queue.slug))
        )
        self.people: tuple[Colleague, ...] = tuple(_people(queues, agents))
        self._first = tuple(queue.id for queue in by_name[:SHOWN])
        self.queue_called: Mapping[str, QueueId] = {queue.slug: queue.id for queue in queues.values()}
        self.agent_called: Mapping[str, AgentId] = {agent.slug: agent.id for agent in agents.values()}
        self.frames: dict[FrameKey, Frame] = {}  # of times that people asked for
        self.days: dict[
            tuple[QueueId, str, datetime], tuple[TimeWindow, ...]
        ] = {}  # the slots of a day, by zone: offers.py
        self.longest: dict[frozenset[QueueId], timedelta] = {}  # slot that anybody booked in before these settings

    def shown_with(self, queue: QueueId) -> tuple[QueueId, ...]:
        """Return the queues that somebody who asks for one is shown: it and the first others, no more than can be chosen from."""
        return self._first if queue in self._first else (*self._first[: SHOWN - 1], queue)

    def has_hours(self, queue: Queue) -> bool:
        """Tell whether a queue still has the hours it had when this was worked out: levers may close it at any moment."""
        known = self._queues.get(queue.id)
        return known is not None and (known.hours is queue.hours or known.hours == queue.hours)

    def related(self, queue: QueueId) -> frozenset[QueueId]:
        """Return the queues that share agents with this one, directly or by others, itself included."""
        return self._related.get(queue, frozenset({queue}))

    def agents_of(self, queues: frozenset[QueueId]) -> list[AgentId]:
        """Return who serves any of these queues."""
        return sorted({agent for queue in queues for agent in self.served_by.get(queue, ())})

    def roster(self, queues: frozenset[QueueId]) -> Roster:
        """Return the roster of queues that share agents; it remembers what was asked of it."""
        known = self._rosters.get(queues)
        if known is None:
            mine = {id: self._queues[id] for id in sorted(queues) if id in self._queues}
            known = Roster(mine, [self._agents[id] for id in self.agents_of(queues)])
            self._rosters[queues] = known
        return known


def _components(
    served: Mapping[QueueId, list[AgentId]], agents: Mapping[AgentId, Agent]
) -> dict[QueueId, frozenset[QueueId]]:
    found: dict[QueueId, frozenset[QueueId]] = {}
    for queue in served:
        if queue in found:
            continue
        together, edge = {queue}, [queue]
        while edge:
            for agent in served.get(edge.pop(), ()):
                new = agents[agent].queues - together
                together |= new
                edge.extend(new)
        whole = frozenset(together)
        found.update(dict.fromkeys(whole, whole))
    return found
