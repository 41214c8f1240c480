"""A business at one moment, as far as offers and admission need it: values only, loaded by queries, read by rules."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import TYPE_CHECKING

from ringback.domain.ids import AgentId, CallbackId, QueueId
from ringback.domain.status import AgentState
from ringback.domain.times import TimeWindow
from ringback.interaction_manager.rules.estimates.model import QueueModel
from ringback.interaction_manager.rules.hours import Hours
from ringback.interaction_manager.rules.outside import Feed
from ringback.interaction_manager.rules.policy import Policy
from ringback.interaction_manager.rules.shifts import Shifts

if TYPE_CHECKING:
    from ringback.interaction_manager.rules.structure import Structure


@dataclass(frozen=True, slots=True, kw_only=True)
class Queue:
    """One queue and its levers."""

    id: QueueId
    slug: str
    name: str
    hours: Hours
    policy: Policy
    is_default: bool = False
    skills: tuple[str, ...] = ()
    topics: tuple[str, ...] = ()
    offering: bool = True
    dialling: bool = True
    backlog_cap: int | None = None
    wait_cap: float | None = None  # seconds that nine of ten may wait at most
    waitlist: bool = False
    incident: str | None = None  # stands instead of offers


@dataclass(frozen=True, slots=True, kw_only=True)
class Agent:
    """One agent: the plan, and what they are doing. `until`: when their wrap-up or hold ends."""

    id: AgentId
    slug: str
    name: str
    home_queue: QueueId
    queues: frozenset[QueueId]
    shifts: Shifts
    skills: Mapping[str, int] = field(default_factory=dict)
    state: AgentState = AgentState.OFFLINE
    since: datetime | None = None
    until: datetime | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Waiting:
    """Callbacks that wait for their turn or their time, alike in everything here. `ready_at`: the earliest of them."""

    queue: QueueId
    ready_at: datetime
    priority: int = 0
    named_agent: AgentId | None = None
    booked: bool = False  # for a time, rather than as soon as possible
    count: int = 1
    outside: bool = False  # a call or chat at the contact centre outside, not a callback


@dataclass(frozen=True, slots=True, kw_only=True)
class Booking:
    """Open callbacks that have places of one slot, alike in queue and named agent; or (`held`) chats for which places are kept a while."""

    queue: QueueId
    slot: TimeWindow
    count: int = 1
    named_agent: AgentId | None = None
    held: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Rates:
    """What a queue has learned, as far as single figures are asked for; times in seconds. None: not known yet."""

    handling: float
    handling_p90: float | None = None
    success: float | None = None  # share of tries to call somebody back that came to a talk
    model: QueueModel | None = field(default=None, repr=False, compare=False)  # all of it


@dataclass(frozen=True, slots=True, kw_only=True)
class OpenCallback:
    """An open callback of the person who asks, or of their number."""

    callback: CallbackId
    queue: QueueId
    window: TimeWindow


@dataclass(frozen=True, slots=True, kw_only=True)
class Snapshot:
    """All of it. Retired queues and agents are left out."""

    business: str  # its slug
    zone: str
    queues: Mapping[QueueId, Queue]
    agents: Mapping[AgentId, Agent]
    waiting: tuple[Waiting, ...] = ()
    bookings: tuple[Booking, ...] = ()
    rates: Mapping[QueueId, Rates] = field(default_factory=dict)
    open_callbacks: tuple[OpenCallback, ...] = ()
    listed: Mapping[QueueId, int] = field(default_factory=dict)  # on the waitlist before the one who asks
    invited: frozenset[QueueId] = frozenset()  # where the one who asks is invited from the waitlist
    feeds: Mapping[QueueId, Feed] = field(default_factory=dict)  # of the queues whose live status comes from outside
    # Agents by queue who take its callers outside, and no callbacks.
    elsewhere: Mapping[QueueId, int] = field(default_factory=dict)
    blocked: bool = False  # the person asked never to be called, or an agent blocked them
    own_hold: Booking | None = None  # the place that is kept for whoever asks; not among the bookings
    structure: Structure | None = field(default=None, repr=False, compare=False)  # of all queues and agents
    # When agents are planned, as far as it was worked out, where several requests are judged at one moment.
    plans: dict[tuple[AgentId, QueueId, datetime, datetime], list[TimeWindow]] | None = field(
        default=None, repr=False, compare=False
    )

    def serving(self, queue: QueueId) -> list[Agent]:
        """Return the agents who serve a queue."""
        if self.structure is not None:
            mine = self.structure.served_by.get(queue, ())
            return [self.agents[id] for id in mine if id in self.agents]
        return [agent for agent in self.agents.values() if queue in agent.queues]

    def serve_it(self, queue: QueueId) -> int:
        """Return how many agents serve a queue."""
        if self.structure is not None:
            return len(self.structure.served_by.get(queue, ()))
        return len(self.serving(queue))

    def related(self, queue: QueueId) -> frozenset[QueueId]:
        """Return the queues that share agents with this one, directly or by others, itself included."""
        if self.structure is not None:
            return self.structure.related(queue)
        found, edge = {queue}, {queue}
        while edge:
            shared = {q for agent in self.agents.values() if agent.queues & edge for q in agent.queues}
            edge = shared - found
            found |= edge
        return frozenset(found)

    def line(self, queue: QueueId, now: datetime) -> int:
        """Return how many are ready and wait in a queue."""
        return sum(each.count for each in self.waiting if each.queue == queue and each.ready_at <= now)

    def rate(self, queue: QueueId) -> Rates:
        """Return a queue's rates; its policy's prior until any are learned."""
        return self.rates.get(queue) or Rates(handling=self.queues[queue].policy.prior_handling)
