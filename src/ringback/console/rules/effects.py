"""What an act would do, in words, before it is done."""

from __future__ import annotations

from datetime import datetime
from zoneinfo import ZoneInfo

from ringback.console.api.wire import Affected
from ringback.console.rules import promise_words
from ringback.console.rules.clock_words import moment, span, zone
from ringback.console.rules.customer_words import customer_name
from ringback.console.rules.overview_rows import promised_of
from ringback.console.rules.rows import Row
from ringback.domain.status import CallbackState
from ringback.domain.times import When


def affected(row: Row, effect: str, now: datetime) -> Affected:
    """Name somebody an act affects."""
    return Affected(
        callback=row["id"],
        customer=customer_name(row["person_name"], row["destination"], row["ending"]),
        promise=promise_words.short(promised_of(row), now, zone(row["zone"])),
        effect=effect,
    )


def effect_of(action: str, row: Row, now: datetime, *, when: When | None, agent: str | None) -> str:
    """Say what cancel, move or reassign does to one callback now."""
    state = CallbackState(row["state"])
    if state is CallbackState.TALKING:
        return "Stays: they are talking"
    if state is CallbackState.CANCELLING:
        return "Stays: it is being cancelled"
    if action == "reassign":
        if state is CallbackState.CALLING:
            return "Stays: it is being called"
        return f"{agent} calls" if agent else "Anyone of the queue calls"
    ringing = " when the call under way is stopped" if state is CallbackState.CALLING else ""
    if action == "cancel":
        return f"Cancelled{ringing}; the chat says so"
    return f"Moves to {_when_words(when, now, zone(row['zone']))}{ringing}, if there is room"


def _when_words(when: When | None, now: datetime, where: ZoneInfo) -> str:
    if when is None or when.start is None:
        return "as soon as possible"
    if when.end is None:
        return moment(when.start, now, where)
    return span(when.start, when.end, now, where)
