"""Ranges that hold what they say: every outcome moves the quantiles of its kind of line until as many lie below as should.

What is tracked is the score z = 3·√k·((wait / predicted)^⅓ - 1): the wait on the scale on which a gamma distribution of shape k is
nearly normal (Wilson and Hilferty 1931). Online quantile tracking by the pinball gradient is adaptive conformal inference (Gibbs and
Candès 2021; Angelopoulos, Candès and Tibshirani 2023): after n outcomes the share below a quantile differs from its level by at
most (range of z) / (step · n), whatever the outcomes are. The promise's 97 % is one of the levels.
"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from math import sqrt
from typing import Any

LEVELS = (0.10, 0.50, 0.90, 0.97)
_START = (
    -1.15,
    0.0,
    1.15,
    1.75,
)  # the normal quantiles are ±1.28 and 1.88; ages of calls tell a little more than chance
_QUICKER = (3.0, 1.0, 3.0, 8.0)  # at first: far quantiles are moved rarely
_KINDS = (0.5, 1.9, 3.9, 8.5, 20.5, 60.5)  # how many have to leave the line before it is one's turn
AT_ONCE = 0  # the kind of those who find an agent free: their waits say nothing about lines
_WORST = 8.0
_STEP = 0.001
_UNSURE = 0.1  # of the predicted wait, besides the chance in the calls themselves


@dataclass(frozen=True, slots=True)
class Shape:
    """A predicted median (seconds), the scale of its scores and the kind of line: what an outcome is judged by."""

    median: float
    scale: float
    kind: int


def shape_of(median: float, pace: float, need: float) -> Shape:
    """Return the shape of a wait for `need` to leave the line, at `pace` a second when it is one's turn."""
    median = max(median, 0.5)
    deviation = max(need, 1.0) / (pace * pace) + (_UNSURE * median) ** 2
    return Shape(median, 3.0 * median / sqrt(deviation), bisect_right(_KINDS, need))


@dataclass(slots=True)
class Calibration:
    """The tracked quantiles: one row for all, and for each kind of line what it differs by."""

    everywhere: list[float] = field(default_factory=lambda: list(_START))
    kinds: list[list[float]] = field(default_factory=lambda: [[0.0] * len(LEVELS) for _ in range(len(_KINDS) + 1)])
    seen: list[int] = field(default_factory=lambda: [0] * (len(_KINDS) + 1))

    def quantiles(self, shape: Shape) -> list[float]:
        """Return the wait in seconds at each of LEVELS, in order."""
        own = self.kinds[shape.kind]
        base = self.everywhere if shape.kind else _START
        scores = sorted(a + b for a, b in zip(base, own, strict=True))
        return [shape.median * max(0.0, 1.0 + score / shape.scale) ** 3 for score in scores]

    def learn(self, shape: Shape, waited: float) -> None:
        """Move the quantiles towards what came true."""
        score = shape.scale * ((max(waited, 0.0) / shape.median) ** (1 / 3) - 1.0)
        score = min(max(score, -_WORST), _WORST)
        own = self.kinds[shape.kind]
        seen = self.seen[shape.kind]
        self.seen[shape.kind] += 1
        lines = sum(self.seen[1:])
        base = list(_START) if shape.kind == AT_ONCE else self.everywhere
        for i, level in enumerate(LEVELS):
            error = level - (score < base[i] + own[i])
            own[i] = _moved(own[i], error, _QUICKER[i], seen)
            base[i] = _moved(base[i], error, _QUICKER[i] / 6, lines)

    def learn_told(self, told: Sequence[float], waited: float) -> None:
        """Move the quantiles everywhere by a wait whose range alone is known: seconds at 10, 50 and 90 % as they were told."""
        lines = sum(self.seen[1:])
        self.seen[-1] += 1
        far = told[2] + (told[2] - told[1]) / 2  # where the 97 % quantile about was
        for i, (level, said) in enumerate(zip(LEVELS, (*told, far), strict=True)):
            self.everywhere[i] = _moved(self.everywhere[i], level - (waited < said), _QUICKER[i] / 6, lines)

    def as_plain(self) -> dict[str, Any]:
        """Return what was learned, as JSON has it."""
        return {"everywhere": self.everywhere, "kinds": self.kinds, "seen": self.seen}

    def fill(self, plain: Mapping[str, Any]) -> None:
        """Take what `as_plain` gave."""
        self.everywhere = [float(each) for each in plain["everywhere"]]
        self.kinds = [[float(each) for each in row] for row in plain["kinds"]]
        self.seen = [int(each) for each in plain["seen"]]


def _moved(quantile: float, error: float, quicker: float, seen: int) -> float:
    """Take a step that becomes smaller the more was seen, and no smaller than keeps up with a change."""
    step = max(_STEP, 3.0 * quicker / (seen + 100))
    return min(max(quantile + step * error, -_WORST), _WORST)
