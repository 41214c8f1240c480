"""How a promise ends. The definitions of the score, exactly: kept, withdrawn, or broken with one cause."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from ringback.domain.status import BrokenCause, PromiseResult
from ringback.domain.times import TimeWindow

JOIN_WITHIN = timedelta(seconds=10)

# Facts that events tell; some come only after a promise was judged at its window's end.
_TOLD = ("agent_ready_at", "dialled_at", "first_ring_at", "answered_at", "joined_at")


@dataclass(frozen=True, slots=True, kw_only=True)
class PromiseFacts:
    """What happened to one promise, as events said it. `answered_at`: by the customer, not by a machine."""

    window: TimeWindow
    early_is_fine: bool
    notice_at: datetime | None = None  # our first word that it will probably not be kept
    agent_ready_at: datetime | None = None
    dialled_at: datetime | None = None
    first_ring_at: datetime | None = None
    answered_at: datetime | None = None
    joined_at: datetime | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Ending:
    """Why the promise is judged now."""

    withdrawn_at: datetime | None = None  # the customer cancelled, moved, said STOP or got through
    closed_by_us: bool = False
    unknown: bool = False  # it may have rung, and nobody can say
    stopped: bool = False  # dialling was stopped or not permitted: agents had nothing to do with it
    strayed: bool = False  # found without timer, attempt or question


@dataclass(frozen=True, slots=True, kw_only=True)
class Settlement:
    """The result; `cause` exactly when it is broken."""

    result: PromiseResult
    cause: BrokenCause | None = None


KEPT = Settlement(result=PromiseResult.KEPT)
WITHDRAWN = Settlement(result=PromiseResult.WITHDRAWN)


def first_ring(facts: PromiseFacts) -> datetime | None:
    """Return when the device first rang; an answer is evidence too."""
    return min((at for at in (facts.first_ring_at, facts.answered_at) if at is not None), default=None)


def rang_in_time(facts: PromiseFacts) -> bool:
    """Tell whether the device first rang not before the start (where early is not fine) and not after the end."""
    rang = first_ring(facts)
    if rang is None or rang > facts.window.end:
        return False
    return facts.early_is_fine or rang >= facts.window.start


def rang_early(facts: PromiseFacts) -> bool:
    """Tell whether it rang before the window began: allowed as soon as possible, and shown apart."""
    rang = first_ring(facts)
    return rang is not None and rang < facts.window.start


def joined_in_time(facts: PromiseFacts) -> bool:
    """Tell whether, if they answered, an agent was joined soon enough."""
    if facts.answered_at is None:
        return True
    return facts.joined_at is not None and facts.joined_at - facts.answered_at <= JOIN_WITHIN


def settle(facts: PromiseFacts, ending: Ending) -> Settlement:
    """Judge a promise that will not change any more."""
    if ending.unknown:
        return _broken(BrokenCause.UNKNOWN)
    if rang_in_time(facts) and joined_in_time(facts):
        return KEPT
    if ending.withdrawn_at is not None:
        if facts.notice_at is not None and facts.notice_at <= ending.withdrawn_at:
            return _broken(BrokenCause.CHANGED_AFTER_NOTICE)
        if ending.withdrawn_at < facts.window.end and not _failed_already(facts):
            return WITHDRAWN
    return _broken(_cause(facts, ending))


def _failed_already(facts: PromiseFacts) -> bool:
    """Nothing the customer does afterwards undoes a ring at the wrong time or an answer that met nobody."""
    return first_ring(facts) is not None


def _broken(cause: BrokenCause) -> Settlement:
    return Settlement(result=PromiseResult.BROKEN, cause=cause)


def _cause(facts: PromiseFacts, ending: Ending) -> BrokenCause:
    if first_ring(facts) is not None:
        # Outside the window (late, or early where that was not fine), or in it and nobody came in time.
        return BrokenCause.JOIN_TOO_SLOW if rang_in_time(facts) else BrokenCause.LATE
    if facts.dialled_at is not None:
        return BrokenCause.CARRIER
    if ending.closed_by_us:
        return BrokenCause.CLOSED_BY_US
    if ending.strayed:
        return BrokenCause.EXPIRED
    if ending.stopped or facts.agent_ready_at is not None:
        return BrokenCause.NEVER_DIALLED
    return BrokenCause.NO_AGENT


def refine(cause: BrokenCause, facts: PromiseFacts) -> BrokenCause:
    """Return the cause of a promise that broke at its window's end, once more is known: what rang after all was late."""
    not_rung = (BrokenCause.NO_AGENT, BrokenCause.NEVER_DIALLED, BrokenCause.EXPIRED, BrokenCause.CARRIER)
    if cause in not_rung and first_ring(facts) is not None and not rang_in_time(facts):
        return BrokenCause.LATE
    return cause


def known_facts(facts: PromiseFacts) -> tuple[str, ...]:
    """Return which facts are known of those that events tell."""
    return tuple(name for name in _TOLD if getattr(facts, name) is not None)


def judge_again(facts: PromiseFacts, ending: Ending, *, known: tuple[str, ...]) -> Settlement:
    """Judge a settled promise again: by the facts that were known of it then, after that by what was learned later."""
    settlement = settle(replace(facts, **{name: None for name in _TOLD if name not in known}), ending)  # type: ignore[arg-type]
    return settlement if settlement.cause is None else _broken(refine(settlement.cause, facts))


def lateness(facts: PromiseFacts) -> timedelta | None:
    """Return how late the first ring was, zero when in time; None when it never rang."""
    rang = first_ring(facts)
    return None if rang is None else max(timedelta(0), rang - facts.window.end)
