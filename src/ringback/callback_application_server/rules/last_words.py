"""What a chat says when a callback is over."""

from __future__ import annotations

from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from ringback.callback_application_server.rules import times_in_words as words
from ringback.callback_application_server.rules.callback_card import Card
from ringback.callback_application_server.rules.missed_words import NOT_RUNG
from ringback.callback_application_server.rules.wording import mark, t
from ringback.domain.events import CallbackFinished
from ringback.domain.status import CallbackState

_GOT_THROUGH = mark("You got through to us, so we will not call. No phone will ring.")
_CLOSED = {
    "attempts_used": mark("That was our last try. No phone will ring."),
    "closed_by_operator": mark("{business} had to cancel this call. No phone will ring."),
    "end_of_day": mark("We did not manage to call you today, and have closed for the day. No phone will ring."),
    "invalid_number": mark("The number we have does not work. No phone will ring."),
    "no_reply": mark("We heard nothing from you, so we closed this. No phone will ring."),
    "declined": mark("You declined, so we will not ring again."),
    "asked_never": mark("You pressed 9: we will not call this number again."),
    **NOT_RUNG,
}


def last_words(event: CallbackFinished, card: Card, zone: ZoneInfo, now: datetime, *, business: str) -> str:
    """Return the one line that ends it."""
    if event.state is CallbackState.DONE:
        began = card.joined_at or now - timedelta(seconds=event.talked_for or 0)
        at = words.clock(began, zone)
        if not event.talked_for:
            return t("We spoke at {at}.", at=at)
        return t("We spoke at {at} for {length}.", at=at, length=words.duration(event.talked_for))
    if event.state is CallbackState.CANCELLED:
        return t("Cancelled. No phone will ring.") if event.reason != "got_through" else t(_GOT_THROUGH)
    known = _CLOSED.get(event.reason or "")
    if known is not None:
        return t(known, business=business)
    return f"{t('This callback is closed. No phone will ring.')} {sentence(event.detail)}".strip()


def sentence(text: str | None) -> str:
    """Return a text with the full stop it may lack; nothing for nothing."""
    return f"{text.rstrip('.')}." if text else ""
