"""Each outcome has its own rule (docs: defaults), and never past closing unannounced."""

from __future__ import annotations

from datetime import timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ringback.domain.errors import Invalid
from ringback.domain.status import Outcome
from ringback.interaction_manager.rules.dial_permission import next_permitted, permission
from ringback.interaction_manager.rules.dispositions import consequence
from ringback.interaction_manager.rules.end_of_day import CloseIt, Put, at_closing, first_slot, put_at
from ringback.interaction_manager.rules.hours import Hours, hours_of
from ringback.interaction_manager.rules.policy import policy_of
from ringback.interaction_manager.rules.retries import (
    AskCustomer,
    AttemptFacts,
    BackInLine,
    CloseWithMessage,
    Finished,
    TryAgain,
    counts,
    what_follows,
)
from tests.rules.interaction_manager.centre import EVERY_DAY, NOW, utc

POLICY = policy_of({}, {})
LONDON = ZoneInfo("Europe/London")
NEW_YORK = ZoneInfo("America/New_York")
HOURS: Hours = hours_of({"zone": "Europe/London", "week": dict.fromkeys(EVERY_DAY, ["08:00-18:00"])})


def facts(outcome: Outcome, **changes: Any) -> AttemptFacts:
    values: dict[str, Any] = {"outcome": outcome, "now": NOW, "customer_attempts": 1}
    return AttemptFacts(**(values | changes))


@pytest.mark.parametrize(
    ("outcome", "nth", "minutes"),
    [
        (Outcome.BUSY, 1, 5), (Outcome.BUSY, 2, 5), (Outcome.NO_ANSWER, 1, 5), (Outcome.NO_ANSWER, 2, 30),
        (Outcome.MACHINE, 1, 60), (Outcome.UNREACHABLE, 1, 15), (Outcome.CUSTOMER_ABSENT, 1, 5), (Outcome.DROPPED, 1, 0.5),
    ],
)  # fmt: skip
def test_tried_again_after(outcome: Outcome, nth: int, minutes: float) -> None:
    follows = what_follows(facts(outcome, nth=nth), POLICY)
    assert isinstance(follows, TryAgain)
    assert follows.at == NOW + timedelta(minutes=minutes)


@pytest.mark.parametrize(
    "outcome", [Outcome.BUSY, Outcome.NO_ANSWER, Outcome.MACHINE, Outcome.UNREACHABLE, Outcome.CUSTOMER_ABSENT]
)
def test_three_attempts_in_all(outcome: Outcome) -> None:
    follows = what_follows(facts(outcome, customer_attempts=3, nth=1), POLICY)
    assert isinstance(follows, CloseWithMessage)
    assert follows.reason == "attempts_used"


@pytest.mark.parametrize("outcome", [Outcome.DECLINED, Outcome.UNKNOWN])
def test_declined_and_unknown_are_asked_about_whatever_is_left(outcome: Outcome) -> None:
    follows = what_follows(facts(outcome, customer_attempts=3), POLICY)
    assert isinstance(follows, AskCustomer)
    assert (follows.question, follows.until) == (outcome.value, NOW + timedelta(minutes=30))


def test_the_rest_of_the_rules() -> None:
    assert isinstance(what_follows(facts(Outcome.TALKED), POLICY), Finished)
    for outcome in (Outcome.INVALID_NUMBER, Outcome.WRONG_PERSON):
        follows = what_follows(facts(outcome), POLICY)
        assert isinstance(follows, CloseWithMessage) and follows.reason == outcome.value
    failed = what_follows(facts(Outcome.CARRIER_FAILURE, customer_attempts=0), POLICY)
    assert failed == BackInLine(why="the call could not be placed", not_before=NOW + timedelta(seconds=30))
    waits = what_follows(facts(Outcome.AGENT_UNAVAILABLE, customer_attempts=0), POLICY)
    assert isinstance(waits, BackInLine) and waits.not_before is None


def test_a_phone_that_may_have_rung_rests_when_the_agent_went_away() -> None:
    follows = what_follows(facts(Outcome.AGENT_UNAVAILABLE, may_have_rung=True), POLICY)
    assert isinstance(follows, BackInLine) and follows.not_before == NOW + timedelta(seconds=30)


@pytest.mark.parametrize(
    "outcome", [o for o in Outcome if o not in (Outcome.CARRIER_FAILURE, Outcome.AGENT_UNAVAILABLE, Outcome.WITHDRAWN)]
)
def test_after_a_broken_talk_there_is_one_new_attempt_and_no_more(outcome: Outcome) -> None:
    assert isinstance(what_follows(facts(outcome, earlier_joins=1, customer_attempts=2), POLICY), Finished)


@given(st.sampled_from(list(Outcome)), st.integers(0, 5), st.integers(1, 5), st.integers(0, 2), st.booleans())
def test_nothing_is_ever_tried_at_once_by_ourselves_after_it_may_have_rung(
    outcome: Outcome, attempts: int, nth: int, joins: int, rang: bool
) -> None:
    follows = what_follows(
        facts(outcome, customer_attempts=attempts, nth=nth, earlier_joins=joins, may_have_rung=rang), POLICY
    )
    if isinstance(follows, TryAgain):
        assert follows.at >= NOW + timedelta(seconds=30)
    if rang and isinstance(follows, BackInLine) and outcome is not Outcome.WITHDRAWN:
        assert follows.not_before is not None


def test_what_spends_an_attempt() -> None:
    assert counts(Outcome.CUSTOMER_ABSENT, may_have_rung=False)
    assert not counts(Outcome.CARRIER_FAILURE, may_have_rung=False)
    assert not counts(Outcome.WITHDRAWN, may_have_rung=True)
    assert counts(Outcome.AGENT_UNAVAILABLE, may_have_rung=True)


# ------------------------------------------------------------------ closing, calling hours


WIDTH = timedelta(minutes=10)


def put(at: Any, policy: Any = POLICY, zone: ZoneInfo = LONDON, **more: Any) -> Put | CloseIt:
    return put_at(at, WIDTH, hours=HOURS, policy=policy, zone=zone, ready_at=NOW, **more)


def test_inside_opening_hours_a_retry_keeps_its_time_and_ends_at_closing() -> None:
    inside = put(utc(2026, 11, 24, 16, 0))
    assert isinstance(inside, Put) and (inside.window.start, inside.window.length) == (utc(2026, 11, 24, 16, 0), WIDTH)
    near = put(utc(2026, 11, 24, 17, 55))
    assert isinstance(near, Put) and near.window.end == utc(2026, 11, 24, 18, 0)


def test_past_closing_goes_to_the_next_opening_or_is_closed_or_finished_late() -> None:
    at = utc(2026, 11, 24, 18, 20)
    moved = put(at)
    assert isinstance(moved, Put) and moved.next_day and moved.window.start == utc(2026, 11, 25, 8, 0)
    assert isinstance(put(at, policy_of({}, {"end_of_day": "close"})), CloseIt)
    late = put(at, policy_of({}, {"end_of_day": "late"}))
    assert isinstance(late, Put) and not late.next_day and late.window.end == utc(2026, 11, 24, 18, 30)
    too_late = put(utc(2026, 11, 24, 18, 31), policy_of({}, {"end_of_day": "late"}))
    assert isinstance(too_late, Put) and too_late.next_day


def test_the_persons_own_calling_hours_bind_what_we_choose_and_not_what_they_asked_for() -> None:
    at = utc(2026, 11, 24, 12, 30)  # 07:30 in New York
    waits = put(at, zone=NEW_YORK)
    assert isinstance(waits, Put) and waits.window.start == utc(2026, 11, 24, 13, 0)
    asked = put(at, zone=NEW_YORK, we_chose=False)
    assert isinstance(asked, Put) and asked.window.start == at


@given(st.integers(0, 60 * 24 * 9), st.sampled_from(["Europe/London", "America/New_York", "Asia/Kolkata"]))
def test_what_we_choose_is_always_permitted(minutes: int, zone: str) -> None:
    at = NOW + timedelta(minutes=minutes)
    found = next_permitted(at, HOURS, POLICY.calling_hours, ZoneInfo(zone))
    assert found is not None and found >= at
    assert HOURS.is_open(found)
    assert 8 <= found.astimezone(ZoneInfo(zone)).hour < 21
    assert permission(
        found, ready_at=at, hours=HOURS, policy=POLICY, zone=ZoneInfo(zone), we_chose_the_time=True
    ).allowed


def test_permission_says_why_not_and_when_again() -> None:
    def ask(
        now: Any, policy: Any = POLICY, ready_at: Any = NOW, we_chose: bool = False, zone: ZoneInfo = LONDON
    ) -> Any:
        return permission(now, ready_at=ready_at, hours=HOURS, policy=policy, zone=zone, we_chose_the_time=we_chose)

    open_now = ask(NOW)
    assert open_now.allowed and open_now.until == utc(2026, 11, 24, 18, 0)
    shut = ask(utc(2026, 11, 24, 18, 0))
    assert (shut.allowed, shut.why, shut.again_at) == (False, "outside opening hours", utc(2026, 11, 25, 8, 0))
    late = ask(utc(2026, 11, 24, 18, 10), policy_of({}, {"end_of_day": "late"}))
    assert late.allowed and late.until == utc(2026, 11, 24, 18, 30)
    early_there = ask(utc(2026, 11, 24, 12, 0), we_chose=True, zone=NEW_YORK)
    assert (early_there.allowed, early_there.again_at) == (False, utc(2026, 11, 24, 13, 0))


def test_those_who_still_wait_at_closing_get_the_first_slots_as_many_as_there_are_agents() -> None:
    now = utc(2026, 11, 24, 18, 0)
    opening = utc(2026, 11, 25, 8, 0)
    booked = opening + timedelta(minutes=40)
    starts = [booked]
    for _ in range(4):
        put = first_slot(now, hours=HOURS, policy=POLICY, zone=LONDON, agents=2, taken=sorted(starts))
        assert isinstance(put, Put)
        starts.append(put.window.start)
    half, hour = opening + timedelta(minutes=30), opening + timedelta(minutes=60)
    assert starts[1:] == [opening, opening, half, hour], "one place of the second half hour is booked"
    late = policy_of({}, {"end_of_day": "late"})
    rule: dict[str, Any] = {"ready_at": NOW, "hours": HOURS, "zone": LONDON, "agents": 1, "taken": ()}
    assert at_closing(now, policy=late, **rule) is None
    assert isinstance(at_closing(now + timedelta(minutes=30), policy=late, **rule), Put)
    assert isinstance(at_closing(now, policy=policy_of({}, {"end_of_day": "close"}), **rule), CloseIt)


# ------------------------------------------------------------------ dispositions


def test_dispositions_close_call_again_block_and_follow_up() -> None:
    assert consequence("solved", None, POLICY, NOW).call_again_at is None
    assert consequence("call_again", None, POLICY, NOW).call_again_at == NOW + timedelta(hours=1)
    at = NOW + timedelta(days=1)
    assert consequence("call_again", at, POLICY, NOW).call_again_at == at
    assert consequence("block", None, POLICY, NOW).block
    assert consequence("follow_up", None, POLICY, NOW).follow_up
    with pytest.raises(Invalid, match="not a disposition"):
        consequence("nonsense", None, POLICY, NOW)
    with pytest.raises(Invalid, match="passed"):
        consequence("call_again", NOW, POLICY, NOW)
