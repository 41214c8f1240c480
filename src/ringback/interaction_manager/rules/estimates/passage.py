"""When a place in the line is reached: completions by the ages of the calls in progress, and those ahead who give up.

The line ahead of a caller is a level that falls: by the expected completions of the agents (the renewal function after the age of
each call, so that after long it falls by one a mean handling time and agent) and by those who leave, at the rate of their own age.
With exponential handling times and one rate of leaving this is the queue-length estimator with abandonment (QLA; Ibrahim and Whitt,
Management Science 2009): the sum over k = 0 … n of 1 / (s·mu + k·theta), in its fluid form. As likely as not it is one's turn when
the level has fallen by n + 2/3: the median of a gamma distribution of shape n + 1 lies 1/3 below its mean.

How fast the level falls depends on the time and on the level alone, so that of two levels the higher one stays above: a place further
behind is never reached sooner.
"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Sequence
from dataclasses import dataclass
from math import expm1

from ringback.interaction_manager.rules.estimates.handling import AGES, CELLS, GRID
from ringback.interaction_manager.rules.estimates.patience import EDGES

MEDIAN = 1 / 3
BEYOND = 86400.0  # seconds: nobody is seen to come to it
_WIDE = 4


@dataclass(frozen=True, slots=True, kw_only=True)
class Line:
    """A line as somebody finds it who joins it now.

    `ahead`: who is before them; `oldest`: seconds the first of these has waited; `busy`: for each agent in a call its age in seconds
    and the part of the agent's time that is this line's; `soon`: seconds until other agents are free, with the same part; `free`: who waits for a call.
    """

    ahead: float
    oldest: float = 0.0
    busy: Sequence[tuple[float, float]] = ()
    soon: Sequence[tuple[float, float]] = ()
    free: float = 0.0

    @property
    def present(self) -> int:
        """How many agents there are, counted whole."""
        return len(self.busy) + len(self.soon) + int(self.free)

    @property
    def agents(self) -> float:
        """How many agents this line has, all parts together."""
        return sum(part for _, part in self.busy) + sum(part for _, part in self.soon) + self.free


def passage(line: Line, *, mean: float, table: Sequence[Sequence[float]], leaving: Sequence[float]) -> float:
    """Return the median of the wait, seconds.

    `mean`: of the handling times; `table`: completions by age, of `Handling.table`; `leaving`: a second, by `EDGES`.
    """
    level = line.ahead + 1.0 - MEDIAN - line.free
    if level <= 0:
        return 0.0
    counts = [0.0] * len(AGES)
    for age, part in line.busy:
        counts[bisect_right(AGES, age / mean) - 1] += part
    if line.free:
        counts[0] += line.free
    rows = [(count, table[i]) for i, count in enumerate(counts) if count]
    agents = sum(counts)
    extra = bool(line.soon)
    half = line.oldest / 2.0  # those in the line have waited half as long as the first of them
    at, done, cell = 0.0, 0.0, 0
    while at < BEYOND:
        if cell < CELLS:
            to = min(cell + (1 if cell < 8 else 2 if cell < 24 else _WIDE), CELLS)
            length = (to - cell) * GRID * mean
            given = 0.0
            for count, row in rows:
                given += count * row[to]
            cell = to
        else:
            length = max(_WIDE * GRID * mean, 0.1 * at)
            given = done + agents * length / mean
        gone = given - done
        if extra:
            gone += _added(line, at + length, mean) - _added(line, at, mean)
        if level > 1 - MEDIAN:
            rate = leaving[bisect_right(EDGES, half + at + length / 2) - 1]
            gone -= (level - 1 + MEDIAN) * expm1(-rate * length)
        if gone >= level:
            return at + length * level / gone
        level -= max(gone, 0.0)
        at, done = at + length, given
    return BEYOND


def _added(line: Line, at: float, mean: float) -> float:
    """Return the completions by then of those who are soon free."""
    total = 0.0
    for after, part in line.soon:
        if at > after:
            total += part * (1.0 + (at - after) / mean)
    return total
