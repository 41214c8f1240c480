"""What a told wait was made from: kept with its promise, so that the outcome teaches the rules exactly what a log's outcome teaches them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Any

from ringback.interaction_manager.rules.estimates.calibration import Shape
from ringback.interaction_manager.rules.estimates.model import Prediction


@dataclass(frozen=True, slots=True, kw_only=True)
class Basis:
    """A prediction, and its quantiles (seconds, at 10, 50, 90 and 97 %) along the shifts there were then."""

    prediction: Prediction
    told: tuple[float, ...]

    def worked(self, waited: float) -> float:
        """Return a wait as it would have been with the agents there were at its beginning: the way back along the shifts."""
        said = self.prediction
        edges = [(0.0, 0.0), *zip(self.told, (said.p10, said.p50, said.p90, said.p97), strict=True)]
        for (before, low), (after, high) in pairwise(edges):
            if waited <= after and after > before:
                return low + (high - low) * (waited - before) / (after - before)
        last, worked = edges[-1]
        return waited * worked / last if last > 0.0 else waited

    def as_plain(self) -> dict[str, Any]:
        """Return it as JSON has it."""
        said = self.prediction
        return {
            "told": [round(each, 3) for each in self.told],
            "said": [round(each, 3) for each in (said.p10, said.p50, said.p90, said.p97)],
            "shape": [said.shape.median, said.shape.pace],
            "views": [round(each, 3) for each in said.views],
            "oldest": round(said.oldest, 3),
        }


def basis_of(plain: Mapping[str, Any]) -> Basis:
    """Take what `as_plain` gave."""
    p10, p50, p90, p97 = _floats(plain["said"])
    median, pace = _floats(plain["shape"])
    prediction = Prediction(
        p10, p50, p90, p97, Shape(median, pace), tuple(_floats(plain["views"])), float(plain["oldest"])
    )
    return Basis(prediction=prediction, told=tuple(_floats(plain["told"])))


def _floats(plain: Sequence[Any]) -> list[float]:
    return [float(each) for each in plain]
