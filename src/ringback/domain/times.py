"""When a call should be made, and windows of time. Only aware datetimes, always compared in UTC."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum


@dataclass(frozen=True, slots=True, kw_only=True)
class TimeWindow:
    """A span from `start` to `end`; the end belongs to it."""

    start: datetime
    end: datetime

    def __post_init__(self) -> None:
        """Refuse naive times and windows that run backwards."""
        if self.start.tzinfo is None or self.end.tzinfo is None:
            raise ValueError("a time window needs aware datetimes")
        if self.end < self.start:
            raise ValueError(f"window ends {self.end} before it starts {self.start}")

    @property
    def length(self) -> timedelta:
        """How long the window is."""
        return self.end - self.start

    def contains(self, instant: datetime) -> bool:
        """Tell whether the instant lies in the window, its ends included."""
        return self.start <= instant <= self.end

    def overlaps(self, other: TimeWindow) -> bool:
        """Tell whether the two share more than an edge."""
        return self.start < other.end and other.start < self.end


class WhenKind(StrEnum):
    """How the customer said when."""

    ASAP = "asap"  # as soon as possible
    SLOT = "slot"  # one of the times we offered
    INSTANT = "instant"  # at a time the customer named
    WINDOW = "window"  # between two times


@dataclass(frozen=True, slots=True, kw_only=True)
class When:
    """When the call should be made, in the customer's zone (an IANA name). `start` and `end` are None for as soon as possible;
    a slot and a window have both, an instant has `start` only."""

    kind: WhenKind
    zone: str
    start: datetime | None = None
    end: datetime | None = None

    def __post_init__(self) -> None:
        """Refuse a kind whose times are missing."""
        needs_start = self.kind is not WhenKind.ASAP
        needs_end = self.kind in (WhenKind.SLOT, WhenKind.WINDOW)
        if needs_start != (self.start is not None) or needs_end != (self.end is not None):
            raise ValueError(f"{self.kind} does not go with start {self.start} and end {self.end}")
