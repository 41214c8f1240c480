"""What an act does to a callback, in words: the interaction manager's plan as people read it."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from datetime import datetime

from ringback.console.api.wire import Affected
from ringback.console.rules import promise_words
from ringback.console.rules.clock_words import moment, span, zone
from ringback.console.rules.customer_words import customer_name
from ringback.console.rules.overview_rows import promised_of
from ringback.console.rules.rows import Row
from ringback.domain.status import CallbackState
from ringback.domain.times import When

# What the interaction manager's plans say (its rules/plans.py); the first four change something.
CHANGES = frozenset({"acts", "reassigns", "offers_move", "asks"})
_STAYS = {
    "over": "Stays: it is over",
    "talking": "Stays: they are talking",
    "cancelling": "Stays: it is being cancelled",
    "being_called": "Stays: it is being called",
    "no_room": "Stays: that time is not possible for it",
    "no_chat": "Stays: it did not come by a chat",
    "not_in_queue": "Stays: that agent does not serve its queue",
    "theirs": "Stays: it is theirs already",
    "told": "Stays: the customer was told already",
}


def affected(row: Row, effect: str, now: datetime, *, changes: bool = True) -> Affected:
    """Name somebody an act touches."""
    return Affected(
        callback=row["id"],
        customer=customer_name(row["person_name"], row["destination"], row["ending"]),
        promise=promise_words.short(promised_of(row), now, zone(row["zone"])),
        effect=effect,
        changes=changes,
    )


def in_short(touched: Sequence[Affected]) -> str:
    """Return a plan in one line."""
    count = Counter(each.changes for each in touched)
    words = f"{count[True]} callback" + ("" if count[True] == 1 else "s")
    return words + (f"; {count[False]} left as {'it is' if count[False] == 1 else 'they are'}" if count[False] else "")


def effect_of(action: str, does: str, row: Row, now: datetime, *, when: When | None, agent: str | None) -> str:
    """Say what a plan does to one callback."""
    if does not in CHANGES:
        return _STAYS.get(does, "Stays")
    if does == "reassigns":
        return "Somebody else calls, at the same time; the chat says so"
    if does == "asks":
        return "Asked in the chat: anyone, another time, or cancel"
    if does == "offers_move" or action == "offer_move":
        return "Told in the chat that the time may not hold, with another time to pick"
    ringing = " when the call under way is stopped" if row["state"] == CallbackState.CALLING else ""
    match action:
        case "reassign":
            return f"{agent} calls" if agent else "Anyone of the queue calls"
        case "message":
            return "Written to in the chat"
        case "cancel":
            return f"Cancelled{ringing}; the chat says so"
    return f"Moves to {_when_words(when, now, row)}{ringing}"


def _when_words(when: When | None, now: datetime, row: Row) -> str:
    where = zone(row["zone"])
    if when is None or when.start is None:
        return "as soon as possible"
    return moment(when.start, now, where) if when.end is None else span(when.start, when.end, now, where)
