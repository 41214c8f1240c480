"""What a chat's page is shown: the transcript, the prompts with their tokens, the live card, the call."""

from __future__ import annotations

import time
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any
from uuid import UUID
from zoneinfo import ZoneInfo

import asyncpg

from ringback.callback_application_server.queries import SQL, ChatKey, ChatRow, load_chat
from ringback.callback_application_server.rules import times_in_words as words
from ringback.callback_application_server.rules.calendar_links import CalendarLink, has_entry, make_link
from ringback.callback_application_server.rules.callback_card import CallbackCard, show_card
from ringback.callback_application_server.rules.prompts import PromptContent, load_prompt
from ringback.callback_application_server.rules.tokens import Choice, SigningKeys, make_token
from ringback.callback_application_server.rules.wording import t
from ringback.callback_application_server.wire import (
    ChatMessage,
    ChatSnapshot,
    Prompt,
    PromptDay,
    PromptOption,
    SummaryLine,
    WidgetBusiness,
)
from ringback.callback_application_server.workflows.context import ChatContext
from ringback.domain.errors import RingbackError
from ringback.domain.ids import ChatId, PromptId
from ringback.domain.offers import OffersQuery, Opening
from ringback.pages.calls import Callee, read_call, view_call
from ringback.postgres.database import Transaction

OPENING_LIVES = 30.0  # seconds that "Open until 18:00" is taken from memory


@dataclass(slots=True, kw_only=True)
class ChatReader:
    """Reads chats for their pages."""

    context: ChatContext
    ice_servers: list[dict[str, Any]] = field(repr=False)
    relay_only: bool = False
    _openings: dict[tuple[UUID, str], tuple[float, Opening | None]] = field(default_factory=dict)

    async def snapshot(self, key: ChatKey, *, after: int = 0, page: UUID | None = None) -> ChatSnapshot:
        """Return the chat as it is, with the messages after one."""
        async with self.context.database.transaction(key.business, name="read_chat") as tx:
            chat = await load_chat(tx, key)
            messages = await self.messages_after(tx, chat, after)
            call = await read_call(tx, Callee(business=key.business, subject=key.chat))
            now = tx.now
        return ChatSnapshot(
            business=await self.business(chat),
            messages=messages,
            callback=self.card(chat, now),
            call=view_call(call, page),
            last_seq=chat.last_seq,
            now=now,
        )

    def card(self, chat: ChatRow, now: datetime) -> CallbackCard | None:
        """Return the live card in words, with the way to its calendar entry."""
        link = None
        if chat.card is not None and chat.card.is_open and has_entry(chat.card):
            named = CalendarLink(business=chat.business, chat=chat.id, callback=chat.card.id)
            link = make_link(self.context.keys, named)
        return show_card(chat.card, now=now, zone=chat.zone, calendar=link)

    async def messages_after(self, tx: Transaction, chat: ChatRow, after: int) -> list[ChatMessage]:
        """Return the newest messages after one."""
        rows = await tx.rows(SQL["messages_after"], business=chat.business, chat=chat.id, after=after, now=tx.now)
        return [self.message(chat.id, row) for row in rows]

    async def messages_with_prompts(self, tx: Transaction, chat: ChatRow, upto: int) -> list[ChatMessage]:
        """Return the latest messages that carry a prompt, as they are now."""
        rows = await tx.rows(SQL["messages_with_prompts"], business=chat.business, chat=chat.id, upto=upto)
        return [self.message(chat.id, row) for row in rows]

    def message(self, chat: ChatId, row: asyncpg.Record) -> ChatMessage:
        """Read a message's row."""
        prompt = None if row["prompt"] is None else show_prompt(self.context.keys, chat, row)
        return ChatMessage(
            seq=row["seq"],
            author=row["author"],
            author_name=row["author_name"],
            text=row["text"],
            at=row["at"],
            key=row["key"],
            prompt=prompt,
            status=row["status"],
        )

    async def business(self, chat: ChatRow) -> WidgetBusiness:
        """Return whom the customer talks to."""
        return WidgetBusiness(
            name=chat.business_name,
            open_line=await self._open_line(chat),
            zone=chat.business_zone.key,
            accent=chat.settings.get("accent"),
            greeting=str(chat.settings.get("greeting") or t("How can we help? Write to us, or ask for a call.")),
            ice_servers=self.ice_servers,
            relay_only=self.relay_only,
        )

    async def _open_line(self, chat: ChatRow) -> str:
        """Return `Open until 18:00`, remembered for a moment: it is read with every page."""
        known = self._openings.get((chat.business, chat.default_provider))
        if known is None or known[0] < time.monotonic():
            opening = await self._opening(chat)
            known = (time.monotonic() + OPENING_LIVES, opening)
            self._openings[chat.business, chat.default_provider] = known
        return open_line(known[1], chat.zone)

    async def _opening(self, chat: ChatRow) -> Opening | None:
        query = OffersQuery(business=chat.business, provider=chat.default_provider, zone=chat.zone.key)
        try:
            return (await self.context.offers.offers(query)).opening
        except (RingbackError, OSError):
            return None


def open_line(opening: Opening | None, zone: ZoneInfo) -> str:
    """Return `Open until 18:00`, `Closed until Wed 25 Nov, 08:00`, or nothing when it is not known."""
    if opening is None:
        return ""
    if opening.open_now:
        return t("Open until {clock}", clock=words.clock(opening.until, zone)) if opening.until else t("Open")
    if opening.next_opening is None:
        return t("Closed")
    local = opening.next_opening.astimezone(zone)
    return t(
        "Closed until {moment}", moment=f"{words.short_date(local.date())}, {words.clock(opening.next_opening, zone)}"
    )


def show_prompt(keys: SigningKeys, chat: ChatId, row: asyncpg.Record) -> Prompt:
    """Return a prompt with a token for each option; an answered one keeps its line and no controls."""
    content, id = load_prompt(row["content"]), PromptId(row["prompt"])
    answered = row["answered"] or (t("Answered below") if row["superseded"] else None)
    return _shown(keys, chat, id, content, row["expires_at"], answered)


def _shown(
    keys: SigningKeys, chat: ChatId, id: PromptId, content: PromptContent, expires_at: Any, answered: str | None
) -> Prompt:
    def token(option: int) -> str:
        return "" if answered else make_token(keys, chat, Choice(prompt=id, option=option))

    return Prompt(
        id=id,
        kind=content.kind,
        title=content.title,
        context=content.context,
        context_change=token(2000) if content.context_change is not None else None,
        note=content.note,
        options=[
            PromptOption(
                token=token(number),
                label=option.label,
                detail=option.detail,
                badge=option.badge,
                style=option.style,
                disabled=option.disabled,
            )
            for number, option in enumerate(content.options)
        ],
        days=[
            PromptDay(
                token=token(1000 + number), label=day.label, detail=day.detail, selected=day.selected, full=day.full
            )
            for number, day in enumerate(content.days)
        ],
        summary=[SummaryLine(label=label, value=value) for label, value in content.summary],
        destinations=list(content.destinations),
        consent=content.consent,
        submit=content.submit,
        expires_at=expires_at,
        answered=answered,
    )
