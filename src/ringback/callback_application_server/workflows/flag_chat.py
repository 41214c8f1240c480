"""Mark a chat that somebody at the business has to look at: the console lists it and webhooks hear of it."""

from __future__ import annotations

from enum import StrEnum

from ringback.callback_application_server.bots.roster import SQL
from ringback.callback_application_server.queries import ChatRow
from ringback.callback_application_server.rules.webhook_events import Happening
from ringback.callback_application_server.webhooks.publish import publish
from ringback.domain.webhooks import WebhookEvent
from ringback.postgres.database import Transaction


class Why(StrEnum):
    """Why somebody has to look."""

    EMERGENCY = "emergency"  # one of the business's emergency words was heard
    STOPPED = "stopped"  # the customer wants no more contact


async def flag_chat(tx: Transaction, chat: ChatRow, why: Why) -> None:
    """Flag a chat, once."""
    if await tx.value(SQL["flag_chat"], business=chat.business, id=chat.id, why=why.value, now=tx.now) is None:
        return
    happening = Happening(event=WebhookEvent.CHAT_FLAGGED, data={"chat": str(chat.id), "why": why.value})
    await publish(tx, chat.business, None, happening)
    tx.hint("console", chat.business)
