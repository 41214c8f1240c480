"""The live card: what is known of the chat's callback, and what it looks like at a moment. Stored as plain JSON, without words."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Any
from zoneinfo import ZoneInfo

import msgspec

from ringback.callback_application_server.rules import times_in_words as words
from ringback.callback_application_server.rules.wording import ENGLISH, spoken, t
from ringback.domain.commands import PromiseMade
from ringback.domain.ids import CallbackId

SHOWN_AFTER_END = timedelta(hours=1)


class CardState(StrEnum):
    """What the card says is going on."""

    ASKING_ROOM = "asking_room"  # sent, not answered yet
    BOOKED = "booked"
    NEXT = "next"
    CALLING = "calling"
    TALKING = "talking"
    LATE = "late"
    MISSED = "missed"
    UNKNOWN = "unknown"
    CANCELLING = "cancelling"
    CANCELLED = "cancelled"
    DONE = "done"
    CLOSED = "closed"


FINAL = frozenset({CardState.CANCELLED, CardState.DONE, CardState.CLOSED})
STEPS = {CardState.NEXT: 1, CardState.CALLING: 2, CardState.TALKING: 3, CardState.DONE: 3}


@dataclass(frozen=True, slots=True, kw_only=True)
class Card:
    """What is known of a callback, as last told by the other servers."""

    id: CallbackId
    state: CardState
    queue_name: str
    where: str  # masked
    updated_at: datetime
    agent_name: str | None = None
    topic: str | None = None
    promise: PromiseMade | None = None
    place: int | None = None
    line: int | None = None
    detail: str | None = None
    revision: int = 0  # how often its time has changed: what calendars go by
    joined_at: datetime | None = None
    ended_at: datetime | None = None

    @property
    def is_open(self) -> bool:
        """It can still happen."""
        return self.state not in FINAL


class SummaryLine(msgspec.Struct, kw_only=True):
    """A label and a value."""

    label: str
    value: str


class CallbackCard(msgspec.Struct, kw_only=True):
    """The card as a page shows it (web/shared/contract.ts)."""

    id: CallbackId
    state: str
    step: int
    title: str
    lead: str
    headline: str
    promise: str
    lines: list[SummaryLine]
    can_cancel: bool
    can_move: bool
    cannot: str | None
    calendar: str | None  # path of its calendar entry
    updated_at: datetime


def dump_card(card: Card) -> dict[str, Any]:
    """Turn into plain JSON."""
    plain: dict[str, Any] = msgspec.to_builtins(card)
    return plain


def load_card(plain: object) -> Card | None:
    """Read a stored card."""
    return None if plain is None else msgspec.convert(plain, Card)


def change(card: Card, now: datetime, **changes: Any) -> Card:
    """Return the card with changes, dated."""
    changed = replace(card, updated_at=now, **changes)
    return replace(changed, ended_at=now) if not changed.is_open and changed.ended_at is None else changed


def show_card(card: Card | None, *, now: datetime, zone: ZoneInfo, calendar: str | None = None) -> CallbackCard | None:
    """Return the card in words; none when its callback is over for an hour."""
    if card is None or (card.ended_at is not None and now - card.ended_at > SHOWN_AFTER_END):
        return None
    title, lead, headline = _headlines(card, now, zone)
    connected = card.state is CardState.TALKING
    return CallbackCard(
        id=card.id,
        state=card.state.value,
        step=STEPS.get(card.state, 0),
        title=title,
        lead=lead,
        headline=headline,
        promise=_promise_line(card, now, zone),
        lines=_lines(card),
        can_cancel=card.is_open and card.state not in (CardState.TALKING, CardState.CANCELLING, CardState.ASKING_ROOM),
        can_move=card.is_open
        and card.state not in (CardState.TALKING, CardState.CANCELLING, CardState.ASKING_ROOM, CardState.CALLING),
        calendar=calendar,
        cannot=t("You are connected. Hang up to end the call.") if connected else None,
        updated_at=card.updated_at,
    )


def _headlines(card: Card, now: datetime, zone: ZoneInfo) -> tuple[str, str, str]:
    who = card.agent_name or card.queue_name
    match card.state:
        case CardState.ASKING_ROOM:
            return t("Booking"), t("We are looking for room"), t("One moment")
        case CardState.BOOKED | CardState.NEXT | CardState.LATE:
            late, next_ = t("We are running late"), t("You are next")
            title = {CardState.LATE: late, CardState.NEXT: next_}.get(card.state, t("Callback booked"))
            return title, *_when(card, now, zone)
        case CardState.CALLING:
            calling = t("{who} is calling you now", who=who)
            return calling, card.queue_name, calling
        case CardState.TALKING:
            return t("You are talking to {who}", who=who), card.queue_name, who
        case CardState.MISSED:
            return t("We did not reach you"), *_when(card, now, zone)
        case CardState.UNKNOWN:
            unclear, quiet = t("We cannot tell if it rang"), t("We will not ring again until you answer")
            return t("Did your phone ring?"), unclear, quiet
        case CardState.CANCELLING:
            return t("Cancelling…"), card.queue_name, t("Cancelling…")
        case CardState.CANCELLED:
            return t("Cancelled"), card.queue_name, t("No phone will ring.")
        case CardState.DONE:
            return t("Done"), who, card.detail or t("We spoke.")
        case CardState.CLOSED:
            return t("Closed"), card.queue_name, card.detail or t("This callback is closed.")


def _when(card: Card, now: datetime, zone: ZoneInfo) -> tuple[str, str]:
    """Return the line above the large one, and the large one."""
    who = card.agent_name or card.queue_name
    if card.promise is None:
        return t("{who} calls you", who=who), t("soon")
    if card.promise.early_is_fine and card.promise.estimate is not None:
        text = words.estimate_range(card.promise.estimate, now)
        if words.under_a_minute(card.promise.estimate, now):
            return t("{who} calls you", who=who), text
        return t("{who} calls you in", who=who), text
    return t("{who} calls you", who=who), words.clock_window(card.promise.window, zone)


def _promise_line(card: Card, now: datetime, zone: ZoneInfo) -> str:
    if card.promise is None or not card.is_open:
        return ""
    if card.promise.early_is_fine:
        latest = t("{promise} at the latest", promise=words.deadline(card.promise.window.end, zone, now))
        estimate = card.promise.estimate
        return f"{words.estimate_clock(estimate, zone, now)}, {latest}" if estimate is not None else latest
    day = card.promise.window.start.astimezone(zone).date()
    today = now.astimezone(zone).date()
    named = words.day_name(day, today)
    if card.promise.estimate is not None:
        named = f"{named}, {t('about {span}', span=words.estimate_clock(card.promise.estimate, zone, now))}"
        return named[:1].upper() + named[1:]
    tomorrow = day == today + timedelta(days=1)
    text = f"{named}, {words.short_date(day)}" if tomorrow else named
    return text[:1].upper() + text[1:]


def _lines(card: Card) -> list[SummaryLine]:
    lines = []
    if card.place is not None and card.state in (CardState.BOOKED, CardState.NEXT, CardState.LATE):
        place = _ordinal(card.place)
        if card.line:
            place = t("{place} of {line}", place=place, line=card.line)
        lines.append(SummaryLine(label=t("Your place"), value=place))
    lines.append(SummaryLine(label=t("We call"), value=t(card.where)))
    if card.topic:
        lines.append(SummaryLine(label=t("About"), value=card.topic))
    return lines


def _ordinal(number: int) -> str:
    if spoken() != ENGLISH:
        return str(number)
    suffix = "th" if 10 <= number % 100 <= 20 else {1: "st", 2: "nd", 3: "rd"}.get(number % 10, "th")
    return f"{number}{suffix}"
