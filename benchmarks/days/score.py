"""What the simulated days came to, by the product's own report."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta

from benchmarks.days.centre import Centre
from ringback.domain.status import OPEN_STATES, BrokenCause
from ringback.interaction_manager.rules.records import CallbackRecord, Ledger
from ringback.interaction_manager.rules.report import Report, report_of
from ringback.interaction_manager.rules.risk import last_moment

NOBODY_CALLED = frozenset({BrokenCause.NO_AGENT, BrokenCause.NEVER_DIALLED, BrokenCause.LATE})


@dataclass(frozen=True, slots=True, kw_only=True)
class Announced:
    """Of the first promises that were broken because nobody called in time: how many were announced in time, later, or never."""

    in_time: int
    late: int
    never: int


def ledger_of(centre: Centre) -> Ledger:
    """Return the ledger of the days, as the product would have it."""
    waking = {id for id, callback in centre.callbacks.items() if callback.state in OPEN_STATES}
    return Ledger(
        business="bank", zone="UTC", begins=centre.days[0].opens.replace(hour=0), ends=centre.now + timedelta(days=30),
        as_of=centre.now, service_level={"": centre.policy.service_level, "service": centre.policy.service_level},
        promises=tuple(centre.books.promises), handlings=tuple(centre.books.handlings), legs=tuple(centre.books.legs),
        stretches=tuple(centre.books.stretches),
        callbacks=tuple(
            CallbackRecord(
                callback=each.id, queue="service", channel="web", provider="biz:bank", accepted_at=each.accepted_at,
                shown_yes=True, exists=True, is_open=each.state in OPEN_STATES, due_at=each.ready_at if each.state in OPEN_STATES else None,
                wakes=each.id in waking and each.ready_at > centre.now, places_gained=each.gained, places_lost=each.lost,
            )
            for each in centre.callbacks.values()
        ),
    )  # fmt: skip


def report(centre: Centre) -> Report:
    """Return the product's report of the days."""
    return report_of(ledger_of(centre))


def announced(centre: Centre) -> Announced:
    """Count of which of them the customer heard by the latest moment there is for it."""
    in_time = late = never = 0
    for each in centre.books.promises:
        if each.n != 1 or each.cause not in NOBODY_CALLED:
            continue
        at = centre.books.notices.get((each.callback, 1))
        if at is None:
            never += 1
        elif at <= last_moment(each.facts.window, centre.policy) + timedelta(seconds=1):
            in_time += 1
        else:
            late += 1
    return Announced(in_time=in_time, late=late, never=never)
