"""Whether a set of bookings can be given to agents so that nobody has more than they can do.

Two ways to find out. `Flow`: bookings of one slot, each done wholly inside it, which is exact. `Timelines`: bookings that overlap
in any other way, laid one after another on each agent's own time; what it places is a plan that can be carried out, and it may
miss one that only a longer search would find.
"""

from __future__ import annotations

from bisect import bisect_left
from collections import deque
from collections.abc import Sequence
from dataclasses import dataclass

_SLACK = 1e-6  # seconds: instants are floats
_MOST_LOOKS = 4000  # of one search for a place; a place not found by then is not promised


class Flow:
    """Places units of work with agents, or pools of agents alike. A unit may move to another one later, when that makes room for more."""

    def __init__(self, units: Sequence[int]) -> None:
        self._free = list(units)
        self._eligible: list[Sequence[int]] = []
        self._given: list[dict[int, int]] = []  # group → agent → units

    def place(self, count: int, eligible: Sequence[int]) -> int:
        """Place up to `count` units that any of these agents can do; return how many found a place."""
        self._eligible.append(eligible)
        self._given.append({})
        group = len(self._eligible) - 1
        placed = 0
        while placed < count and (more := self._augment(group, count - placed)):
            placed += more
        return placed

    def _augment(self, group: int, most: int) -> int:
        """Find the shortest chain of moves that ends at an agent with room, and make as many of it at once as it carries."""
        came_from: dict[int, tuple[int, int | None]] = {}  # agent → (group that reaches it, agent that group gives up)
        waiting: deque[int] = deque()
        for agent in self._eligible[group]:
            if agent not in came_from:
                came_from[agent] = (group, None)
                waiting.append(agent)
        while waiting:
            agent = waiting.popleft()
            if self._free[agent] > 0:
                return self._move(agent, came_from, most)
            for other, given in enumerate(self._given):
                if given.get(agent, 0) > 0:
                    for reachable in self._eligible[other]:
                        if reachable not in came_from:
                            came_from[reachable] = (other, agent)
                            waiting.append(reachable)
        return 0

    def _move(self, agent: int, came_from: dict[int, tuple[int, int | None]], most: int) -> int:
        chain: list[tuple[int, int, int | None]] = []
        amount, at = min(most, self._free[agent]), agent
        while True:
            group, given_up = came_from[at]
            chain.append((group, at, given_up))
            if given_up is None:
                break
            amount = min(amount, self._given[group][given_up])
            at = given_up
        self._free[agent] -= amount
        for group, to, given_up in chain:
            self._given[group][to] = self._given[group].get(to, 0) + amount
            if given_up is not None:
                self._given[group][given_up] -= amount
        return amount


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Job:
    """One booking's work: begun from `release` to `latest`, it takes `length` seconds of one of those who are `able`."""

    release: float
    latest: float
    length: float
    able: tuple[int, ...]

    @property
    def over(self) -> float:
        """When it is over at the latest."""
        return self.latest + self.length


class Timelines:
    """Each agent's own time and the jobs laid on it. `spans`: when each agent is there, in order, in seconds."""

    def __init__(self, spans: Sequence[Sequence[tuple[float, float]]]) -> None:
        self._spans = spans
        self._jobs: list[list[Job]] = [[] for _ in spans]
        self._looks = 0

    def place(self, job: Job) -> bool:
        """Find somebody for a job, moving others where that helps; False leaves everything as it was."""
        self._looks = _MOST_LOOKS
        return self._place(job, set())

    def _place(self, job: Job, moved: set[int]) -> bool:
        for agent in sorted(job.able, key=lambda each: len(self._jobs[each])):
            if self._fits(agent, job, None):
                self._jobs[agent].append(job)
                return True
        for agent in job.able:
            for other in tuple(self._jobs[agent]):
                if id(other) in moved or len(other.able) < 2 or not _meet(other, job):
                    continue
                if not self._fits(agent, job, other):
                    continue
                moved.add(id(other))
                before = list(self._jobs[agent])
                self._jobs[agent] = [each for each in before if each is not other] + [job]
                if self._place(other, moved):
                    return True
                self._jobs[agent] = before
        return False

    def _fits(self, agent: int, job: Job, without: Job | None) -> bool:
        """Tell whether the agent can do this job beside the others, `without` one of them."""
        if self._looks <= 0:
            return False
        self._looks -= 1
        others = [each for each in self._jobs[agent] if each is not without]
        near = _run_of(job, others)
        return any(
            self._in_order(agent, sorted(near, key=key))
            for key in (lambda j: (j.release, j.latest), lambda j: (j.latest, j.release))
        )

    def _in_order(self, agent: int, jobs: Sequence[Job]) -> bool:
        """Tell whether these jobs can be done in this order, each at a stretch and in its time."""
        spans = self._spans[agent]
        if not jobs or not spans:
            return not jobs
        free = float("-inf")
        i = max(0, bisect_left(spans, (jobs[0].release, float("inf"))) - 1)
        for job in jobs:
            at = max(free, job.release)
            while i < len(spans) and max(at, spans[i][0]) + job.length > spans[i][1] + _SLACK:
                i += 1
            if i == len(spans):
                return False
            at = max(at, spans[i][0])
            if at > job.latest + _SLACK:
                return False
            free = at + job.length
        return True


def _meet(one: Job, other: Job) -> bool:
    return one.release < other.over - _SLACK and other.release < one.over - _SLACK


def _run_of(job: Job, others: Sequence[Job]) -> list[Job]:
    """Return the job with those that share time with it, directly or by others: the rest cannot be in its way."""
    near, begins, ends, left = [job], job.release, job.over, list(others)
    grew = True
    while grew:
        grew = False
        for each in tuple(left):
            if each.release < ends - _SLACK and begins < each.over - _SLACK:
                near.append(each)
                left.remove(each)
                begins, ends, grew = min(begins, each.release), max(ends, each.over), True
    return near
