"""When people give up: the rate of leaving by how long they have waited, learned from who left and who was served."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Mapping
from dataclasses import dataclass, field
from math import exp
from typing import Any

EDGES = (0.0, 15.0, 30.0, 60.0, 120.0, 240.0, 480.0, 960.0, 1920.0)
MEMORY = 7 * 86400.0
_LAST = len(EDGES) - 1


@dataclass(slots=True)
class Patience:
    """Leavings and seconds waited by age. `prior`: leavings a second assumed at first, worth `prior_time` seconds of waiting."""

    prior: float = 1 / 3000.0
    prior_time: float = 3000.0
    memory: float = MEMORY
    left: list[float] = field(default_factory=lambda: [0.0] * len(EDGES))
    waited: list[float] = field(default_factory=lambda: [0.0] * len(EDGES))
    at: float = 0.0
    rates: list[float] = field(default_factory=lambda: [1 / 3000.0] * len(EDGES))

    def ended(self, seconds: float, now: float, *, gave_up: bool) -> None:
        """Learn from a wait that ended: given up, or served (which only says that they stayed so long)."""
        if now > self.at + 300.0:
            self._forget(now)
        last = min(max(bisect_right(EDGES, seconds) - 1, 0), _LAST)
        for i in range(last):
            self.waited[i] += EDGES[i + 1] - EDGES[i]
        self.waited[last] += max(seconds - EDGES[last], 0.0)
        if gave_up:
            self.left[last] += 1.0

    def _forget(self, now: float) -> None:
        kept = exp(-(now - self.at) / self.memory) if self.at else 1.0
        self.at = now
        self.left = [each * kept for each in self.left]
        self.waited = [each * kept for each in self.waited]
        overall = (sum(self.left) + self.prior * self.prior_time) / (sum(self.waited) + self.prior_time)
        strength = 8.0 / overall  # each age is drawn towards all ages by eight leavings' worth of waiting
        self.rates = [
            (left + overall * strength) / (waited + strength)
            for left, waited in zip(self.left, self.waited, strict=True)
        ]

    def as_plain(self) -> dict[str, Any]:
        """Return what was learned, as JSON has it."""
        return {"left": self.left, "waited": self.waited, "at": self.at, "rates": self.rates}

    def fill(self, plain: Mapping[str, Any]) -> None:
        """Take what `as_plain` gave."""
        self.left, self.waited, self.rates = ([float(x) for x in plain[key]] for key in ("left", "waited", "rates"))
        self.at = float(plain["at"])

    def rate(self, age: float) -> float:
        """Return how many of those who have waited so long leave each second."""
        return self.rates[min(max(bisect_right(EDGES, age) - 1, 0), _LAST)]
