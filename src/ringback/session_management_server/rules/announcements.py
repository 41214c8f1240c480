"""What is said on telephones, filled in for one call."""

from __future__ import annotations

from dataclasses import dataclass, replace

from ringback.domain.handling import PROMPT, AgentHears, CallHandling
from ringback.session_management_server.carriers.protocol import Abilities

MOST_WORDS = 24  # six seconds of fast speech; the engine's own limit is the length of the sound
_EMPTY = "a call"


@dataclass(frozen=True, slots=True, kw_only=True)
class Names:
    """What texts may name."""

    customer: str
    topic: str | None
    queue: str


def whisper(handling: CallHandling, names: Names) -> str | None:
    """Return what the agent hears on picking up: the queue's own text, or, with a key to press, what it is about and the key."""
    key = handling.accept_key
    if handling.whisper is not None:
        text = _filled(handling.whisper, names, key)
    elif key is not None:
        text = f"Callback for {names.customer}, {names.topic or names.queue}. Press {key} to accept."
    else:
        return None
    return text if text.startswith(PROMPT) else _short(text, f"Press {key} to accept." if key is not None else "")


def menu(handling: CallHandling, names: Names) -> str | None:
    """Return what the customer hears on picking up."""
    return None if handling.customer_menu is None else _filled(handling.customer_menu, names, None)


def machine_message(handling: CallHandling, names: Names) -> str | None:
    """Return what is left on a machine."""
    return None if handling.machine_message is None else _filled(handling.machine_message, names, None)


def possible(handling: CallHandling, abilities: Abilities) -> CallHandling:
    """Leave out what a carrier cannot do: where keys are not heard nobody is asked for one, where nothing is played nothing is said."""
    if Abilities.KEYS not in abilities or Abilities.PLAY not in abilities:
        handling = replace(handling, whisper=None, accept_key=None, customer_menu=None)
    if Abilities.PLAY not in abilities:
        handling = replace(handling, agent_hears=AgentHears.NOTHING, recording_notice=None)
    if Abilities.SCREEN not in abilities:
        handling = replace(handling, machine_detection=False, machine_message=None)
    return handling if Abilities.RECORD in abilities else replace(handling, recording=False)


def _filled(text: str, names: Names, key: str | None) -> str:
    """Fill in the names; braces around anything else stay as they are."""
    known = {"{customer}": names.customer, "{topic}": names.topic or _EMPTY, "{queue}": names.queue, "{key}": key or ""}
    for placeholder, value in known.items():
        text = text.replace(placeholder, value)
    return text


def _short(text: str, end: str) -> str:
    """Keep it short enough for the agent, and what has to be pressed at its end."""
    words = text.split()
    if len(words) <= MOST_WORDS:
        return text
    room = MOST_WORDS - len(end.split())
    return f"{' '.join(words[:room]).rstrip('.,;:')}. {end}".strip()
