"""Whether a set of bookings can be given to agents so that nobody has more than they can do: a flow from bookings to agents."""

from __future__ import annotations

from collections import deque
from collections.abc import Sequence


class Flow:
    """Places units of work with agents. A unit may move to another agent later, when that makes room for one more."""

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
        while placed < count and self._augment(group):
            placed += 1
        return placed

    def _augment(self, group: int) -> bool:
        """Find the shortest chain of moves that ends at an agent with room, and make it."""
        came_from: dict[int, tuple[int, int | None]] = {}  # agent → (group that reaches it, agent that group gives up)
        waiting: deque[int] = deque()
        for agent in self._eligible[group]:
            if agent not in came_from:
                came_from[agent] = (group, None)
                waiting.append(agent)
        while waiting:
            agent = waiting.popleft()
            if self._free[agent] > 0:
                self._move(agent, came_from)
                return True
            for other, given in enumerate(self._given):
                if given.get(agent, 0) > 0:
                    for reachable in self._eligible[other]:
                        if reachable not in came_from:
                            came_from[reachable] = (other, agent)
                            waiting.append(reachable)
        return False

    def _move(self, agent: int, came_from: dict[int, tuple[int, int | None]]) -> None:
        self._free[agent] -= 1
        at: int | None = agent
        while at is not None:
            group, given_up = came_from[at]
            self._given[group][at] = self._given[group].get(at, 0) + 1
            if given_up is not None:
                self._given[group][given_up] -= 1
            at = given_up
