"""How long agents are taken up by a call: learned while it goes on, and what calls in progress still take by their age.

The recent mean (two hours by default) is drawn towards the usual one of this hour of the day, and that one towards the long-run mean,
unless it stands out of chance. The shape is an empirical distribution in logarithmic bins, so that no family has to be assumed:
a call that has lasted long ends at the rate at which calls that lasted as long have ended.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import cache
from math import exp, log
from typing import Any

HOURS = 24
DAY = 86400.0
LONG_MEMORY = 14 * DAY
_PER_OCTAVE = 3
_BINS = 3 * 15  # from one second to nine hours
_DOUBT = 2.0  # how many times the variance of chance a difference has to stand out
_FEW = 20  # calls before the shape is theirs rather than the prior's
_HALVED = 20_000  # calls after which the shape counts half
_STEP = log(2) / _PER_OCTAVE

# Ages and times of the table, in units of the mean.
AGES = (0.0, 0.03, 0.08, 0.15, 0.25, 0.4, 0.6, 0.85, 1.2, 1.7, 2.4, 3.5, 5.0, 8.0)
GRID = 0.04
CELLS = 100  # the table reaches four means; beyond, agents complete at their long-run rate


@dataclass(slots=True)
class Fading:
    """A weighted sum that forgets: each entry counts e^(-age / memory). `at`: seconds since 1970 of the last change."""

    memory: float
    weight: float = 0.0
    total: float = 0.0
    at: float = 0.0

    def add(self, value: float, now: float, weight: float = 1.0) -> None:
        """Count one more value."""
        self.fade(now)
        self.weight += weight
        self.total += weight * value

    def as_plain(self) -> list[float]:
        """Return what it holds, as JSON has it."""
        return [self.weight, self.total, self.at]

    def fill(self, plain: Sequence[float]) -> None:
        """Take what `as_plain` gave."""
        self.weight, self.total, self.at = plain

    def fade(self, now: float) -> None:
        """Forget as much as is due until now; a clock that went back changes nothing."""
        if now > self.at:
            kept = exp(-(now - self.at) / self.memory) if self.at else 1.0
            self.weight *= kept
            self.total *= kept
            self.at = now

    def mean(self, prior: float, strength: float) -> float:
        """Return the mean, drawn towards a prior that counts as so many values."""
        return (self.total + prior * strength) / (self.weight + strength)


def drawn(recent: Fading, usual: float, variance: float, now: float) -> float:
    """Return a mean drawn towards the usual one, the more the less their difference stands out of chance (James and Stein 1961)."""
    weight = recent.weight * exp(-max(now - recent.at, 0.0) / recent.memory)
    if weight < 3.0:
        return usual
    difference = recent.total / recent.weight - usual
    chance = _DOUBT * variance / weight
    return usual + difference * max(0.0, 1.0 - chance / max(difference * difference, 1e-9))


@dataclass(slots=True)
class Handling:
    """What is known of the handling times of one queue. `prior`: seconds assumed before anything is known."""

    prior: float = 300.0
    prior_weight: float = 5.0
    memory: float = 7200.0
    recent: Fading = field(init=False)
    long: Fading = field(init=False)
    squares: Fading = field(init=False)
    hours: list[Fading] = field(init=False)
    shape: list[float] = field(init=False)
    count: int = 0
    seconds: float = 0.0
    _table: list[list[float]] = field(init=False, default_factory=list)
    _made: int = 0  # from so many

    def __post_init__(self) -> None:
        self.recent, self.long, self.squares = Fading(self.memory), Fading(LONG_MEMORY), Fading(LONG_MEMORY)
        self.hours = [Fading(LONG_MEMORY) for _ in range(HOURS)]
        self.shape = [0.0] * _BINS

    def ended(self, seconds: float, now: float) -> None:
        """Learn that a call took so long."""
        seconds = min(max(seconds, 1.0), 32000.0)
        self.count += 1
        self.seconds += seconds
        self.squares.add(seconds * seconds, now)
        for each in (self.recent, self.long, self.hours[int(now % DAY // 3600)]):
            each.add(seconds, now)
        if self.count % _HALVED == 0:
            self.shape = [each / 2 for each in self.shape]
        self.shape[min(int(log(seconds) / _STEP), _BINS - 1)] += 1.0

    def mean(self, now: float) -> float:
        """Return the mean handling time expected now, seconds."""
        long = self.long.mean(self.prior, self.prior_weight)
        variance = max(self.squares.mean(2 * long * long, 20.0) - long * long, 0.1 * long * long)
        hour = drawn(self.hours[int(now % DAY // 3600)], long, variance, now)
        return drawn(self.recent, hour, variance, now)

    @property
    def to_date(self) -> float:
        """The plain mean of all handling times so far; the prior before the first."""
        return self.seconds / self.count if self.count else self.prior

    def quantile(self, p: float, now: float) -> float:
        """Return what one in so many handling times is shorter than, seconds: by those that were seen, else by an exponential one."""
        mean, weight = self.mean(now), sum(self.shape)
        if weight < _FEW:
            return -mean * log(1.0 - p)
        centres = [exp((i + 0.5) * _STEP) for i in range(_BINS)]
        usual = sum(n * c for n, c in zip(self.shape, centres, strict=True)) / weight
        left, number = p * weight, 0
        while number < _BINS - 1 and left > self.shape[number]:
            left -= self.shape[number]
            number += 1
        inside = left / self.shape[number] if self.shape[number] else 1.0
        return exp((number + min(inside, 1.0)) * _STEP) * mean / usual

    def table(self) -> list[list[float]]:
        """Return, for each of AGES, the expected number of completions by each step of the grid; made again when a tenth more is known."""
        if self.count < _FEW:
            return _by_prior()
        if not self._table or self.count > min(1.1 * self._made + 10, self._made + 3000):
            self._table, self._made = completions(survival_of(self.shape)), self.count
        return self._table

    def keep_table(self, known: Handling) -> None:
        """Use the table of an earlier state as long as it is near enough: making one takes some milliseconds."""
        self._table, self._made = known._table, known._made

    def as_plain(self) -> dict[str, Any]:
        """Return what was learned, as JSON has it."""
        return {
            "recent": self.recent.as_plain(),
            "long": self.long.as_plain(),
            "squares": self.squares.as_plain(),
            "hours": [each.as_plain() for each in self.hours],
            "shape": self.shape,
            "count": self.count,
            "seconds": self.seconds,
        }

    def fill(self, plain: Mapping[str, Any]) -> None:
        """Take what `as_plain` gave."""
        self.recent.fill(plain["recent"])
        self.long.fill(plain["long"])
        self.squares.fill(plain["squares"])
        for each, known in zip(self.hours, plain["hours"], strict=True):
            each.fill(known)
        self.shape = [float(each) for each in plain["shape"]]
        self.count, self.seconds = int(plain["count"]), float(plain["seconds"])


@cache
def _by_prior() -> list[list[float]]:
    return completions(survival_of([0.0] * _BINS))


def survival_of(shape: Sequence[float]) -> list[float]:
    """Return P(time > step of the grid), in units of the mean, from the bins and a weak exponential prior."""
    weight = sum(shape)
    centres = [exp((i + 0.5) * _STEP) for i in range(_BINS)]
    prior = 30.0
    mean = sum(n * c for n, c in zip(shape, centres, strict=True)) / weight if weight else 1.0
    steps = 4 * CELLS
    edges = [exp(i * _STEP) / mean for i in range(_BINS + 1)]
    edges[0] = 0.0
    survival, at, beyond = [], 0, weight
    for k in range(steps + 1):
        t = k * GRID
        while at < _BINS and edges[at + 1] <= t:
            beyond -= shape[at]
            at += 1
        inside = shape[at] * (t - edges[at]) / (edges[at + 1] - edges[at]) if at < _BINS else 0.0
        survival.append((max(beyond - inside, 0.0) + prior * exp(-t)) / (weight + prior))
    return survival


def completions(survival: Sequence[float]) -> list[list[float]]:
    """Return the renewal function after each of AGES, by the discrete renewal equation."""
    ends = [survival[k] - survival[k + 1] for k in range(CELLS)]
    renewals = [0.0]
    for k in range(1, CELLS + 1):
        # A completion in cell j starts the next call in its middle.
        later = sum(ends[j] * (1.0 + (renewals[k - j - 1] + renewals[k - j]) / 2) for j in range(1, k))
        renewals.append((later + ends[0] * (1.0 + renewals[k - 1] / 2)) / (1.0 - ends[0] / 2))
    table = []
    for age in AGES:
        first = round(age / GRID)
        base = max(survival[first], 1e-9)
        left = [(survival[first + k] - survival[first + k + 1]) / base for k in range(CELLS)]
        row = [
            sum(left[j] * (1.0 + (renewals[k - j - 1] + renewals[k - j]) / 2) for j in range(k))
            for k in range(1, CELLS + 1)
        ]
        table.append([0.0, *row])
    return table
