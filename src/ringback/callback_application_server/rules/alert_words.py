"""Alerts as letters: ids, counts and times; never a name, a number or a word of a chat."""

from __future__ import annotations

from datetime import UTC, datetime

from ringback.callback_application_server.rules.times_in_words import duration
from ringback.domain.events import AlertRaised, AlertResolved


def raised_letter(event: AlertRaised, business: str) -> tuple[str, str]:
    """Return subject and body of an alert that begins."""
    lines = [
        f"{event.verdict}.",
        "",
        f"Business: {business}",
        f"Queue: {event.queue_name}",
        f"Since: {_at(event.raised_at)}",
    ]
    if event.callbacks:
        lines += ["", "Affected, latest booked first:", *(f"  {callback}" for callback in event.callbacks)]
    lines += ["", "You hear once more when it is over.", f"Alert {event.alert}"]
    return _line(f"[Ringback] {event.verdict}"), "\n".join(lines) + "\n"


def resolved_letter(event: AlertResolved, business: str) -> tuple[str, str]:
    """Return subject and body of an alert that is over."""
    lasted = duration((event.resolved_at - event.raised_at).total_seconds())
    lines = [
        f"Over: {event.verdict}.",
        "",
        f"Business: {business}",
        f"Queue: {event.queue_name}",
        f"Lasted {lasted}: {_at(event.raised_at)} to {_at(event.resolved_at)}",
        "",
        f"Alert {event.alert}",
    ]
    return _line(f"[Ringback] Over: {event.verdict}"), "\n".join(lines) + "\n"


def _at(at: datetime) -> str:
    return f"{at.astimezone(UTC):%Y-%m-%d %H:%M} UTC"


def _line(text: str) -> str:
    """Return one line of at most 150 characters: what a subject may be."""
    return " ".join(text.split())[:150]
