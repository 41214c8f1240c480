"""When a notice is due, and whose turn it is to be held for and directed."""

from __future__ import annotations

from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ringback.domain.commands import Estimate
from ringback.domain.times import TimeWindow
from ringback.interaction_manager.rules.policy import policy_of
from ringback.interaction_manager.rules.risk import last_moment, probability_by, probability_kept, warn
from ringback.interaction_manager.rules.turns import Turn, ripeness
from tests.rules.interaction_manager.centre import NOW

POLICY = policy_of({}, {})
WINDOW = TimeWindow(start=NOW, end=NOW + timedelta(minutes=20))


def after(minutes: float) -> Estimate:
    return Estimate(
        p10=NOW + timedelta(minutes=minutes / 2),
        p50=NOW + timedelta(minutes=minutes),
        p90=NOW + timedelta(minutes=2 * minutes),
    )


def test_the_quantiles_are_the_probabilities() -> None:
    estimate = after(10)
    assert probability_by(estimate, estimate.p10) == pytest.approx(0.1)
    assert probability_by(estimate, estimate.p50) == pytest.approx(0.5)
    assert probability_by(estimate, estimate.p90) == pytest.approx(0.9)
    assert probability_by(estimate, NOW + timedelta(minutes=7.5)) == pytest.approx(0.3)


@given(st.floats(0, 100), st.floats(-50, 300), st.floats(0, 50))
def test_more_time_never_makes_it_less_likely(minutes: float, deadline: float, more: float) -> None:
    first, second = (NOW + timedelta(minutes=each) for each in (deadline, deadline + more))
    low, high = probability_by(after(minutes), first), probability_by(after(minutes), second)
    assert 0.0 <= low <= high <= 1.0


def test_told_when_it_is_less_likely_than_not_and_at_latest_five_minutes_before_the_end() -> None:
    assert probability_kept(WINDOW, after(10), agent_ring=20) > 0.5
    assert probability_kept(WINDOW, after(30), agent_ring=20) < 0.5
    well = warn(NOW, WINDOW, 0.9, notices=0, policy=POLICY)
    assert (well.say_it, well.look_again_at) == (False, WINDOW.end - timedelta(minutes=5))
    at_latest = warn(WINDOW.end - timedelta(minutes=5), WINDOW, 0.4, notices=0, policy=POLICY)
    assert (at_latest.say_it, at_latest.look_again_at) == (True, WINDOW.end)


def test_a_window_shorter_than_the_notice_is_looked_at_half_way() -> None:
    short = TimeWindow(start=NOW, end=NOW + timedelta(minutes=4))
    assert last_moment(short, POLICY) == NOW + timedelta(minutes=2)


def test_at_most_twice_and_the_second_time_only_when_it_is_late() -> None:
    assert not warn(NOW, WINDOW, 0.0, notices=1, policy=POLICY).say_it
    assert warn(WINDOW.end, WINDOW, 0.0, notices=1, policy=POLICY).say_it
    assert not warn(WINDOW.end, WINDOW, 0.0, notices=2, policy=POLICY).say_it
    assert warn(WINDOW.end + timedelta(hours=1), WINDOW, 1.0, notices=0, policy=POLICY).say_it  # after an outage


# ------------------------------------------------------------------ turns


def at(seconds: float, *, held: bool = False, booked: bool = True, hold_before: float = 30) -> Turn:
    start = NOW + timedelta(seconds=100)
    now = NOW + timedelta(seconds=seconds)
    return ripeness(now, ready_at=start, window_start=start, booked=booked, held=held, hold_before=hold_before).turn


def test_a_booked_time_is_held_for_then_directed_then_called() -> None:
    assert [at(each) for each in (0, 69, 70, 84, 85, 99, 100)] == [
        Turn.WAIT, Turn.WAIT, Turn.HOLD, Turn.HOLD, Turn.DIRECT, Turn.DIRECT, Turn.CALL,
    ]  # fmt: skip
    assert [at(each, held=True) for each in (70, 84, 85)] == [Turn.WAIT, Turn.WAIT, Turn.DIRECT]


def test_a_short_hold_directs_as_early_as_it_can_and_none_calls_at_the_time() -> None:
    assert [at(each, hold_before=5) for each in (94, 95, 100)] == [Turn.WAIT, Turn.DIRECT, Turn.CALL]
    assert [at(each, hold_before=0) for each in (99, 100)] == [Turn.WAIT, Turn.CALL]


def test_what_is_not_booked_waits_for_its_time_without_an_agent() -> None:
    assert [at(each, booked=False) for each in (70, 99, 100)] == [Turn.WAIT, Turn.WAIT, Turn.CALL]


@given(st.floats(-200, 300), st.floats(0, 120), st.booleans(), st.booleans())
def test_whatever_waits_knows_when_it_will_be_looked_at_again(
    seconds: float, hold: float, booked: bool, held: bool
) -> None:
    start = NOW + timedelta(seconds=100)
    now = NOW + timedelta(seconds=seconds)
    ripe = ripeness(now, ready_at=start, window_start=start, booked=booked, held=held, hold_before=hold)
    if ripe.turn is Turn.WAIT:
        assert ripe.next_at is not None and ripe.next_at > now
    if now < start:
        assert ripe.turn is not Turn.CALL
