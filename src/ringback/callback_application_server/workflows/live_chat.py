"""The chat while a person writes in it: what the customer says is theirs to answer, and a call is offered when nobody comes."""

from __future__ import annotations

from collections.abc import Mapping

from ringback.callback_application_server.live_chats import WithPerson, with_person
from ringback.callback_application_server.queries import SQL as CHATS
from ringback.callback_application_server.queries import ChatKey, ChatRow, PromptRow, lock_chat, save_chat
from ringback.callback_application_server.rules.draft import Draft
from ringback.callback_application_server.rules.intents.goodbye import is_goodbye
from ringback.callback_application_server.rules.understanding import Intent, Understood
from ringback.callback_application_server.rules.wording import t
from ringback.callback_application_server.workflows.context import ChatContext
from ringback.callback_application_server.workflows.speak import say
from ringback.domain.errors import NotFound
from ringback.domain.ids import BusinessId, ChatId
from ringback.domain.live_chat import AskPerson, ChatLeft, ChatTaken, LeaveChat, NobodyCame, WriteAsAgent
from ringback.domain.offers import Offers
from ringback.domain.status import Server
from ringback.postgres.database import Transaction
from ringback.postgres.message_batches import Handler
from ringback.postgres.messages import send
from ringback.postgres.timers import set_timer


async def hear(
    context: ChatContext,
    key: ChatKey,
    seq: int,
    live: WithPerson | None,
    prompt: PromptRow | None,
    understood: Understood,
    offers: Offers | None,
    text: str,
) -> bool:
    """Leave the message to the person in the chat, or ask for one, or let a goodbye end it; False: it is answered as every other."""
    if live is not None and live.is_open:
        if prompt is not None or _is_for_us(understood):
            return False
    elif understood.intent is not Intent.PERSON or offers is None or not offers.agents_chat or understood.when:
        return False
    elif live is not None and live.seq == seq:
        return False  # nobody came
    async with context.database.transaction(key.business, name="hear_in_live_chat") as tx:
        chat = await lock_chat(tx, key)
        if chat.stopped:
            return False
        if await tx.value(CHATS["claim_reply"], business=key.business, chat=key.chat, n=seq) is None:
            return True
        if live is None or not live.is_open:
            assert offers is not None
            await _ask_for_person(tx, chat, seq, offers)
        elif prompt is None and is_goodbye(text):
            await send(tx, chat.business, Server.INTERACTIONS, chat.id, LeaveChat(chat=chat.id))
            await say(tx, chat, t("Write here whenever you need us."), author="system")
        elif live.agent is not None:
            tx.hint("agent", live.agent)
    return True


def _is_for_us(understood: Understood) -> bool:
    """A call, its cancelling and a STOP are ours also while a person writes."""
    ours = (Intent.CALL, Intent.MOVE, Intent.CANCEL, Intent.STOP)
    return understood.intent in ours and not understood.guessed


async def _ask_for_person(tx: Transaction, chat: ChatRow, seq: int, offers: Offers) -> None:
    await tx.run(CHATS["supersede_prompts"], business=chat.business, chat=chat.id)
    await say(
        tx, chat, t("One moment: we look for somebody from {queue} to write with you here.", queue=offers.queue_name)
    )
    asked = AskPerson(chat=chat.id, queue=offers.queue_slug, seq=seq, person=chat.person)
    await send(tx, chat.business, Server.INTERACTIONS, chat.id, asked)


async def _chat(tx: Transaction, business: BusinessId, chat: ChatId) -> ChatRow | None:
    try:
        return await lock_chat(tx, ChatKey(business=business, chat=chat))
    except NotFound:
        return None  # erased meanwhile


async def chat_taken(tx: Transaction, business: BusinessId, event: ChatTaken) -> None:
    """Say who is there; a call that is asked for from now on is asked from them."""
    chat = await _chat(tx, business, event.chat)
    if chat is not None:
        await save_chat(tx, chat, draft=Draft(provider=event.provider))
        await say(tx, chat, t("{who} is in the chat now.", who=event.agent_name), author="system")


async def agent_wrote(tx: Transaction, business: BusinessId, command: WriteAsAgent) -> None:
    """Say it, as long as the chat is theirs; who said STOP is written no more."""
    chat = await _chat(tx, business, command.chat)
    if chat is None or chat.stopped:
        return
    key = ChatKey(business=business, chat=chat.id)
    live = await with_person(tx, key)
    if live is not None and live.is_open and live.agent == command.agent:
        await say(tx, chat, command.text, author="agent", author_name=command.agent_name, key=str(command.key))
        tx.hint("agent", command.agent)


async def chat_left(tx: Transaction, business: BusinessId, event: ChatLeft) -> None:
    """Say that they are gone, and what follows."""
    chat = await _chat(tx, business, event.chat)
    if chat is None or chat.stopped:
        return
    if event.provider is not None:
        await save_chat(tx, chat, draft=Draft(provider=event.provider))
    if event.waits:
        other = t("We look for somebody else.")
        follows = other if event.to is None else t("We look for somebody from {queue}.", queue=event.to)
    else:
        again = t("Write here whenever you need us.")
        follows = again if event.to is None else t("{who} goes on.", who=event.to)
    left = t("{who} has left the chat.", who=event.agent_name)
    await say(tx, chat, f"{left} {follows}", author="system")


async def nobody_came(tx: Transaction, business: BusinessId, event: NobodyCame) -> None:
    """Have the message that asked for a person answered as if nobody chatted: with a call. The timer survives a crash."""
    chat = await _chat(tx, business, event.chat)
    if chat is not None and not chat.stopped:
        await set_timer(tx, business, Server.APPLICATION, "reply", chat.id, n=event.seq, at=tx.now)


LIVE_CHAT_HANDLERS: Mapping[type, Handler] = {
    ChatTaken: chat_taken,
    WriteAsAgent: agent_wrote,
    ChatLeft: chat_left,
    NobodyCame: nobody_came,
}
