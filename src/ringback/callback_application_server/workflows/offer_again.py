"""Timer `abandoned`: a customer was asked when, by whom or where to call them, and fell silent. They are offered the call once more, and never again."""

from __future__ import annotations

from ringback.callback_application_server.live_chats import with_person
from ringback.callback_application_server.queries import SQL, ChatKey, lock_chat
from ringback.callback_application_server.rules.draft import Act
from ringback.callback_application_server.rules.prompts import question
from ringback.callback_application_server.rules.wording import t
from ringback.callback_application_server.workflows.speak import ABANDONED, ASKS_FOR_A_CALL, SILENT_FOR, ask
from ringback.domain.errors import NotFound
from ringback.domain.ids import ChatId
from ringback.domain.status import Server
from ringback.postgres.database import Transaction
from ringback.postgres.timers import Timer, set_timer


async def offer_again(tx: Transaction, timer: Timer) -> None:
    """Ask whether a call would still help; nobody is called without a yes."""
    key = ChatKey(business=timer.business, chat=ChatId(timer.subject))
    try:
        chat = await lock_chat(tx, key)
    except NotFound:
        return  # erased meanwhile
    row = await tx.row(SQL["last_asked"], business=key.business, chat=key.chat)
    if row is None or row["offered_again_at"] is not None or row["kind"] not in ASKS_FOR_A_CALL or not row["is_open"]:
        return
    live = await with_person(tx, key)
    if (
        chat.stopped
        or chat.emergency
        or (chat.card is not None and chat.card.is_open)
        or (live is not None and live.is_open)
    ):
        return
    silent_until = row["active_at"] + SILENT_FOR
    if tx.now < silent_until:
        await set_timer(tx, key.business, Server.APPLICATION, ABANDONED, key.chat, at=silent_until)
        return
    await tx.run(SQL["mark_offered_again"], business=key.business, chat=key.chat, now=tx.now)
    asked = t("Are you still there? We can call you instead.")
    options = ((t("Yes, call me"), Act.OFFER, "primary"), (t("No thanks"), Act.NO, "quiet"))
    await ask(tx, chat, question("choice", t("Shall we call you?"), asked, options))
