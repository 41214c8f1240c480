"""What operators and the day itself have to say in a chat: incidents, an agent who is away, room for the waitlist, words of an operator."""

from __future__ import annotations

from ringback.callback_application_server.queries import ChatKey, ChatRow, chat_of, lock_chat, save_chat
from ringback.callback_application_server.rules import times_in_words as words
from ringback.callback_application_server.rules.draft import Act, Draft
from ringback.callback_application_server.rules.prompts import PromptContent, question
from ringback.callback_application_server.rules.wording import mark, t, tn
from ringback.callback_application_server.workflows.speak import ask, say, tell
from ringback.domain.errors import NotFound
from ringback.domain.events import AgentAway, OperatorWrote, RoomAppeared, StillNeeded, WaitlistAnswered
from ringback.domain.ids import BusinessId, CallbackId, ChatId
from ringback.postgres.database import Transaction

_AWAY = mark("{who} is not here for your call {when}. Shall somebody else call you at that time?")


async def still_needed(tx: Transaction, business: BusinessId, event: StillNeeded) -> None:
    """Say what the operator says of an incident, and ask whether the call is still needed; doing nothing keeps it."""
    chat = await _open_chat(tx, business, event.callback)
    if chat is None:
        return
    needed = t("Do you still need our call?")
    text = f"{_sentence(event.incident)} {needed} {t('If you do nothing, we keep your place.')}"
    options = (
        (t("Yes, keep my place"), Act.STILL_NEEDED, "primary"),
        (t("No, cancel it"), Act.CANCEL, "danger"),
    )
    await ask(tx, chat, question("late", needed, text, options))


async def agent_away(tx: Transaction, business: BusinessId, event: AgentAway) -> None:
    """Say that whom they asked for will not be there, and ask what they would rather have."""
    chat = await _open_chat(tx, business, event.callback)
    if chat is None:
        return
    when = words.window(event.window, chat.zone, tx.now)
    text = t(_AWAY, who=event.agent_name, when=when)
    options = (
        (t("Anyone can call"), Act.ANYONE, "primary"),
        (t("Wait for {who}", who=event.agent_name)[:20], Act.KEEP, "option"),
        (t("Another time"), Act.MOVE, "option"),
        (t("Cancel the callback"), Act.CANCEL, "danger"),
    )
    await ask(tx, chat, question("late", t("{who} is away", who=event.agent_name), text, options))


async def operator_wrote(tx: Transaction, business: BusinessId, event: OperatorWrote) -> None:
    """Say it as the business, under the callback it is about."""
    chat = await chat_of(tx, business, event.callback)
    if chat is not None and not chat.stopped:
        await say(tx, chat, event.text, author="agent", author_name=chat.business_name)


async def waitlist_answered(tx: Transaction, business: BusinessId, event: WaitlistAnswered) -> None:
    """They are on the list, or there is none any more."""
    chat = await _chat(tx, business, event.chat)
    if chat is None:
        return
    if event.place is None:
        await tell(tx, chat, "closed", t(event.why or "There is no waitlist any more."))
        return
    before = event.place - 1
    room = t("We write here as soon as {queue} has room.", queue=event.queue_name)
    first = t("You are the first.")
    ahead = tn("{count} person is before you.", "{count} people are before you.", before) if before else first
    await say(tx, chat, f"{room} {ahead}")


async def room_appeared(tx: Transaction, business: BusinessId, event: RoomAppeared) -> None:
    """There is room, kept for this chat until then: offer it."""
    chat = await _chat(tx, business, event.chat)
    if chat is None or chat.stopped or (chat.card is not None and chat.card.is_open):
        return
    chat = await save_chat(tx, chat, draft=Draft(provider=event.provider))
    until = words.clock(event.until, chat.zone)
    await ask(tx, chat, _room(event.queue_name, until))


def _room(queue: str, until: str) -> PromptContent:
    text = t("{queue} has room for your call now. We keep it for you until {until}.", queue=queue, until=until)
    options = ((t("Show me"), Act.OFFER, "primary"), (t("No thanks"), Act.NO, "quiet"))
    return question("choice", t("There is room now"), text, options)


async def _chat(tx: Transaction, business: BusinessId, chat: ChatId) -> ChatRow | None:
    try:
        return await lock_chat(tx, ChatKey(business=business, chat=chat))
    except NotFound:
        return None


async def _open_chat(tx: Transaction, business: BusinessId, callback: CallbackId) -> ChatRow | None:
    """Return the chat of a callback that it still shows as open."""
    chat = await chat_of(tx, business, callback)
    if chat is None or chat.stopped or chat.card is None:
        return None
    return chat if chat.card.id == callback and chat.card.is_open else None


def _sentence(text: str) -> str:
    return text if text.endswith((".", "!", "?")) else f"{text}."
