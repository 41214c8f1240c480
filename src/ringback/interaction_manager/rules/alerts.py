"""What needs a person at the business: causes found in a look at the day, told once each until they are over."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

from ringback.domain.ids import CallbackId, QueueId
from ringback.domain.outside import StaleThen
from ringback.domain.times import TimeWindow
from ringback.interaction_manager.rules.policy import Policy
from ringback.interaction_manager.rules.words import people


class AlertKind(StrEnum):
    """What can be wrong with a queue's day."""

    PROMISE_AT_RISK = "promise_at_risk"  # customers were told that their promise may be missed
    BACKLOG = "backlog"  # more wait than the queue is to have
    SLOT_SHORT = "slot_short"  # more is booked than who is really there can carry
    NOBODY_ON_DUTY = "nobody_on_duty"  # callbacks are due, and nobody is there to make them
    STATUS_STALE = "status_stale"  # the contact centre outside has fallen silent, or an event of it is missing


@dataclass(frozen=True, slots=True, kw_only=True)
class ShortSlot:
    """A slot of the next four hours that cannot carry what is booked. `too_many`: who is over, latest booked first."""

    slot: TimeWindow
    promised: int
    room: int
    too_many: tuple[CallbackId, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class QueueLook:
    """One queue as it stands. `due`: whose time comes soon or has come; `on_duty`: who serves it and is there."""

    queue: QueueId
    name: str
    waiting: int
    due: tuple[CallbackId, ...]
    at_risk: tuple[CallbackId, ...]
    on_duty: int
    backlog_cap: int | None = None
    short: tuple[ShortSlot, ...] = ()
    stale_for: float | None = None  # seconds for which its live status has not been certain


@dataclass(frozen=True, slots=True, kw_only=True)
class Cause:
    """Something that is wrong now; the verdict is one line."""

    kind: AlertKind
    queue: QueueId
    verdict: str
    callbacks: tuple[CallbackId, ...] = ()
    short: tuple[ShortSlot, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class OpenAlert:
    """An alert that was raised and is not resolved."""

    kind: AlertKind
    queue: QueueId
    raised_at: datetime
    seen_at: datetime
    told: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Changes:
    """What a look changes: causes that are new, those that go on, alerts that are over."""

    raised: tuple[Cause, ...]
    going_on: tuple[Cause, ...]
    resolved: tuple[OpenAlert, ...]


def causes(look: QueueLook, policy: Policy) -> list[Cause]:
    """Return what is wrong with one queue."""
    found = []
    if look.due and not look.on_duty:
        words = f"Nobody is on duty at {look.name}, and {_callbacks(len(look.due))} due"
        found.append(Cause(kind=AlertKind.NOBODY_ON_DUTY, queue=look.queue, verdict=words, callbacks=look.due))
    if look.at_risk:
        words = f"{look.name}: {_promises(len(look.at_risk))} at risk, the customers were told"
        found.append(Cause(kind=AlertKind.PROMISE_AT_RISK, queue=look.queue, verdict=words, callbacks=look.at_risk))
    if look.short:
        over = tuple(callback for each in look.short for callback in each.too_many)
        words = f"{look.name}: {_slots(len(look.short))} short, {_callbacks(len(over))} more than can be made"
        found.append(
            Cause(kind=AlertKind.SLOT_SHORT, queue=look.queue, verdict=words, callbacks=over, short=look.short)
        )
    limits = [each for each in (look.backlog_cap, policy.alert_backlog) if each is not None]
    if limits and look.waiting >= max(1, min(limits)):
        words = f"{look.name}: {people(look.waiting)} waiting, {min(limits)} is the most there should be"
        found.append(Cause(kind=AlertKind.BACKLOG, queue=look.queue, verdict=words))
    if look.stale_for is not None:
        then = "are wider" if policy.outside_stale_then is StaleThen.WIDEN else "have stopped"
        words = f"{look.name}: its live line has not been certain for {round(look.stale_for)} s; offers as soon as possible {then}"
        found.append(Cause(kind=AlertKind.STATUS_STALE, queue=look.queue, verdict=words))
    return found


def _callbacks(count: int) -> str:
    return "1 callback is" if count == 1 else f"{count} callbacks are"


def _promises(count: int) -> str:
    return "1 promise" if count == 1 else f"{count} promises"


def _slots(count: int) -> str:
    return "1 slot is" if count == 1 else f"{count} slots are"


def changes(now: datetime, found: Iterable[Cause], known: Iterable[OpenAlert], *, calm: float) -> Changes:
    """Hold what is wrong against what was raised. One cause is one alert until it has been gone for `calm` seconds, so that it does not flap."""
    open_now = {(each.queue, each.kind): each for each in known}
    current = {(each.queue, each.kind): each for each in found}
    return Changes(
        raised=tuple(each for key, each in current.items() if key not in open_now),
        going_on=tuple(each for key, each in current.items() if key in open_now),
        resolved=tuple(
            each
            for key, each in open_now.items()
            if key not in current and now - each.seen_at >= timedelta(seconds=calm)
        ),
    )


def may_tell(told_lately: int, untold: int, *, an_hour: int) -> int:
    """Return how many of the untold alerts go out now: an hour has room for so many; the rest waits, and is told if it lasts."""
    return max(0, min(untold, an_hour - told_lately))


def to_be_asked(
    short: Sequence[ShortSlot], short_since: dict[datetime, datetime], now: datetime, *, after: float | None
) -> list[CallbackId]:
    """Return who is offered a move: those who are too many in slots short for longer than `after` seconds, latest booked first. None: nobody."""
    if after is None:
        return []
    patience = timedelta(seconds=after)
    return [
        callback
        for each in short
        if now - short_since.get(each.slot.start, now) >= patience and now < each.slot.end
        for callback in each.too_many
    ]
