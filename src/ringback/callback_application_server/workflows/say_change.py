"""What of a change is said in words: a move, a moment that was settled, a place at the head, an estimate far from the last, a time that comes near."""

from __future__ import annotations

from datetime import timedelta

from ringback.callback_application_server.queries import ChatRow
from ringback.callback_application_server.rules import times_in_words as words
from ringback.callback_application_server.rules.callback_card import Card, CardState
from ringback.callback_application_server.rules.wording import mark, t
from ringback.callback_application_server.workflows.show_callback import promised
from ringback.callback_application_server.workflows.speak import tell
from ringback.domain.commands import PromiseMade
from ringback.domain.events import DIALLING_STOPPED, PAGE_ABSENT, REMINDER, CallbackChanged
from ringback.postgres.database import Transaction

NARROWED = "narrow"  # a window came down to a moment; the promise stays the window
_PAGE_CLOSED = mark("We call on this page {when}, and it was closed a moment ago. Keep it open, or pick another time.")
TELL_CHANGES_OVER = timedelta(minutes=5)


async def say_change(tx: Transaction, chat: ChatRow, event: CallbackChanged, before: Card, after: Card) -> None:
    """Say what matters of it; most changes are only shown."""
    expected = event.promise.estimate
    clock = words.estimate_clock(expected, chat.zone, tx.now) if expected is not None else ""
    when = promised(event.promise, chat, tx.now)
    if event.why == NARROWED:
        await tell(tx, chat, "changed", t("We expect to call {clock}.", clock=clock))
    elif event.why == REMINDER:
        await tell(tx, chat, "soon", t("We call you {when}.", when=when), expires_at=event.promise.window.end)
    elif event.why == PAGE_ABSENT:
        text = t(_PAGE_CLOSED, when=when)
        await tell(tx, chat, "soon", text, expires_at=event.promise.window.end)
    elif event.why == DIALLING_STOPPED:
        await tell(tx, chat, "changed", t("Calls are paused at the moment. You keep your place."))
    elif event.moved:
        await tell(tx, chat, "moved", t("Moved: we call {when}.", when=when))
    elif event.agent_name is not None and event.agent_name != before.agent_name:
        await tell(tx, chat, "changed", t("{who} calls you {when}.", who=event.agent_name, when=when))
    elif after.state is CardState.NEXT and before.state is CardState.BOOKED:
        await tell(tx, chat, "next", t("You are next."))
    elif _estimate_moved(before.promise, event.promise):
        latest = words.deadline(event.promise.window.end, chat.zone, tx.now)
        await tell(tx, chat, "changed", t("It now looks like {clock}, still {latest}.", clock=clock, latest=latest))


def _estimate_moved(before: PromiseMade | None, after: PromiseMade) -> bool:
    if before is None or before.estimate is None or after.estimate is None:
        return False
    return abs(after.estimate.p50 - before.estimate.p50) > TELL_CHANGES_OVER
