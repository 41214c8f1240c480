"""A person with an open callback is with us by another way: what becomes of the callback."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

from ringback.domain.ids import CallbackId, QueueId
from ringback.domain.outside import OutsideMedia
from ringback.interaction_manager.rules.outside import BELIEVED_FOR, EndedWhy, Interaction, Stage

CHAT = OutsideMedia.CHAT
LOOK_AGAIN = timedelta(seconds=30)
# After a short talk the chat asks; so long the promise waits for the answer.
ASK_FOR = timedelta(seconds=60)


class Next(StrEnum):
    """What follows."""

    HOLD_OFF = "hold_off"  # not dialled while they are with us
    WITHDRAW = "withdraw"  # they got what they waited for
    ASK = "ask"  # they spoke with somebody, briefly or elsewhere: the chat asks
    RESUME = "resume"  # nobody answered them: the promise stands


@dataclass(frozen=True, slots=True, kw_only=True)
class Through:
    """One interaction joined to the callback, and when its source was last heard."""

    interaction: Interaction
    heard_at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class Consequence:
    """What follows, since when they are with us, and when to look again."""

    next: Next
    since: datetime | None = None
    talked_from: datetime | None = None
    talked_for: float | None = None
    wrote: bool = False
    again_at: datetime | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Open:
    """An open callback of the caller."""

    callback: CallbackId
    queue: QueueId
    ready_at: datetime


def match(found: Sequence[Open], queue: QueueId) -> Open | None:
    """Choose which of the caller's callbacks the interaction is about: of the same queue first, then the one due first."""
    return min(found, key=lambda each: (each.queue != queue, each.ready_at, each.callback), default=None)


def consequence(joined: Sequence[Through], queue: QueueId, now: datetime, *, enough: float) -> Consequence:
    """Say what becomes of a callback of `queue`; `enough`: the seconds of talk after which it is not needed any more.

    How long a chat was says little, because people write between other things: after one they are asked.
    """
    talks = [each for each in joined if each.interaction.answered_at is not None]
    for each in talks:
        found = _withdrawn(each, queue, now, enough)
        if found is not None:
            return found
    live = [each for each in joined if each.interaction.is_live and now - each.heard_at <= BELIEVED_FOR]
    if live:
        return _with_us(live, queue, now, enough)
    if talks:
        first = min(talks, key=lambda each: each.interaction.arrived_at).interaction
        return Consequence(
            next=Next.ASK, talked_from=first.answered_at, talked_for=_length(first, now), wrote=first.media is CHAT
        )
    return Consequence(next=Next.RESUME)


def _withdrawn(each: Through, queue: QueueId, now: datetime, enough: float) -> Consequence | None:
    at = each.interaction
    if (
        at.media is CHAT
        or at.queue != queue
        or at.ended_why is EndedWhy.LOST
        or _length(at, min(now, each.heard_at)) < enough
    ):
        return None
    return Consequence(next=Next.WITHDRAW, talked_from=at.answered_at, talked_for=_length(at, now))


def _with_us(live: Sequence[Through], queue: QueueId, now: datetime, enough: float) -> Consequence:
    again = [now + LOOK_AGAIN]
    for each in live:
        answered = each.interaction.answered_at
        if each.interaction.media is CHAT:
            continue
        if each.interaction.stage is Stage.TALKING and each.interaction.queue == queue and answered is not None:
            again.append(max(now + timedelta(seconds=1), answered + timedelta(seconds=enough)))
    since = min(each.interaction.arrived_at for each in live)
    return Consequence(next=Next.HOLD_OFF, since=since, again_at=min(again))


def _length(interaction: Interaction, until: datetime) -> float:
    """Return how many seconds they talked, as far as that is known at this instant."""
    if interaction.answered_at is None:
        return 0.0
    return max(0.0, ((interaction.ended_at or until) - interaction.answered_at).total_seconds())
