"""What one queue has learned, and the wait it predicts: the same for the live line and for the replay of a log."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from ringback.interaction_manager.rules.estimates.calibration import AT_ONCE, Calibration, Shape, shape_of
from ringback.interaction_manager.rules.estimates.handling import Fading, Handling
from ringback.interaction_manager.rules.estimates.leading import Leading
from ringback.interaction_manager.rules.estimates.passage import BEYOND, Line, passage
from ringback.interaction_manager.rules.estimates.patience import Patience

RINGING = 3.0  # seconds from a free agent to a talk, until learned


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
    """The learned state of one queue."""

    handling: Handling = field(default_factory=Handling)
    patience: Patience = field(default_factory=Patience)
    calibration: Calibration = field(default_factory=Calibration)
    leading: Leading = field(default_factory=Leading)
    ringing: Fading = field(default_factory=lambda: Fading(7 * 86400.0))

    def predict(self, lines: tuple[Line, ...], now: float, *, mean: float | None = None) -> Prediction:
        """Predict the wait of somebody who joins the line now.

        `lines`: the line as seen in one or more ways, the usual one first; `mean`: seconds of an agent each in the line takes, where
        it is not only the handling time (ringing, and tries that fail).
        """
        line = lines[0]
        if line.free >= line.ahead + 1:
            shape = Shape(max(self.ringing.mean(RINGING, 1.0), 0.5), 3.0, AT_ONCE)
            return _prediction(self.calibration.quantiles(shape), shape, (), 0.0)
        mean = self.handling.mean(now) if mean is None else mean
        table, leaving = self.handling.table(), self.patience.rates
        found = [passage(each, mean=mean, table=table, leaving=leaving) for each in lines]
        views = tuple(median for median, _ in found)
        chosen, median = self.leading.choose(views, line.oldest)
        pace = found[chosen][1] * views[chosen] / max(median, 0.5)
        shape = shape_of(median, pace, line.ahead + 1.0 - line.free)
        return _prediction(self.calibration.quantiles(shape), shape, views, line.oldest)

    def waited(self, prediction: Prediction, seconds: float, now: float, *, taken: bool) -> None:
        """Learn from a wait that ended: taken by an agent, or given up."""
        self.patience.ended(seconds, now, gave_up=not taken)
        if not taken:
            return
        if prediction.at_once:
            self.ringing.add(min(seconds, 120.0), now)
        elif prediction.views:
            self.leading.learn(prediction.views, prediction.oldest, seconds)
        self.calibration.learn(prediction.shape, seconds)

    def told(self, range: Sequence[float], seconds: float) -> None:
        """Learn from a wait whose told range (seconds at 10, 50, 90 %) is known, and nothing else of it."""
        self.calibration.learn_told(range, seconds)

    def as_plain(self) -> dict[str, Any]:
        """Return all that was learned, as JSON has it."""
        return {
            "handling": self.handling.as_plain(),
            "patience": self.patience.as_plain(),
            "calibration": self.calibration.as_plain(),
            "leading": self.leading.as_plain(),
            "ringing": self.ringing.as_plain(),
        }

    def fill(self, plain: Mapping[str, Any]) -> None:
        """Take what `as_plain` gave."""
        self.handling.fill(plain["handling"])
        self.patience.fill(plain["patience"])
        self.calibration.fill(plain["calibration"])
        self.leading.fill(plain["leading"])
        self.ringing.fill(plain["ringing"])


def _prediction(quantiles: list[float], shape: Shape, views: tuple[float, ...], oldest: float) -> Prediction:
    p10, p50, p90, p97 = (min(each, BEYOND) for each in quantiles)
    return Prediction(p10, p50, p90, p97, shape, views, oldest)


def new_model(*, prior: float, weight: float = 5.0, memory: float = 7200.0) -> QueueModel:
    """Return a model that knows nothing but a prior handling time in seconds, which counts as so many calls."""
    return QueueModel(handling=Handling(prior=prior, prior_weight=weight, memory=memory))
