"""A call centre simulated: a line in order of arrival, people who lose patience, shifts; written down as Asterisk's queue_log."""

from __future__ import annotations

from collections import deque
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from heapq import heappop, heappush
from random import Random

from benchmarks.days.load import PATIENCE, PATIENCE_CV, SERVICE, SERVICE_CV, log_normal

ARRIVES, ENDS, LEAVES, JOINS, GOES = range(5)


@dataclass(frozen=True, slots=True, kw_only=True)
class Arrival:
    """One who calls. `at`: seconds since 1970."""

    at: float
    queue: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Duty:
    """One agent's shift and the queues they are a member of for it."""

    agent: str
    queues: tuple[str, ...]
    begins: float
    ends: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Found:
    """What a caller found on arrival, known to nobody but the simulation: how many wait before them, and the agents on duty."""

    queue: str
    ahead: int
    agents: int


@dataclass(slots=True)
class _Agent:
    name: str
    queues: tuple[str, ...]
    on_duty: bool = False
    caller: str | None = None
    since: float = 0.0
    ends: float = 0.0
    free_since: float = 0.0


@dataclass(slots=True)
class Centre:
    """The state of the simulation. `members`: whether ADDMEMBER and REMOVEMEMBER are logged."""

    chance: Random
    members: bool = True
    lines: list[str] = field(default_factory=list)
    found: dict[str, Found] = field(default_factory=dict)
    _waiting: dict[str, deque[tuple[float, str]]] = field(default_factory=dict)
    _gone: set[str] = field(default_factory=set)
    _agents: dict[str, _Agent] = field(default_factory=dict)
    _heap: list[tuple[float, int, int, str, str]] = field(default_factory=list)
    _count: int = 0

    def run(self, arrivals: Iterable[Arrival], duties: Sequence[Duty], queues: Sequence[str]) -> None:
        """Play everything through, once."""
        self._waiting = {queue: deque() for queue in queues}
        for duty in duties:
            self._push(duty.begins, JOINS, duty.agent, ",".join(duty.queues))
            self._push(duty.ends, GOES, duty.agent, "")
        for arrival in arrivals:
            self._push(arrival.at, ARRIVES, "", arrival.queue)
        while self._heap:
            at, kind, _, name, detail = heappop(self._heap)
            match kind:
                case 0:
                    self._arrives(at, detail)
                case 1:
                    self._ends(at, self._agents[name])
                case 2:
                    self._leaves(at, name, detail)
                case 3:
                    self._joins(at, name, tuple(detail.split(",")))
                case _:
                    self._goes(at, self._agents[name])

    def _push(self, at: float, kind: int, name: str, detail: str) -> None:
        self._count += 1
        heappush(self._heap, (at, kind, self._count, name, detail))

    def _log(self, at: float, call: str, queue: str, agent: str, event: str, *data: object) -> None:
        self.lines.append("|".join([f"{at:.6f}", call, queue, agent, event, *map(str, data)]))

    def _line(self, queue: str) -> deque[tuple[float, str]]:
        line = self._waiting[queue]
        while line and line[0][1] in self._gone:
            self._gone.discard(line.popleft()[1])
        return line

    def _arrives(self, at: float, queue: str) -> None:
        self._count += 1
        call = f"{at:.0f}.{self._count}"
        line = self._line(queue)
        ahead = sum(1 for each in line if each[1] not in self._gone)
        on_duty = [agent for agent in self._agents.values() if agent.on_duty and queue in agent.queues]
        self.found[call] = Found(queue=queue, ahead=ahead, agents=len(on_duty))
        self._log(at, call, queue, "NONE", "ENTERQUEUE", "", f"+4930{self._count:07d}", ahead + 1)
        free = [agent for agent in on_duty if agent.caller is None]
        if free and ahead == 0:
            self._connect(at, min(free, key=lambda each: each.free_since), queue, call, at)
            return
        line.append((at, call))
        self._push(at + log_normal(self.chance, PATIENCE, PATIENCE_CV), LEAVES, call, queue)

    def _connect(self, at: float, agent: _Agent, queue: str, call: str, arrived: float) -> None:
        agent.caller, agent.since = f"{call}|{queue}|{at - arrived:.0f}", at
        agent.ends = at + log_normal(self.chance, SERVICE, SERVICE_CV)
        self._log(at, call, queue, agent.name, "CONNECT", f"{at - arrived:.0f}", f"{call}1", 0)
        self._push(agent.ends, ENDS, agent.name, "")

    def _ends(self, at: float, agent: _Agent) -> None:
        assert agent.caller is not None
        call, queue, held = agent.caller.split("|")
        event = "COMPLETEAGENT" if self.chance.random() < 0.4 else "COMPLETECALLER"
        self._log(at, call, queue, agent.name, event, held, f"{at - agent.since:.0f}", 1)
        agent.caller, agent.free_since = None, at
        if agent.on_duty:
            self._take_next(at, agent)
        elif self.members:
            self._log_members(at, agent, "REMOVEMEMBER")

    def _take_next(self, at: float, agent: _Agent) -> None:
        waiting = [(line[0][0], queue) for queue in agent.queues if (line := self._line(queue))]
        if waiting:
            queue = min(waiting)[1]
            arrived, call = self._waiting[queue].popleft()
            self._gone.add(call)  # their patience ends later, and means nothing
            self._connect(at, agent, queue, call, arrived)

    def _leaves(self, at: float, call: str, queue: str) -> None:
        if call in self._gone:
            self._gone.discard(call)
            return
        arrived = next((each[0] for each in self._waiting[queue] if each[1] == call), None)
        if arrived is not None:
            self._gone.add(call)
            place = 1 + sum(1 for each in self._waiting[queue] if each[0] < arrived and each[1] not in self._gone)
            self._log(at, call, queue, "NONE", "ABANDON", place, place, f"{at - arrived:.0f}")

    def _joins(self, at: float, name: str, queues: tuple[str, ...]) -> None:
        agent = self._agents.setdefault(name, _Agent(name, queues))
        was_member = agent.on_duty or agent.caller is not None
        agent.on_duty, agent.queues, agent.free_since = True, queues, at
        if self.members and not was_member:
            self._log_members(at, agent, "ADDMEMBER")
        if agent.caller is None:
            self._take_next(at, agent)

    def _goes(self, at: float, agent: _Agent) -> None:
        agent.on_duty = False  # whoever is in a call finishes it first
        if self.members and agent.caller is None:
            self._log_members(at, agent, "REMOVEMEMBER")

    def _log_members(self, at: float, agent: _Agent, event: str) -> None:
        for queue in agent.queues:
            self._log(at, "MANAGER" if event == "ADDMEMBER" else "NONE", queue, agent.name, event, "")
