"""Whose turn it is to be held for, directed or called, as the clock goes: a booked time has its agent before it comes, and never rings before it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

# A direction is handed over so long ahead: the call happens on time without the interaction manager.
DIRECT_AHEAD = timedelta(seconds=15)


class Turn(StrEnum):
    """What a waiting callback is ripe for."""

    HOLD = "hold"  # keep an agent free for it
    DIRECT = "direct"  # hand it over now, to begin at its window's start
    CALL = "call"  # its turn in the line
    WAIT = "wait"


@dataclass(frozen=True, slots=True, kw_only=True)
class Ripe:
    """What can be done for it now, and when time alone will change that."""

    turn: Turn
    next_at: datetime | None = None


def hold_from(window_start: datetime, *, hold_before: float) -> datetime:
    """Return from when an agent is held for a booked time."""
    return window_start - timedelta(seconds=hold_before)


def direct_from(window_start: datetime, *, hold_before: float) -> datetime:
    """Return from when the direction is handed over: ahead, as far as the hold allows."""
    return window_start - min(DIRECT_AHEAD, timedelta(seconds=hold_before))


def ripeness(
    now: datetime, *, ready_at: datetime, window_start: datetime, booked: bool, held: bool, hold_before: float
) -> Ripe:
    """Say what a waiting callback is ripe for."""
    if booked and now < window_start:
        hold = hold_from(window_start, hold_before=hold_before)
        direct = direct_from(window_start, hold_before=hold_before)
        if now < hold:
            return Ripe(turn=Turn.WAIT, next_at=hold)
        if now < direct:
            return Ripe(turn=Turn.WAIT if held else Turn.HOLD, next_at=direct)
        return Ripe(turn=Turn.DIRECT, next_at=window_start)
    if ready_at > now:
        return Ripe(turn=Turn.WAIT, next_at=ready_at)
    return Ripe(turn=Turn.CALL)
