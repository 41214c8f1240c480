"""Ask for what is missing of a callback by its name: who, when, the number, the yes. Nothing is asked more than twice."""

from __future__ import annotations

from dataclasses import replace

from ringback.callback_application_server.queries import ChatRow, PromptRow, save_chat
from ringback.callback_application_server.rules.prompts import PromptContent, day_prompt, when_prompt
from ringback.callback_application_server.rules.provider_prompt import provider_prompt
from ringback.callback_application_server.rules.questions import LEFT_TO_BUTTONS, Missing, missing_for, question_for
from ringback.callback_application_server.rules.wording import t
from ringback.callback_application_server.workflows.context import ChatContext, setting_of
from ringback.callback_application_server.workflows.speak import ask, say
from ringback.domain.offers import Offers
from ringback.postgres.database import Transaction


async def ask_missing(
    context: ChatContext,
    tx: Transaction,
    chat: ChatRow,
    missing: Missing,
    offers: Offers | None,
    *,
    text: str | None = None,
    prompt: PromptRow | None = None,
) -> None:
    """Ask for it, with buttons where there are any. `text`: other words for the first time. `prompt`: the live one, kept where a yes or a number lacks."""
    question = question_for(missing, chat.draft.asked)
    if question is None:
        await _leave_to_buttons(tx, chat)
        return
    first = missing.value not in chat.draft.asked
    chat = await save_chat(tx, chat, draft=replace(chat.draft, asked=(*chat.draft.asked, missing.value)))
    if first and text is not None:
        question = text
    content = _buttons(context, tx, chat, missing, offers, first=first)
    if content is None and prompt is not None:
        content = prompt.content
    if content is None:
        await say(tx, chat, question)
        return
    await ask(tx, chat, content, text=question)


async def ask_again(
    context: ChatContext, tx: Transaction, chat: ChatRow, prompt: PromptRow | None, offers: Offers | None
) -> None:
    """The message answered nothing: ask for what the live prompt was waiting for."""
    missing = missing_for(prompt.content.kind) if prompt is not None else Missing.WHEN
    await ask_missing(context, tx, chat, missing, offers, prompt=prompt)


def _buttons(
    context: ChatContext, tx: Transaction, chat: ChatRow, missing: Missing, offers: Offers | None, *, first: bool
) -> PromptContent | None:
    if offers is None:
        return None
    setting = setting_of(context, chat, tx.now)
    match missing:
        case Missing.WHEN:
            whole = first or offers.waitlist  # where only room can be waited for, days say nothing
            return when_prompt(offers, setting) if whole else day_prompt(offers, setting)
        case Missing.WHO:
            return provider_prompt(offers, setting, chat.business_slug)
    return None


async def _leave_to_buttons(tx: Transaction, chat: ChatRow) -> None:
    """It was asked twice: say once what is left, and be quiet until something is understood."""
    if "buttons" in chat.draft.asked:
        return
    await save_chat(tx, chat, draft=replace(chat.draft, asked=(*chat.draft.asked, "buttons")))
    await say(tx, chat, t(LEFT_TO_BUTTONS))
