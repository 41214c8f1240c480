"""Each figure, by its definition."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID, uuid4
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ringback.domain.commands import Estimate
from ringback.domain.status import AgentState, BrokenCause, Outcome, PromiseKind, PromiseResult
from ringback.domain.times import TimeWindow
from ringback.interaction_manager.report import least_gap
from ringback.interaction_manager.rules.efforts import attempts_of, handling_of, occupancy_of, places_of
from ringback.interaction_manager.rules.failures import lost, misjudged, rung_twice
from ringback.interaction_manager.rules.intervals import Interval, cut, interval_of, next_edge
from ringback.interaction_manager.rules.ledger import Ending, PromiseFacts, known_facts, settle
from ringback.interaction_manager.rules.policy import policy_of
from ringback.interaction_manager.rules.records import (
    CallbackRecord,
    CustomerLeg,
    Handling,
    Ledger,
    PromiseRecord,
    Stretch,
)
from ringback.interaction_manager.rules.report import GroupBy, report_of
from ringback.interaction_manager.rules.score import coverage_of, lateness_of, nearest_rank, score, service_level_of
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
    found = report_of(ledger(promises=tuple(every))).total
    assert (found.first.on_time, found.retry.on_time, found.moved.on_time) == (100.0, 0.0, 100.0)
    assert (found.first.ended, found.lateness.of, found.service_level.due) == (1, 1, 1)


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


def handling(seconds: float, joined: bool = True, **changes: Any) -> Handling:
    values: dict[str, Any] = {
        "callback": uuid4(), "queue": "billing", "channel": "web", "provider": "biz:acme", "accepted_at": NOW,
        "joined_at": NOW if joined else None, "over_at": NOW + timedelta(seconds=seconds),
    }  # fmt: skip
    return Handling(**(values | changes))


def test_handling_time_is_per_joined_callback_and_the_unanswered_apart() -> None:
    found = handling_of([handling(100), handling(300), handling(30, joined=False)])
    assert (found.joined, found.mean, found.unanswered, found.unanswered_mean) == (2, 200.0, 1, 30.0)
    twice = uuid4()  # the connection broke, and they were joined once more: one callback took it all
    found = handling_of([handling(100, callback=twice), handling(60, callback=twice), handling(40)])
    assert (found.joined, found.mean) == (2, 100.0)
    assert handling_of([]).mean is None


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


TALKED = {"joined": True, "outcome": Outcome.TALKED, "least_gap": 0.0}
DROP = {"joined": True, "outcome": Outcome.DROPPED, "least_gap": 30.0}


def test_two_legs_that_keep_to_the_retry_rule_are_right() -> None:
    assert rung_twice([leg(0, 25), leg(325, 350), leg(2150, 2170)]) == []
    assert rung_twice([leg(0, 25), leg(30, 50, callback=uuid4())]) == []
    assert rung_twice([leg(0, 25, outcome=Outcome.DECLINED, least_gap=0.0), leg(26, 60)]) == []


@pytest.mark.parametrize(
    ("first", "second", "why"),
    [
        (leg(0, 25, attempt=UUID(int=7)), leg(400, 420, attempt=UUID(int=7)), "the same attempt"),
        (leg(0, None), leg(400, 420), "they overlap"),
        (leg(0, 50), leg(40, 60), "they overlap"),
        (leg(0, 25), leg(324, 350), "sooner than the 300 s of the retry rule"),
        (leg(0, 60, **TALKED), leg(9999, None), "they had talked"),
    ],
)
def test_rung_twice(first: CustomerLeg, second: CustomerLeg, why: str) -> None:
    found = rung_twice([second, first])
    assert [(each.earlier, each.later, each.why) for each in found] == [(first, second, why)]
    for silent in (replace(first, may_have_rung=False), second), (first, replace(second, may_have_rung=False)):
        assert rung_twice(silent) == []


def test_a_leg_is_held_against_every_earlier_one_and_not_only_against_the_last() -> None:
    attempt = UUID(int=7)
    found = rung_twice([leg(0, 20, attempt=attempt), leg(400, 420), leg(800, 820, attempt=attempt)])
    assert [each.why for each in found] == ["the same attempt"]
    assert [each.why for each in rung_twice([leg(0, 60, **TALKED), leg(400, 420), leg(800, 820)])] == 2 * [
        "they had talked"
    ]
    assert len(rung_twice([leg(0, 900), leg(10, 20), leg(500, 520)])) == 2


def test_after_an_abnormal_drop_exactly_one_new_attempt_is_right() -> None:
    assert rung_twice([leg(0, 60, **DROP), leg(90, 200, **TALKED)]) == []
    one_too_many = rung_twice([leg(0, 60, **DROP), leg(90, 200, **DROP), leg(230, 300)])
    assert [each.why for each in one_too_many] == ["one new attempt had followed the dropped connection"]
    assert len(rung_twice([leg(0, 60, **DROP), leg(90, 110), leg(500, 520)])) == 1
    assert len(rung_twice([leg(0, 60, **DROP), leg(89, 110)])) == 1


def test_the_retry_rule_does_not_hold_back_who_asked_for_another_time() -> None:
    moved = NOW + timedelta(seconds=40)
    assert rung_twice([leg(0, 25), leg(60, 80, moved_at=moved)]) == []
    assert len(rung_twice([leg(0, 25), leg(60, 80, moved_at=NOW - timedelta(seconds=1))])) == 1
    assert len(rung_twice([leg(0, 50), leg(45, 80, moved_at=moved)])) == 1


def test_a_leg_before_midnight_counts_against_one_after_it_and_on_that_day_only() -> None:
    legs = (leg(-20, -5), leg(30, 50))
    whole = ledger(legs=legs, begins=NOW - timedelta(hours=1))
    assert report_of(whole, begins=NOW).rung_twice == 1
    assert report_of(whole, ends=NOW).rung_twice == 0
    assert report_of(whole).total.attempts.dialled == 2
    assert report_of(whole, begins=NOW).total.attempts.dialled == 1


def test_the_least_gap_is_the_retry_rules_and_none_where_the_customer_decides() -> None:
    policy = policy_of({}, {})
    assert (least_gap(Outcome.NO_ANSWER, policy), least_gap(Outcome.DROPPED, policy)) == (300.0, 30.0)
    assert (least_gap(Outcome.UNKNOWN, policy), least_gap(None, policy)) == (0.0, 0.0)


# ------------------------------------------------------------------ lost, misjudged


def callback(**changes: Any) -> CallbackRecord:
    values: dict[str, Any] = {
        "callback": uuid4(), "queue": "billing", "channel": "web", "provider": "biz:acme", "accepted_at": NOW,
        "shown_yes": True, "exists": True,
    }  # fmt: skip
    return CallbackRecord(**(values | changes))


def ledger(**changes: Any) -> Ledger:
    values: dict[str, Any] = {
        "business": "acme", "zone": "Europe/London", "begins": NOW - timedelta(hours=1), "ends": NOW + timedelta(hours=1),
        "as_of": NOW + timedelta(hours=1), "service_level": {"": 60.0, "billing": 60.0, "support": 120.0},
    }  # fmt: skip
    return Ledger(**(values | changes))


def test_a_yes_without_a_callback_is_lost_whichever_queue_is_looked_at() -> None:
    found = ledger(callbacks=(callback(exists=False, queue=None), callback()))
    assert len(lost(found)) == 1
    assert report_of(found, queue="support").lost == 1
    assert report_of(found, begins=NOW + timedelta(seconds=1)).lost == 0
    assert report_of(ledger(callbacks=(callback(exists=False, shown_yes=False),))).lost == 0


def test_an_open_callback_that_nothing_wakes_is_lost_60_s_after_it_was_due() -> None:
    due = NOW + timedelta(hours=1) - timedelta(seconds=60)
    for at, wakes, expected in ((due, False, 0), (due - timedelta(seconds=1), False, 1), (NOW, True, 0)):
        assert report_of(ledger(callbacks=(callback(is_open=True, due_at=at, wakes=wakes),))).lost == expected


def test_a_promise_is_judged_again_from_its_facts() -> None:
    facts = PromiseFacts(window=WINDOW, early_is_fine=True, first_ring_at=NOW)

    def one(
        result: str, cause: str | None = None, facts: PromiseFacts = facts, known: tuple[str, ...] = ("first_ring_at",)
    ) -> PromiseRecord:
        return replace(promise(result, cause=cause), facts=facts, ending=Ending(), known=known)

    assert misjudged([one("kept"), promise("open"), promise("kept")]) == []
    assert [again.result for _, again in misjudged([one("broken", "late")])] == [PromiseResult.KEPT]
    nobody = PromiseFacts(window=WINDOW, early_is_fine=True)
    assert len(misjudged([one("broken", "carrier", facts=nobody)])) == 1
    # What was learned after the end makes it late, and nothing else of it.
    after = WINDOW.end + timedelta(minutes=1)
    dialled = PromiseFacts(window=WINDOW, early_is_fine=True, agent_ready_at=after, dialled_at=after)
    rung = replace(dialled, first_ring_at=after)
    then = [one("broken", "no_agent", facts=dialled, known=()), one("broken", "late", facts=rung, known=())]
    assert misjudged(then) == []
    assert len(misjudged([one("broken", "no_agent", facts=rung, known=())])) == 1


instants = st.none() | st.integers(-1800, 900).map(lambda n: NOW + timedelta(seconds=n))


@given(
    early=st.booleans(), notice=instants, ready=instants, dialled=instants, rang=instants, answered=instants,
    joined=instants, withdrawn=instants, closed=st.booleans(), unknown=st.booleans(), stopped=st.booleans(),
)  # fmt: skip
def test_what_was_judged_is_judged_the_same_again(
    early, notice, ready, dialled, rang, answered, joined, withdrawn, closed, unknown, stopped
) -> None:
    facts = PromiseFacts(
        window=WINDOW, early_is_fine=early, notice_at=notice, agent_ready_at=ready, dialled_at=dialled,
        first_ring_at=rang, answered_at=answered, joined_at=joined,
    )  # fmt: skip
    ending = Ending(withdrawn_at=withdrawn, closed_by_us=closed, unknown=unknown, stopped=stopped)
    first = settle(facts, ending)
    record = promise(first.result.value, cause=first.cause.value if first.cause else None)
    assert misjudged([replace(record, facts=facts, ending=ending, known=known_facts(facts))]) == []


# ------------------------------------------------------------------ base, groups, intervals


def test_a_promise_belongs_to_the_interval_in_which_its_window_ended() -> None:
    long = TimeWindow(start=NOW - timedelta(hours=30), end=NOW)
    found = ledger(promises=(promise(facts={"window": long}, made_at=NOW - timedelta(days=3)),))
    assert report_of(found, begins=NOW).total.first.ended == 1
    assert report_of(found, ends=NOW).total.first.ended == 0  # the interval's end does not belong to it
    assert report_of(found, begins=NOW + timedelta(microseconds=1)).total.first.ended == 0


def test_groups_divide_the_base_and_lose_nothing() -> None:
    every = (
        promise(queue="billing", channel="web"), promise(queue="support", channel="sms", provider="biz:acme/q:support"),
        promise("broken", cause="late", queue="support", channel="web"),
    )  # fmt: skip
    whole = ledger(promises=every, handlings=(handling(60, queue="claims"),), legs=(leg(0, 20, queue="billing"),))
    for by in GroupBy:
        found = report_of(whole, by=by)
        assert sum(group.first.ended for group in found.groups) == 3, by
        assert sum(group.handling.joined for group in found.groups) == 1, by
        assert sum(group.attempts.dialled for group in found.groups) == 1, by
    names = [group.group for group in report_of(whole, by=GroupBy.QUEUE).groups]
    assert names == ["billing", "claims", "support"]


def test_each_queue_is_measured_with_its_own_service_level() -> None:
    slow = {"joined_at": NOW + timedelta(seconds=90)}
    whole = ledger(promises=(promise(facts=slow), promise(facts=slow, queue="support")))
    assert (report_of(whole).total.service_level.within, report_of(whole).total.service_level.met) == (60.0, 0)
    billing, support = report_of(whole, by=GroupBy.QUEUE).groups
    assert (billing.service_level.within, billing.service_level.met) == (60.0, 0)
    assert (support.service_level.within, support.service_level.met) == (120.0, 1)
    assert report_of(whole, queue="support").total.service_level.met == 1


def test_attempts_per_success_and_places() -> None:
    one = uuid4()
    legs = [leg(0, 20, callback=one), leg(400, 500, callback=one, joined=True), leg(0, 20, callback=uuid4())]
    found = attempts_of(legs)
    assert (found.dialled, found.joined, found.per_success) == (3, 1, 3.0)
    assert attempts_of([]).per_success is None
    places = places_of([callback(places_gained=2), callback(places_lost=1), callback(places_lost=3), callback()])
    assert (places.gained, places.lost, places.overtaken) == (2, 4, 2)


def test_percentiles_are_nearest_rank() -> None:
    assert [nearest_rank(list(range(1, 101)), each) for each in (50, 90, 95, 99)] == [50, 90, 95, 99]
    assert nearest_rank([7.0], 99) == 7.0
    assert nearest_rank([], 50) is None
    assert nearest_rank([1.0, None], 50) == 1.0


def test_an_hour_that_comes_twice_is_two_intervals() -> None:
    london = ZoneInfo("Europe/London")
    first, second = utc(2026, 10, 25, 0, 40), utc(2026, 10, 25, 1, 40)
    assert interval_of(first, london, Interval.HALF_HOUR) == "2026-10-25T01:30+01:00"
    assert interval_of(second, london, Interval.HALF_HOUR) == "2026-10-25T01:30+00:00"
    found = report_of(
        ledger(
            begins=utc(2026, 10, 25), ends=utc(2026, 10, 26),
            promises=tuple(
                promise(facts={"window": TimeWindow(start=at - timedelta(minutes=5), end=at)}) for at in (second, first)
            ),
        ),
        by=GroupBy.INTERVAL,
    )  # fmt: skip
    assert [group.group for group in found.groups] == ["2026-10-25T01:30+01:00", "2026-10-25T01:30+00:00"]


@pytest.mark.parametrize(
    ("zone", "day", "hours"),
    [
        ("Europe/London", (2026, 3, 29), 23), ("Europe/London", (2026, 10, 25), 25), ("Europe/London", (2026, 11, 24), 24),
        ("Australia/Lord_Howe", (2026, 4, 5), 24.5), ("Africa/Cairo", (2026, 4, 24), 23), ("Asia/Kathmandu", (2026, 1, 1), 24),
    ],
)  # fmt: skip
@pytest.mark.parametrize("interval", Interval)
def test_intervals_cover_a_day_however_long_it_is(zone, day, hours, interval) -> None:
    where = ZoneInfo(zone)
    year, month, of_month = day
    begins = datetime(year, month, of_month, tzinfo=where).astimezone(UTC)
    ends = next_edge(begins, where, Interval.DAY)
    assert (ends - begins).total_seconds() == hours * 3600
    at, names = begins, []
    while at < ends:
        names.append(interval_of(at, where, interval))
        edge = next_edge(at, where, interval)
        assert interval_of(edge - timedelta(microseconds=1), where, interval) == names[-1]
        assert edge > at
        at = edge
    assert at == ends
    assert len(set(names)) == len(names)
    stretch = Stretch(queue="billing", state=AgentState.AVAILABLE, begins=begins, ends=ends, chat_capacity=3)
    parts = list(cut([stretch], where, interval))
    assert sum((part.ends - part.begins for part in parts), timedelta(0)) == ends - begins
    assert [interval_of(part.begins, where, interval) for part in parts] == names
