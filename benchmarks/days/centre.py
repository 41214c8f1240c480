"""The simulated centre: a virtual clock, its agents and who waits; and the snapshot that the product's rules look at."""

from __future__ import annotations

import heapq
import itertools
from collections import Counter, deque
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from random import Random
from uuid import UUID
from zoneinfo import ZoneInfo

from benchmarks.days.load import HALF_HOUR, WEEK, Day, mean_work, runs, staffing
from benchmarks.days.people import Agent, Call, Callback
from ringback.domain.ids import AgentId, CallbackId, QueueId
from ringback.domain.status import AgentState, CallbackState
from ringback.interaction_manager.rules import snapshot as rules
from ringback.interaction_manager.rules.agent_states import FREE
from ringback.interaction_manager.rules.estimate import rates_of
from ringback.interaction_manager.rules.estimates.basis import Basis
from ringback.interaction_manager.rules.estimates.model import new_model
from ringback.interaction_manager.rules.hours import hours_of
from ringback.interaction_manager.rules.policy import policy_of
from ringback.interaction_manager.rules.records import CustomerLeg, Handling, PromiseRecord, Stretch
from ringback.interaction_manager.rules.routing import route
from ringback.interaction_manager.rules.shifts import shifts_of
from ringback.interaction_manager.rules.structure import Structure

QUEUE = QueueId(UUID(int=1))
ZONE = ZoneInfo("UTC")
SOON = timedelta(hours=1)
RATES_FOR = timedelta(seconds=60)


@dataclass(slots=True, kw_only=True)
class Books:
    """Everything that was recorded, for the score and for what stands beside it."""

    promises: list[PromiseRecord] = field(default_factory=list)
    handlings: list[Handling] = field(default_factory=list)
    legs: list[CustomerLeg] = field(default_factory=list)
    stretches: list[Stretch] = field(default_factory=list)
    refusals: Counter[str] = field(default_factory=Counter)
    overtaken: Counter[str] = field(default_factory=Counter)
    unexplained: int = 0
    answered: list[float] = field(default_factory=list)  # waits of callers, seconds
    gave_up: int = 0
    arrived: int = 0
    wanted: int = 0
    notices: dict[tuple[UUID, int], datetime] = field(default_factory=dict)  # by callback and promise


class Centre:
    """One business with one queue, on its virtual clock."""

    def __init__(
        self,
        days: Sequence[Day],
        *,
        seed: int,
        callbacks: float = 0.3,
        missing: Callable[[int, Day], bool] = lambda agent, day: False,
        policy: Mapping[str, object] | None = None,
    ) -> None:
        self.days = days
        self.chance = Random(seed)
        self.share = callbacks
        self.missing = missing
        self.books = Books()
        self.policy = policy_of({}, policy or {})
        self._events: list[tuple[datetime, int, Callable[[], None]]] = []
        self._numbers = itertools.count()
        self._ids = itertools.count(1)
        self._wakes: set[datetime] = set()
        self.now = days[0].opens.replace(hour=0)
        self.callbacks: dict[CallbackId, Callback] = {}
        self.line: dict[CallbackId, Callback] = {}  # waiting, and due soon or now
        self.booked: dict[CallbackId, Callback] = {}  # those who hold a slot
        self.callers: deque[Call] = deque()
        self._rates: tuple[datetime, rules.Rates] | None = None
        self.model = new_model(
            prior=self.policy.prior_handling, weight=self.policy.prior_weight, memory=self.policy.rate_memory
        )
        self.plan = {day.day: staffing(day, mean_work(callbacks)) for day in days}
        most = max(count for plan in self.plan.values() for count in plan.values())
        self.agents = {
            id: Agent(id=id, name=f"Agent {n + 1}", since=self.now)
            for n, id in enumerate(AgentId(UUID(int=100 + n)) for n in range(most))
        }
        self.queue = rules.Queue(
            id=QUEUE, slug="service", name="Service", is_default=True, policy=self.policy,
            hours=hours_of({"zone": ZONE.key, "week": WEEK}),
        )  # fmt: skip
        self._planned = {id: self._plan_of(n, id) for n, id in enumerate(self.agents)}
        self._structure = Structure({QUEUE: self.queue}, self._planned)
        self.way = route(self.snapshot(), "biz:bank")

    # ------------------------------------------------------------------ the clock

    def at(self, when: datetime, act: Callable[[], None]) -> None:
        """Do something at a time."""
        heapq.heappush(self._events, (max(when, self.now), next(self._numbers), act))

    def wake(self, when: datetime | None, act: Callable[[], None]) -> None:
        """Do something at a time, once however often it is asked for."""
        if when is not None and when > self.now and when not in self._wakes:
            self._wakes.add(when)
            self.at(when, act)

    def run(self, until: datetime) -> None:
        """Let everything happen that happens up to a time."""
        while self._events and self._events[0][0] <= until:
            self.now, _, act = heapq.heappop(self._events)
            self._wakes.discard(self.now)
            act()
        self.now = until

    def new_id(self) -> UUID:
        """Return an id that rises with time, as the product's do."""
        return UUID(int=next(self._ids) << 8)

    # ------------------------------------------------------------------ agents

    def _plan_of(self, n: int, id: AgentId) -> rules.Agent:
        """Return an agent with the shifts they are planned for, whether or not they come."""
        extra = {}
        for day in self.days:
            halves = [(at, at + HALF_HOUR) for at, count in self.plan[day.day].items() if count > n]
            extra[day.day.isoformat()] = [
                f"{begins:%H:%M}-{'24:00' if ends.date() != begins.date() else f'{ends:%H:%M}'}"
                for begins, ends in runs(halves)
            ]
        week: dict[str, list[str]] = {}
        return rules.Agent(
            id=id, slug=f"agent-{n + 1}", name=f"Agent {n + 1}", home_queue=QUEUE, queues=frozenset({QUEUE}),
            shifts=shifts_of({"week": week, "extra": extra}, zone=ZONE.key),
        )  # fmt: skip

    def set_state(self, agent: Agent, state: AgentState, *, until: datetime | None = None) -> None:
        """Change what an agent does, and write down what they did."""
        if agent.since < self.now:
            self.books.stretches.append(
                Stretch(queue="service", state=agent.state, begins=agent.since, ends=self.now, chat_capacity=3)
            )
        agent.state, agent.since, agent.until = state, self.now, until
        if state in FREE:
            agent.idle_since, agent.callback = self.now, None

    def release(self, agent: Agent) -> None:
        """Make an agent free again, or let them go home."""
        self.set_state(agent, AgentState.AVAILABLE if agent.on_shift else AgentState.OFFLINE)
        agent.callback = None

    def change_shifts(self, day: Day, half: datetime) -> None:
        """Let those come whose shift begins, and those go whose shift ended, once they are free."""
        planned = self.plan[day.day].get(half, 0)
        for n, agent in enumerate(self.agents.values()):
            agent.on_shift = n < planned and not self.missing(n, day)
            if agent.on_shift and agent.state is AgentState.OFFLINE:
                self.set_state(agent, AgentState.AVAILABLE)
            elif not agent.on_shift and (agent.state in FREE or agent.state is AgentState.NOT_RESPONDING):
                self.set_state(agent, AgentState.OFFLINE)

    def free(self) -> list[Agent]:
        """Return who is free."""
        return [agent for agent in self.agents.values() if agent.state in FREE]

    # ------------------------------------------------------------------ what the rules look at

    def snapshot(self, *, without: Callback | None = None, ahead: Sequence[Callback] | None = None) -> rules.Snapshot:
        """Return the centre as it is now; `ahead`: the callbacks before one whose wait is asked for, else all that wait."""
        agents = {
            id: rules.Agent(
                id=id, slug=known.slug, name=known.name, home_queue=QUEUE, queues=known.queues, shifts=known.shifts,
                state=self.agents[id].state, since=self.agents[id].since, until=self.agents[id].until,
            )
            for id, known in self._planned.items()
        }  # fmt: skip
        line = list(self.line.values()) if ahead is None else ahead
        since = without.ready_at if without is not None else self.now
        return rules.Snapshot(
            business="bank", zone=ZONE.key, queues={QUEUE: self.queue}, agents=agents, structure=self._structure,
            waiting=(
                *(rules.Waiting(queue=QUEUE, ready_at=each.ready_at, priority=each.priority, booked=each.booked) for each in line if each.ready_at <= self.now + SOON),
                *(rules.Waiting(queue=QUEUE, ready_at=each.arrived_at, outside=True) for each in self.callers if each.arrived_at <= since),
            ),
            bookings=tuple(
                rules.Booking(queue=QUEUE, slot=slot, count=count)
                for slot, count in Counter(each.slot for each in self.booked.values() if each.slot is not None).items()
            ),
            rates={QUEUE: self.rates()},
        )  # fmt: skip

    def rates(self) -> rules.Rates:
        """Return what was learned, as single figures; read again every minute."""
        if self._rates is None or self.now >= self._rates[0] + RATES_FOR:
            self._rates = (self.now, rates_of(self.model, self.now))
        return self._rates[1]

    def was_handled(self, took: float) -> None:
        """Note how long an agent had to do with somebody."""
        self.model.handling.ended(took, self.now.timestamp())

    def was_tried(self, *, talked: bool) -> None:
        """Note whether a try to call somebody back, which an agent took on, came to a talk."""
        self.model.success.add(1.0 if talked else 0.0, self.now.timestamp())

    def waited(self, since: datetime, *, left: bool, basis: Basis | None = None) -> None:
        """Note that somebody's wait ended, and what it was predicted to be."""
        took, at = (self.now - since).total_seconds(), self.now.timestamp()
        self.model.patience.ended(took, at, gave_up=left)
        if basis is not None and not left:
            self.model.reached(basis.prediction, basis.worked(took), at)

    def place_in_line(self, callback: Callback, hold: float, act: Callable[[], None]) -> None:
        """Let a callback stand in line once its time is near."""
        near = callback.ready_at - timedelta(seconds=hold)
        if near <= self.now:
            self.line[callback.id] = callback
            return
        ready_at = callback.ready_at

        def come() -> None:
            if callback.state is CallbackState.WAITING and callback.ready_at == ready_at:
                self.line[callback.id] = callback
                act()

        self.at(near, come)
