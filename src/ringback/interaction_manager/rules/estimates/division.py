"""The time of agents who serve several lines, and what part of it is this line's: learned from whom they take, or by whose turn it is."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from math import sqrt
from typing import Any

from ringback.interaction_manager.rules.estimates.handling import Fading
from ringback.interaction_manager.rules.estimates.passage import Line

_MEMORY = 2 * 3600.0
_STRENGTH = 5.0  # takings' worth
_EVEN = 0.5  # until learned, while others wait in their other lines
_ALONE = 0.8  # until learned, while nobody does
_LEAST = 0.05


@dataclass(frozen=True, slots=True, kw_only=True)
class Shared:
    """Agents of this line and of others. `ages`: seconds of the calls they are in; `soon`: until they are free.

    `others`: who waits in their other lines; `theirs`: how many agents serve those lines alone.
    """

    ages: Sequence[float] = ()
    soon: Sequence[float] = ()
    others: float = 0.0
    theirs: int = 0


@dataclass(slots=True)
class Division:
    """How often shared agents took from this line while somebody waited in another of theirs, too."""

    taken: Fading = field(default_factory=lambda: Fading(_MEMORY))

    def chose(self, ours: bool, now: float) -> None:
        """Learn from an agent who took one while somebody waited in both."""
        self.taken.add(1.0 if ours else 0.0, now)

    def part(self, others: float) -> float:
        """Return the part of the shared agents' time that is this line's; `others`: who waits in their other lines."""
        if others:
            return self.taken.mean(_EVEN, _STRENGTH)
        return 1.0 - (1.0 - self.taken.mean(_ALONE, _STRENGTH)) * 0.5

    def as_plain(self) -> list[float]:
        """Return what was learned, as JSON has it."""
        return self.taken.as_plain()

    def fill(self, plain: Sequence[Any]) -> None:
        """Take what `as_plain` gave."""
        self.taken.fill([float(each) for each in plain])


def divided(line: Line, shared: Shared, part: float) -> Line:
    """Return the line with so large a part of the shared agents' time."""
    return replace(
        line,
        busy=[*line.busy, *((age, part) for age in shared.ages)],
        soon=[*line.soon, *((after, part) for after in shared.soon)],
    )


def views(line: Line, shared: Shared, part: float, passage: Callable[[Line], float]) -> tuple[float, ...]:
    """Return the medians of the wait, seconds: with the part that was learned, by turn, and between the two.

    By turn: taking the oldest waiter first empties all lines at once, as if they were one; no line gets more of the shared agents
    than there are, or none.
    """
    if not shared.ages and not shared.soon:
        return (passage(line),)
    learned = passage(divided(line, shared, part))
    whole = divided(line, shared, 1.0)
    there = max(whole.present, 1)
    wider = (there + shared.theirs) / there
    one = replace(
        whole,
        ahead=whole.ahead + shared.others,
        busy=[(age, each * wider) for age, each in whole.busy],
        soon=[(after, each * wider) for after, each in whole.soon],
    )
    by_turn = min(max(passage(one), passage(whole)), passage(divided(line, shared, _LEAST)))
    return learned, by_turn, sqrt(learned * by_turn)
