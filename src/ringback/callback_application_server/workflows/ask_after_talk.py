"""The customer talked with us by another way, but briefly: ask whether the call is still needed. Doing nothing keeps it."""

from __future__ import annotations

from ringback.callback_application_server.queries import chat_of
from ringback.callback_application_server.rules import times_in_words as words
from ringback.callback_application_server.rules.draft import Act
from ringback.callback_application_server.rules.prompts import question
from ringback.callback_application_server.rules.wording import t
from ringback.callback_application_server.workflows.speak import ask
from ringback.domain.events import GotThrough
from ringback.domain.ids import BusinessId
from ringback.postgres.database import Transaction


async def got_through(tx: Transaction, business: BusinessId, event: GotThrough) -> None:
    """Ask in the chat that the callback came from."""
    chat = await chat_of(tx, business, event.callback)
    if chat is None or chat.callback != event.callback:
        return
    at = words.clock(event.at, chat.zone)
    talked, wrote = t("You talked with us at {at}.", at=at), t("You wrote with us at {at}.", at=at)
    needed = t("Do you still need our call?")
    text = f"{wrote if event.wrote else talked} {needed} {t('If you do nothing, we call as promised.')}"
    await ask(
        tx,
        chat,
        question(
            "choice",
            needed,
            text,
            ((t("Yes, call me"), Act.KEEP, "primary"), (t("No, cancel it"), Act.CANCEL, "danger")),
        ),
    )
