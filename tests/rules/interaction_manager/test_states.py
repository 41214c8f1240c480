"""The state tables: what may follow what, and nothing else."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ringback.domain.errors import IllegalTransition
from ringback.domain.status import OPEN_STATES, AgentState, CallbackState
from ringback.interaction_manager.rules import agent_states, callback_states
from ringback.interaction_manager.rules.agent_states import BUSY, WISHES, AgentEvent, freed_state
from ringback.interaction_manager.rules.callback_states import CallbackEvent

FINAL = set(CallbackState) - OPEN_STATES


def test_every_state_has_its_row() -> None:
    assert set(callback_states.TRANSITIONS) == set(CallbackState)
    assert set(agent_states.TRANSITIONS) == set(AgentState) - set() and len(agent_states.TRANSITIONS) == len(AgentState)


@pytest.mark.parametrize("state", sorted(FINAL))
@pytest.mark.parametrize("event", list(CallbackEvent))
def test_a_finished_callback_never_comes_back(state: CallbackState, event: CallbackEvent) -> None:
    with pytest.raises(IllegalTransition, match=f"no {event} in state {state}"):
        callback_states.next_state(state, event)


@given(st.lists(st.sampled_from(list(CallbackEvent)), max_size=60))
def test_a_callback_talks_only_after_it_was_directed_and_never_twice_without_a_retry(
    events: list[CallbackEvent],
) -> None:
    state, directed, talks, retries = CallbackState.WAITING, False, 0, 0
    for event in events:
        try:
            state = callback_states.next_state(state, event)
        except IllegalTransition:
            continue
        directed = directed or event is CallbackEvent.DIRECT
        talks += event is CallbackEvent.JOIN
        retries += event is CallbackEvent.RETRY
        assert directed or state is not CallbackState.TALKING
        assert talks <= retries + 1


def test_every_open_state_can_still_end() -> None:
    for state in OPEN_STATES:
        reached, edge = {state}, {state}
        while edge:
            edge = {target for each in edge for target in callback_states.TRANSITIONS[each].values()} - reached
            reached |= edge
        assert reached & FINAL


@given(st.lists(st.sampled_from(list(AgentEvent)), max_size=60))
def test_an_agent_talks_only_after_being_reserved(events: list[AgentEvent]) -> None:
    state = AgentState.OFFLINE
    for event in events:
        before = state
        try:
            state = agent_states.next_state(state, event)
        except IllegalTransition:
            continue
        if state is AgentState.ON_A_CALL and before is not state:
            assert before is AgentState.RESERVED
        if state is AgentState.WRAP_UP and before is not state:
            assert before is AgentState.ON_A_CALL
        if state is AgentState.RESERVED and before is not state:
            assert before in (AgentState.AVAILABLE, AgentState.IN_CHATS, AgentState.HELD)


@pytest.mark.parametrize("wish", list(WISHES))
def test_what_an_agent_asked_for_while_busy_follows_when_they_are_free(wish: str) -> None:
    assert freed_state(AgentState.WRAP_UP, AgentEvent.END_WRAP_UP, wish) == AgentState(wish)
    assert freed_state(AgentState.ON_A_CALL, AgentEvent.END_CALL, wish) is AgentState.WRAP_UP
    assert freed_state(AgentState.RESERVED, AgentEvent.RELEASE, None) is AgentState.AVAILABLE


def test_a_busy_agent_cannot_pause_at_once() -> None:
    for state in BUSY:
        with pytest.raises(IllegalTransition):
            agent_states.next_state(state, AgentEvent.PAUSE)


def test_who_has_live_chats_is_back_in_them_when_free():
    assert freed_state(AgentState.RESERVED, AgentEvent.RELEASE, None, chats=1) is AgentState.IN_CHATS
    assert freed_state(AgentState.WRAP_UP, AgentEvent.END_WRAP_UP, "paused", chats=2) is AgentState.PAUSED
    assert freed_state(AgentState.PAUSED, AgentEvent.GO_AVAILABLE, None, chats=2) is AgentState.IN_CHATS
    assert freed_state(AgentState.ON_A_CALL, AgentEvent.END_CALL, None, chats=1) is AgentState.WRAP_UP
    assert freed_state(AgentState.IN_CHATS, AgentEvent.END_CHATS, None) is AgentState.AVAILABLE
