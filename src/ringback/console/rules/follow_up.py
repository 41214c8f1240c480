"""What became of an agent's "call again", in the words of the desk: the agent who promised it hears whether it will happen."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

import msgspec

from ringback.console.rules.promise_words import Promised, short
from ringback.domain.commands import PromiseMade

ON_ITS_WAY = "The new call is asked for. It is in the lists as soon as it is accepted."


def words(state: str, public: Mapping[str, Any], now: datetime, where: ZoneInfo) -> tuple[bool | None, str]:
    """Return whether the new call is booked (None: not known yet), and a sentence that says so."""
    if state == "sent":
        return None, ON_ITS_WAY
    if state == "refused":
        next = f" {public['next']}" if public.get("next") else ""
        why = str(public.get("detail") or "There is no room.")
        return False, f"The new call was not booked. {why}{next} The customer is not called again unless you ask anew."
    if public.get("promise") is None:
        return True, "The new call is booked."
    made = msgspec.convert(public["promise"], PromiseMade)
    promised = Promised(start=made.window.start, end=made.window.end, early_is_fine=made.early_is_fine)
    return True, f"The new call is booked, {short(promised, now, where)}."
