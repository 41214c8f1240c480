"""What the interaction manager's documents (policy, hours, shifts) mean for those who work in a queue: desk and console read it through this."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol

from ringback.domain.commands import Estimate
from ringback.domain.times import TimeWindow

Document = Mapping[str, object]


@dataclass(frozen=True, slots=True, kw_only=True)
class DispositionChoice:
    """One button of the wrap-up. `effect`: close, call_again, block or follow_up; `after`: seconds until the next call."""

    code: str
    label: str
    effect: str
    after: float | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Workplace:
    """A queue's settings, as far as people who work in it see them."""

    pause_reasons: tuple[str, ...]
    decline_reasons: tuple[str, ...]
    dispositions: tuple[DispositionChoice, ...]
    agent_ring: float
    customer_ring: float
    score_target: float  # per cent on time
    notice_below: float


@dataclass(frozen=True, slots=True, kw_only=True)
class OpeningNow:
    """Whether a queue is open, and until or from when."""

    open_now: bool
    until: datetime | None
    next_opening: datetime | None
    zone: str


class WorkplaceReader(Protocol):
    """Reads documents that were checked when they were applied. Pure: the same document gives the same answer."""

    def workplace(self, business_policy: Document, queue_policy: Document) -> Workplace:
        """Return a queue's settings, its business's filled in."""

    def opening(self, hours: Document, now: datetime, shut: TimeWindow | None = None) -> OpeningNow:
        """Return whether the hours are open now; `shut`: closed by an operator, whatever they say."""

    def closed(self, hours: Document, window: TimeWindow, shut: TimeWindow | None = None) -> bool:
        """Tell whether the hours are closed all through the window."""

    def shift_ends(self, shifts: Document, hours: Sequence[Document], zone: str, now: datetime) -> datetime | None:
        """Return when the agent's present stretch of work ends; None when they are not on shift."""

    def chance(self, window: TimeWindow, estimate: Estimate, agent_ring: float) -> float:
        """Return the probability that the customer's device rings before the window ends."""
