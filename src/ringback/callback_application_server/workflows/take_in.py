"""Take in what a channel's provider posted: once per event, in the conversation's order, committed before the provider is answered."""

from __future__ import annotations

import os
from uuid import UUID
from zoneinfo import ZoneInfo

from ringback.callback_application_server.channels.accounts import SQL as CHANNELS
from ringback.callback_application_server.channels.accounts import Opened
from ringback.callback_application_server.channels.protocol import Inbound, Receipt
from ringback.callback_application_server.queries import SQL, ChatKey, ChatRow, lock_chat
from ringback.callback_application_server.rules.channel_words import Word, help_text, read_word
from ringback.callback_application_server.rules.intents.language import language_of
from ringback.callback_application_server.workflows import take_back
from ringback.callback_application_server.workflows.open_chat import digest
from ringback.callback_application_server.workflows.receive_message import REPLY_WITHIN
from ringback.callback_application_server.workflows.speak import say
from ringback.domain.errors import Invalid
from ringback.domain.ids import ChatId, PersonId, new_id
from ringback.domain.phone_numbers import read_number
from ringback.domain.status import Server
from ringback.postgres.database import Database, Transaction
from ringback.postgres.timers import set_timer

PRESSED = "(a button)"  # kept as what the customer said, where the channel does not name its label


async def take_in(database: Database, opened: Opened, inbound: Inbound) -> tuple[ChatKey, int] | None:
    """Keep one event and what it says; return the message to answer, None when there is nothing to answer or it was known."""
    account = opened.account
    async with database.transaction(account.business, name="take_in") as tx:
        await tx.value(CHANNELS["hold_conversation"], channel=account.id, address=inbound.conversation)
        key = await _chat_of(tx, opened, inbound)
        chat = await lock_chat(tx, key)
        kind = "choice" if inbound.token else "greeting" if inbound.greeting else "text"
        if (
            await tx.value(
                CHANNELS["insert_event"],
                business=account.business,
                channel=account.id,
                event=inbound.event,
                kind=kind,
                chat=chat.id,
                token=(inbound.token or "")[:64] or None,
                now=tx.now,
            )
            is None
        ):
            return None
        chat = await _learn_number(tx, opened, chat, inbound)
        text = inbound.text or (PRESSED if inbound.token else "…")
        seq = await say(tx, chat, text, author="customer", author_name=chat.person_name, key=f"event:{inbound.event}")
        await tx.run(
            CHANNELS["note_message"], business=account.business, channel=account.id, event=inbound.event, seq=seq
        )
        if not await _obeyed(tx, opened, chat, inbound, seq):
            await set_timer(tx, chat.business, Server.APPLICATION, "reply", chat.id, n=seq, at=tx.now + REPLY_WITHIN)
            return key, seq
    return None


async def take_receipt(database: Database, opened: Opened, receipt: Receipt) -> None:
    """Keep what became of a message that was handed over; a receipt that comes late or twice changes nothing."""
    async with database.transaction(opened.account.business, name="take_receipt") as tx:
        await tx.run(
            CHANNELS["note_receipt"],
            business=opened.account.business,
            channel=opened.account.id,
            reference=receipt.reference,
            state=receipt.state,
            error=receipt.error,
            now=tx.now,
        )


async def _obeyed(tx: Transaction, opened: Opened, chat: ChatRow, inbound: Inbound, seq: int) -> bool:
    """Do at once what a word of the channel means: STOP waits for nothing that reads or thinks."""
    word = None if inbound.token else read_word(inbound.text, opened.channel.words)
    if word is Word.START:
        await take_back.resume(tx, chat, seq)
        return False
    if word is Word.STOP:
        if not chat.stopped:
            await take_back.stop(tx, chat)
        return True
    if word is Word.HELP:
        if not chat.stopped:
            await say(tx, chat, help_text(opened.business_name, opened.channel.words))
        return True
    return False


def _language(inbound: Inbound, of_business: str) -> str:
    """Return the language that the channel names, else the one they write in, else the business's."""
    written = None if inbound.token else language_of(inbound.text)
    return (inbound.language or written or of_business).split("-", 1)[0].lower()[:8] or "en"


async def _chat_of(tx: Transaction, opened: Opened, inbound: Inbound) -> ChatKey:
    account = opened.account
    found = await tx.row(
        CHANNELS["find_conversation"], business=account.business, channel=account.id, address=inbound.conversation
    )
    if found is not None:
        return ChatKey(business=account.business, chat=ChatId(found["chat"]))
    number = _number(inbound, account.region)
    person = await _person(tx, opened, inbound, number)
    chat = ChatId(new_id())
    await tx.run(
        SQL["insert_chat"],
        business=account.business,
        id=chat,
        channel=account.id,
        person=person,
        token_hash=digest(os.urandom(32).hex()),  # no page opens it
        zone=_zone(inbound.zone, opened.zone),
        language=_language(inbound, opened.language),
        page_url=None,
        priority=0,
        now=tx.now,
    )
    await tx.run(
        CHANNELS["insert_conversation"],
        business=account.business,
        chat=chat,
        channel=account.id,
        address=inbound.conversation,
        number=number,
        proved=number is not None and inbound.number_proved,
    )
    return ChatKey(business=account.business, chat=chat)


async def _person(tx: Transaction, opened: Opened, inbound: Inbound, number: str | None) -> PersonId:
    """Return the person a proved number names, else a new one."""
    business, name = opened.account.business, inbound.name
    if number is not None and inbound.number_proved:
        statement = CHANNELS["insert_person_of_number"]
        found: UUID = await tx.value(statement, business=business, id=new_id(), name=name, number=number, now=tx.now)
    else:
        found = await tx.value(
            SQL["insert_person"], business=business, id=new_id(), name=name, identity=None, now=tx.now
        )
    return PersonId(found)


async def _learn_number(tx: Transaction, opened: Opened, chat: ChatRow, inbound: Inbound) -> ChatRow:
    """A number that the channel brings is where they are called, unless they named another."""
    number = _number(inbound, opened.account.region)
    if number is None or chat.number == number or (chat.number is not None and not inbound.number_proved):
        return chat
    if chat.number is not None and inbound.conversation == number:
        return chat  # they asked to be called elsewhere than where they write from
    await tx.run(
        CHANNELS["set_number"], business=chat.business, chat=chat.id, number=number, proved=inbound.number_proved
    )
    return await lock_chat(tx, ChatKey(business=chat.business, chat=chat.id))


def _number(inbound: Inbound, region: str | None) -> str | None:
    """Return the number if it can be called; one that cannot is asked for later."""
    if inbound.number is None:
        return None
    try:
        return read_number(inbound.number, region=region)
    except Invalid:
        return None


def _zone(said: str | None, otherwise: str) -> str:
    try:
        return ZoneInfo(said).key if said else otherwise
    except (ValueError, OSError, LookupError):
        return otherwise
