"""What we are held to: each kind of time has its window, never narrower and never earlier than was told."""

from datetime import timedelta
from zoneinfo import ZoneInfo

from hypothesis import given
from hypothesis import strategies as st

from ringback.domain.times import When, WhenKind
from ringback.interaction_manager.rules.admission import Admitted, NotAdmitted, admit
from ringback.interaction_manager.rules.estimate import Wait
from ringback.interaction_manager.rules.policy import policy_of
from ringback.interaction_manager.rules.possibility import Possible, as_soon_as_possible
from ringback.interaction_manager.rules.promise import asked_window, rounded_up
from ringback.interaction_manager.rules.routing import route
from ringback.interaction_manager.rules.slots import Timetable
from ringback.interaction_manager.rules.timed import at_a_time
from ringback.interaction_manager.rules.words import clock
from tests.rules.interaction_manager.centre import (
    NOW,
    agent,
    between,
    booking,
    centre,
    instant,
    minutes,
    queue,
    queue_id,
    slot,
    utc,
    waiting,
    window,
)

LONDON = ZoneInfo("Europe/London")
START = utc(2026, 11, 25, 10, 0)


@given(ahead=st.integers(0, 60), people=st.integers(1, 6), second=st.integers(0, 3599))
def test_as_soon_as_possible_holds_to_the_97_percent_quantile_rounded_outward_and_five_minutes_at_least(
    ahead, people, second
):
    now = NOW - timedelta(hours=4) + timedelta(seconds=second)
    here = queue()
    snapshot = centre([here], [agent(n) for n in range(people)], waiting=(waiting(ahead, at=now),) if ahead else ())
    found = as_soon_as_possible(snapshot, here, None, now, LONDON)
    if not isinstance(found, Possible):
        return
    wait = found.wait
    assert isinstance(wait, Wait) and found.window.start == now
    assert found.window.end >= now + timedelta(seconds=max(wait.p97, 300))
    assert found.window.end.timestamp() % 300 == 0
    assert found.window.end - now < timedelta(seconds=max(wait.p97, 300) + 300)


@given(ahead=st.integers(0, 20), people=st.integers(1, 4), told=st.integers(-10, 120))
def test_what_was_told_is_what_is_promised_or_nothing_is(ahead, people, told):
    here = queue()
    snapshot = centre([here], [agent(n) for n in range(people)], waiting=(waiting(ahead),) if ahead else ())
    found = as_soon_as_possible(snapshot, here, None, NOW, LONDON)
    if not isinstance(found, Possible):
        return
    assert found.wait is not None
    told_by, way = NOW + minutes(told), route(snapshot, "biz:acme")
    verdict = admit(snapshot, way, When(kind=WhenKind.ASAP, zone="Europe/London"), NOW, language="en", told_by=told_by)
    if told > 0 and NOW + timedelta(seconds=found.wait.p90) <= told_by:
        assert isinstance(verdict, Admitted)
        assert verdict.promise.window == verdict.possible.window == window(NOW, minutes(told))
    else:
        assert isinstance(verdict, NotAdmitted) and verdict.refusal.id == "promise-moved"
        assert clock(found.window.end, LONDON, NOW) in verdict.refusal.reason.verdict


def test_a_slot_is_the_slot_an_instant_ten_minutes_from_it_and_a_window_itself():
    policy = policy_of({}, {})
    assert asked_window(slot(START), policy) == window(START, minutes(30))
    assert asked_window(instant(START), policy) == window(START, minutes(10))
    assert asked_window(between(START, START + minutes(120)), policy) == window(START, minutes(120))
    assert asked_window(between(START, START + minutes(1)), policy) == window(START, minutes(5))


@given(at=st.integers(0, 10**9), step=st.sampled_from([1, 60, 300, 900]))
def test_rounding_is_outward_and_by_less_than_a_step(at, step):
    exact = START + timedelta(milliseconds=at)
    shown = rounded_up(exact, step)
    assert timedelta(0) <= shown - exact < timedelta(seconds=step) and shown.timestamp() % step == 0


@given(taken=st.lists(st.integers(0, 3), max_size=6))
def test_inside_a_window_the_least_loaded_slot_is_taken_the_earlier_of_equals(taken):
    here = queue(policy={"slot_length": 1800, "callbacks_share": 1.0, "shrinkage": 0.0, "refuse_above": 1.0})
    booked = tuple(booking(window(START + minutes(30 * n), minutes(30))) for n in taken)
    snapshot = centre([here], [agent(), agent(1)], bookings=booked)
    table = Timetable(snapshot, queue_id(0), NOW)
    wanted = between(START, START + minutes(120))
    found = at_a_time(snapshot, table, here, None, wanted, NOW, named_time=True)
    assert isinstance(found, Possible) and found.slot is not None
    counts = [taken.count(n) for n in range(4)]
    assert (found.slot.start - START) / minutes(30) == counts.index(min(counts))
    assert found.window == window(START, minutes(120)) and found.ready_at == found.slot.start
