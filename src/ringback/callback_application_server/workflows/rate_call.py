"""How the call was: asked once when it is over, answered with one tap or word, and kept with the callback."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import timedelta

from ringback.callback_application_server.queries import SQL, ChatRow, PromptRow
from ringback.callback_application_server.rules.draft import Act
from ringback.callback_application_server.rules.prompts import question
from ringback.callback_application_server.rules.renderings import read_choice
from ringback.callback_application_server.rules.wording import t
from ringback.callback_application_server.workflows.speak import ask, say
from ringback.postgres.database import Transaction

KIND = "rating"  # of the prompt
LIVES = timedelta(days=7)
RATINGS: Mapping[Act, str] = {Act.RATE_GOOD: "good", Act.RATE_SO_SO: "so_so", Act.RATE_BAD: "bad"}


async def ask_for_rating(tx: Transaction, chat: ChatRow) -> None:
    """Ask how it was; who does not answer is not asked again."""
    asked = t("How was the call?")
    options = (
        (t("Good"), Act.RATE_GOOD, "option"),
        (t("So-so"), Act.RATE_SO_SO, "option"),
        (t("Not good"), Act.RATE_BAD, "option"),
    )
    await ask(tx, chat, question(KIND, asked, asked, options, lives=LIVES))


async def keep_rating(tx: Transaction, chat: ChatRow, act: Act) -> None:
    """Keep it with the callback that the chat shows."""
    if chat.card is not None:
        await tx.run(SQL["keep_rating"], business=chat.business, callback=chat.card.id, rating=RATINGS[act])
        tx.hint("console", chat.business)
    await say(tx, chat, t("Thank you. Write here whenever you need us."))


def answered_by(prompt: PromptRow | None, text: str) -> PromptRow | None:
    """Return the live prompt; a question how it was only for words that answer it: whatever else is written is about something new."""
    if prompt is None or prompt.content.kind != KIND or read_choice(prompt.content, text) is not None:
        return prompt
    return None
