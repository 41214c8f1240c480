"""What an act on many callbacks would do to each, so that a preview and the act itself are one computation."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable
from dataclasses import dataclass
from enum import StrEnum

from ringback.domain.ids import CallbackId
from ringback.domain.status import CallbackState


class Does(StrEnum):
    """What becomes of one callback."""

    ACTS = "acts"  # what was asked for
    REASSIGNS = "reassigns"  # another agent keeps its time
    OFFERS_MOVE = "offers_move"  # its time cannot be kept: the customer is told, and may move it
    ASKS = "asks"  # the customer is asked whether another agent may call
    OVER = "over"  # nothing: it is over
    TALKING = "talking"  # nothing: they are talking
    CANCELLING = "cancelling"  # nothing: it is being cancelled
    BEING_CALLED = "being_called"  # nothing: it is being called
    NO_ROOM = "no_room"  # nothing: there is no room at that time
    NO_CHAT = "no_chat"  # nothing: it did not come by a chat
    NOT_IN_QUEUE = "not_in_queue"  # nothing: that agent does not serve its queue
    THEIRS = "theirs"  # nothing: it is that agent's already
    TOLD = "told"  # nothing: the customer was told already


CHANGES = frozenset({Does.ACTS, Does.REASSIGNS, Does.OFFERS_MOVE, Does.ASKS})
ACTIONS = ("cancel", "move", "reassign", "message", "offer_move")


@dataclass(frozen=True, slots=True, kw_only=True)
class Planned:
    """One callback and what becomes of it."""

    callback: CallbackId
    does: Does


def stays(action: str, state: CallbackState, *, has_chat: bool, notices: int, most_notices: int) -> Does | None:
    """Say why an act leaves a callback alone, as far as its state says; None: it does not."""
    if state in (CallbackState.DONE, CallbackState.CANCELLED, CallbackState.CLOSED):
        return Does.OVER
    if action == "message":
        return None if has_chat else Does.NO_CHAT
    if state is CallbackState.TALKING:
        return Does.TALKING
    if state is CallbackState.CANCELLING:
        return Does.CANCELLING
    if action in ("reassign", "offer_move") and state is not CallbackState.WAITING:
        return Does.BEING_CALLED
    if action == "offer_move" and not has_chat:
        return Does.NO_CHAT
    if action == "offer_move" and notices >= most_notices:
        return Does.TOLD
    return None


def fingerprint(what: Iterable[object], planned: Iterable[Planned]) -> str:
    """Return what tells a plan from every other: what is asked for, and what becomes of whom."""
    lines = [repr(tuple(what)), *sorted(f"{each.callback} {each.does}" for each in planned)]
    return hashlib.sha256("\n".join(lines).encode()).hexdigest()[:32]
