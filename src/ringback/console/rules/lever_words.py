"""What levers would do to a queue, in words, and whom they touch, before they are pulled."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, time, timedelta
from zoneinfo import ZoneInfo

from ringback.console.api.wire import Affected
from ringback.console.rules.clock_words import clock, moment
from ringback.console.rules.effects import affected
from ringback.console.rules.rows import Row
from ringback.domain.commands import SetLevers
from ringback.domain.status import CallbackState

_SOON = timedelta(minutes=30)
_COMING = (CallbackState.WAITING, CallbackState.CALLING)
_ASKED = (CallbackState.WAITING, CallbackState.ASKING)


def late_soon(rows: Sequence[Row], now: datetime, where: ZoneInfo) -> tuple[list[Row], str]:
    """Return whose promises end within about half an hour if nothing rings, and that moment by the clock."""
    until = now + _SOON
    until += timedelta(minutes=-until.minute % 15, seconds=-until.second, microseconds=-until.microsecond)
    return [row for row in rows if row["state"] in _COMING and row["window_end"] <= until], clock(until, where)


def _in_closure(levers: SetLevers, rows: Sequence[Row], where: ZoneInfo) -> list[Row]:
    """Return who is promised something in the time that would be closed: unless said, to the end of that day."""
    closes, reopens = levers.close_at, levers.reopen_at
    if closes is None:
        return []
    if reopens is None:
        day = closes.astimezone(where).date() + timedelta(days=1)
        reopens = datetime.combine(day, time(), where)
    return [
        row for row in rows if row["state"] in _COMING and row["window_start"] < reopens and row["window_end"] > closes
    ]


def affected_by(levers: SetLevers, rows: Sequence[Row], now: datetime, where: ZoneInfo) -> list[Affected]:
    """Name whom a pull touches, each once, with the first thing that touches them."""
    touched: dict[object, Affected] = {}
    if levers.dialling is False:
        late, by = late_soon(rows, now, where)
        touched |= {row["id"]: affected(row, f"Late: nothing rings before {by}", now) for row in late}
    if levers.close_at is not None:
        for row in _in_closure(levers, rows, where):
            touched.setdefault(row["id"], affected(row, _closing_effect(row, levers.close_at), now))
    if levers.incident:
        for row in rows:
            if row["state"] in _ASKED:
                words = "Asked in the chat" if row["has_chat"] else "Not asked: it did not come by a chat"
                touched.setdefault(row["id"], affected(row, words, now))
    return list(touched.values())


def _closing_effect(row: Row, closes: datetime) -> str:
    if row["window_start"] >= closes:
        return "Booked after closing: told, and offered another time"
    return "May not be reached before closing: then as the end of the day says"


def lever_summary(levers: SetLevers, rows: Sequence[Row], now: datetime, where: ZoneInfo) -> str:
    """Say in a line what levers do."""
    parts = []
    stays = f"{len(rows)} {'stays' if len(rows) == 1 else 'stay'} promised."
    if levers.offering is not None:
        parts.append(f"Callbacks are offered again. {stays}" if levers.offering else f"No new callbacks. {stays}")
    if levers.dialling is not None:
        late, by = late_soon(rows, now, where)
        parts.append(
            f"Dialling goes on. {len(rows)} are promised."
            if levers.dialling
            else f"Nothing rings. {len(late)} would be late by {by}."
        )
    if levers.backlog_cap is not None:
        parts.append(_backlog_words(len(rows), levers.backlog_cap))
    if levers.wait_cap is not None:
        parts.append(_wait_words(levers.wait_cap))
    if levers.waitlist is not None:
        parts.append(
            "Who is refused for want of room may wait to be told of some."
            if levers.waitlist
            else "No waitlist: whoever is on it hears so."
        )
    if levers.close_at is not None:
        count = len(_in_closure(levers, rows, where))
        parts.append(
            f"Closes {moment(levers.close_at, now, where)}. {count} {'is' if count == 1 else 'are'} promised after that."
        )
    elif levers.reopen:
        parts.append("Open by its hours again.")
    if levers.incident is not None:
        parts.append(_incident_words(levers.incident, rows))
    return " ".join(parts) or "Nothing changes."


def _backlog_words(promised: int, cap: int) -> str:
    if cap < 0:
        return f"No cap. {promised} {'is' if promised == 1 else 'are'} promised."
    if promised >= cap:
        return f"No new callbacks until fewer than {cap} are promised; {promised} are now, and all stay."
    return f"At most {cap} promised at once; {promised} are now."


def _wait_words(cap: int) -> str:
    if cap < 0:
        return "No cut-off by the wait."
    return f"Nothing as soon as possible while nine of ten may wait more than {max(1, round(cap / 60))} min."


def _incident_words(text: str, rows: Sequence[Row]) -> str:
    if not text:
        return "The incident is over: callbacks are offered again."
    asked = sum(1 for row in rows if row["state"] in _ASKED and row["has_chat"])
    return f"Nothing is offered: its words stand instead. {asked} {'is' if asked == 1 else 'are'} asked in the chat."
