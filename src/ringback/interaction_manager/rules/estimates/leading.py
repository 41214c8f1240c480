"""Which view of the line to follow: the one that has been nearest lately, with or without the age of the oldest waiter mixed in."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

# How much the head of the line counts: not at all where calls and agents are known; more where they are not.
SHARES = (0.0, 0.25, 0.5, 1.0)
VIEWS = 3
_KEPT = 1 - 1 / 1500  # of the errors, by outcome
_BETTER = 0.985  # so much better another has to be than the first


@dataclass(slots=True)
class Leading:
    """The mean error, seconds, of each candidate; forgotten over some 1,500 outcomes."""

    errors: list[float] = field(default_factory=lambda: [0.0] * (VIEWS * len(SHARES)))
    weight: float = 0.0
    leader: int = 0

    def choose(self, views: Sequence[float], oldest: float) -> float:
        """Return the median that the leading view gives, with the head of the line in it as far as it leads."""
        view, share = divmod(self.leader, len(SHARES))
        return mixed(views[min(view, len(views) - 1)], oldest, SHARES[share])

    def learn(self, views: Sequence[float], oldest: float, waited: float) -> None:
        """Compare every candidate with what came true."""
        self.weight = self.weight * _KEPT + 1.0
        number = 0
        for i in range(VIEWS):
            view = views[min(i, len(views) - 1)]
            for share in SHARES:
                error = abs(mixed(view, oldest, share) - waited)
                self.errors[number] = self.errors[number] * _KEPT + error
                number += 1
        if self.weight >= 100:
            best = min(range(len(self.errors)), key=self.errors.__getitem__)
            self.leader = best if self.errors[best] < _BETTER * self.errors[0] else 0

    def as_plain(self) -> dict[str, Any]:
        """Return what was learned, as JSON has it."""
        return {"errors": self.errors, "weight": self.weight, "leader": self.leader}

    def fill(self, plain: Mapping[str, Any]) -> None:
        """Take what `as_plain` gave."""
        self.errors = [float(each) for each in plain["errors"]]
        self.weight, self.leader = float(plain["weight"]), int(plain["leader"])


def mixed(median: float, oldest: float, share: float) -> float:
    """Return the geometric mean of a predicted wait and the age of the oldest waiter, which says little while it is young; 0: nobody waits."""
    if share == 0.0 or median <= 0.0:
        return median
    return float(median ** (1 - share) * max(oldest, median / 3) ** share)
