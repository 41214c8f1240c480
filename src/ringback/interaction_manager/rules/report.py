"""The report: all figures of a ledger, in all and by queue, channel, provider or interval. Pure: a ledger in, figures out."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass, replace
from datetime import datetime
from enum import StrEnum
from typing import Any, TypeAlias, TypeVar
from zoneinfo import ZoneInfo

from ringback.domain.status import PromiseKind
from ringback.interaction_manager.rules.efforts import (
    Attempts,
    HandlingTime,
    Occupancy,
    Places,
    attempts_of,
    handling_of,
    occupancy_of,
    places_of,
)
from ringback.interaction_manager.rules.failures import failures, misjudged
from ringback.interaction_manager.rules.intervals import Interval, cut, interval_of
from ringback.interaction_manager.rules.records import (
    CallbackRecord,
    CustomerLeg,
    Handling,
    Ledger,
    PromiseRecord,
    Stretch,
)
from ringback.interaction_manager.rules.score import (
    Coverage,
    Lateness,
    Score,
    ServiceLevel,
    coverage_of,
    lateness_of,
    score,
    service_level_of,
)

_QUARTER = 900  # seconds


class GroupBy(StrEnum):
    """What a report is divided by."""

    QUEUE = "queue"
    CHANNEL = "channel"
    PROVIDER = "provider"
    INTERVAL = "interval"


@dataclass(frozen=True, slots=True, kw_only=True)
class Figures:
    """Everything about one group. `first` is the headline; retries and moves have lines of their own."""

    group: str
    first: Score
    retry: Score
    moved: Score
    lateness: Lateness
    coverage: Coverage
    service_level: ServiceLevel
    handling: HandlingTime
    attempts: Attempts
    places: Places
    occupancy: Occupancy | None  # None: agents' time does not divide by this group


@dataclass(frozen=True, slots=True, kw_only=True)
class Report:
    """The figures of an interval. `lost`, `rung_twice` and `misjudged` are to be 0."""

    business: str
    begins: datetime
    ends: datetime
    as_of: datetime
    zone: str
    queue: str | None
    total: Figures
    by: str | None
    groups: tuple[Figures, ...]
    lost: int
    rung_twice: int
    misjudged: int

    def as_json(self) -> dict[str, Any]:
        """Return it as plain values: instants in ISO 8601, shares in per cent, durations in seconds."""
        plain = asdict(self)
        return plain | {name: getattr(self, name).isoformat() for name in ("begins", "ends", "as_of")}


def report_of(
    ledger: Ledger,
    *,
    begins: datetime | None = None,
    ends: datetime | None = None,
    queue: str | None = None,
    by: GroupBy | None = None,
    interval: Interval = Interval.HALF_HOUR,
) -> Report:
    """Make the report of a ledger, or of a part of its interval, of one queue or all."""
    part = narrowed(ledger, begins=begins or ledger.begins, ends=ends or ledger.ends, queue=queue)
    failed = failures(part)
    return Report(
        business=part.business,
        begins=part.begins,
        ends=part.ends,
        as_of=part.as_of,
        zone=part.zone,
        queue=queue,
        total=figures("all", part, within=_within(part, queue)),
        by=None if by is None else by.value,
        groups=() if by is None else tuple(_groups(part, by, interval, queue)),
        lost=failed.lost,
        rung_twice=failed.rung_twice,
        misjudged=len(misjudged(part.promises)),
    )


def narrowed(ledger: Ledger, *, begins: datetime, ends: datetime, queue: str | None = None) -> Ledger:
    """Return the part of a ledger that belongs to a part of its interval, and to one queue if one is named."""

    def ours(each: Dated) -> bool:
        return queue is None or each.queue == queue

    promises = tuple(each for each in ledger.promises if begins <= each.facts.window.end < ends and ours(each))
    ended = {each.callback for each in promises if each.kind is PromiseKind.FIRST}
    recent = {each.callback for each in ledger.legs if begins <= each.began_at < ends and ours(each)}
    return replace(
        ledger,
        begins=begins,
        ends=ends,
        promises=promises,
        handlings=tuple(each for each in ledger.handlings if begins <= each.over_at < ends and ours(each)),
        stretches=tuple(
            replace(each, begins=max(each.begins, begins), ends=min(each.ends, ends))
            for each in ledger.stretches
            if each.begins < ends and each.ends > begins and ours(each)
        ),
        legs=tuple(each for each in ledger.legs if each.callback in recent and each.began_at < ends),
        callbacks=tuple(each for each in ledger.callbacks if _belongs(each, ended, begins, ends, queue)),
    )


def _belongs(each: CallbackRecord, ended: set[Any], begins: datetime, ends: datetime, queue: str | None) -> bool:
    """Keep those whose first promise ended here, and those that may be lost: nobody's queue hides them."""
    if each.callback in ended:
        return True
    if queue is not None and each.queue not in (queue, None):
        return False
    forgotten = each.is_open and each.due_at is not None and each.due_at < ends
    return forgotten or (not each.exists and begins <= each.accepted_at < ends)


def figures(group: str, part: Ledger, *, within: float, time_divides: bool = True) -> Figures:
    """Return all figures of one group of records."""
    first = [each for each in part.promises if each.kind is PromiseKind.FIRST]
    ended = {each.callback for each in first}
    return Figures(
        group=group,
        first=score(first),
        retry=score(each for each in part.promises if each.kind is PromiseKind.RETRY),
        moved=score(each for each in part.promises if each.kind is PromiseKind.MOVED),
        lateness=lateness_of(first),
        coverage=coverage_of(part.promises),
        service_level=service_level_of(first, within=within),
        handling=handling_of(part.handlings),
        attempts=attempts_of(each for each in part.legs if part.begins <= each.began_at < part.ends),
        places=places_of(each for each in part.callbacks if each.callback in ended),
        occupancy=occupancy_of(part.stretches) if time_divides else None,
    )


Dated: TypeAlias = PromiseRecord | Handling | CustomerLeg | Stretch
Record = TypeVar("Record", PromiseRecord, Handling, CustomerLeg, Stretch)


def _groups(part: Ledger, by: GroupBy, interval: Interval, queue: str | None) -> list[Figures]:
    """Return the figures of each group, in the order of their names; intervals in the order of time."""
    zone = ZoneInfo(part.zone)
    time_divides = by in (GroupBy.QUEUE, GroupBy.INTERVAL)
    stretches = tuple(cut(part.stretches, zone, interval)) if by is GroupBy.INTERVAL else part.stretches

    intervals: dict[int, str] = {}  # by quarter of an hour: no interval of a zone of our days begins between

    def name(each: Dated) -> str:
        if by is not GroupBy.INTERVAL:
            return str(getattr(each, by.value))
        at = _when(each)
        quarter = int(at.timestamp() // _QUARTER)
        if quarter not in intervals:
            intervals[quarter] = interval_of(at, zone, interval)
        return intervals[quarter]

    promises, handlings = _split(part.promises, name), _split(part.handlings, name)
    in_time = [each for each in part.legs if part.begins <= each.began_at < part.ends]
    legs = _split(in_time, name)
    times = _split(stretches, name) if time_divides else {}
    seen: dict[str, datetime] = {}
    records: list[Dated] = [*part.promises, *part.handlings, *in_time, *(stretches if time_divides else ())]
    for each in records:
        seen.setdefault(name(each), _when(each))
    order: Callable[[str], Any] = seen.__getitem__ if by is GroupBy.INTERVAL else str
    return [
        figures(
            key,
            replace(
                part,
                promises=tuple(promises.get(key, ())),
                handlings=tuple(handlings.get(key, ())),
                legs=tuple(legs.get(key, ())),
                stretches=tuple(times.get(key, ())),
            ),
            within=_within(part, key if by is GroupBy.QUEUE else queue),
            time_divides=time_divides,
        )
        for key in sorted(seen, key=order)
    ]


def _split(records: Sequence[Record], name: Callable[[Record], str]) -> dict[str, list[Record]]:
    found: dict[str, list[Record]] = {}
    for each in records:
        found.setdefault(name(each), []).append(each)
    return found


def _when(each: Dated) -> datetime:
    match each:
        case PromiseRecord():
            return each.facts.window.end
        case Handling():
            return each.over_at
        case CustomerLeg():
            return each.began_at
        case Stretch():
            return each.begins


def _within(ledger: Ledger, queue: str | None) -> float:
    """Return T: a queue's own, or the business's."""
    return ledger.service_level.get(queue or "", ledger.service_level.get("", 60.0))
