"""What can be done with a callback now, and why not the rest: the row's menu and the opened row offer exactly that."""

from __future__ import annotations

from datetime import datetime

from ringback.console.rules.rows import Row
from ringback.console.wire import Possible
from ringback.domain.status import OPEN_STATES, CallbackState

NOTHING = Possible(move=False, reassign=False, call_next=False, cancel=False)


def possible(callback: Row, now: datetime) -> tuple[Possible, str | None]:
    """Return what the interaction manager would not refuse, for somebody who may act."""
    state = CallbackState(callback["state"])
    if state not in OPEN_STATES:
        return NOTHING, "It is over."
    if state is CallbackState.TALKING:
        return NOTHING, "They are talking."
    if state is CallbackState.CANCELLING:
        return NOTHING, "It is being cancelled."
    waiting = state is CallbackState.WAITING
    can = Possible(
        move=True,
        reassign=waiting or state is CallbackState.ASKING,
        call_next=waiting and callback["ready_at"] <= now,
        cancel=True,
    )
    if state is CallbackState.CALLING:
        return can, "It is being called: moving or cancelling stops the call first."
    if waiting and not can.call_next:
        return can, "Its time has not come: it cannot be called next before."
    return can, None
