"""On-deck: never more customers than will probably have an agent, and agent first again when too many were left alone."""

from __future__ import annotations

import random
from itertools import product
from math import prod

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ringback.domain.status import DialOrder
from ringback.interaction_manager.rules.on_deck import Busy, Day, allowance, at_least, free_by, order_today

chances = st.lists(st.floats(0, 1), max_size=7)
busy = st.lists(st.builds(Busy, age=st.floats(0, 900), remaining=st.floats(0, 900)), max_size=8)


@given(chances)
def test_the_number_who_are_free_is_counted_over_every_case(probabilities: list[float]):
    found = at_least(probabilities)
    for n in range(len(probabilities) + 1):
        cases = (
            prod(p if there else 1 - p for p, there in zip(probabilities, case, strict=True))
            for case in product((0, 1), repeat=len(probabilities))
            if sum(case) >= n
        )
        assert found[n] == pytest.approx(sum(cases), abs=1e-9)


@given(busy, st.integers(0, 5), st.integers(0, 12), st.floats(0, 120), st.integers(0, 5))
def test_dialled_customers_never_pass_the_held_agents_and_the_cap(agents, held, dialled, after, cap):
    found = allowance(held=held, dialled=dialled, busy=agents, answered_after=after, cap=cap, day=Day())
    assert found.more >= 0 and (found.more == 0 or dialled + found.more <= held + min(cap, len(agents)))


@given(busy, st.integers(0, 5), st.floats(0, 120), st.integers(0, 5))
def test_without_a_cap_or_without_time_it_is_agent_first(agents, held, after, cap):
    talking = [Busy(age=each.age, remaining=each.remaining + 1) for each in agents]
    assert allowance(held=held, dialled=0, busy=talking, answered_after=0, cap=cap, day=Day()).more == held
    assert allowance(held=held, dialled=0, busy=talking, answered_after=after, cap=0, day=Day()).more == held


def test_more_than_three_in_a_hundred_left_alone_ends_it_for_the_day():
    soon = [Busy(age=100, remaining=0.1)] * 5
    allowed = allowance(held=1, dialled=0, busy=soon, answered_after=10, cap=5, day=Day(ready=100, alone=3))
    assert allowed.more == 6 and not allowed.fallback
    over = allowance(held=1, dialled=0, busy=soon, answered_after=10, cap=5, day=Day(ready=100, alone=4))
    assert over.more == 1 and over.fallback and over.why.startswith("4.0 % of 100")
    few = allowance(held=1, dialled=0, busy=soon, answered_after=10, cap=5, day=Day(ready=10, alone=1))
    assert not few.fallback, "ten say nothing about three in a hundred"


def test_a_customer_for_whom_an_agent_is_free_comes_first_unless_too_many_were_left_alone_today():
    assert order_today(DialOrder.AGENT_FIRST, Day()) is DialOrder.AGENT_FIRST
    for order in (DialOrder.CUSTOMER_FIRST, DialOrder.ON_DECK):
        assert order_today(order, Day(ready=100, alone=3)) is DialOrder.CUSTOMER_FIRST
        assert order_today(order, Day(ready=100, alone=4)) is DialOrder.AGENT_FIRST


def test_in_the_long_run_no_more_than_the_share_is_left_alone():
    """Agents end their calls as they were predicted to; whoever is dialled and finds none is counted."""
    chance = random.Random(7)
    alone = ready = 0
    for _ in range(20_000):
        agents = [Busy(age=0, remaining=chance.uniform(1, 120)) for _ in range(6)]
        found = allowance(held=0, dialled=0, busy=agents, answered_after=15, cap=4, day=Day())
        free = sum(chance.random() < free_by(each, 15) for each in agents)
        ready += found.more
        alone += max(0, found.more - free)
    assert ready > 1000 and alone / ready <= 0.03
