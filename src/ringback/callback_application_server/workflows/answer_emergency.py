"""An emergency was heard: the business's own words at once, and a person; never a place in time."""

from __future__ import annotations

from dataclasses import replace

from ringback.callback_application_server.bots.roster import SQL, Emergency
from ringback.callback_application_server.queries import SQL as CHATS
from ringback.callback_application_server.queries import ChatRow, save_chat
from ringback.callback_application_server.rules.draft import Draft
from ringback.callback_application_server.rules.identities import HIGHEST_PRIORITY
from ringback.callback_application_server.rules.prompts import when_prompt
from ringback.callback_application_server.rules.wording import t
from ringback.callback_application_server.workflows.context import ChatContext, setting_of, without_times
from ringback.callback_application_server.workflows.flag_chat import Why, flag_chat
from ringback.callback_application_server.workflows.speak import ask, say
from ringback.domain.offers import Offers
from ringback.postgres.database import Transaction


async def answer_emergency(
    context: ChatContext, tx: Transaction, chat: ChatRow, emergency: Emergency, text: str, offers: Offers | None
) -> None:
    """Say what the business says, flag the chat, and offer a call at once where somebody can make it."""
    await tx.run(SQL["mark_emergency"], business=chat.business, id=chat.id, priority=HIGHEST_PRIORITY, now=tx.now)
    await flag_chat(tx, chat, Why.EMERGENCY)
    await tx.run(CHATS["supersede_prompts"], business=chat.business, chat=chat.id)
    await say(tx, chat, emergency.text)
    open_card = chat.card is not None and chat.card.is_open
    if offers is None or offers.asap is None or open_card or chat.stopped:
        return
    urgent = without_times(offers)
    chat = await save_chat(tx, chat, topic=text[:120], draft=Draft(provider=offers.provider))
    content = replace(when_prompt(urgent, setting_of(context, chat, tx.now)), title=t("Shall a person call you now?"))
    await ask(tx, chat, content, text=t("Somebody can call you now."))
