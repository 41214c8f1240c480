"""Cancel from the chat, show the callback there is, and STOP."""

from __future__ import annotations

from ringback.callback_application_server.channels.accounts import SQL as CHANNELS
from ringback.callback_application_server.do_not_call import list_stopped
from ringback.callback_application_server.queries import SQL, ChatKey, ChatRow, lock_chat, save_chat
from ringback.callback_application_server.rules import times_in_words as words
from ringback.callback_application_server.rules.callback_card import CardState, change
from ringback.callback_application_server.rules.draft import Act
from ringback.callback_application_server.rules.prompts import question
from ringback.callback_application_server.rules.wording import mark, t
from ringback.callback_application_server.workflows.context import ChatContext
from ringback.callback_application_server.workflows.flag_chat import Why, flag_chat
from ringback.callback_application_server.workflows.once import Once
from ringback.callback_application_server.workflows.speak import ask, tell
from ringback.domain.commands import CancelCallback
from ringback.domain.errors import Conflict
from ringback.domain.ids import CommandId, new_id
from ringback.domain.status import Server
from ringback.postgres.database import Transaction
from ringback.postgres.messages import send, wait_for_answer

STOPPED = mark("You will not hear from us again about this.")


async def cancel(context: ChatContext, key: ChatKey, once: Once) -> None:
    """Cancel the chat's callback; "cancelled" is said when no phone will ring. Raises Conflict when there is none, or the two are joined."""
    async with context.database.transaction(key.business, name="cancel_from_chat") as tx:
        chat = await lock_chat(tx, key)
        done = await once.begin(tx)
        command = done.waits_for if done is not None else await ask_for_cancel(tx, chat)
        if done is None:
            await once.end(tx, waits_for=command)
    if command is not None:
        await hear_of_cancel(context, key, command, once)


async def hear_of_cancel(context: ChatContext, key: ChatKey, command: CommandId, once: Once) -> None:
    """Wait for what comes of it. Raises Conflict when it is refused; the refusal is what the same key is answered from then on."""
    found = await wait_for_answer(context.database, context.hints, key.business, command, timeout=3)
    if found is None or found.problem is None or found.problem == "already-over":
        return
    refusal = Conflict(found.body.get("detail") or "This cannot be cancelled now.", id=found.problem)
    async with context.database.transaction(key.business, name="cancel_refused") as tx:
        chat = await lock_chat(tx, key)
        if chat.card is not None and chat.card.state is CardState.CANCELLING:
            before = CardState.TALKING if found.problem == "connected" else CardState.BOOKED
            await save_chat(tx, chat, card=change(chat.card, tx.now, state=before))
        await once.settle(tx, refusal)
    raise refusal


async def ask_for_cancel(tx: Transaction, chat: ChatRow) -> CommandId:
    """Send the command and show that it is under way."""
    if chat.card is None or not chat.card.is_open or chat.callback is None:
        raise Conflict("There is no callback to cancel.", id="no-callback")
    if chat.card.state is CardState.TALKING:
        raise Conflict("You are connected. Hang up to end the call.", id="connected")
    command = CommandId(new_id())
    await tx.run(SQL["supersede_prompts"], business=chat.business, chat=chat.id)
    await save_chat(tx, chat, card=change(chat.card, tx.now, state=CardState.CANCELLING))
    await send(
        tx,
        chat.business,
        Server.INTERACTIONS,
        chat.callback,
        CancelCallback(command=command, callback=chat.callback, by=f"chat:{chat.id}"),
    )
    return command


async def ask_to_cancel(tx: Transaction, chat: ChatRow) -> None:
    """Typed words may mean something else: ask before anything is cancelled."""
    await ask(
        tx,
        chat,
        question(
            "cancel",
            t("Cancel your callback?"),
            t("Cancel your callback?"),
            ((t("Yes, cancel it"), Act.CANCEL, "primary"), (t("Keep it"), Act.KEEP, "quiet")),
        ),
    )


async def show_open(tx: Transaction, chat: ChatRow, first: str = "") -> None:
    """Say that there is one already, with move and cancel."""
    card = chat.card
    assert card is not None
    if card.promise is None:
        text = t("We are booking your callback.")
    else:
        when = (
            words.deadline(card.promise.window.end, chat.zone, tx.now)
            if card.promise.early_is_fine
            else words.window(card.promise.window, chat.zone, tx.now)
        )
        text = t("You have a callback {when}. Move it or cancel it here.", when=when)
    text = f"{first} {text}".strip()
    await ask(
        tx,
        chat,
        question(
            "choice",
            text,
            text,
            (
                (t("Move it"), Act.MOVE, "option"),
                (t("Cancel it"), Act.CANCEL, "danger"),
                (t("Keep it"), Act.KEEP, "quiet"),
            ),
        ),
    )


async def stop(tx: Transaction, chat: ChatRow) -> None:
    """STOP: withdraw the callback, say so once, and contact them no more."""
    await tx.run(SQL["stop_person"], business=chat.business, id=chat.person, now=tx.now)
    seq = await tell(tx, chat, "closed", t(STOPPED))
    if chat.messages:
        await tx.run(CHANNELS["stop_conversation"], business=chat.business, chat=chat.id, seq=seq)
    if chat.card is not None and chat.card.is_open:
        await list_stopped(tx, chat.business, chat.id, chat.card.where)
    if chat.card is not None and chat.card.is_open and chat.card.state is not CardState.TALKING:
        await ask_for_cancel(tx, chat)
    await flag_chat(tx, chat, Why.STOPPED)


async def resume(tx: Transaction, chat: ChatRow, seq: int) -> None:
    """Who had said stop asks for us again on a channel of messages, in message `seq`: what was held back meanwhile is not sent."""
    if chat.messages and chat.stopped:
        await tx.run(CHANNELS["resume_person"], business=chat.business, id=chat.person)
        await tx.run(CHANNELS["resume_conversation"], business=chat.business, chat=chat.id, seq=seq)
