"""What a contact centre that is already there reports of itself: who waits and talks at it, and what its agents do."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum


class OutsideKind(StrEnum):
    """What happened there."""

    ARRIVED = "arrived"  # somebody waits in a queue
    ANSWERED = "answered"  # an agent of theirs took it
    ABANDONED = "abandoned"  # left before anybody answered
    TRANSFERRED = "transferred"  # waits anew, in another queue
    ENDED = "ended"  # the talk is over, or it left the queue another way
    AGENT = "agent"  # what an agent does


class OutsideMedia(StrEnum):
    """What kind of interaction it is."""

    CALL = "call"
    CHAT = "chat"


class OutsideAgentState(StrEnum):
    """What an agent does there."""

    AVAILABLE = "available"
    BUSY = "busy"  # rung, or with somebody
    WRAP_UP = "wrap_up"
    PAUSED = "paused"
    OFFLINE = "offline"


class StaleThen(StrEnum):
    """What becomes of offers as soon as possible while a queue's live status is stale."""

    WIDEN = "widen"
    STOP = "stop"


@dataclass(frozen=True, slots=True, kw_only=True)
class Caller:
    """Who it is, as far as that is proved: the caller's number as their carrier says (E.164), or the business's own name for them."""

    number: str | None = None
    identity: str | None = None

    @property
    def is_known(self) -> bool:
        """Tell whether there is anything to look for."""
        return self.number is not None or self.identity is not None


@dataclass(frozen=True, slots=True, kw_only=True)
class OutsideEvent:
    """One thing that happened there. `seq`: 1, 2, 3 … of its source; queues and agents by their short names here."""

    seq: int
    kind: OutsideKind
    at: datetime
    interaction: str | None = None
    queue: str | None = None
    agent: str | None = None
    state: OutsideAgentState | None = None
    media: OutsideMedia = OutsideMedia.CALL
    priority: int = 0
    caller: Caller | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class OutsideInteraction:
    """Somebody who waits there, or (`answered_at`) talks."""

    interaction: str
    queue: str
    arrived_at: datetime
    answered_at: datetime | None = None
    agent: str | None = None
    media: OutsideMedia = OutsideMedia.CALL
    priority: int = 0
    caller: Caller | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class OutsideAgent:
    """What one agent does there, and since when."""

    agent: str
    state: OutsideAgentState
    since: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class OutsideSnapshot:
    """All of it as it was after event `seq`. What is not in it is not there any more."""

    seq: int
    at: datetime
    queues: tuple[str, ...]
    interactions: tuple[OutsideInteraction, ...] = ()
    agents: tuple[OutsideAgent, ...] = ()
