"""What a business's own system says of a customer when it is asked, and what is done when it does not say it in time."""

from __future__ import annotations

import json
from dataclasses import dataclass

WITHIN = 2.0  # seconds, connecting included
LONGEST = 4096  # bytes of an answer
_HIGHEST = 100
_REASON = 200  # characters


@dataclass(frozen=True, slots=True, kw_only=True)
class LookedUp:
    """The priority to give, or why the callback keeps the one it has; neither: the system has nothing to say of them."""

    priority: int | None = None
    reason: str = "looked up"
    problem: str | None = None


def read_lookup(status: int | None, error: str | None, body: bytes) -> LookedUp:
    """Read an answer: `{"priority": 0–100, "reason": "…"}`, or nothing. Whatever else comes, or does not, changes no priority."""
    if error is not None or status is None:
        return LookedUp(problem=f"{error or 'no answer'}: the priority stays")
    if not 200 <= status < 300:
        return LookedUp(problem=f"status {status}: the priority stays")
    if not body.strip():
        return LookedUp()
    try:
        said = json.loads(body)
    except ValueError:
        return LookedUp(problem="not JSON: the priority stays")
    priority = said.get("priority") if isinstance(said, dict) else None
    if priority is None:
        return LookedUp()
    if isinstance(priority, bool) or not isinstance(priority, int) or not 0 <= priority <= _HIGHEST:
        return LookedUp(problem=f"priority is 0 to {_HIGHEST}: it stays")
    reason = said.get("reason")
    words = "".join(each for each in reason if each.isprintable())[:_REASON] if isinstance(reason, str) else ""
    return LookedUp(priority=priority, reason=words or "looked up")
