"""The judge of the crash matrix, judged: it is silent about what may be, and finds each thing that must not."""

from __future__ import annotations

from typing import Any

import pytest

from tests.faults.oracle import LedgerLeg, Move, Ring, Story, Verdict, judge, read_stories


def ring(
    leg: str, at: float, until: float | None, *, joined: bool = False, party: str = "customer", cause: str = "hung_up"
) -> Ring:
    return Ring(
        leg=leg,
        callback="c",
        party=party,
        rang_at=at,
        joined_at=at + 0.1 if joined else None,
        ended_at=until,
        cause=cause,
    )


def judged(*rings: Ring, final: str = "done", ledger: list[LedgerLeg] | None = None, **told: Any) -> Verdict:
    known = [LedgerLeg(leg=each.leg, callback="c", rang=True, may_have_rung=True) for each in rings]
    story = Story(callback="c", scenario="talks", **told)
    return judge({"c": story}, list(rings), {"c": final}, known if ledger is None else ledger)


def test_a_talk_after_a_missed_call_is_as_it_should_be():
    agents = [ring("a1", -1, 2, party="agent"), ring("a2", 3, 9, party="agent")]
    assert judged(*agents, ring("one", 0, 2, cause="no_answer"), ring("two", 4, 8, joined=True)).red() == []


def test_a_promise_without_an_end_is_lost():
    assert judged(final="calling").lost
    assert judged(final="closed").lost  # never rung, never cancelled
    assert judged(final="done").lost  # nobody was joined


@pytest.mark.parametrize(
    "second",
    [ring("two", 1.5, 3), ring("two", 2.4, 3), ring("two", 1.5, None)],
    ids=["overlap", "too soon", "still rings"],
)
def test_two_calls_at_once_or_too_soon_are_found(second: Ring):
    assert judged(ring("one", 0, 2, cause="no_answer"), second, final="closed").rung_twice


def test_a_call_after_a_talk_is_found_unless_the_talk_broke_off():
    assert judged(ring("one", 0, 2, joined=True), ring("two", 4, 6)).rung_twice
    assert not judged(ring("one", 0, 2, joined=True, cause="lost"), ring("two", 4, 6)).rung_twice


def test_a_telephone_that_rings_after_it_was_said_that_none_will_is_found():
    assert judged(ring("one", 0, 4), final="cancelled", cancel_asked=True, cancelled_at=3.0).rung_twice
    assert not judged(ring("one", 0, 2), final="cancelled", cancel_asked=True, cancelled_at=3.0).rung_twice


def test_a_call_before_the_time_it_was_moved_to_is_found():
    assert judged(ring("one", 5, 7, joined=True), moves=[Move(asked=0.5, told=1.0, start=10.0)]).rung_twice
    assert not judged(ring("one", 10, 12, joined=True), moves=[Move(asked=0.5, told=1.0, start=10.0)]).rung_twice


def test_a_talk_cut_off_by_a_move_is_no_second_call_unless_it_went_on():
    moves = [Move(asked=0.0, told=1.0, start=10.0)]
    assert not judged(ring("one", 0.5, 1.5, joined=True), ring("two", 10, 12, joined=True), moves=moves).rung_twice
    assert judged(ring("one", 0.5, 5.0, joined=True), ring("two", 10, 12, joined=True), moves=moves).rung_twice


def test_a_move_that_was_only_said_to_be_on_its_way_may_come_at_any_time():
    lines: list[dict[str, Any]] = [
        {"what": "yes", "callback": "it", "scenario": "moves_while_ringing"},
        {"what": "moving", "callback": "it", "at": 0.0},
        {"what": "move_answered", "callback": "it", "at": 5.0, "status": 202, "start": "1970-01-01T00:00:10+00:00"},
    ]
    moves = read_stories(lines)["it"].moves
    assert not judged(ring("one", 6.5, 7.5, joined=True), ring("two", 10, 12, joined=True), moves=moves).rung_twice
    assert judged(ring("one", 6.5, 12.0, joined=True), ring("two", 14, 15, joined=True), moves=moves).rung_twice


def test_two_agents_at_once_are_found():
    assert judged(
        ring("a1", 0, 3, party="agent"), ring("a2", 2, 4, party="agent"), final="cancelled", cancel_asked=True
    ).rung_twice


def test_a_ledger_that_is_sure_and_wrong_is_found():
    leg = ring("one", 0, 2, joined=True)
    assert judged(leg, ledger=[]).wrong_certainty
    assert judged(leg, ledger=[LedgerLeg(leg="one", callback="c", rang=False, may_have_rung=False)]).wrong_certainty
    more = [LedgerLeg(leg=name, callback="c", rang=True, may_have_rung=True) for name in ("one", "never")]
    assert judged(leg, ledger=more).wrong_certainty
    unsure = [LedgerLeg(leg="one", callback="c", rang=False, may_have_rung=True)]
    assert judged(leg, ledger=unsure).red() == []
