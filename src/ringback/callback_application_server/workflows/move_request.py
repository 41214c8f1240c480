"""Give the chat's callback another time; the place it has is kept until the new one is certain."""

from __future__ import annotations

from dataclasses import replace

from ringback.callback_application_server.queries import SQL, ChatKey, find_prompt, lock_chat, save_chat
from ringback.callback_application_server.rules.draft import Draft
from ringback.callback_application_server.rules.prompts import nearest_prompt
from ringback.callback_application_server.rules.refusal_words import refusal_words
from ringback.callback_application_server.rules.wording import mark, t
from ringback.callback_application_server.workflows.context import ChatContext, look_up_offers, setting_of
from ringback.callback_application_server.workflows.once import Once
from ringback.callback_application_server.workflows.speak import ask, say
from ringback.domain.commands import MoveCallback
from ringback.domain.errors import Conflict
from ringback.domain.ids import CommandId, PromptId, new_id
from ringback.domain.status import Server
from ringback.postgres.messages import CommandAnswer, send, wait_for_answer


async def move_request(context: ChatContext, key: ChatKey, prompt: PromptId, option: int, once: Once) -> None:
    """Send the move and tell what came of it. Raises Conflict when there is nothing to move."""
    async with context.database.transaction(key.business, name="move_from_chat") as tx:
        chat = await lock_chat(tx, key)
        if await once.begin(tx) is not None:
            return
        shown = await find_prompt(tx, chat, prompt)
        if chat.callback is None or chat.card is None or not chat.card.is_open or chat.draft.when is None:
            raise Conflict("There is no callback to move.", id="no-callback")
        marked = await tx.value(
            SQL["answer_prompt"],
            business=key.business,
            id=prompt,
            answered=shown.content.label(option),
            option=option,
            now=tx.now,
        )
        if marked is None:
            raise Conflict("This was answered already.", id="already-answered")
        command, wanted = CommandId(new_id()), chat.draft
        assert wanted.when is not None
        await send(
            tx,
            key.business,
            Server.INTERACTIONS,
            chat.callback,
            MoveCallback(command=command, callback=chat.callback, when=wanted.when, by=f"chat:{chat.id}"),
        )
        await save_chat(tx, chat, draft=Draft())
        await once.end(tx)
    found = await wait_for_answer(context.database, context.hints, key.business, command, timeout=5)
    if found is not None and found.problem is not None:
        await _not_moved(context, key, wanted, found)


async def _not_moved(context: ChatContext, key: ChatKey, wanted: Draft, found: CommandAnswer) -> None:
    """The new time is not possible: say so, the old place stands, and what is near is offered."""
    detail = str(found.body.get("detail") or mark("That time is not possible."))
    async with context.database.transaction(key.business, name="read_chat") as tx:
        chat = await lock_chat(tx, key)
    offers = await look_up_offers(context, replace(chat, draft=wanted), when=wanted.when)
    async with context.database.transaction(key.business, name="move_refused") as tx:
        chat = await lock_chat(tx, key)
        words = refusal_words(found.problem or "", detail, None, who=chat.business_name)
        if chat.card is None or not chat.card.is_open:
            await say(tx, chat, words)
            return
        chat = await save_chat(tx, chat, draft=replace(wanted, when=None))
        reason = f"{words} {t('Your callback stays as it is.')}"
        await ask(tx, chat, nearest_prompt(offers, reason, setting_of(context, chat, tx.now)))
