"""Draws the state tables into docs/states.md. `python scripts/draw_states.py` writes it; a test compares it with the tables."""

from __future__ import annotations

import re
from collections.abc import Mapping
from enum import StrEnum
from pathlib import Path
from types import ModuleType
from typing import TypeVar

from ringback.domain.status import AgentState, CallbackState
from ringback.interaction_manager.rules import agent_states, callback_states
from ringback.session_management_server.rules import attempt_states, leg_states
from ringback.session_management_server.rules.attempt_states import AttemptState
from ringback.session_management_server.rules.leg_states import LegPhase

ROOT = Path(__file__).resolve().parent.parent
DOCUMENT = ROOT / "docs" / "states.md"

State = TypeVar("State", bound=StrEnum)
Event = TypeVar("Event", bound=StrEnum)

HEAD = """# States

Drawn from the tables by `python scripts/draw_states.py`; a test fails when a table and its drawing differ. A state without
an arrow out of it is final. An event that has no arrow in a state raises `IllegalTransition`, naming both.
"""


def mermaid(transitions: Mapping[State, Mapping[Event, State]], *, initial: State) -> str:
    """Draw one table. Events that lead from one state to the same other share an arrow."""
    lines = ["stateDiagram-v2", f"    [*] --> {initial}"]
    for state, arrows in transitions.items():
        targets: dict[State, list[str]] = {}
        for event, target in arrows.items():
            targets.setdefault(target, []).append(event.value)
        lines += [f"    {state} --> {target}: {', '.join(events)}" for target, events in targets.items()]
        if not arrows:
            lines.append(f"    {state} --> [*]")
    return "\n".join(lines)


def section(title: str, module: ModuleType, drawing: str) -> str:
    """Return one machine's part: its purpose, where its table is, the drawing."""
    where = module.__name__.replace(".", "/")
    purpose = re.sub(r"\s+", " ", (module.__doc__ or "").strip())
    return f"## {title}\n\n{purpose} Table: `src/{where}.py`.\n\n```mermaid\n{drawing}\n```\n"


def document() -> str:
    """Return the whole page."""
    sections = [
        section("Callback", callback_states, mermaid(callback_states.TRANSITIONS, initial=CallbackState.WAITING)),
        section("Agent", agent_states, mermaid(agent_states.TRANSITIONS, initial=AgentState.OFFLINE)),
        section("Attempt", attempt_states, mermaid(attempt_states.TRANSITIONS, initial=AttemptState.DIRECTED)),
        section("Leg", leg_states, mermaid(leg_states.TRANSITIONS, initial=LegPhase.NEW)),
    ]
    return "\n".join([HEAD, *sections])


if __name__ == "__main__":
    DOCUMENT.write_text(document(), encoding="utf-8")
    print(f"wrote {DOCUMENT.relative_to(ROOT)}")
