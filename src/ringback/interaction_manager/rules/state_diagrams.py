"""The state tables drawn as Mermaid: docs/states.md is generated from the tables and compared with them."""

from __future__ import annotations

from collections.abc import Mapping
from enum import StrEnum
from typing import TypeVar

from ringback.domain.status import AgentState, CallbackState
from ringback.interaction_manager.rules import agent_states, callback_states

State = TypeVar("State", bound=StrEnum)
Event = TypeVar("Event", bound=StrEnum)


def mermaid(transitions: Mapping[State, Mapping[Event, State]], *, initial: State) -> str:
    """Draw one table; events that lead to the same state share an arrow, and states without arrows are final."""
    lines = ["stateDiagram-v2", f"    [*] --> {initial}"]
    for state, arrows in transitions.items():
        targets: dict[State, list[str]] = {}
        for event, target in arrows.items():
            targets.setdefault(target, []).append(event.value)
        lines += [f"    {state} --> {target}: {', '.join(events)}" for target, events in targets.items()]
        if not arrows:
            lines.append(f"    {state} --> [*]")
    return "\n".join(lines)


def callback_diagram() -> str:
    """Draw the life of a callback."""
    return mermaid(callback_states.TRANSITIONS, initial=CallbackState.WAITING)


def agent_diagram() -> str:
    """Draw what an agent may do next."""
    return mermaid(agent_states.TRANSITIONS, initial=AgentState.OFFLINE)
