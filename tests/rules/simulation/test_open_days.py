"""A few hours of real arrivals through the product's rules on a virtual clock; `make bench-days` runs twenty days."""

from __future__ import annotations

from datetime import date

import pytest

from benchmarks.days.centre import Centre
from benchmarks.days.load import erlang_c, open_days, servers_for, staffing
from benchmarks.days.requests import simulate
from benchmarks.days.score import announced, ledger_of, report
from ringback.domain.status import OPEN_STATES, PromiseResult
from ringback.interaction_manager.ledger_file import read_ledger, written
from ringback.interaction_manager.rules.report import report_of

SUNDAY = date(1999, 6, 6)


def morning(seed: int, *, missing: bool = False, hours: float = 4.0, first: date = SUNDAY) -> Centre:
    absent = (lambda agent, day: agent % 4 == 0) if missing else (lambda agent, day: False)
    centre = Centre(open_days(first, 1), seed=seed, missing=absent)
    simulate(centre, hours=hours)
    return centre


@pytest.mark.parametrize("seed", [1, 2])
def test_in_a_morning_as_staffed_promises_are_kept_once_each_and_in_order(seed: int) -> None:
    centre = morning(seed)
    found = report(centre)
    first = found.total.first
    assert first.ended > 60
    assert first.on_time is not None and first.on_time >= 90.0  # of few; twenty days must keep 95 %
    assert (found.lost, found.rung_twice, found.misjudged) == (0, 0, 0)
    assert (centre.books.unexplained, first.undecided) == (0, 0)
    left = [each for each in centre.callbacks.values() if each.state in OPEN_STATES]
    assert all(each.ready_at > centre.now for each in left), "who is not served yet was given a time on the next day"


def test_with_a_quarter_of_the_agents_missing_nothing_is_lost_and_every_broken_promise_has_a_cause() -> None:
    centre = morning(3, missing=True, hours=5.0)
    found = report(centre)
    first, told = found.total.first, announced(centre)
    assert (found.lost, found.rung_twice, found.misjudged, centre.books.unexplained) == (0, 0, 0, 0)
    assert sum(first.causes.values()) == first.broken >= told.in_time + told.late + told.never
    for each in centre.books.promises:
        assert (each.cause is not None) == (each.result is PromiseResult.BROKEN)
    assert len(centre.callbacks) == first.ended


def test_the_same_seed_gives_the_same_days_and_its_ledger_the_same_report() -> None:
    one, two = morning(5, hours=1.5), morning(5, hours=1.5)
    assert report(one) == report(two)
    whole = ledger_of(one)
    again = read_ledger([line.encode() for line in written(whole)])
    assert again.problems == ()
    assert report_of(again.ledger) == report_of(whole)


def test_erlang_c_gives_what_its_tables_say() -> None:
    # Load 10 Erlang on 14 servers: 0.1741 wait (Cooper, Introduction to Queueing Theory, table of the Erlang C function).
    assert erlang_c(14, 10.0) == pytest.approx(0.1741, abs=5e-4)
    assert erlang_c(2, 3.0) == 1.0
    assert erlang_c(1, 0.5) == pytest.approx(0.5)
    assert servers_for(100 / 3600, 190.0) == 8
    plan = staffing(open_days(SUNDAY, 1)[0], 200.0)
    assert min(plan.values()) >= 2
    assert len(plan) == 34
