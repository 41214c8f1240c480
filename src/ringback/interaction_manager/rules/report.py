"""The figures, by their exact definitions (docs/scores.md): they mean nothing otherwise. Pure: rows in, figures out."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import pairwise
from math import ceil
from statistics import median
from uuid import UUID

from ringback.domain.commands import Estimate
from ringback.domain.status import AgentState, BrokenCause, Outcome, PromiseKind, PromiseResult
from ringback.interaction_manager.rules.ledger import PromiseFacts, lateness, rang_early

PERCENTILES = (50, 90, 95, 99)


@dataclass(frozen=True, slots=True, kw_only=True)
class PromiseRecord:
    """One promise whose window ended in the interval; queue, channel and provider are those at acceptance."""

    callback: UUID
    kind: PromiseKind
    queue: str
    channel: str
    provider: str
    made_at: datetime
    facts: PromiseFacts
    estimate: Estimate | None
    result: PromiseResult
    cause: BrokenCause | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Handling:
    """One attempt an agent accepted. `joined_at` None: the customer was not reached. `over_at`: end of wrap-up, or of the attempt."""

    queue: str
    channel: str
    provider: str
    accepted_at: datetime
    joined_at: datetime | None
    over_at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class Stretch:
    """One stretch of an agent's time, cut to the interval. `queue`: the agent's home queue."""

    queue: str
    state: AgentState
    begins: datetime
    ends: datetime
    chat_capacity: int


@dataclass(frozen=True, slots=True, kw_only=True)
class CustomerLeg:
    """One customer leg that was let through the gate. `least_gap`: the retry rule's minimum after it, seconds."""

    callback: UUID
    attempt: UUID
    began_at: datetime
    ended_at: datetime | None
    may_have_rung: bool
    joined: bool
    outcome: Outcome | None
    least_gap: float


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


@dataclass(frozen=True, slots=True, kw_only=True)
class HandlingTime:
    """Accept to end of wrap-up, seconds, per joined attempt; those the customer did not answer apart."""

    joined: int
    mean: float | None
    unanswered: int
    unanswered_mean: float | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Occupancy:
    """Shares of the time agents were logged in and not paused."""

    occupied: float | None
    held: float | None
    staffed_hours: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Figures:
    """Everything about one group. `first` is the headline; retries and moves have lines of their own."""

    group: str
    first: Score
    retry: Score
    moved: Score
    lateness: Lateness
    coverage: Coverage
    service_level: ServiceLevel
    handling: HandlingTime
    occupancy: Occupancy | None


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
    return ordered[max(0, ceil(percentile / 100 * len(ordered)) - 1)] if ordered else None


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


def handling_of(handlings: Iterable[Handling]) -> HandlingTime:
    """Average accept to end of wrap-up over joined attempts, and beside it the attempts nobody answered."""

    def mean(values: list[float]) -> float | None:
        return sum(values) / len(values) if values else None

    every = list(handlings)
    joined = [(each.over_at - each.accepted_at).total_seconds() for each in every if each.joined_at is not None]
    missed = [(each.over_at - each.accepted_at).total_seconds() for each in every if each.joined_at is None]
    return HandlingTime(joined=len(joined), mean=mean(joined), unanswered=len(missed), unanswered_mean=mean(missed))


_OCCUPIED = frozenset({AgentState.RESERVED, AgentState.ON_A_CALL, AgentState.WRAP_UP})
_OFF = frozenset({AgentState.OFFLINE, AgentState.PAUSED})


def occupancy_of(stretches: Iterable[Stretch]) -> Occupancy:
    """Divide ringing, talk, hold, wrap-up and chats (a chat by the agent's capacity for them) by the time logged in and not paused; held apart."""
    staffed = occupied = held = 0.0
    for each in stretches:
        seconds = (each.ends - each.begins).total_seconds()
        if each.state in _OFF or seconds <= 0:
            continue
        staffed += seconds
        if each.state in _OCCUPIED:
            occupied += seconds
        elif each.state is AgentState.IN_CHATS:
            occupied += seconds / max(1, each.chat_capacity)
        elif each.state is AgentState.HELD:
            held += seconds
    return Occupancy(
        occupied=100.0 * occupied / staffed if staffed else None,
        held=100.0 * held / staffed if staffed else None,
        staffed_hours=staffed / 3600.0,
    )


def figures(
    group: str,
    promises: Sequence[PromiseRecord],
    handlings: Sequence[Handling],
    stretches: Sequence[Stretch] | None,
    *,
    within: float,
) -> Figures:
    """Return all figures of one group. `stretches` None: agents' time does not divide by this group."""
    first = [each for each in promises if each.kind is PromiseKind.FIRST]
    return Figures(
        group=group,
        first=score(first),
        retry=score(each for each in promises if each.kind is PromiseKind.RETRY),
        moved=score(each for each in promises if each.kind is PromiseKind.MOVED),
        lateness=lateness_of(first),
        coverage=coverage_of(promises),
        service_level=service_level_of(first, within=within),
        handling=handling_of(handlings),
        occupancy=None if stretches is None else occupancy_of(stretches),
    )


def grouped(
    promises: Sequence[PromiseRecord],
    handlings: Sequence[Handling],
    stretches: Sequence[Stretch],
    *,
    key: Callable[[PromiseRecord | Handling], str],
    time_key: Callable[[Stretch], str] | None,
    within: float,
) -> list[Figures]:
    """Return the figures of each group, in the order of their names."""
    groups = sorted({key(each) for each in promises} | {key(each) for each in handlings})
    return [
        figures(
            group,
            [each for each in promises if key(each) == group],
            [each for each in handlings if key(each) == group],
            None if time_key is None else [each for each in stretches if time_key(each) == group],
            within=within,
        )
        for group in groups
    ]


def rung_twice(legs: Iterable[CustomerLeg]) -> list[tuple[CustomerLeg, CustomerLeg]]:
    """Return the pairs of one callback's customer legs that both may have rung and should not both have.

    They share an attempt, overlap, start closer than the retry rule allows, or follow a join that did not end in an
    abnormal drop (after such a drop, one new attempt).
    """
    by_callback: dict[UUID, list[CustomerLeg]] = {}
    for leg in legs:
        if leg.may_have_rung:
            by_callback.setdefault(leg.callback, []).append(leg)
    found = []
    for rung in by_callback.values():
        rung.sort(key=lambda leg: leg.began_at)
        drops = 0
        for earlier, later in pairwise(rung):
            drops += earlier.joined and earlier.outcome is Outcome.DROPPED
            if _too_much(earlier, later, drops):
                found.append((earlier, later))
    return found


def _too_much(earlier: CustomerLeg, later: CustomerLeg, drops: int) -> bool:
    if earlier.attempt == later.attempt:
        return True
    if earlier.ended_at is None or later.began_at < earlier.ended_at:
        return True
    if earlier.joined and (earlier.outcome is not Outcome.DROPPED or drops > 1):
        return True
    return (later.began_at - earlier.ended_at).total_seconds() < earlier.least_gap
