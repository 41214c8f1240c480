"""The figures about promises, by their exact definitions (docs/scores.md): kept and broken, lateness, coverage, service level."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta
from math import ceil
from statistics import median

from ringback.domain.status import BrokenCause, PromiseResult
from ringback.interaction_manager.rules.ledger import lateness, rang_early
from ringback.interaction_manager.rules.records import PromiseRecord

PERCENTILES = (50, 90, 95, 99)


@dataclass(frozen=True, slots=True, kw_only=True)
class Score:
    """Promises of one kind: the ratio, and what stands beside it."""

    ended: int
    kept: int
    kept_early: int
    broken: int
    causes: Mapping[str, int]
    withdrawn: int
    undecided: int  # the window is over and the attempt is not
    on_time: float | None  # per cent


@dataclass(frozen=True, slots=True, kw_only=True)
class Lateness:
    """Seconds after the window's end at which it first rang, over kept and broken; None in a percentile: never."""

    percentiles: Mapping[str, float | None]
    never_rung: int
    of: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Coverage:
    """How often the outcome lay in the estimate's 10-90 % range."""

    share: float | None
    judged: int
    never_reached: int  # no agent was ever ready for that place
    median_width: float | None  # seconds


@dataclass(frozen=True, slots=True, kw_only=True)
class ServiceLevel:
    """Joined within `within` seconds of the request or of the window's start, of all due and not withdrawn."""

    within: float
    share: float | None
    due: int
    met: int


def percent(part: int, whole: int) -> float | None:
    """Return a percentage; None of nothing."""
    return None if whole == 0 else 100.0 * part / whole


def score(promises: Iterable[PromiseRecord]) -> Score:
    """Count kept, withdrawn and broken: on time is kept ÷ (kept + broken)."""
    every = list(promises)
    kept = [each for each in every if each.result is PromiseResult.KEPT]
    broken = [each for each in every if each.result is PromiseResult.BROKEN]
    causes = Counter(each.cause.value for each in broken if each.cause is not None)
    return Score(
        ended=len(every),
        kept=len(kept),
        kept_early=sum(rang_early(each.facts) for each in kept),
        broken=len(broken),
        causes={cause.value: causes[cause.value] for cause in BrokenCause if causes[cause.value]},
        withdrawn=sum(each.result is PromiseResult.WITHDRAWN for each in every),
        undecided=sum(each.result is PromiseResult.OPEN for each in every),
        on_time=percent(len(kept), len(kept) + len(broken)),
    )


def nearest_rank(ordered: Sequence[float | None], percentile: int) -> float | None:
    """Return the percentile by nearest rank of values in order, None standing for infinity at their end."""
    return ordered[max(0, ceil(percentile * len(ordered) / 100) - 1)] if ordered else None


def lateness_of(promises: Iterable[PromiseRecord]) -> Lateness:
    """Measure lateness over kept and broken; what never rang is infinitely late, and counted by itself."""
    judged = [each for each in promises if each.result in (PromiseResult.KEPT, PromiseResult.BROKEN)]
    late = [lateness(each.facts) for each in judged]
    rung = sorted(each.total_seconds() for each in late if each is not None)
    never = len(late) - len(rung)
    ordered: list[float | None] = [*rung, *([None] * never)]
    return Lateness(
        percentiles={f"p{each}": nearest_rank(ordered, each) for each in PERCENTILES},
        never_rung=never,
        of=len(judged),
    )


def coverage_of(promises: Iterable[PromiseRecord]) -> Coverage:
    """Compare estimates, as computed and unrounded, with the first moment a qualified agent was ready for that place."""
    estimated = [(each, each.estimate) for each in promises if each.estimate is not None]
    judged = [(each.facts.agent_ready_at, est) for each, est in estimated if each.facts.agent_ready_at is not None]
    inside = sum(est.p10 <= ready <= est.p90 for ready, est in judged)
    widths = [(est.p90 - est.p10).total_seconds() for _, est in judged]
    return Coverage(
        share=percent(inside, len(judged)),
        judged=len(judged),
        never_reached=len(estimated) - len(judged),
        median_width=median(widths) if widths else None,
    )


def service_level_of(promises: Iterable[PromiseRecord], *, within: float) -> ServiceLevel:
    """Count who was joined within T of the request (as soon as possible) or of the window's start."""
    due = [each for each in promises if each.result is not PromiseResult.WITHDRAWN]

    def met(each: PromiseRecord) -> bool:
        asked = each.made_at if each.facts.early_is_fine else each.facts.window.start
        joined = each.facts.joined_at
        return joined is not None and joined - asked <= timedelta(seconds=within)

    count = sum(met(each) for each in due)
    return ServiceLevel(within=within, share=percent(count, len(due)), due=len(due), met=count)
