"""What one queue has learned, and the wait it predicts: the same for the live line and for the replay of a log."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from ringback.interaction_manager.rules.estimates.calibration import Calibration, Shape
from ringback.interaction_manager.rules.estimates.division import Division, Shared, divided, views
from ringback.interaction_manager.rules.estimates.handling import Fading, Handling
from ringback.interaction_manager.rules.estimates.leading import Leading
from ringback.interaction_manager.rules.estimates.passage import BEYOND, Line, passage
from ringback.interaction_manager.rules.estimates.patience import Patience

RINGING = 3.0  # seconds from a free agent to a talk, until learned
_WEEK = 7 * 86400.0
_LEAST_AGENTS = 0.05
_VERSION = 2  # of what is kept
_PARTS = ("handling", "patience", "calibration", "leading", "division", "ringing", "held", "success")


@dataclass(frozen=True, slots=True)
class Prediction:
    """A wait in seconds at 10, 50, 90 and 97 %, and what its outcome is judged by. `views`: what each view of the line said."""

    p10: float
    p50: float
    p90: float
    p97: float
    shape: Shape
    views: tuple[float, ...]
    oldest: float

    @property
    def at_once(self) -> bool:
        """Tell whether an agent was free."""
        return not self.views


@dataclass(slots=True)
class QueueModel:
    """The learned state of one queue. `held`: how often a wait in the line ended within 10-90 %, over a week."""

    handling: Handling = field(default_factory=Handling)
    patience: Patience = field(default_factory=Patience)
    calibration: Calibration = field(default_factory=Calibration)
    leading: Leading = field(default_factory=Leading)
    division: Division = field(default_factory=Division)
    ringing: Fading = field(default_factory=lambda: Fading(_WEEK))
    held: Fading = field(default_factory=lambda: Fading(_WEEK))
    success: Fading = field(default_factory=lambda: Fading(2 * _WEEK))  # of tries to call somebody back

    def predict(self, line: Line, now: float, *, shared: Shared | None = None, mean: float | None = None) -> Prediction:
        """Predict the wait of somebody who joins the line now.

        `line`: with the agents who serve no other; `shared`: the other agents; `mean`: seconds of an agent each in the line takes,
        where it is not only the handling time (ringing, and tries that fail).
        """
        ringing = Shape(max(self.ringing.mean(RINGING, 1.0), 0.5), 0.0)
        at_once = self.calibration.quantiles(ringing)
        if line.free >= line.ahead + 1:
            return _prediction(at_once, ringing, (), 0.0)
        mean = self.handling.mean(now) if mean is None else mean
        table, leaving = self.handling.table(), self.patience.rates
        shared = shared or Shared()
        part = self.division.part(shared.others)
        found = views(line, shared, part, lambda each: passage(each, mean=mean, table=table, leaving=leaving))
        median = self.leading.choose(found, line.oldest)
        # The pace is that of the floor, whatever one's place: two places of one line are measured by one rule.
        pace = max(divided(line, shared, part).agents, _LEAST_AGENTS) / mean
        shape = Shape(min(median, BEYOND), pace)
        quantiles = [max(pair) for pair in zip(self.calibration.quantiles(shape), at_once, strict=True)]
        return _prediction(quantiles, shape, found, line.oldest)

    def waited(self, prediction: Prediction, seconds: float, now: float, *, taken: bool) -> None:
        """Learn from a wait that ended: taken by an agent, or given up."""
        self.patience.ended(seconds, now, gave_up=not taken)
        if taken:
            self.reached(prediction, seconds, now)

    def reached(self, prediction: Prediction, seconds: float, now: float) -> None:
        """Learn from how a prediction came true."""
        if prediction.at_once:
            self.ringing.add(min(seconds, 120.0), now)
        elif prediction.views:
            if max(prediction.views) < BEYOND:  # a line with nobody to serve it tells no view from another
                self.leading.learn(prediction.views, prediction.oldest, seconds)
            self.held.add(1.0 if prediction.p10 <= seconds <= prediction.p90 else 0.0, now)
        self.calibration.learn(prediction.shape, seconds)

    def as_plain(self) -> dict[str, Any]:
        """Return all that was learned, as JSON has it."""
        return {"version": _VERSION} | {name: getattr(self, name).as_plain() for name in _PARTS}

    def fill(self, plain: Mapping[str, Any]) -> None:
        """Take what `as_plain` gave; what another version of the rules learned of ranges is learned anew."""
        parts = _PARTS if plain.get("version") == _VERSION else ("handling", "patience")
        for name in parts:
            getattr(self, name).fill(plain[name])


def _prediction(quantiles: list[float], shape: Shape, views: tuple[float, ...], oldest: float) -> Prediction:
    p10, p50, p90, p97 = (min(each, BEYOND) for each in quantiles)
    return Prediction(p10, p50, p90, p97, shape, views, oldest)


def new_model(*, prior: float, weight: float = 5.0, memory: float = 7200.0) -> QueueModel:
    """Return a model that knows nothing but a prior handling time in seconds, which counts as so many calls."""
    return QueueModel(handling=Handling(prior=prior, prior_weight=weight, memory=memory))
