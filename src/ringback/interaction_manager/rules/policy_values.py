"""The values that settings are made of: choices, and small groups of figures."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import time
from enum import StrEnum


class EndOfDay(StrEnum):
    """What becomes of a callback that is still open when its queue closes."""

    LATE = "late"  # the people on duty finish it, up to `late_limit` after closing
    NEXT_DAY = "next_day"  # first slots of the next day, at raised priority, told in the chat
    CLOSE = "close"  # closed with a message


class NamedAgentThen(StrEnum):
    """What happens when the named agent has been waited for long enough."""

    QUEUE = "queue"  # anyone of the queue
    ASK = "ask"  # the customer is asked in the chat


class DispositionEffect(StrEnum):
    """What a disposition does to the callback."""

    CLOSE = "close"
    CALL_AGAIN = "call_again"
    BLOCK = "block"  # closed, and this person is not offered callbacks any more
    FOLLOW_UP = "follow_up"  # closed, and a person at the business has something to do


@dataclass(frozen=True, slots=True, kw_only=True)
class Disposition:
    """One button of the wrap-up. `after`: seconds until we call again, where the agent names no time."""

    code: str
    label: str
    effect: DispositionEffect
    after: float | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class CallingHours:
    """When a person may be called at a time that we chose, in the person's own zone."""

    start: time = time(8)
    end: time = time(21)
    zones_before_asking: int = 3  # a number that may lie in more zones than this: ask


@dataclass(frozen=True, slots=True, kw_only=True)
class SkillStep:
    """From this share of the window on, this level of the required skills is enough; `language` False drops it too."""

    used: float
    level: int
    language: bool = True
