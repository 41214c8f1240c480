"""The wait: the queue-length estimator's formula, its quantiles against simulated queues, and what moves it."""

import json
import random
import statistics
from datetime import timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ringback.domain.times import TimeWindow, When, WhenKind
from ringback.interaction_manager.rules.estimate import (
    Z10,
    Z50,
    Z90,
    Z97,
    Handled,
    forecast,
    gamma_quantile,
    learn,
)
from ringback.interaction_manager.rules.estimates.model import new_model
from ringback.interaction_manager.rules.estimates.passage import BEYOND, Line, passage
from ringback.interaction_manager.rules.policy import policy_of
from ringback.interaction_manager.rules.promise import asap_window, asked_window, promise_of, rounded_up
from tests.rules.interaction_manager.centre import (
    NOW,
    agent,
    agent_id,
    centre,
    minutes,
    queue,
    queue_id,
    rates,
    utc,
    waiting,
)

POLICY = policy_of({}, {})


@settings(deadline=None, max_examples=60)
@given(
    ahead=st.integers(0, 400),
    servers=st.integers(1, 60),
    handling=st.floats(10, 2000),
    theta=st.sampled_from([0.0, 1e-4, 2e-3]),
)
def test_with_exponential_calls_it_is_the_median_of_the_queue_length_estimator(ahead, servers, handling, theta):
    model = new_model(prior=handling)
    model.patience.rates = [theta] * len(model.patience.rates)
    line = Line(ahead=ahead, busy=[(0.5 * handling, 1.0)] * servers)
    found, _ = passage(line, mean=handling, table=model.handling.table(), leaving=model.patience.rates)
    terms = [1 / (servers / handling + k * theta) for k in range(ahead + 1)]
    mean, variance = sum(terms), sum(term * term for term in terms)
    assert found == pytest.approx(min(gamma_quantile(mean, variance, Z50), BEYOND), rel=0.16)


@pytest.mark.parametrize(("z", "p"), [(Z10, 0.10), (Z50, 0.50), (Z90, 0.90), (Z97, 0.97)])
@pytest.mark.parametrize("shape", [1, 2, 5, 30])
def test_the_gamma_quantile_holds_its_share_of_simulated_sums(z, p, shape):
    chance = random.Random(11)
    sums = [sum(chance.expovariate(1) for _ in range(shape)) for _ in range(20_000)]
    below = sum(each <= gamma_quantile(shape, shape, z) for each in sums) / len(sums)
    assert below == pytest.approx(p, abs=0.012)


@pytest.mark.parametrize(("servers", "ahead"), [(1, 3), (3, 0), (3, 10), (8, 25)])
def test_coverage_against_a_simulated_queue_is_near_eighty_per_cent(servers, ahead):
    """Exponential calls, everybody busy, `ahead` before us: how often the wait falls between the 10 and the 90 % quantile."""
    chance, handling = random.Random(5), 240.0
    waits = []
    for _ in range(3000):
        busy = sorted(chance.expovariate(1 / handling) for _ in range(servers))
        first = 0.0
        for _ in range(ahead + 1):
            first = busy.pop(0)
            busy.append(first + chance.expovariate(1 / handling))
            busy.sort()
        waits.append(first)
    line = Line(ahead=ahead, busy=[(0.5 * handling, 1.0)] * servers)
    told = new_model(prior=handling)
    told.patience.rates = [0.0] * len(told.patience.rates)
    found = told.predict((line,), 1e9)
    assert found.p50 == pytest.approx(statistics.median(waits), rel=0.1)
    assert sum(found.p10 <= wait <= found.p90 for wait in waits) / len(waits) == pytest.approx(0.8, abs=0.1), (
        "before anything was learned"
    )
    assert sum(wait <= found.p97 for wait in waits) / len(waits) == pytest.approx(0.96, abs=0.035)


def test_rates_are_learned_with_a_prior_and_forget_after_two_hours():
    fresh = [Handled(seconds=100.0, age=60.0)] * 50
    old = [Handled(seconds=100.0, age=5 * 7200.0)] * 50
    assert learn([], waited=0, withdrawn=0, policy=POLICY).handling == 300.0
    assert learn(fresh, waited=0, withdrawn=0, policy=POLICY).handling == pytest.approx(118, abs=2)
    assert learn(old, waited=0, withdrawn=0, policy=POLICY).handling > 280
    assert learn([], waited=36_000, withdrawn=11, policy=POLICY).abandonment == pytest.approx(11 / 39_600)


def test_a_call_that_lasts_already_is_judged_by_those_that_lasted_longer():
    model = new_model(prior=300.0)
    for n in range(3000):
        model.handling.ended(300.0, 1e9 + n)

    def left(age):
        return model.predict((Line(ahead=0, busy=[(age, 1.0)]),), 1e9 + 3000).p50

    assert left(0.0) == pytest.approx(300, rel=0.15)
    assert left(240.0) < 150


def busy(n, **changes):
    return agent(n, state="on_a_call", **changes)


def wait(snapshot, **changes):
    found = forecast(snapshot, snapshot.queues[queue_id(0)], NOW, **changes)
    assert found is not None
    return found


def test_more_agents_and_fewer_ahead_mean_a_shorter_wait():
    base = wait(centre(agents=[busy(0), busy(1)], waiting=(waiting(4),))).p50
    assert wait(centre(agents=[busy(0), busy(1), busy(2)], waiting=(waiting(4),))).p50 < base
    assert wait(centre(agents=[busy(0), busy(1)], waiting=(waiting(2),))).p50 < base
    assert wait(centre(agents=[busy(0), agent(1)])).free_now


def test_a_booked_callback_within_the_wait_goes_first_and_a_later_one_does_not():
    team = [busy(0)]
    alone = wait(centre(agents=team, waiting=(waiting(2),)))
    soon = waiting(1, at=NOW + minutes(3), booked=True)
    late = waiting(1, at=NOW + timedelta(hours=3), booked=True)
    assert wait(centre(agents=team, waiting=(waiting(2), soon))).p50 > alone.p50
    assert wait(centre(agents=team, waiting=(waiting(2), late))).p50 == alone.p50


def test_shifts_that_end_within_the_wait_lengthen_it():
    stays, leaves = busy(0), busy(1, shifts={"week": {"tue": ["08:00-14:40"]}})
    both = wait(centre(agents=[busy(0), busy(1)], waiting=(waiting(6),)))
    assert wait(centre(agents=[stays, leaves], waiting=(waiting(6),))).p90 > both.p90


def test_agents_who_also_serve_a_busy_queue_count_for_less():
    queues = [queue(0), queue(1)]
    shared = [busy(0, queues=(0, 1)), busy(1, queues=(0, 1))]
    alone = wait(centre(queues, shared, waiting=(waiting(3),)))
    assert wait(centre(queues, shared, waiting=(waiting(3), waiting(9, q=1)))).p50 > alone.p50


def test_a_shift_that_begins_within_the_wait_shortens_it():
    comes = agent(1, state="offline", shifts={"week": {"tue": ["15:00-18:00"]}})
    never = agent(1, state="offline", shifts={"week": {"tue": ["08:00-09:00"]}})
    line = (waiting(20),)
    assert (
        wait(centre(agents=[busy(0), comes], waiting=line)).p90
        < wait(centre(agents=[busy(0), never], waiting=line)).p90
    )


def test_a_named_agent_is_waited_for_and_then_anyone():
    team = [busy(0), agent(1)]
    kim = wait(centre(agents=team), named=agent_id(0))
    assert not kim.free_now and kim.p97 <= POLICY.named_agent_wait + 3 * POLICY.agent_ring
    assert forecast(centre(agents=[agent(0, state="offline"), agent(1)]), queue(0), NOW, named=agent_id(0)) is None


def test_nobody_on_duty_has_no_wait():
    for state in ("offline", "paused", "not_responding"):
        assert forecast(centre(agents=[agent(0, state=state)]), queue(0), NOW) is None


@settings(deadline=None)
@given(count=st.integers(0, 60), people=st.integers(1, 12), handling=st.floats(5, 900))
def test_quantiles_are_in_order_and_the_promise_covers_them(count, people, handling):
    team = [agent(n % 6, id=agent_id(n), slug=f"a{n}", state="on_a_call") for n in range(people)]
    found = wait(centre(agents=team, waiting=(waiting(count),), rates=rates(handling)))
    assert 0 <= found.p10 <= found.p50 <= found.p90 <= found.p97
    promise = asap_window(found, NOW, POLICY)
    assert promise.start == NOW and promise.length >= minutes(5) and promise.end >= NOW + timedelta(seconds=found.p97)
    assert promise.end.timestamp() % 300 == 0


def test_windows_of_promises_are_what_was_asked_for():
    at = utc(2026, 11, 24, 16, 0)
    instant = When(kind=WhenKind.INSTANT, zone="UTC", start=at)
    assert asked_window(instant, POLICY) == TimeWindow(start=at, end=at + minutes(10))
    narrow = When(kind=WhenKind.WINDOW, zone="UTC", start=at, end=at + minutes(1))
    assert asked_window(narrow, POLICY).length == minutes(5)
    slot = When(kind=WhenKind.SLOT, zone="UTC", start=at, end=at + minutes(15))
    made = promise_of(slot, POLICY, NOW, None)
    assert (
        not made.early_is_fine and made.window == TimeWindow(start=at, end=at + minutes(15)) and made.estimate is None
    )
    assert rounded_up(utc(2026, 11, 24, 14, 46, 1), 300) == utc(2026, 11, 24, 14, 50)
    assert rounded_up(utc(2026, 11, 24, 14, 45), 300) == utc(2026, 11, 24, 14, 45)


def test_what_was_learned_survives_a_restart():
    model, again = new_model(prior=200.0), new_model(prior=200.0)
    for n in range(60):
        model.handling.ended(90.0 + n, 1e9 + 60 * n)
        model.patience.ended(30.0 * n, 1e9 + 60 * n, gave_up=n % 7 == 0)
        model.told((60.0, 100.0, 160.0), 3.0 * n)
    again.fill(json.loads(json.dumps(model.as_plain())))
    line = Line(ahead=4, oldest=80.0, busy=[(30.0, 1.0), (200.0, 0.5)])
    assert again.predict((line,), 1e9 + 4000) == model.predict((line,), 1e9 + 4000)


def test_told_ranges_that_are_too_narrow_become_wider():
    model = new_model(prior=200.0)
    line = Line(ahead=4, busy=[(30.0, 1.0)] * 3)
    before = model.predict((line,), 1e9)
    for n in range(200):
        model.told((before.p10, before.p50, before.p90), before.p10 / 2 if n % 2 else before.p90 * 2)
    after = model.predict((line,), 1e9)
    assert after.p10 < before.p10 and after.p90 > before.p90


@settings(deadline=None, max_examples=60)
@given(
    ahead=st.integers(0, 5000),
    ages=st.lists(st.floats(0, 1e7), max_size=30),
    oldest=st.floats(0, 1e7),
    prior=st.floats(0.1, 1e4),
)
def test_whatever_a_line_looks_like_quantiles_are_finite_in_order_and_longer_for_longer_lines(
    ahead, ages, oldest, prior
):
    model = new_model(prior=prior)
    busy = [(age, 1.0) for age in ages]
    found = model.predict((Line(ahead=ahead, oldest=oldest, busy=busy),), 1e9)
    assert 0 <= found.p10 <= found.p50 <= found.p90 <= found.p97 <= BEYOND
    more = model.predict((Line(ahead=ahead + 1, oldest=oldest, busy=busy),), 1e9)
    assert more.p50 >= found.p50 * 0.99
