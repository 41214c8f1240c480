"""Reads `telephony` of a policy: what is said on telephones, which keys count, what is recorded."""

from __future__ import annotations

import re
from dataclasses import fields

from ringback.domain.handling import AgentHears, CallHandling
from ringback.interaction_manager.rules.reading import Reader

DEFAULT = CallHandling(agent_hears=AgentHears.RINGING)
LONGEST_TEXT = 500
_TEXTS = frozenset({"whisper", "customer_menu", "machine_message", "recording_notice"})
_SWITCHES = frozenset({"machine_detection", "recording"})
_SECONDS: dict[str, tuple[float, float]] = {
    "accept_within": (1, 120),
    "customer_menu_within": (1, 120),
    "later_after": (1, 604800),
    "longest_call": (10, 86400),
}
_KEYS = frozenset(each.name for each in fields(CallHandling))
_E164 = re.compile(r"\+[1-9]\d{3,14}")


def read_telephony(reader: Reader, value: object, path: str) -> CallHandling:
    """Read the mapping; null takes a text or a key away."""
    entry = reader.entry(value, path, set(), _KEYS) or {}
    read = {key: _one(reader, key, given, f"{path}.{key}") for key, given in entry.items() if key in _KEYS}
    known = {each.name: getattr(DEFAULT, each.name) for each in fields(CallHandling)}
    return CallHandling(**{**known, **read})


def _one(reader: Reader, key: str, value: object, path: str) -> object:
    if key in _SECONDS:
        return reader.number(value, path, *_SECONDS[key])
    if key in _SWITCHES:
        return reader.boolean(value, path)
    if key == "recording_days":
        return reader.integer(value, path, 1, 3650)
    if key == "agent_hears":
        return reader.choice(value, path, AgentHears) or DEFAULT.agent_hears
    if value is None:
        return None
    if key in _TEXTS:
        return reader.text(value, path, most=LONGEST_TEXT)
    if key == "accept_key":
        if not (isinstance(value, str) and len(value) == 1 and value in "0123456789*#"):
            reader.problem(path, "must be one key of a telephone, in quotation marks")
        return value
    if not (isinstance(value, str) and _E164.fullmatch(value)):
        reader.problem(path, "must be a telephone number with its country, such as +493090009000")
    return value
