"""Reasons as the interaction manager recorded them, turned to whom they are read by."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

from ringback.console.rules.clock_words import clock, day_always

# The verdicts of selection speak of the agent; on the agent's own desk they speak to them.
_TO_YOU = {
    "The customer asked for them": "The customer asked for you",
    "They talked with this customer last": "You talked with this customer last",
    "The only one free who can take it": "You are the only one free who can take it",
}

_UNSAID = frozenset({"level"})  # a sum that orders agents and says nothing by itself


def why_you(reasons: Mapping[str, Any] | None, *, spoke_at: datetime | None, where: ZoneInfo) -> str:
    """Return why this agent has the callback, to themselves: the verdict, then what it rests on."""
    if not reasons:
        return "You were free."
    verdict = str(reasons.get("verdict") or "You were free")
    detail = reasons.get("detail") or {}
    first = _TO_YOU.get(verdict, verdict)
    if verdict.startswith("Idle longest"):
        first = f"You were idle longest{verdict.removeprefix('Idle longest')}"
    elif verdict.startswith("Best at"):
        first = f"You are best at{verdict.removeprefix('Best at')}"
    if spoke_at is not None and verdict == "They talked with this customer last":
        first = f"You spoke on {day_always(spoke_at, where)}"
    skills = detail.get("skills")
    parts = [first]
    if skills and not verdict.startswith("Best at"):
        parts.append(f"you have {_skills(str(skills))}")
    return _sentence(", and ".join(parts) if len(parts) == 2 else first)


def reason_items(verdict: str, detail: Mapping[str, Any], where: ZoneInfo) -> list[tuple[str, str]]:
    """Return a recorded reason as marked lines: the verdict, then each figure behind it that says something."""
    items = [("yes", verdict)]
    for name, value in detail.items():
        if name in _UNSAID or value is None or value == "" or isinstance(value, list | dict):
            continue
        items.append(("info", f"{name.replace('_', ' ').capitalize()}: {_figure(value, where)}"))
    return items


def _figure(value: object, where: ZoneInfo) -> str:
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, float):
        return f"{value:g}"
    text = str(value)
    try:
        return clock(datetime.fromisoformat(text), where) if "T" in text else text
    except ValueError:
        return text


def _skills(text: str) -> str:
    names = [part.rsplit(" ", 1)[0] for part in text.split(", ")]
    return f"the {names[0]} skill" if len(names) == 1 else f"the skills {', '.join(names)}"


def _sentence(words: str) -> str:
    return words if words.endswith(".") else words + "."
