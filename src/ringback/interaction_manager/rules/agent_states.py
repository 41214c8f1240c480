"""What an agent may do next, as a table; and what their own wish means while they are busy."""

from __future__ import annotations

from collections.abc import Mapping
from enum import StrEnum
from types import MappingProxyType

from ringback.domain.errors import IllegalTransition
from ringback.domain.status import AgentState


class AgentEvent(StrEnum):
    """What can happen to an agent."""

    GO_AVAILABLE = "go_available"  # by their own act, or a supervisor's
    PAUSE = "pause"  # by their own act, with a reason
    LEAVE = "leave"  # logged out, or their page has been gone too long
    TAKE_CHATS = "take_chats"  # live chats, below capacity
    END_CHATS = "end_chats"
    HOLD = "hold"  # kept free for a booked callback
    RESERVE = "reserve"  # being rung for a callback
    RELEASE = "release"  # what they were kept for is gone: declined, withdrawn, or the customer was not reached
    MISS = "miss"  # did not answer the offer
    ACCEPT = "accept"
    END_CALL = "end_call"  # talked: the wrap-up begins
    END_WRAP_UP = "end_wrap_up"


S, E = AgentState, AgentEvent

TRANSITIONS: Mapping[AgentState, Mapping[AgentEvent, AgentState]] = MappingProxyType(
    {
        S.OFFLINE: {E.GO_AVAILABLE: S.AVAILABLE, E.PAUSE: S.PAUSED, E.LEAVE: S.OFFLINE},
        S.AVAILABLE: {
            E.GO_AVAILABLE: S.AVAILABLE,
            E.PAUSE: S.PAUSED,
            E.LEAVE: S.OFFLINE,
            E.TAKE_CHATS: S.IN_CHATS,
            E.HOLD: S.HELD,
            E.RESERVE: S.RESERVED,
        },
        S.IN_CHATS: {
            E.GO_AVAILABLE: S.IN_CHATS,
            E.PAUSE: S.PAUSED,
            E.LEAVE: S.OFFLINE,
            E.END_CHATS: S.AVAILABLE,
            E.HOLD: S.HELD,
            E.RESERVE: S.RESERVED,
        },
        S.HELD: {E.RESERVE: S.RESERVED, E.RELEASE: S.AVAILABLE, E.MISS: S.NOT_RESPONDING, E.LEAVE: S.OFFLINE},
        S.RESERVED: {E.ACCEPT: S.ON_A_CALL, E.RELEASE: S.AVAILABLE, E.MISS: S.NOT_RESPONDING},
        S.ON_A_CALL: {E.RELEASE: S.AVAILABLE, E.END_CALL: S.WRAP_UP},
        S.WRAP_UP: {E.END_WRAP_UP: S.AVAILABLE},
        S.PAUSED: {E.GO_AVAILABLE: S.AVAILABLE, E.PAUSE: S.PAUSED, E.LEAVE: S.OFFLINE},
        S.NOT_RESPONDING: {E.GO_AVAILABLE: S.AVAILABLE, E.PAUSE: S.PAUSED, E.LEAVE: S.OFFLINE},
    }
)

# Kept by one callback: a wish for another state waits until that is over.
BUSY = frozenset({S.HELD, S.RESERVED, S.ON_A_CALL, S.WRAP_UP})
# May be given a callback.
FREE = frozenset({S.AVAILABLE, S.IN_CHATS})
# What an agent or a supervisor may ask for, and the event it is.
WISHES: Mapping[str, AgentEvent] = MappingProxyType(
    {S.AVAILABLE.value: E.GO_AVAILABLE, S.PAUSED.value: E.PAUSE, S.OFFLINE.value: E.LEAVE}
)


def next_state(state: AgentState, event: AgentEvent) -> AgentState:
    """Return the state after the event; raise IllegalTransition where the table has no arrow."""
    try:
        return TRANSITIONS[state][event]
    except KeyError:
        raise IllegalTransition("agent", state, event) from None


def freed_state(state: AgentState, event: AgentEvent, then_state: str | None, *, chats: int = 0) -> AgentState:
    """Return where the event leads, and on from there to what the agent asked for while busy, or to their live chats."""
    after = next_state(state, event)
    if not (after in BUSY or after is AgentState.OFFLINE or then_state is None):
        after = next_state(after, WISHES[then_state])
    return next_state(after, AgentEvent.TAKE_CHATS) if after is AgentState.AVAILABLE and chats else after
