"""Each figure, by its definition."""

from __future__ import annotations

from datetime import timedelta
from typing import Any
from uuid import UUID, uuid4
from zoneinfo import ZoneInfo

import pytest

from ringback.domain.commands import Estimate
from ringback.domain.status import AgentState, BrokenCause, Outcome, PromiseKind, PromiseResult
from ringback.domain.times import TimeWindow
from ringback.interaction_manager.report import interval_of, least_gap
from ringback.interaction_manager.rules.ledger import PromiseFacts
from ringback.interaction_manager.rules.policy import policy_of
from ringback.interaction_manager.rules.report import (
    CustomerLeg,
    Handling,
    PromiseRecord,
    Stretch,
    coverage_of,
    figures,
    handling_of,
    lateness_of,
    occupancy_of,
    rung_twice,
    score,
    service_level_of,
)
from tests.rules.interaction_manager.centre import NOW, utc

WINDOW = TimeWindow(start=NOW, end=NOW + timedelta(minutes=10))


def promise(result: str = "kept", *, cause: str | None = None, **changes: Any) -> PromiseRecord:
    facts = {"window": WINDOW, "early_is_fine": True, **changes.pop("facts", {})}
    values: dict[str, Any] = {
        "callback": uuid4(), "kind": PromiseKind.FIRST, "queue": "billing", "channel": "web", "provider": "biz:acme",
        "made_at": NOW, "facts": PromiseFacts(**facts), "estimate": None, "result": PromiseResult(result),
        "cause": BrokenCause(cause) if cause else None,
    }  # fmt: skip
    return PromiseRecord(**(values | changes))


def test_on_time_is_kept_of_kept_and_broken_and_withdrawn_stands_beside() -> None:
    found = score(
        [promise(), promise(), promise(), promise("broken", cause="late"), promise("withdrawn"), promise("open")]
    )
    assert (found.ended, found.kept, found.broken, found.withdrawn, found.undecided) == (6, 3, 1, 1, 1)
    assert (found.on_time, found.causes) == (75.0, {"late": 1})
    assert score([]).on_time is None


def test_early_is_kept_and_shown_apart() -> None:
    assert (
        score(
            [promise(facts={"first_ring_at": NOW - timedelta(seconds=1)}), promise(facts={"first_ring_at": NOW})]
        ).kept_early
        == 1
    )


def test_the_headline_takes_first_promises_and_retries_have_a_line_of_their_own() -> None:
    every = [promise(), promise("broken", cause="carrier", kind=PromiseKind.RETRY), promise(kind=PromiseKind.MOVED)]
    found = figures("all", every, [], [], within=60)
    assert (found.first.on_time, found.retry.on_time, found.moved.on_time) == (100.0, 0.0, 100.0)


def test_what_never_rang_is_infinitely_late_and_counted() -> None:
    rang = [promise(facts={"first_ring_at": WINDOW.end + timedelta(seconds=n)}) for n in (-60, 0, 5, 20)]
    found = lateness_of([*rang, promise("broken", cause="no_agent"), promise("withdrawn")])
    assert (found.of, found.never_rung) == (5, 1)
    assert found.percentiles == {"p50": 5.0, "p90": None, "p95": None, "p99": None}


def test_coverage_counts_those_never_reached_beside() -> None:
    estimate = Estimate(p10=NOW + timedelta(minutes=1), p50=NOW + timedelta(minutes=3), p90=NOW + timedelta(minutes=5))
    ready = [NOW + timedelta(minutes=n) for n in (0, 1, 3, 5, 6)]
    records = [promise(estimate=estimate, facts={"agent_ready_at": at}) for at in ready]
    found = coverage_of([*records, promise(estimate=estimate), promise()])
    assert (found.share, found.judged, found.never_reached, found.median_width) == (60.0, 5, 1, 240.0)


def test_service_level_counts_from_the_request_or_from_the_start() -> None:
    soon, late = NOW + timedelta(seconds=60), NOW + timedelta(seconds=61)
    booked = {"early_is_fine": False, "joined_at": soon}
    found = service_level_of(
        [
            promise(facts={"joined_at": soon}), promise(facts={"joined_at": late}), promise("broken", cause="no_agent"),
            promise(made_at=NOW - timedelta(hours=5), facts=booked), promise("withdrawn"),
        ],
        within=60,
    )  # fmt: skip
    assert (found.due, found.met, found.share) == (4, 2, 50.0)


def test_handling_time_is_per_joined_attempt_and_the_unanswered_apart() -> None:
    def one(seconds: int, joined: bool) -> Handling:
        return Handling(
            queue="billing", channel="web", provider="biz:acme", accepted_at=NOW,
            joined_at=NOW if joined else None, over_at=NOW + timedelta(seconds=seconds),
        )  # fmt: skip

    found = handling_of([one(100, True), one(300, True), one(30, False)])
    assert (found.joined, found.mean, found.unanswered, found.unanswered_mean) == (2, 200.0, 1, 30.0)


def test_occupancy_leaves_out_pauses_and_shows_holds_apart() -> None:
    def one(state: AgentState, minutes: int) -> Stretch:
        return Stretch(queue="billing", state=state, begins=NOW, ends=NOW + timedelta(minutes=minutes), chat_capacity=3)

    found = occupancy_of(
        [
            one(AgentState.RESERVED, 2), one(AgentState.ON_A_CALL, 20), one(AgentState.WRAP_UP, 5), one(AgentState.IN_CHATS, 9),
            one(AgentState.HELD, 6), one(AgentState.AVAILABLE, 18), one(AgentState.PAUSED, 60), one(AgentState.OFFLINE, 600),
        ]
    )  # fmt: skip
    assert found.occupied == pytest.approx(100 * (2 + 20 + 5 + 3) / 60)
    assert found.held == pytest.approx(10.0)
    assert found.staffed_hours == 1.0


CALLBACK = uuid4()


def leg(begins: float, ends: float | None, **changes: Any) -> CustomerLeg:
    values: dict[str, Any] = {
        "callback": CALLBACK, "attempt": uuid4(), "began_at": NOW + timedelta(seconds=begins),
        "ended_at": None if ends is None else NOW + timedelta(seconds=ends), "may_have_rung": True, "joined": False,
        "outcome": Outcome.NO_ANSWER, "least_gap": 300.0,
    }  # fmt: skip
    return CustomerLeg(**(values | changes))


def test_rung_twice() -> None:
    assert rung_twice([leg(0, 25), leg(325, 350)]) == []
    assert rung_twice([leg(0, 25), leg(30, 50, callback=uuid4())]) == []
    attempt = UUID(int=7)
    for pair in (
        [leg(0, 25, attempt=attempt), leg(400, 420, attempt=attempt)],
        [leg(0, None), leg(400, 420)],
        [leg(0, 50), leg(40, 60)],
        [leg(0, 25), leg(324, 350)],
        [leg(0, 60, joined=True, outcome=Outcome.TALKED, least_gap=0.0), leg(9999, None)],
    ):
        assert len(rung_twice(pair)) == 1, pair
        silent = [pair[0], CustomerLeg(**{**_values(pair[1]), "may_have_rung": False})]
        assert rung_twice(silent) == []


def test_after_an_abnormal_drop_exactly_one_new_attempt_is_right() -> None:
    drop = {"joined": True, "outcome": Outcome.DROPPED, "least_gap": 30.0}
    assert rung_twice([leg(0, 60, **drop), leg(90, 200, joined=True, outcome=Outcome.TALKED)]) == []
    assert len(rung_twice([leg(0, 60, **drop), leg(90, 200, **drop), leg(230, 300)])) == 1


def _values(leg: CustomerLeg) -> dict[str, Any]:
    return {name: getattr(leg, name) for name in CustomerLeg.__slots__}


def test_the_least_gap_is_the_retry_rules_and_none_where_the_customer_decides() -> None:
    policy = policy_of({}, {})
    assert (least_gap(Outcome.NO_ANSWER, policy), least_gap(Outcome.DROPPED, policy)) == (300.0, 30.0)
    assert (least_gap(Outcome.UNKNOWN, policy), least_gap(None, policy)) == (0.0, 0.0)


def test_an_hour_that_comes_twice_is_two_intervals() -> None:
    london, half_hour = ZoneInfo("Europe/London"), timedelta(minutes=30)
    first, second = utc(2026, 10, 25, 0, 40), utc(2026, 10, 25, 1, 40)
    assert interval_of(first, london, half_hour) == "2026-10-25T01:30+01:00"
    assert interval_of(second, london, half_hour) == "2026-10-25T01:30+00:00"
