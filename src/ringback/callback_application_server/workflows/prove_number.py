"""A number that nobody vouches for is proved by a code sent to it: asked for, written in the chat, and only then is the callback asked for again."""

from __future__ import annotations

from dataclasses import replace
from uuid import UUID

import msgspec

from ringback.callback_application_server.number_proofs import SQL as PROOFS
from ringback.callback_application_server.number_proofs import TIMER, message_account
from ringback.callback_application_server.queries import SQL, ChatKey, ChatRow, lock_chat, save_chat
from ringback.callback_application_server.rules.callback_card import Card, CardState
from ringback.callback_application_server.rules.draft import Act, Draft, Meaning
from ringback.callback_application_server.rules.number_codes import (
    LIVES,
    MASK,
    TRIES,
    CodesSent,
    code_of,
    is_right,
    may_send,
    read_code,
)
from ringback.callback_application_server.rules.prompts import Option, PromptContent, no_thanks
from ringback.callback_application_server.rules.wording import mark, t, tn
from ringback.callback_application_server.workflows.context import ChatContext
from ringback.callback_application_server.workflows.request_callback import send_request
from ringback.callback_application_server.workflows.speak import ask, say
from ringback.domain.commands import RequestCallback
from ringback.domain.destinations import Destination, DestinationKind
from ringback.domain.guards.numbers import is_e164
from ringback.domain.ids import CallbackId, new_id
from ringback.domain.status import Server
from ringback.postgres.database import Transaction
from ringback.postgres.timers import set_timer

KIND = "code"  # of the prompt
WRITE_IT = mark(
    "We sent a code of six digits to the number ending {ending}, so that nobody is called who did not ask. Write it here."
)
NO_MORE = mark("We cannot send another code now. Try again later, or be called in this browser.")
NO_MEANS = mark("We cannot send a code to prove this number, so we do not call it. Be called in this browser instead.")
NOT_SENT = mark("The code could not be sent to this number. Is it right?")
NOT_IT = mark("That is not the code.")
WORTH_NOTHING = mark("This code is worth nothing any more. Ask for another one.")
PROVED = mark("Thank you: the number is yours.")


async def ask_for_code(tx: Transaction, chat: ChatRow, callback: CallbackId) -> bool:
    """A request was refused because its number is not proved: send a code. The chat's row is held; False when it has no such number."""
    number = chat.card.where if chat.card is not None else ""
    row = await tx.row(SQL["load_request"], business=chat.business, id=callback)
    if row is None or not is_e164(number):
        return False
    request = _request(row["request"], callback, number)
    draft = Draft(provider=request.provider, when=request.when, topic=request.topic, typed=chat.draft.typed)
    chat = await save_chat(tx, chat, callback=None, card=None, draft=draft)
    await _issue(tx, chat, callback, number)
    return True


async def send_another(tx: Transaction, chat: ChatRow) -> None:
    """Send another code to the same number; the one before is worth nothing from now on."""
    row = await tx.row(PROOFS["latest_code"], business=chat.business, chat=chat.id)
    if row is None or row["state"] == "proved":
        await say(tx, chat, t(WORTH_NOTHING))
        return
    await _issue(tx, chat, CallbackId(row["callback"]), row["number"])


async def take_code(context: ChatContext, key: ChatKey, seq: int, text: str) -> None:
    """Compare what the customer wrote, once per message: the right code books, and what was written is not kept."""
    written = read_code(text)
    assert written is not None, "it looks like a code"
    async with context.database.transaction(key.business, name="take_code") as tx:
        chat = await lock_chat(tx, key)
        if await tx.value(SQL["claim_reply"], business=key.business, chat=key.chat, n=seq) is None:
            return
        await tx.run(PROOFS["mask_message"], business=key.business, chat=key.chat, seq=seq, text=MASK)
        row = await tx.row(PROOFS["latest_code"], business=key.business, chat=key.chat)
        usable = row is not None and row["state"] != "proved" and row["expires_at"] > tx.now and row["tries"] < TRIES
        if row is None or not usable:
            await say(tx, chat, t(WORTH_NOTHING))
            return
        number = str(row["number"])
        if not is_right(written, code_of(context.keys, row["key"], row["id"])):
            await tx.run(PROOFS["note_wrong_try"], business=key.business, id=row["id"])
            left = TRIES - row["tries"] - 1
            tries = tn("{count} try is left.", "{count} tries are left.", left) if left else t(WORTH_NOTHING)
            text = f"{t(NOT_IT)} {tries}"
            await ask(tx, chat, code_prompt(chat, number), text=text)
            return
        await tx.run(PROOFS["note_right_try"], business=key.business, id=row["id"])
        await tx.run(PROOFS["prove"], business=key.business, person=chat.person, number=number, now=tx.now)
        await tx.run(PROOFS["prove_conversation"], business=key.business, chat=key.chat, number=number)
        await tx.run(SQL["supersede_prompts"], business=key.business, chat=key.chat)
        await say(tx, chat, t(PROVED))
        if chat.card is None or not chat.card.is_open:
            await _request_again(tx, chat, CallbackId(row["callback"]), number)


async def could_not_send(tx: Transaction, chat: ChatRow, number: str) -> None:
    """The provider will not take it: the number may be wrong."""
    await ask(tx, chat, code_prompt(chat, number), text=t(NOT_SENT))


def code_prompt(chat: ChatRow, number: str) -> PromptContent:
    """Ask for the code, with the ways out beside it."""
    return PromptContent(
        kind=KIND,
        title=t("Which code did we send you?"),
        text=t(WRITE_IT, ending=number[-3:]),
        options=(_again(), *_elsewhere(chat), no_thanks(t("No thanks"))),
        submit=t("Continue"),
        lives=LIVES.total_seconds(),
    )


def _again() -> Option:
    return Option(label=t("Send another code"), meaning=Meaning(act=Act.SEND_CODE))


def _elsewhere(chat: ChatRow) -> tuple[Option, ...]:
    label = t("Another number")
    if chat.messages:
        return (Option(label=label, meaning=Meaning(act=Act.OTHER_NUMBER)),)
    if chat.draft.when is None:
        return ()
    return (Option(label=label, meaning=Meaning(act=Act.TAKE_WHEN, when=chat.draft.when)),)


async def _issue(tx: Transaction, chat: ChatRow, callback: CallbackId, number: str) -> None:
    """Send a code, within the limits."""
    if await message_account(tx, chat.business) is None:
        await _ways_out(tx, chat, t(NO_MEANS))
        return
    await tx.value(PROOFS["hold_codes"], business=chat.business)
    row = await tx.row(PROOFS["count_codes"], business=chat.business, chat=chat.id, number=number, now=tx.now)
    assert row is not None, "a row of counts"
    if not may_send(CodesSent(**dict(row))):
        await _ways_out(tx, chat, t(NO_MORE))
        return
    id = new_id()
    await tx.run(
        PROOFS["insert_code"],
        business=chat.business,
        id=id,
        chat=chat.id,
        callback=callback,
        number=number,
        now=tx.now,
        expires_at=tx.now + LIVES,
    )
    await set_timer(tx, chat.business, Server.APPLICATION, TIMER, id, at=tx.now)
    await ask(tx, chat, code_prompt(chat, number))


async def _ways_out(tx: Transaction, chat: ChatRow, text: str) -> None:
    content = PromptContent(
        kind="choice",
        title=t("This number is not proved"),
        text=text,
        options=(*_elsewhere(chat), no_thanks(t("No thanks"))),
        submit=t("Continue"),
        lives=LIVES.total_seconds(),
    )
    await ask(tx, chat, content)


async def _request_again(tx: Transaction, chat: ChatRow, refused: CallbackId, number: str) -> None:
    """Ask for the same callback once more, under a name of its own, to the number that is proved now."""
    row = await tx.row(SQL["load_request"], business=chat.business, id=refused)
    assert row is not None, "a callback of a chat has its request"
    request = replace(_request(row["request"], CallbackId(new_id()), number), person=chat.person)
    await send_request(tx, chat.business, request, principal=f"chat:{chat.id}")
    card = Card(
        id=request.callback,
        state=CardState.ASKING_ROOM,
        queue_name="",
        where=number,
        topic=request.topic,
        updated_at=tx.now,
    )
    await save_chat(tx, chat, callback=request.callback, card=card, draft=Draft())


def _request(kept: dict[str, object], callback: UUID, number: str) -> RequestCallback:
    """Return a kept request, whose number was left out, with the number that was proved."""
    destination = Destination(kind=DestinationKind.PHONE, address=number, proved=True)
    plain = kept | {"callback": str(callback), "destination": msgspec.to_builtins(destination)}
    return msgspec.convert(plain, RequestCallback)
