"""What was promised, in the words of desk and console."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from zoneinfo import ZoneInfo

from ringback.console.rules.clock_words import minutes, moment, span
from ringback.domain.status import BrokenCause, PromiseResult

CAUSES = {
    BrokenCause.NEVER_DIALLED: "never dialled",
    BrokenCause.LATE: "late",
    BrokenCause.NO_AGENT: "no agent",
    BrokenCause.JOIN_TOO_SLOW: "joined too slowly",
    BrokenCause.CARRIER: "carrier",
    BrokenCause.UNKNOWN: "not known if it rang",
    BrokenCause.CLOSED_BY_US: "closed by us",
    BrokenCause.CHANGED_AFTER_NOTICE: "changed after our notice",
    BrokenCause.EXPIRED: "expired",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Promised:
    """The window we are held to. `asap`: early is fine and no start was promised."""

    start: datetime
    end: datetime
    early_is_fine: bool


def short(promised: Promised, now: datetime, where: ZoneInfo) -> str:
    """Return `by 14:50`, or `15:15–15:30`."""
    if promised.early_is_fine:
        return f"by {moment(promised.end, now, where)}"
    return span(promised.start, promised.end, now, where)


def full(promised: Promised, now: datetime, where: ZoneInfo) -> str:
    """Return `By 14:50, as soon as possible`, or `15:15–15:30`."""
    if promised.early_is_fine:
        return f"By {moment(promised.end, now, where)}, as soon as possible"
    return span(promised.start, promised.end, now, where)


def outcome(
    result: PromiseResult, cause: BrokenCause | None, promised: Promised, first_ring: datetime | None
) -> tuple[str, bool | None]:
    """Return how the promise ended in words, and whether it was kept (None: it counts neither way)."""
    match result:
        case PromiseResult.KEPT:
            if promised.early_is_fine and first_ring is not None and first_ring < promised.end:
                return f"Kept, {minutes(promised.end - first_ring)} min early", True
            return "Kept", True
        case PromiseResult.BROKEN:
            late = (
                f", {minutes(first_ring - promised.end)} min late" if first_ring and first_ring > promised.end else ""
            )
            return f"Broken{late or ': ' + CAUSES.get(cause or BrokenCause.UNKNOWN, 'not known')}", False
        case PromiseResult.WITHDRAWN:
            return "Withdrawn", None
        case PromiseResult.OPEN:
            return "Open", None
