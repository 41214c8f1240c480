"""Each line of the definitions: kept, withdrawn, broken with one cause."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ringback.domain.status import BrokenCause, PromiseResult
from ringback.domain.times import TimeWindow
from ringback.interaction_manager.rules.ledger import (
    KEPT,
    WITHDRAWN,
    Ending,
    PromiseFacts,
    lateness,
    rang_early,
    refine,
    settle,
)
from tests.rules.interaction_manager.centre import NOW

START, END = NOW, NOW + timedelta(minutes=15)
WINDOW = TimeWindow(start=START, end=END)
SECOND = timedelta(seconds=1)


def facts(**changes: Any) -> PromiseFacts:
    values: dict[str, Any] = {"window": WINDOW, "early_is_fine": False}
    return PromiseFacts(**(values | changes))


def cause(found: PromiseFacts, ending: Ending | None = None) -> BrokenCause | None:
    settlement = settle(found, ending or Ending())
    assert settlement.result is PromiseResult.BROKEN
    return settlement.cause


def test_rung_in_the_window_and_not_answered_is_kept() -> None:
    for at in (START, END, START + SECOND):
        assert settle(facts(first_ring_at=at), Ending()) == KEPT


def test_rung_in_the_window_and_joined_within_ten_seconds_is_kept() -> None:
    rang = START + SECOND
    for wait, result in ((10, PromiseResult.KEPT), (11, PromiseResult.BROKEN)):
        joined = rang + timedelta(seconds=wait)
        found = settle(facts(first_ring_at=rang, answered_at=rang, joined_at=joined), Ending())
        assert found.result is result


def test_an_answer_is_evidence_of_a_ring() -> None:
    assert settle(facts(answered_at=START, joined_at=START), Ending()) == KEPT


def test_early_is_kept_only_as_soon_as_possible_and_shown_apart() -> None:
    early = START - SECOND
    assert cause(facts(first_ring_at=early)) is BrokenCause.LATE
    asap = facts(first_ring_at=early, early_is_fine=True)
    assert settle(asap, Ending()) == KEPT
    assert rang_early(asap)


def test_after_the_end_is_late() -> None:
    assert cause(facts(first_ring_at=END + SECOND)) is BrokenCause.LATE
    assert lateness(facts(first_ring_at=END + SECOND)) == SECOND
    assert lateness(facts(first_ring_at=START)) == timedelta(0)
    assert lateness(facts()) is None


@pytest.mark.parametrize("joined", [None, START + timedelta(seconds=12)])
def test_answered_and_nobody_there_is_join_too_slow(joined: Any) -> None:
    found = facts(first_ring_at=START, answered_at=START + SECOND, joined_at=joined)
    assert cause(found) is BrokenCause.JOIN_TOO_SLOW


def test_taken_back_before_the_end_and_before_any_notice_is_withdrawn() -> None:
    assert settle(facts(), Ending(withdrawn_at=END - SECOND)) == WITHDRAWN
    assert settle(facts(notice_at=END - SECOND), Ending(withdrawn_at=START)) == WITHDRAWN


def test_taken_back_after_our_notice_is_broken_by_it() -> None:
    assert cause(facts(notice_at=START), Ending(withdrawn_at=START)) is BrokenCause.CHANGED_AFTER_NOTICE
    assert cause(facts(notice_at=START), Ending(withdrawn_at=END + SECOND)) is BrokenCause.CHANGED_AFTER_NOTICE


def test_taken_back_after_the_end_is_broken_by_what_happened() -> None:
    assert cause(facts(), Ending(withdrawn_at=END)) is BrokenCause.NO_AGENT
    assert cause(facts(agent_ready_at=START), Ending(withdrawn_at=END + SECOND)) is BrokenCause.NEVER_DIALLED


def test_rung_in_time_and_then_taken_back_is_kept() -> None:
    assert settle(facts(first_ring_at=START), Ending(withdrawn_at=START + SECOND)) == KEPT


def test_what_may_have_rung_and_cannot_be_known_is_unknown_and_stays_broken() -> None:
    assert cause(facts(dialled_at=START), Ending(unknown=True)) is BrokenCause.UNKNOWN
    assert cause(facts(first_ring_at=START), Ending(unknown=True)) is BrokenCause.UNKNOWN
    assert refine(BrokenCause.UNKNOWN, facts(first_ring_at=END + SECOND)) is BrokenCause.UNKNOWN


def test_dialled_and_never_rung_is_the_carrier() -> None:
    assert cause(facts(dialled_at=START)) is BrokenCause.CARRIER


def test_not_dialled_is_closed_by_us_strayed_stopped_or_without_an_agent() -> None:
    assert cause(facts(), Ending(closed_by_us=True)) is BrokenCause.CLOSED_BY_US
    assert cause(facts(), Ending(strayed=True)) is BrokenCause.EXPIRED
    assert cause(facts(), Ending(stopped=True)) is BrokenCause.NEVER_DIALLED
    assert cause(facts(agent_ready_at=START)) is BrokenCause.NEVER_DIALLED
    assert cause(facts()) is BrokenCause.NO_AGENT


def test_what_rings_after_all_was_late() -> None:
    rung = facts(first_ring_at=END + SECOND)
    assert refine(BrokenCause.NO_AGENT, rung) is BrokenCause.LATE
    assert refine(BrokenCause.NO_AGENT, facts()) is BrokenCause.NO_AGENT
    assert refine(BrokenCause.CLOSED_BY_US, rung) is BrokenCause.CLOSED_BY_US


instants = st.none() | st.integers(-1800, 3600).map(lambda n: NOW + timedelta(seconds=n))


@given(
    early=st.booleans(), notice=instants, ready=instants, dialled=instants, rang=instants, answered=instants,
    joined=instants, withdrawn=instants, closed=st.booleans(), unknown=st.booleans(), stopped=st.booleans(),
)  # fmt: skip
def test_every_promise_ends_one_way_with_a_cause_exactly_when_it_is_broken(
    early, notice, ready, dialled, rang, answered, joined, withdrawn, closed, unknown, stopped
) -> None:
    found = facts(
        early_is_fine=early, notice_at=notice, agent_ready_at=ready, dialled_at=dialled, first_ring_at=rang,
        answered_at=answered, joined_at=joined,
    )  # fmt: skip
    ending = Ending(withdrawn_at=withdrawn, closed_by_us=closed, unknown=unknown, stopped=stopped)
    settlement = settle(found, ending)
    assert settlement.result is not PromiseResult.OPEN
    assert (settlement.cause is not None) == (settlement.result is PromiseResult.BROKEN)
    if settlement == KEPT:
        first = min(at for at in (rang, answered) if at is not None)
        assert first <= END and (early or first >= START)
        assert answered is None or (joined is not None and joined - answered <= timedelta(seconds=10))
    if settlement == WITHDRAWN:
        assert withdrawn is not None and withdrawn < END and (notice is None or withdrawn < notice)
