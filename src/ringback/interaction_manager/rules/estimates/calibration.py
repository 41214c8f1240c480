"""Ranges that hold what they say: every outcome moves the quantiles of lines as long as its own until as many lie below as should.

What is tracked is the score z on the scale on which a gamma distribution is nearly normal (Wilson and Hilferty 1931), at a few lengths
of the line; between them it is interpolated. The length is the predicted median times the pace of all agents, so that for one state of
the floor it rises with one's place; each quantile is made to rise with the length, so nobody's range improves by being further behind.
Online quantile tracking by the pinball gradient is adaptive conformal inference (Gibbs and Candès 2021; Angelopoulos, Candès and
Tibshirani 2023): after n outcomes the share below a quantile differs from its level by at most (range of z) / (step · n), whatever the
outcomes are. The promise's 97 % is one of the levels.
"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Mapping
from dataclasses import dataclass, field
from math import sqrt
from typing import Any

LEVELS = (0.10, 0.50, 0.90, 0.97)
# The normal quantiles are ±1.28 and 1.88; ages of calls tell a little more than chance.
_START = (-1.15, 0.0, 1.15, 1.75)
_QUICKER = (3.0, 1.0, 3.0, 8.0)  # at first: far quantiles are moved rarely
_LENGTHS = (0.7, 1.6, 3.5, 8.0, 18.0, 45.0, 110.0)
_NEXT = (0.0, 0.0, 0.3, 0.5)  # of the first length's quantiles, for somebody whose agent is free any moment
_WORST = 8.0
_STEP = 0.001
_UNSURE = 0.1  # of the predicted wait, besides the chance in the calls themselves
_AT_ONCE = 3.0  # the scale of the scores of those who find an agent free
_THIRDS = tuple(sqrt((each + 1 / 3) / (each * each) + _UNSURE * _UNSURE) / 3.0 for each in _LENGTHS)


@dataclass(frozen=True, slots=True)
class Shape:
    """What an outcome is judged by: the predicted median, seconds, and the completions a second of all agents; pace 0: an agent was free."""

    median: float
    pace: float


@dataclass(slots=True)
class Calibration:
    """The tracked scores: one row for all lines, for each length what it differs by, and one row for those who find an agent free."""

    everywhere: list[float] = field(default_factory=lambda: list(_START))
    lengths: list[list[float]] = field(default_factory=lambda: [[0.0] * len(LEVELS) for _ in _LENGTHS])
    at_once: list[float] = field(default_factory=lambda: list(_START))
    seen: list[float] = field(default_factory=lambda: [0.0] * (len(_LENGTHS) + 1))  # the last: at once
    _curve: tuple[list[list[float]], list[list[int]]] | None = field(
        default=None, init=False, compare=False, repr=False
    )

    def quantiles(self, shape: Shape) -> list[float]:
        """Return the wait in seconds at each of LEVELS, in order."""
        if not shape.pace:
            return sorted(shape.median * max(0.0, 1.0 + score / _AT_ONCE) ** 3 for score in self.at_once)
        length = shape.median * shape.pace
        above, part = _between(length)
        curve, _ = self._risen()
        high = curve[above]
        if length >= _LENGTHS[-1]:
            found = [each * length / _LENGTHS[-1] for each in high]
        else:
            low = curve[above - 1] if above else [each * next_ for each, next_ in zip(high, _NEXT, strict=True)]
            found = [a + (b - a) * part for a, b in zip(low, high, strict=True)]
        return [each / shape.pace for each in found]

    def _risen(self) -> tuple[list[list[float]], list[list[int]]]:
        """Return the quantiles, in completions, at each length, none under a shorter one's; and which length each comes from."""
        if self._curve is not None:
            return self._curve
        curve: list[list[float]] = []
        sources: list[list[int]] = []
        last, by = [0.0] * len(LEVELS), [0] * len(LEVELS)
        for number, own in enumerate(self.lengths):
            length, third = _LENGTHS[number], _THIRDS[number]
            scores = [a + b for a, b in zip(self.everywhere, own, strict=True)]
            scores.sort()
            last, by = last[:], by[:]
            for i, score in enumerate(scores):
                root = 1.0 + score * third
                said = length * root * root * root if root > 0.0 else 0.0
                if said >= last[i]:
                    last[i], by[i] = said, number
            curve.append(last)
            sources.append(by)
        self._curve = (curve, sources)
        return self._curve

    def learn(self, shape: Shape, waited: float) -> None:
        """Move the quantiles towards what came true."""
        found = self.quantiles(shape)
        errors = [level - (waited < said) for level, said in zip(LEVELS, found, strict=True)]
        if not shape.pace:
            seen, self.seen[-1] = self.seen[-1], self.seen[-1] + 1.0
            for i, error in enumerate(errors):
                self.at_once[i] = _moved(self.at_once[i], error, _QUICKER[i], seen)
            return
        above, part = _between(shape.median * shape.pace)
        lines = sum(self.seen[:-1])
        _, sources = self._risen()
        for number, weight in ((above, part), (above - 1, 1.0 - part)):
            if weight <= 0.0 or number < 0:
                continue
            seen, self.seen[number] = self.seen[number], self.seen[number] + weight
            for i, error in enumerate(errors):
                # Where a shorter line's quantile stands for this one, it is the one that moves.
                own = self.lengths[sources[number][i]]
                own[i] = _moved(own[i], weight * error, _QUICKER[i], seen)
        for i, error in enumerate(errors):
            self.everywhere[i] = _moved(self.everywhere[i], error, _QUICKER[i] / 6, lines)
        self._curve = None

    def as_plain(self) -> dict[str, Any]:
        """Return what was learned, as JSON has it."""
        return {
            "everywhere": self.everywhere,
            "lengths": self.lengths,
            "at_once": self.at_once,
            "seen": self.seen,
        }

    def fill(self, plain: Mapping[str, Any]) -> None:
        """Take what `as_plain` gave."""
        self.everywhere, self.at_once, self.seen = (
            [float(each) for each in plain[key]] for key in ("everywhere", "at_once", "seen")
        )
        self.lengths = [[float(each) for each in row] for row in plain["lengths"]]
        self._curve = None


def _between(length: float) -> tuple[int, float]:
    """Return the first of the lengths that is not shorter (at most the last), and how far it is there from the one before."""
    above = min(bisect_right(_LENGTHS, length), len(_LENGTHS) - 1)
    before = _LENGTHS[above - 1] if above else 0.0
    return above, min((length - before) / (_LENGTHS[above] - before), 1.0)


def _moved(quantile: float, error: float, quicker: float, seen: float) -> float:
    """Take a step that becomes smaller the more was seen, and no smaller than keeps up with a change."""
    step = max(_STEP, 3.0 * quicker / (seen + 100.0))
    return min(max(quantile + step * error, -_WORST), _WORST)
