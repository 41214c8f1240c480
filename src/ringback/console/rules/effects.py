"""What an act would do, in words, before it is done."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from ringback.console.api.wire import Affected
from ringback.console.rules import promise_words
from ringback.console.rules.clock_words import clock, moment, span, zone
from ringback.console.rules.customer_words import customer_name
from ringback.console.rules.overview_rows import promised_of
from ringback.console.rules.rows import Row
from ringback.domain.status import CallbackState
from ringback.domain.times import When

_SOON = timedelta(minutes=30)


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


def late_soon(rows: Sequence[Row], now: datetime, where: ZoneInfo) -> tuple[list[Row], str]:
    """Return whose promises end within about half an hour if nothing rings, and that moment by the clock."""
    until = now + _SOON
    until += timedelta(minutes=-until.minute % 15, seconds=-until.second, microseconds=-until.microsecond)
    waiting = (CallbackState.WAITING, CallbackState.CALLING)
    late = [row for row in rows if row["state"] in waiting and row["window_end"] <= until]
    return late, clock(until, where)


def lever_summary(
    rows: Sequence[Row], *, offering: bool | None, dialling: bool | None, cap: int | None, late: int, by: str
) -> str:
    """Say in a line what levers do. `cap` -1: removed."""
    parts = []
    if offering is not None:
        stays = f"{len(rows)} stay promised."
        parts.append(f"Callbacks are offered again. {stays}" if offering else f"No new callbacks. {stays}")
    if dialling is not None:
        parts.append(
            f"Dialling goes on. {len(rows)} are promised."
            if dialling
            else f"Nothing rings. {late} would be late by {by}."
        )
    if cap is not None:
        parts.append(_cap_words(len(rows), cap))
    return " ".join(parts) or "Nothing changes."


def _cap_words(promised: int, cap: int) -> str:
    if cap < 0:
        return f"No cap. {promised} are promised."
    if promised >= cap:
        return f"No new callbacks until fewer than {cap} are promised; {promised} are now, and all stay."
    return f"At most {cap} promised at once; {promised} are now."
