"""What must be 0: callbacks lost, phones rung twice, and promises whose recorded result is not what their own facts say."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import timedelta
from uuid import UUID

from ringback.domain.status import Outcome, PromiseResult
from ringback.interaction_manager.rules.ledger import Settlement, judge_again
from ringback.interaction_manager.rules.records import CallbackRecord, CustomerLeg, Ledger, PromiseRecord

FORGOTTEN_AFTER = timedelta(seconds=60)


@dataclass(frozen=True, slots=True, kw_only=True)
class RungTwice:
    """A customer leg that should not have rung after an earlier one of the same callback, and why not."""

    earlier: CustomerLeg
    later: CustomerLeg
    why: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Failures:
    """How many were lost, and how many legs rang that should not have."""

    lost: int
    rung_twice: int


def failures(ledger: Ledger) -> Failures:
    """Count them; a leg counts on the day it was dialled."""
    twice = rung_twice(ledger.legs)
    return Failures(
        lost=len(lost(ledger)), rung_twice=sum(ledger.begins <= each.later.began_at < ledger.ends for each in twice)
    )


def lost(ledger: Ledger) -> list[CallbackRecord]:
    """Return what was lost: yes was shown and nothing stands for it; or it is open and nothing will move it, 60 s after it was due."""
    return [each for each in ledger.callbacks if _never_there(each) or _forgotten(each, ledger)]


def _never_there(each: CallbackRecord) -> bool:
    return each.shown_yes and not each.exists


def _forgotten(each: CallbackRecord, ledger: Ledger) -> bool:
    if not each.is_open or each.wakes or each.due_at is None:
        return False
    return each.due_at < ledger.as_of - FORGOTTEN_AFTER


def rung_twice(legs: Iterable[CustomerLeg]) -> list[RungTwice]:
    """Return the legs that rang, or may have, and should not have rung after an earlier one of their callback; each once."""
    by_callback: dict[UUID, list[CustomerLeg]] = {}
    for leg in legs:
        if leg.may_have_rung:
            by_callback.setdefault(leg.callback, []).append(leg)
    found = []
    for rung in by_callback.values():
        rung.sort(key=lambda leg: (leg.began_at, leg.attempt.int))
        for at, later in enumerate(rung):
            first = next(iter(_against(rung[:at], later)), None)
            if first is not None:
                found.append(RungTwice(earlier=first[0], later=later, why=first[1]))
    return found


def _against(before: Sequence[CustomerLeg], later: CustomerLeg) -> Iterator[tuple[CustomerLeg, str]]:
    for index, earlier in enumerate(before):
        between = len(before) - index - 1
        why = _too_much(earlier, later, between)
        if why is not None:
            yield earlier, why


def _too_much(earlier: CustomerLeg, later: CustomerLeg, between: int) -> str | None:
    """Say why the later leg is one too many; `between`: legs that rang after the earlier one and before this."""
    if earlier.attempt == later.attempt:
        return "the same attempt"
    if earlier.ended_at is None or later.began_at < earlier.ended_at:
        return "they overlap"
    if earlier.joined:
        if earlier.outcome is not Outcome.DROPPED:
            return "they had talked"
        if between:
            return "one new attempt had followed the dropped connection"
    moved_between = later.moved_at is not None and later.moved_at >= earlier.began_at
    if not moved_between and (later.began_at - earlier.ended_at).total_seconds() < earlier.least_gap:
        return f"sooner than the {earlier.least_gap:g} s of the retry rule"
    return None


def misjudged(promises: Iterable[PromiseRecord]) -> list[tuple[PromiseRecord, Settlement]]:
    """Return the promises whose result or cause differs from what their facts give, with what they give."""
    found = []
    for each in promises:
        if each.result is PromiseResult.OPEN or each.ending is None:
            continue
        again = judge_again(each.facts, each.ending, known=each.known)
        if (again.result, again.cause) != (each.result, each.cause):
            found.append((each, again))
    return found
