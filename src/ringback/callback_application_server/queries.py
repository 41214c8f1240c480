"""The application server's statements, as typed rows."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Any
from uuid import UUID
from zoneinfo import ZoneInfo

import asyncpg

from ringback.callback_application_server.rules.callback_card import Card, dump_card, load_card
from ringback.callback_application_server.rules.draft import Draft, dump, load_draft
from ringback.callback_application_server.rules.prompts import PromptContent, load_prompt
from ringback.callback_application_server.rules.wording import speak
from ringback.domain.errors import NotFound
from ringback.domain.ids import BusinessId, CallbackId, ChannelId, ChatId, PersonId, PromptId
from ringback.postgres.database import Transaction
from ringback.postgres.sql import load_sql

SQL = load_sql(__file__, "queries.sql")


@dataclass(frozen=True, slots=True, kw_only=True)
class ChatKey:
    """A chat and its business: who a token belongs to."""

    business: BusinessId
    chat: ChatId


@dataclass(frozen=True, slots=True, kw_only=True)
class ChatRow:
    """A chat with what a workflow needs around it."""

    business: BusinessId
    id: ChatId
    channel: ChannelId
    person: PersonId
    person_name: str | None
    stopped: bool
    zone: ZoneInfo
    language: str
    last_seq: int
    topic: str | None = field(repr=False)
    draft: Draft = field(repr=False)
    callback: CallbackId | None
    card: Card | None = field(repr=False)
    settings: Mapping[str, Any]
    allowed_origins: tuple[str, ...]
    channel_retired: bool
    business_slug: str
    business_name: str
    business_zone: ZoneInfo
    priority: int = 0  # of its callbacks: from the signed identity
    bot: UUID | None = None  # whose conversation it is
    bot_failures: int = 0
    emergency: bool = False  # one was heard in it
    channel_kind: str = "web"
    number: str | None = field(default=None, repr=False)  # a channel of messages: where they want to be called
    number_proved: bool = False

    @property
    def messages(self) -> bool:
        """It is on a channel of messages: what is said is handed over, and what is shown cannot be changed."""
        return self.channel_kind != "web"

    @property
    def default_provider(self) -> str:
        """Who is asked when the customer names nobody."""
        return str(self.settings.get("provider") or f"biz:{self.business_slug}")


@dataclass(frozen=True, slots=True, kw_only=True)
class PromptRow:
    """A stored prompt."""

    id: PromptId
    seq: int
    content: PromptContent = field(repr=False)
    expires_at: datetime
    answered: str | None
    answered_option: int | None
    superseded: bool


async def load_chat(tx: Transaction, key: ChatKey) -> ChatRow:
    """Return the chat, and say in its language whatever this task says from then on. Raises NotFound (`chat-not-found`)."""
    row = await tx.row(SQL["load_chat"], business=key.business, id=key.chat)
    if row is None:
        raise NotFound("There is no such chat.", id="chat-not-found")
    speak(row["language"])
    return ChatRow(
        business=key.business,
        id=key.chat,
        channel=row["channel"],
        person=row["person"],
        person_name=row["person_name"],
        stopped=row["stopped_at"] is not None,
        zone=ZoneInfo(row["zone"]),
        language=row["language"],
        last_seq=row["last_seq"],
        topic=row["topic"],
        draft=load_draft(row["draft"]),
        callback=row["callback"],
        card=load_card(row["card"]),
        settings=row["settings"],
        allowed_origins=tuple(row["allowed_origins"]),
        channel_retired=row["channel_retired"],
        business_slug=row["business_slug"],
        business_name=row["business_name"],
        business_zone=ZoneInfo(row["business_zone"]),
        priority=row["priority"],
        bot=row["bot"],
        bot_failures=row["bot_failures"],
        emergency=row["emergency_at"] is not None,
        channel_kind=row["channel_kind"],
        number=row["number"],
        number_proved=bool(row["number_proved"]),
    )


async def lock_chat(tx: Transaction, key: ChatKey) -> ChatRow:
    """Return the chat and hold it: everything said in it is numbered under this lock."""
    if await tx.value(SQL["lock_chat"], business=key.business, id=key.chat) is None:
        raise NotFound("There is no such chat.", id="chat-not-found")
    return await load_chat(tx, key)


async def save_chat(tx: Transaction, chat: ChatRow, **changes: Any) -> ChatRow:
    """Store what changed of topic, draft, callback and card, and wake the chat's pages."""
    changed = replace(chat, **changes)
    await tx.run(
        SQL["save_chat"],
        business=chat.business,
        id=chat.id,
        topic=changed.topic,
        draft=dump(changed.draft),
        callback=changed.callback,
        card=dump_card(changed.card) if changed.card else None,
        now=tx.now,
    )
    tx.hint("chat", chat.id)
    if changed.card is not None and changed.card != chat.card:
        for other in await tx.rows(
            SQL["share_card"],
            business=chat.business,
            chat=chat.id,
            about=changed.card.id,
            callback=changed.callback,
            card=dump_card(changed.card),
        ):
            tx.hint("chat", other["id"])
    return changed


def prompt_row(row: asyncpg.Record) -> PromptRow:
    """Read a prompt's row."""
    return PromptRow(
        id=row["id"],
        seq=row["seq"],
        content=load_prompt(row["content"]),
        expires_at=row["expires_at"],
        answered=row["answered"],
        answered_option=row["answered_option"],
        superseded=row["superseded"],
    )


async def find_prompt(tx: Transaction, chat: ChatRow, id: PromptId) -> PromptRow:
    """Return a prompt of this chat. Raises NotFound (`prompt-not-found`)."""
    row = await tx.row(SQL["load_prompt"], business=chat.business, chat=chat.id, id=id)
    if row is None:
        raise NotFound("This question is gone.", id="prompt-not-found")
    return prompt_row(row)


async def live_prompt(tx: Transaction, chat: ChatRow) -> PromptRow | None:
    """Return the prompt that is live, if any."""
    row = await tx.row(SQL["live_prompt"], business=chat.business, chat=chat.id, now=tx.now)
    return None if row is None else prompt_row(row)


async def chat_of(tx: Transaction, business: BusinessId, callback: CallbackId) -> ChatRow | None:
    """Return the chat a callback came from, held; None when it came over the API, the desk or the console."""
    chat = await tx.value(SQL["chat_of_callback"], business=business, callback=callback)
    return None if chat is None else await lock_chat(tx, ChatKey(business=business, chat=ChatId(chat)))
