"""What the customer has chosen so far, and what an option of a prompt means when it is chosen. Both are stored as plain JSON."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from typing import Any

import msgspec

from ringback.domain.times import When, WhenKind


class Act(StrEnum):
    """What choosing an option does."""

    TAKE_WHEN = "take_when"  # this time
    PICK_TIME = "pick_time"  # show days and times
    SHOW_DAY = "show_day"  # the same prompt with that day's times
    PICK_PROVIDER = "pick_provider"  # show who can call
    TAKE_PROVIDER = "take_provider"
    CONFIRM = "confirm"  # number, consent and yes
    KEEP = "keep"  # late: keep the place
    MOVE = "move"
    CANCEL = "cancel"
    RANG = "rang"  # not known: it did ring
    DID_NOT_RING = "did_not_ring"
    AGAIN = "again"  # declined: call again
    CLOSE = "close"  # declined: no more
    STILL_NEEDED = "still_needed"  # an incident: keep the place
    ANYONE = "anyone"  # the agent asked for is away: somebody else may call
    WAIT = "wait"  # tell me when there is room
    OFFER = "offer"  # show what can be offered
    ASK_BOT = "ask_bot"  # this question of the bot's
    HELPED = "helped"  # the bot's answer was right
    NOT_HELPED = "not_helped"
    SEND_CODE = "send_code"  # another code, to prove the number
    OTHER_NUMBER = "other_number"  # a channel of messages: be called elsewhere
    RATE_GOOD = "rate_good"  # how the call was
    RATE_SO_SO = "rate_so_so"
    RATE_BAD = "rate_bad"
    NO = "no"  # no thanks


@dataclass(frozen=True, slots=True, kw_only=True)
class Meaning:
    """An option's meaning: never sent out, only its token is."""

    act: Act
    when: When | None = None
    provider: str | None = None
    day: str | None = None  # 2026-11-24
    question: str | None = None  # as the bot knows it
    told_by: datetime | None = None  # what stands on a yes to as soon as possible


@dataclass(frozen=True, slots=True, kw_only=True)
class Draft:
    """A request in the making. `moving`: it gives an existing callback another time."""

    provider: str | None = None
    when: When | None = None
    topic: str | None = None
    typed: bool = False  # the time came from the customer's own words
    moving: bool = False
    number: str | None = field(default=None, repr=False)  # on a page: the one they wrote
    here: bool = False  # on a page: they wrote that the browser will do
    asked: tuple[str, ...] = ()  # what was asked for, each time once: nothing is asked more than twice


def dump(value: Draft | Meaning) -> dict[str, Any]:
    """Turn into plain JSON."""
    plain: dict[str, Any] = msgspec.to_builtins(value)
    return plain


def load_draft(plain: object) -> Draft:
    """Read a stored draft."""
    return msgspec.convert(plain or {}, Draft)


def load_meaning(plain: object) -> Meaning:
    """Read a stored meaning."""
    return msgspec.convert(plain, Meaning)


def slot_when(start: datetime, end: datetime, zone: str) -> When:
    """Return the `when` of a slot."""
    return When(kind=WhenKind.SLOT, zone=zone, start=start, end=end)
