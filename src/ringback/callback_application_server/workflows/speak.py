"""Say and ask in a chat whose row is held: everything said is numbered there, and its pages are woken."""

from __future__ import annotations

from datetime import datetime, timedelta

from ringback.callback_application_server.queries import SQL, ChatRow, PromptRow
from ringback.callback_application_server.rules.prompts import PromptContent, dump_prompt
from ringback.callback_application_server.rules.wording import t
from ringback.domain.ids import PromptId, new_id
from ringback.domain.status import Server
from ringback.postgres.database import Transaction
from ringback.postgres.timers import set_timer

ABANDONED = "abandoned"  # the timer of a customer who was asked about a call, by the chat's id
ASKS_FOR_A_CALL = frozenset({"when", "day", "provider", "confirm", "readback", "number"})  # kinds of prompts
SILENT_FOR = timedelta(minutes=5)


async def say(
    tx: Transaction,
    chat: ChatRow,
    text: str,
    *,
    author: str = "assistant",
    author_name: str | None = None,
    status: str | None = None,
    key: str | None = None,
    prompt: PromptId | None = None,
    expires_at: datetime | None = None,
) -> int:
    """Add a message and return its number. With `expires_at` it is at most once: not shown after that; else at least once."""
    seq: int = await tx.value(
        SQL["add_message"],
        business=chat.business,
        chat=chat.id,
        author=author,
        author_name=author_name
        or (t("{business} assistant", business=chat.business_name) if author == "assistant" else None),
        text=text[:8000],
        status=status,
        prompt=prompt,
        key=key,
        expires_at=expires_at,
        now=tx.now,
    )
    tx.hint("chat", chat.id)
    if chat.messages and author != "customer":
        await set_timer(tx, chat.business, Server.APPLICATION, "channel", chat.id, at=tx.now)
    return seq


async def tell(tx: Transaction, chat: ChatRow, status: str, text: str, *, expires_at: datetime | None = None) -> int:
    """Add a line about the callback."""
    return await say(tx, chat, text, author="system", status=status, expires_at=expires_at)


async def ask(
    tx: Transaction, chat: ChatRow, content: PromptContent, *, text: str | None = None, author_name: str | None = None
) -> PromptId:
    """Add a message with a prompt under it; the one that was live is replaced."""
    await tx.run(SQL["supersede_prompts"], business=chat.business, chat=chat.id)
    id = PromptId(new_id())
    seq = await say(tx, chat, text or content.text, prompt=id, author_name=author_name)
    await _insert(tx, chat, id, seq, content)
    if content.kind in ASKS_FOR_A_CALL:
        await set_timer(tx, chat.business, Server.APPLICATION, ABANDONED, chat.id, at=tx.now + SILENT_FOR)
    return id


async def ask_instead(tx: Transaction, chat: ChatRow, old: PromptRow, content: PromptContent, *, option: int) -> None:
    """Put another prompt under the same message. Its tokens are its own: an old tab cannot choose a new time by accident.

    What was handed over to a channel of messages stays as it is: there the prompt comes in a message of its own.
    """
    if await tx.value(SQL["supersede_prompt"], business=chat.business, id=old.id, option=option) is None:
        return
    if chat.messages:
        await ask(tx, chat, content)
        return
    id = PromptId(new_id())
    await tx.run(
        SQL["replace_prompt_of_message"],
        business=chat.business,
        chat=chat.id,
        seq=old.seq,
        prompt=id,
        text=content.text,
    )
    await _insert(tx, chat, id, old.seq, content)
    tx.hint("chat", chat.id)


async def _insert(tx: Transaction, chat: ChatRow, id: PromptId, seq: int, content: PromptContent) -> None:
    await tx.run(
        SQL["insert_prompt"],
        business=chat.business,
        id=id,
        chat=chat.id,
        seq=seq,
        kind=content.kind,
        content=dump_prompt(content),
        now=tx.now,
        expires_at=tx.now + timedelta(seconds=content.lives),
    )
