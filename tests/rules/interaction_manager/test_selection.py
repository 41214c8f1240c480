"""Who calls, and why: skills, the named agent, the one they know, the best, the longest idle; and why nobody can."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ringback.domain.ids import AgentId
from ringback.domain.status import AgentState
from ringback.domain.times import TimeWindow
from ringback.interaction_manager.rules.policy import policy_of
from ringback.interaction_manager.rules.selection import Candidate, Chosen, Nobody, Wanted, choose, speaks
from tests.rules.interaction_manager.centre import NOW, agent_id

POLICY = policy_of({}, {})


def candidate(n: int, **changes: Any) -> Candidate:
    values: dict[str, Any] = {
        "agent": agent_id(n),
        "name": ("Kim", "Lee", "Ana", "Bo")[n],
        "state": AgentState.AVAILABLE,
        "present": True,
        "skills": {"billing": 3, "lang:en": 3},
        "idle_since": NOW - timedelta(minutes=5),
    }
    return Candidate(**(values | changes))


def wanted(**changes: Any) -> Wanted:
    values: dict[str, Any] = {
        "skills": ("billing",),
        "language": "en-GB",
        "ready_at": NOW - timedelta(minutes=1),
        "window": TimeWindow(start=NOW - timedelta(minutes=1), end=NOW + timedelta(minutes=19)),
    }
    return Wanted(**(values | changes))


def chosen(want: Wanted, *candidates: Candidate, now: datetime = NOW, policy: Any = POLICY) -> AgentId:
    choice = choose(want, candidates, policy, now)
    assert isinstance(choice, Chosen), choice
    assert choice.reason.verdict
    return choice.agent


def nobody(want: Wanted, *candidates: Candidate, now: datetime = NOW, policy: Any = POLICY) -> Nobody:
    choice = choose(want, candidates, policy, now)
    assert isinstance(choice, Nobody), choice
    return choice


def test_the_order_of_reasons() -> None:
    kim = candidate(0, skills={"billing": 1, "lang:en": 1}, idle_since=NOW)
    lee = candidate(1, skills={"billing": 2, "lang:en": 3}, idle_since=NOW)
    ana = candidate(2, skills={"billing": 5, "lang:en": 3}, idle_since=NOW)
    bo = candidate(3, skills={"billing": 5, "lang:en": 3}, idle_since=NOW - timedelta(hours=1))
    assert chosen(wanted(named=kim.agent, last_spoke_with=lee.agent), kim, lee, ana, bo) == kim.agent
    assert chosen(wanted(last_spoke_with=lee.agent), kim, lee, ana, bo) == lee.agent
    assert chosen(wanted(), kim, lee, ana) == ana.agent
    assert chosen(wanted(), kim, lee, ana, bo) == bo.agent


@pytest.mark.parametrize(
    ("state", "present", "free"),
    [(state, True, state in (AgentState.AVAILABLE, AgentState.IN_CHATS)) for state in AgentState]
    + [(AgentState.AVAILABLE, False, False)],
)
def test_only_available_agents_and_those_below_their_chats_are_chosen(
    state: AgentState, present: bool, free: bool
) -> None:
    choice = choose(wanted(), [candidate(0, state=state, present=present)], POLICY, NOW)
    assert isinstance(choice, Chosen) is free


def test_the_language_is_a_skill_and_is_given_up_last() -> None:
    german = candidate(0, skills={"billing": 5, "lang:de": 5})
    found = nobody(wanted(), german)
    assert found.reason.verdict == "Nobody of the queue has the skills"
    assert found.look_again_at == NOW - timedelta(minutes=1) + timedelta(minutes=15)  # three quarters of the window
    assert chosen(wanted(), german, now=NOW + timedelta(minutes=15)) == german.agent
    assert speaks({"billing": 3}, "fr")
    assert speaks({"lang:fr-CA": 3}, "fr")
    assert not speaks({"lang:fr": 3}, "de")


def test_the_named_agent_is_waited_for_and_then_anyone_takes_it() -> None:
    kim, lee = candidate(0, state=AgentState.ON_A_CALL), candidate(1)
    want = wanted(named=kim.agent)
    waits = nobody(want, kim, lee)
    assert waits.look_again_at == want.ready_at + timedelta(minutes=5)
    assert waits.reason.verdict == "Everybody who can take it is busy"
    assert chosen(want, kim, lee, now=want.ready_at + timedelta(minutes=5)) == lee.agent
    away = nobody(want, candidate(0, state=AgentState.OFFLINE, present=False), lee)
    assert away.reason.verdict == "Waits for the agent the customer asked for"


def test_the_named_agent_needs_no_skill_and_one_who_refused_is_not_waited_for() -> None:
    kim, lee = candidate(0, skills={}), candidate(1)
    assert chosen(wanted(named=kim.agent), kim, lee) == kim.agent
    assert chosen(wanted(named=kim.agent, refused={kim.agent: NOW}), kim, lee) == lee.agent


def test_where_the_customer_is_asked_only_the_named_agent_calls_within_the_window() -> None:
    policy = policy_of({}, {"named_agent_then": "ask"})
    kim, lee = candidate(0, state=AgentState.WRAP_UP), candidate(1)
    want = wanted(named=kim.agent)
    nobody(want, kim, lee, now=want.window.end - timedelta(seconds=1), policy=policy)
    assert chosen(want, kim, lee, now=want.window.end, policy=policy) == lee.agent


def test_whoever_refused_is_asked_again_only_when_nobody_else_is_there_and_after_a_pause() -> None:
    kim, lee = candidate(0), candidate(1, state=AgentState.ON_A_CALL)
    want = wanted(refused={kim.agent: NOW})
    nobody(want, kim, lee, now=NOW + timedelta(minutes=2))  # Lee is there, and busy
    alone = nobody(want, kim)
    assert alone.look_again_at == NOW + timedelta(seconds=30)
    assert alone.reason.verdict == "Everybody who is there was asked and did not take it"
    assert chosen(want, kim, now=NOW + timedelta(seconds=30)) == kim.agent


def test_reasons_name_what_was_compared() -> None:
    choice = choose(wanted(), [candidate(0), candidate(1, skills={"billing": 5})], POLICY, NOW)
    assert isinstance(choice, Chosen)
    assert choice.reason.verdict == "Idle longest of 2 who can take it" or choice.reason.verdict.startswith(
        "Best at billing"
    )
    assert choice.reason.detail["could_take_it"] == 2


# ------------------------------------------------------------------ repeats, chats, and always the same choice


def test_who_calls_again_within_the_week_waits_a_little_for_the_agent_they_know() -> None:
    kim, lee = candidate(0, state=AgentState.ON_A_CALL), candidate(1)
    again = wanted(last_spoke_with=kim.agent, repeats=True)
    waits = nobody(again, kim, lee)
    assert waits.reason.verdict == "Waits a little for the agent they talked with last"
    assert waits.look_again_at == again.ready_at + timedelta(seconds=120)
    assert chosen(again, kim, lee, now=again.ready_at + timedelta(seconds=121)) == lee.agent
    assert chosen(wanted(last_spoke_with=kim.agent), kim, lee) == lee.agent, "only repeats wait"
    gone = candidate(0, state=AgentState.OFFLINE)
    assert chosen(again, gone, lee) == lee.agent, "nobody waits for one who is not there"


def test_the_wait_for_the_agent_they_know_takes_a_quarter_of_the_window_at_most() -> None:
    kim = candidate(0, state=AgentState.ON_A_CALL)
    short = TimeWindow(start=NOW, end=NOW + timedelta(seconds=60))
    again = wanted(last_spoke_with=kim.agent, repeats=True, ready_at=NOW, window=short)
    assert nobody(again, kim, candidate(1)).look_again_at == NOW + timedelta(seconds=15)


def test_who_has_fewer_chats_goes_before_who_is_idle_longer_and_a_full_one_is_not_chosen() -> None:
    kim = candidate(0, state=AgentState.IN_CHATS, chats=2, idle_since=NOW - timedelta(hours=1))
    lee = candidate(1, idle_since=NOW)
    choice = choose(wanted(), [kim, lee], POLICY, NOW)
    assert isinstance(choice, Chosen) and choice.agent == lee.agent
    assert choice.reason.verdict == "Fewest chats of those who can take it"
    full = candidate(0, state=AgentState.IN_CHATS, chats=3)
    assert nobody(wanted(), full).reason.verdict == "Everybody who can take it is busy"


_states = st.sampled_from(list(AgentState))
_candidates = st.lists(
    st.builds(
        lambda n, state, present, billing, english, idle, chats: candidate(
            n, state=state, present=present, skills={"billing": billing, "lang:en": english},
            idle_since=None if idle is None else NOW - timedelta(seconds=idle), chats=chats,
        ),
        st.integers(0, 3), _states, st.booleans(), st.integers(0, 5), st.integers(0, 5),
        st.none() | st.integers(0, 3600), st.integers(0, 4),
    ),
    unique_by=lambda each: each.agent, max_size=4,
)  # fmt: skip


@given(_candidates, st.none() | st.integers(0, 3), st.none() | st.integers(0, 3), st.booleans(), st.randoms())
def test_the_same_snapshot_gives_the_same_choice_however_it_was_read(everybody, named, spoke, repeats, random) -> None:
    want = wanted(
        named=None if named is None else agent_id(named),
        last_spoke_with=None if spoke is None else agent_id(spoke),
        repeats=repeats,
    )
    shuffled = list(everybody)
    random.shuffle(shuffled)
    first, second = choose(want, everybody, POLICY, NOW), choose(want, shuffled, POLICY, NOW)
    assert type(first) is type(second) and first.reason.verdict == second.reason.verdict
    if isinstance(first, Chosen) and isinstance(second, Chosen):
        assert first.agent == second.agent
        taken = next(each for each in everybody if each.agent == first.agent)
        assert taken.present and taken.state in (AgentState.AVAILABLE, AgentState.IN_CHATS) and taken.load < 1


@given(_candidates, st.none() | st.integers(0, 3), st.booleans())
def test_while_somebody_qualified_is_free_nobody_waits_past_what_the_policy_says(everybody, spoke, repeats) -> None:
    """The time-boxed waits end: when they are over, whoever is free and able is chosen, or there is none."""
    want = wanted(last_spoke_with=None if spoke is None else agent_id(spoke), repeats=repeats, named=agent_id(0))
    late = want.ready_at + timedelta(seconds=POLICY.named_agent_wait)
    choice = choose(want, everybody, POLICY, late)
    able = [
        each
        for each in everybody
        if each.present
        and each.state in (AgentState.AVAILABLE, AgentState.IN_CHATS)
        and each.load < 1
        and (each.agent == agent_id(0) or (each.skills["billing"] >= 1 and speaks(each.skills, "en")))
    ]
    assert isinstance(choice, Chosen) == bool(able)
