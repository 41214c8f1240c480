"""The wait: the queue-length estimator's formula, its quantiles against simulated queues, and what moves it."""

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
    remaining,
    steps,
)
from ringback.interaction_manager.rules.policy import policy_of
from ringback.interaction_manager.rules.promise import asap_window, asked_window, promise_of, rounded_up
from ringback.interaction_manager.rules.snapshot import Rates
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


@settings(deadline=None)
@given(
    ahead=st.integers(0, 400),
    servers=st.integers(1, 60),
    handling=st.floats(10, 2000),
    theta=st.sampled_from([0.0, 1e-4, 2e-3]),
)
def test_with_equal_agents_it_is_the_queue_length_estimator(ahead, servers, handling, theta):
    mean, variance = steps(ahead, [handling] * servers, handling, theta)
    mu = 1 / handling
    expected = sum(1 / (servers * mu + k * theta) for k in range(ahead + 1))
    squares = sum(1 / (servers * mu + k * theta) ** 2 for k in range(ahead + 1))
    assert mean == pytest.approx(expected, rel=2e-3)
    assert variance == pytest.approx(squares, rel=5e-3)


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
    mean, variance = steps(ahead, [handling] * servers, handling, 0.0)
    low, high, late = (gamma_quantile(mean, variance, z) for z in (Z10, Z90, Z97))
    assert mean == pytest.approx(statistics.fmean(waits), rel=0.05)
    assert sum(low <= wait <= high for wait in waits) / len(waits) == pytest.approx(0.8, abs=0.03)
    assert sum(wait <= late for wait in waits) / len(waits) == pytest.approx(0.97, abs=0.012)


def test_rates_are_learned_with_a_prior_and_forget_after_two_hours():
    fresh = [Handled(seconds=100.0, age=60.0)] * 50
    old = [Handled(seconds=100.0, age=5 * 7200.0)] * 50
    assert learn([], waited=0, withdrawn=0, policy=POLICY).handling == 300.0
    assert learn(fresh, waited=0, withdrawn=0, policy=POLICY).handling == pytest.approx(118, abs=2)
    assert learn(old, waited=0, withdrawn=0, policy=POLICY).handling > 280
    assert learn([], waited=36_000, withdrawn=11, policy=POLICY).abandonment == pytest.approx(11 / 39_600)


def test_a_call_that_lasts_already_is_judged_by_those_that_lasted_longer():
    regular = Rates(handling=300.0, samples=(300.0,) * 100)
    assert remaining(regular, 0.0, 5.0) == pytest.approx(300, rel=0.02)
    assert remaining(regular, 290.0, 5.0) < 20
    assert remaining(Rates(handling=300.0), 290.0, 5.0) == pytest.approx(300), "without evidence, as long again as ever"


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


def test_for_small_teams_the_wait_of_the_first_in_line_counts_half():
    fresh = wait(centre(agents=[busy(0), busy(1)], waiting=(waiting(3),)))
    long = wait(centre(agents=[busy(0), busy(1)], waiting=(waiting(3, at=NOW - minutes(25)),)))
    assert fresh.mean < long.mean <= 2 * fresh.mean + 1


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
