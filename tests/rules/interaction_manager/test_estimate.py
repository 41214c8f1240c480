"""The wait: the queue-length estimator's formula, its quantiles against simulated queues, and what moves it."""

import json
import random
import statistics
from datetime import timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ringback.domain.times import TimeWindow, When, WhenKind
from ringback.interaction_manager.rules.estimate import forecast, rates_of
from ringback.interaction_manager.rules.estimates.basis import basis_of
from ringback.interaction_manager.rules.estimates.division import Shared
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
    found = passage(line, mean=handling, table=model.handling.table(), leaving=model.patience.rates)
    terms = [1 / (servers / handling + k * theta) for k in range(ahead + 1)]
    mean, variance = sum(terms), sum(term * term for term in terms)
    median = mean * (1 - variance / (9 * mean * mean)) ** 3  # of the gamma distribution, by Wilson and Hilferty
    assert found == pytest.approx(min(median, BEYOND), rel=0.16)


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
    found = told.predict(line, 1e9)
    assert found.p50 == pytest.approx(statistics.median(waits), rel=0.1)
    assert sum(found.p10 <= wait <= found.p90 for wait in waits) / len(waits) == pytest.approx(0.8, abs=0.1), (
        "before anything was learned"
    )
    assert sum(wait <= found.p97 for wait in waits) / len(waits) == pytest.approx(0.96, abs=0.035)


def test_rates_are_what_the_model_learned():
    model = new_model(prior=300.0)
    assert rates_of(model, NOW).handling == pytest.approx(300.0) and rates_of(model, NOW).success is None
    at = NOW.timestamp()
    for n in range(50):
        model.handling.ended(100.0, at - 60.0 - n)
        model.success.add(float(n % 2), at - 60.0)
    found = rates_of(model, NOW)
    assert found.handling == pytest.approx(118, abs=15)
    assert found.handling_p90 is not None and 80 < found.handling_p90 < 150
    assert found.success is not None and 0.5 < found.success < 0.6
    assert rates_of(model, NOW + timedelta(hours=10)).handling > found.handling, "what is long ago counts less"


def test_a_call_that_lasts_already_is_judged_by_those_that_lasted_longer():
    model = new_model(prior=300.0)
    for n in range(3000):
        model.handling.ended(300.0, 1e9 + n)

    def left(age):
        return model.predict(Line(ahead=0, busy=[(age, 1.0)]), 1e9 + 3000).p50

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
        line = Line(ahead=n % 9, oldest=5.0 * n, busy=[(30.0, 1.0), (200.0, 0.5)], free=3.0 * (n % 11 == 0))
        said = model.predict(line, 1e9 + 60 * n, shared=Shared(ages=[40.0], others=2.0) if n % 2 else None)
        model.waited(said, 30.0 * n, 1e9 + 60 * n, taken=n % 7 != 0)
        model.division.chose(n % 3 == 0, 1e9 + 60 * n)
    again.fill(json.loads(json.dumps(model.as_plain())))
    model.handling.keep_table(new_model(prior=200.0).handling)  # made anew, as the other does
    line = Line(ahead=4, oldest=80.0, busy=[(30.0, 1.0), (200.0, 0.5)])
    assert again.predict(line, 1e9 + 4000) == model.predict(line, 1e9 + 4000)


def test_ranges_that_are_too_narrow_become_wider_and_what_was_told_is_counted():
    model = new_model(prior=200.0)
    line = Line(ahead=4, busy=[(30.0, 1.0)] * 3)
    before = model.predict(line, 1e9)
    for n in range(200):
        model.reached(before, before.p10 / 2 if n % 2 else before.p90 * 2, 1e9 + n)
    after = model.predict(line, 1e9)
    assert after.p10 < before.p10 and after.p90 > before.p90
    assert model.held.mean(0.8, 0.0) == 0.0, "none of them had held"


@settings(deadline=None, max_examples=60)
@given(
    ahead=st.integers(0, 5000),
    ages=st.lists(st.floats(0, 1e7), max_size=30),
    oldest=st.floats(0, 1e7),
    prior=st.floats(0.1, 1e4),
)
def test_whatever_a_line_looks_like_quantiles_are_finite_and_in_order(ahead, ages, oldest, prior):
    model = new_model(prior=prior)
    busy = [(age, 1.0) for age in ages]
    found = model.predict(Line(ahead=ahead, oldest=oldest, busy=busy), 1e9)
    assert 0 <= found.p10 <= found.p50 <= found.p90 <= found.p97 <= BEYOND


@st.composite
def learned(draw):
    """A model that has learned from outcomes of any kind, plausible or not."""
    model = new_model(prior=draw(st.floats(1, 2000)))
    chance = random.Random(draw(st.integers(0, 10_000)))
    wild = draw(st.floats(0.1, 3.0))
    for n in range(draw(st.sampled_from([0, 30, 400]))):
        at = 1e9 + 40 * n
        model.handling.ended(chance.lognormvariate(5, wild), at)
        free = float(chance.random() < 0.1)
        line = Line(ahead=chance.randrange(80), oldest=chance.expovariate(0.01), busy=[(9.0, 1.0)] * 4, free=200 * free)
        shared = Shared(ages=[40.0], others=2.0, theirs=3) if chance.random() < 0.5 else None
        said = model.predict(line, at, shared=shared)
        model.waited(said, said.p50 * chance.lognormvariate(0, wild), at, taken=chance.random() < 0.8)
        model.division.chose(chance.random() < 0.5, at)
    return model


@settings(deadline=None, max_examples=80)
@given(
    model=learned(),
    places=st.lists(st.integers(0, 300), min_size=2, max_size=6),
    ages=st.lists(st.floats(0, 5000), max_size=8),
    shared=st.lists(st.floats(0, 5000), max_size=4),
    others=st.integers(0, 40),
    soon=st.lists(st.floats(0, 300), max_size=3),
    free=st.integers(0, 4),
    oldest=st.floats(0, 5000),
)
def test_an_estimate_never_improves_by_being_further_behind(model, places, ages, shared, others, soon, free, oldest):
    """Of one line, at one moment: whoever has more people before them is not told less, at any quantile."""
    told = []
    for ahead in sorted(places):
        line = Line(
            ahead=ahead,
            oldest=oldest if ahead else 0.0,
            busy=[(age, 1.0) for age in ages],
            soon=[(after, 1.0) for after in soon],
            free=free,
        )
        found = model.predict(line, 1e9 + 50_000, shared=Shared(ages=shared, others=others, theirs=2))
        told.append((found.p10, found.p50, found.p90, found.p97))
    for nearer, further in zip(told, told[1:], strict=False):
        assert all(b >= a * (1 - 1e-9) for a, b in zip(nearer, further, strict=True)), (nearer, further)


@settings(deadline=None, max_examples=40)
@given(
    model=learned(),
    people=st.lists(st.sampled_from(["available", "on_a_call", "wrap_up", "held"]), min_size=1, max_size=5),
    count=st.integers(0, 30),
    more=st.integers(1, 5),
    outside=st.booleans(),
    booked=st.integers(0, 3),
)
def test_in_a_centre_too_whoever_joins_behind_more_people_is_not_told_less(model, people, count, more, outside, booked):
    queues = [queue(0), queue(1)]
    team = [
        agent(n, state=state, since=NOW - minutes(n), queues=(0, 1) if n % 2 else (0,))
        for n, state in enumerate(people)
    ]
    others = (waiting(3, q=1), waiting(booked, at=NOW + minutes(4), booked=True))
    learned_rates = {queue_id(0): rates_of(model, NOW)}

    def told(ahead):
        line = (waiting(ahead, at=NOW - minutes(2), outside=outside),) if ahead else ()
        found = wait(centre(queues, team, waiting=(*line, *others), rates=learned_rates, elsewhere={queue_id(0): 2}))
        return found.p10, found.p50, found.p90, found.p97

    assert all(b >= a * (1 - 1e-9) for a, b in zip(told(count), told(count + more), strict=True))


def test_an_outcome_goes_the_way_back_along_the_shifts():
    stays, leaves = busy(0), busy(1, shifts={"week": {"tue": ["08:00-14:40"]}})
    found = wait(centre(agents=[stays, leaves], waiting=(waiting(6),)))
    basis = basis_of(json.loads(json.dumps(found.basis.as_plain())))
    said = basis.prediction
    assert basis.worked(found.p50) == pytest.approx(said.p50, rel=0.01) and said.p50 < found.p50
    assert basis.worked(found.p90) == pytest.approx(said.p90, rel=0.01)
    assert basis.worked(2 * found.p90) > said.p90 and basis.worked(0.0) == 0.0


def test_callers_whom_other_agents_take_too_keep_us_less():
    line = (waiting(8, outside=True),)
    alone = wait(centre(agents=[busy(0), busy(1)], waiting=line))
    helped = wait(centre(agents=[busy(0), busy(1)], waiting=line, elsewhere={queue_id(0): 6}))
    ours = wait(centre(agents=[busy(0), busy(1)], waiting=(waiting(8),), elsewhere={queue_id(0): 6}))
    assert helped.p50 < alone.p50 <= ours.p50


def test_tries_that_fail_take_less_of_an_agent_than_talks():
    known, unknown = (
        wait(centre(agents=[busy(0)], waiting=(waiting(9),), rates=rates(300.0, success=success)))
        for success in (0.4, None)
    )
    assert known.p50 < unknown.p50
