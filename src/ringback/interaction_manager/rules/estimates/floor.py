"""A floor as its events tell it: who waits in which line, who is in a call since when, who is there at all. Events in, lines out."""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import Enum, auto

from ringback.interaction_manager.rules.estimates.division import Shared, divided
from ringback.interaction_manager.rules.estimates.handling import Fading
from ringback.interaction_manager.rules.estimates.model import Prediction, QueueModel
from ringback.interaction_manager.rules.estimates.passage import Line

_IDLE_AT_LEAST = 10.0  # seconds an agent may be idle beside a waiting line before they count as away
_FORGOTTEN = 3600.0  # seconds after which an agent who was never announced, and is idle, counts as gone
_LONGEST_GAP = 120.0
_LONGEST_CALL = 6 * 3600.0  # whose end was lost


class Kind(Enum):
    """What happened."""

    JOINED = auto()
    TAKEN = auto()
    LEFT = auto()  # gave up, or was sent elsewhere
    ENDED = auto()  # the agent's call
    ON_DUTY = auto()
    OFF_DUTY = auto()
    PAUSED = auto()
    RESUMED = auto()
    RANG = auto()  # an agent who did not answer
    RESTARTED = auto()  # the switch: nobody waits and nobody talks any more


@dataclass(frozen=True, slots=True)
class Event:
    """One event of a floor. `at`: seconds since 1970; `queue`: empty for all of an agent's queues."""

    at: float
    kind: Kind
    queue: str = ""
    caller: str = ""
    agent: str = ""


@dataclass(slots=True)
class _Agent:
    name: str
    queues: dict[str, bool] = field(default_factory=dict)  # queue → announced, rather than inferred from calls
    paused: set[str] = field(default_factory=set)
    everywhere_paused: bool = False
    caller: str | None = None
    calls_queue: str = ""
    since: float = 0.0  # of the call
    idle_since: float = 0.0
    away: bool = False


@dataclass(slots=True)
class _Caller:
    queue: str
    arrived: float
    prediction: Prediction


@dataclass(frozen=True, slots=True)
class Arrived:
    """What a caller was predicted on joining, and what they found.

    `ahead`: who waits before them; `agents`: those at work, each by the part of their time that is this line's; `present`: counted
    whole; `oldest`: the age of the oldest waiter, seconds.
    """

    prediction: Prediction
    ahead: int
    agents: float
    present: int
    oldest: float


@dataclass(frozen=True, slots=True)
class Reached:
    """A caller was taken, or left: after so many seconds."""

    caller: str
    queue: str
    waited: float
    taken: bool


@dataclass(slots=True)
class _Queue:
    model: QueueModel = field(default_factory=QueueModel)
    line: dict[str, float] = field(default_factory=dict)  # caller → arrival, in order
    agents: dict[str, _Agent] = field(default_factory=dict)
    gap: Fading = field(default_factory=lambda: Fading(86400.0))  # between two calls of an agent while people wait


@dataclass(slots=True)
class Floor:
    """All queues and agents of one log or switch. `apply` takes events in order of time; a clock that goes back is held still."""

    queues: dict[str, _Queue] = field(default_factory=dict)
    agents: dict[str, _Agent] = field(default_factory=dict)
    callers: dict[tuple[str, str], _Caller] = field(default_factory=dict)
    now: float = 0.0

    def apply(self, event: Event) -> Arrived | Reached | None:
        """Take one event in; return what it means for a caller."""
        self.now = now = max(self.now, event.at)
        match event.kind:
            case Kind.JOINED:
                return self._joined(event, now)
            case Kind.TAKEN:
                return self._taken(event, now)
            case Kind.LEFT:
                return self._left(event, now)
            case Kind.ENDED:
                self._ended(event, now)
            case Kind.ON_DUTY | Kind.OFF_DUTY:
                self._duty(event, now)
            case Kind.PAUSED | Kind.RESUMED:
                self._pause(event, now)
            case Kind.RANG:
                pass
            case Kind.RESTARTED:
                self._restarted(now)
        return None

    def queue(self, name: str) -> _Queue:
        """Return a queue, known from its first event on."""
        found = self.queues.get(name)
        if found is None:
            found = self.queues[name] = _Queue()
        return found

    # ------------------------------------------------------------------ callers

    def _joined(self, event: Event, now: float) -> Arrived:
        queue = self.queue(event.queue)
        oldest = now - next(iter(queue.line.values())) if queue.line else 0.0
        line, shared = self.line(event.queue, now)
        prediction = queue.model.predict(line, now, shared=shared)
        self.callers[event.queue, event.caller] = _Caller(event.queue, now, prediction)
        ahead = len(queue.line)
        queue.line.pop(event.caller, None)  # the same call again: it stands at the end
        queue.line[event.caller] = now
        there = divided(line, shared, queue.model.division.part(shared.others))
        return Arrived(prediction, ahead, there.agents, there.present, oldest)

    def _taken(self, event: Event, now: float) -> Reached | None:
        queue = self.queue(event.queue)
        agent = self._agent(event.agent)
        if agent.caller is not None:
            self._end_call(agent, now)
        if event.queue not in agent.queues:
            agent.queues[event.queue] = False
            queue.agents[agent.name] = agent
        waited = None
        arrived = queue.line.pop(event.caller, None)
        if arrived is not None:
            waited = now - arrived
            self._learn_share(agent, event.queue, arrived)
            gap = now - max(agent.idle_since, arrived)
            if not agent.away and agent.idle_since and agent.idle_since > arrived and gap < _LONGEST_GAP:
                queue.gap.add(max(gap, 0.0), now)
        agent.caller, agent.calls_queue, agent.since, agent.away = event.caller, event.queue, now, False
        caller = self.callers.pop((event.queue, event.caller), None)
        if caller is None or waited is None:
            return None
        queue.model.waited(caller.prediction, waited, now, taken=True)
        return Reached(event.caller, event.queue, waited, True)

    def _learn_share(self, agent: _Agent, taken: str, arrived: float) -> None:
        """Of agents with several queues: which of those where somebody waited was taken."""
        if len(agent.queues) < 2:
            return
        for name in agent.queues:
            queue = self.queues[name]
            if name == taken:
                if any(self.queues[other].line for other in agent.queues if other != name):
                    queue.model.division.chose(True, self.now)
            elif queue.line:
                queue.model.division.chose(False, self.now)

    def _left(self, event: Event, now: float) -> Reached | None:
        queue = self.queue(event.queue)
        arrived = queue.line.pop(event.caller, None)
        caller = self.callers.pop((event.queue, event.caller), None)
        if arrived is None or caller is None:
            return None
        queue.model.waited(caller.prediction, now - arrived, now, taken=False)
        return Reached(event.caller, event.queue, now - arrived, False)

    # ------------------------------------------------------------------ agents

    def _agent(self, name: str) -> _Agent:
        agent = self.agents.get(name)
        if agent is None:
            agent = self.agents[name] = _Agent(name, idle_since=self.now)
        return agent

    def _ended(self, event: Event, now: float) -> None:
        agent = self.agents.get(event.agent)
        if agent is not None and agent.caller is not None and event.caller in ("", agent.caller):
            self._end_call(agent, now)

    def _end_call(self, agent: _Agent, now: float) -> None:
        if now - agent.since <= _LONGEST_CALL:
            self.queue(agent.calls_queue).model.handling.ended(now - agent.since, now)
        agent.caller, agent.idle_since = None, now

    def _duty(self, event: Event, now: float) -> None:
        agent = self._agent(event.agent)
        names = [event.queue] if event.queue else list(agent.queues)
        for name in names:
            if event.kind is Kind.ON_DUTY:
                agent.queues[name] = True
                self.queue(name).agents[agent.name] = agent
            else:
                agent.queues.pop(name, None)
                self.queue(name).agents.pop(agent.name, None)
        if event.kind is Kind.ON_DUTY and agent.caller is None:
            agent.idle_since, agent.away = now, False

    def _pause(self, event: Event, now: float) -> None:
        agent = self._agent(event.agent)
        if event.kind is Kind.PAUSED:
            if event.queue:
                agent.paused.add(event.queue)
            else:
                agent.everywhere_paused = True
            return
        if event.queue:
            agent.paused.discard(event.queue)
        else:
            agent.everywhere_paused = False
            agent.paused.clear()
        if agent.caller is None:
            agent.idle_since, agent.away = now, False

    def _restarted(self, now: float) -> None:
        for queue in self.queues.values():
            queue.line.clear()
        self.callers.clear()
        for agent in self.agents.values():
            agent.caller, agent.idle_since = None, now

    # ------------------------------------------------------------------ the line as somebody finds it

    def line(self, name: str, now: float) -> tuple[Line, Shared]:
        """Return the line of a queue as somebody finds it who joins now: with its own agents, and those it shares."""
        queue = self.queue(name)
        ahead = len(queue.line)
        oldest = now - next(iter(queue.line.values())) if queue.line else 0.0
        gap = queue.gap.mean(0.0, 5.0)
        patient = max(_IDLE_AT_LEAST, 3.0 * gap)
        own: list[float] = []
        shared: list[float] = []
        soon: list[tuple[float, float]] = []
        free = 0
        rivals: set[str] = set()
        for agent in queue.agents.values():
            if agent.everywhere_paused or name in agent.paused:
                continue
            if agent.caller is not None:
                age = now - agent.since
                if age > _LONGEST_CALL:
                    continue
                if len(agent.queues) > 1:
                    rivals.update(agent.queues)
                    shared.append(age)
                else:
                    own.append(age)
                continue
            idle = now - agent.idle_since
            if not agent.queues[name] and idle > _FORGOTTEN:
                continue
            if ahead and min(idle, oldest) > patient:
                agent.away = True
            if agent.away:
                continue
            if ahead:
                soon.append((max(gap - idle, 0.5), 1.0))
            else:
                free += 1
        line = Line(ahead=ahead, oldest=oldest, busy=[(age, 1.0) for age in own], soon=soon, free=free)
        if not shared:
            return line, Shared()
        rivals.discard(name)
        theirs = {
            agent.name
            for rival in rivals
            for agent in self.queues[rival].agents.values()
            if name not in agent.queues and not agent.away and not agent.everywhere_paused
        }
        others = sum(len(self.queues[rival].line) for rival in rivals)
        return line, Shared(ages=shared, others=others, theirs=len(theirs))
