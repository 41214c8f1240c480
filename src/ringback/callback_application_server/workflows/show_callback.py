"""Show a callback in its chat that somebody else asked for: at once, or as soon as the one shown there is over.

Two callbacks of one chat are told of in two orders of their own, so the acceptance of a new one may come before the end of the old one.
"""

from __future__ import annotations

from datetime import datetime
from typing import Any

import msgspec

from ringback.callback_application_server.queries import SQL, ChatRow, save_chat
from ringback.callback_application_server.rules import times_in_words as words
from ringback.callback_application_server.rules.callback_card import Card, CardState, change
from ringback.callback_application_server.rules.draft import Draft
from ringback.callback_application_server.rules.wording import t
from ringback.callback_application_server.workflows.speak import tell
from ringback.domain.commands import PromiseMade
from ringback.domain.ids import CallbackId
from ringback.domain.status import CallbackState
from ringback.postgres.database import Transaction

_STATES = {CallbackState.CALLING: CardState.CALLING, CallbackState.TALKING: CardState.TALKING}


async def take_up(tx: Transaction, chat: ChatRow, callback: CallbackId) -> ChatRow:
    """Let the chat be about this callback from now on: it has none that is open. What it asks for is known, its answer may not be."""
    row = await tx.row(SQL["load_request"], business=chat.business, id=callback)
    assert row is not None, "a callback of a chat has its request"
    destination = row["request"]["destination"]
    card = Card(
        id=callback,
        state=CardState.ASKING_ROOM,
        queue_name="",
        where="this browser" if destination["kind"] == "browser" else destination["address"],
        topic=row["request"].get("topic"),
        updated_at=tx.now,
    )
    return await save_chat(tx, chat, callback=callback, card=card, draft=Draft())


async def say_yes(
    tx: Transaction,
    chat: ChatRow,
    *,
    promise: PromiseMade,
    queue_name: str,
    agent_name: str | None,
    place: int | None,
    line: int | None,
    state: CallbackState = CallbackState.WAITING,
) -> None:
    """Tell that the chat's callback is booked, and show it as it stands."""
    assert chat.card is not None, "the chat is about this callback"
    shown = _STATES.get(state, CardState.NEXT if place == 1 else CardState.BOOKED)
    await tell(tx, chat, "booked", t("Booked: a call {when}.", when=promised(promise, chat, tx.now)))
    card = change(
        chat.card,
        tx.now,
        state=shown,
        queue_name=queue_name,
        agent_name=agent_name,
        promise=promise,
        place=place,
        line=line,
    )
    await save_chat(tx, chat, card=card)


async def show_next(tx: Transaction, chat: ChatRow) -> bool:
    """The callback shown in this chat is over: show the one asked for beside it, if there is one. What came too early is told now."""
    row = await tx.row(SQL["next_of_chat"], business=chat.business, chat=chat.id)
    if row is None:
        return False
    chat = await take_up(tx, chat, CallbackId(row["id"]))
    if row["state"] == "accepted":
        public: dict[str, Any] = row["public"]
        await say_yes(
            tx,
            chat,
            promise=msgspec.convert(public["promise"], PromiseMade),
            queue_name=public.get("queue") or "",
            agent_name=public.get("agent"),
            place=public.get("place"),
            line=public.get("line"),
            state=CallbackState(public["state"]),
        )
    return True


def promised(promise: PromiseMade, chat: ChatRow, now: datetime) -> str:
    """Say when we call, for the customer."""
    if promise.early_is_fine:
        return words.deadline(promise.window.end, chat.zone, now)
    return words.window(promise.window, chat.zone, now)
