"""On a channel of messages an answer comes as a token, a number, a label or words: find which, before the words are read."""

from __future__ import annotations

from dataclasses import dataclass, replace

from ringback.callback_application_server.channels.accounts import SQL as CHANNELS
from ringback.callback_application_server.queries import SQL, ChatKey, ChatRow, PromptRow, lock_chat
from ringback.callback_application_server.rules.message_prompts import looks_like_number, number_prompt
from ringback.callback_application_server.rules.prompts import when_prompt
from ringback.callback_application_server.rules.refusal_words import refusal_words
from ringback.callback_application_server.rules.renderings import read_choice
from ringback.callback_application_server.rules.tokens import Choice, read_token
from ringback.callback_application_server.rules.wording import mark, t
from ringback.callback_application_server.workflows.context import ChatContext, look_up_offers, setting_of
from ringback.callback_application_server.workflows.offer_callback import ask_confirmation
from ringback.callback_application_server.workflows.request_callback import Reply
from ringback.callback_application_server.workflows.speak import ask, say
from ringback.domain.errors import Invalid
from ringback.domain.ids import PromptId
from ringback.domain.phone_numbers import read_number
from ringback.postgres.database import Transaction

GONE = mark("That choice is not there any more. Write when we should call you.")


@dataclass(frozen=True, slots=True, kw_only=True)
class Arrival:
    """How a message is to be taken; none of these: its words are read."""

    choice: Reply | None = None
    number: bool = False  # it is meant as the number to call
    greeting: bool = False
    gone: bool = False  # a choice that is not ours, or of another conversation
    ignored: bool = False  # a press after STOP


async def read_arrival(
    context: ChatContext, tx: Transaction, chat: ChatRow, prompt: PromptRow | None, seq: int, text: str
) -> Arrival:
    """Return how a message of a channel is to be taken."""
    row = await tx.row(CHANNELS["arrival"], business=chat.business, chat=chat.id, seq=seq)
    if row is not None and row["token"] is not None:
        if chat.stopped:
            return Arrival(ignored=True)
        try:
            chosen: Choice = read_token(context.keys, chat.id, row["token"])
        except Invalid:
            return Arrival(gone=True)
        return Arrival(choice=reply_of(chat, chosen.prompt, chosen.option))
    if row is not None and row["kind"] == "greeting":
        return Arrival(greeting=True)
    if prompt is None or chat.stopped:
        return Arrival()
    option = read_choice(prompt.content, text)
    if option is not None:
        return Arrival(choice=reply_of(chat, prompt.id, option))
    return Arrival(number=prompt.content.kind == "number" and looks_like_number(text))


def reply_of(chat: ChatRow, prompt: PromptId, option: int) -> Reply:
    """Return what choosing an option without a form says: on a channel of messages the number is known, and the yes is the consent."""
    if not chat.messages:
        return Reply(prompt=prompt, option=option, consent=True)
    return Reply(prompt=prompt, option=option, destination="phone", number=chat.number, consent=True)


async def say_gone(context: ChatContext, key: ChatKey, seq: int, arrival: Arrival) -> None:
    """A choice that cannot be taken changes nothing; one after STOP is not even answered."""
    async with context.database.transaction(key.business, name="reply_gone") as tx:
        chat = await lock_chat(tx, key)
        claimed = await tx.value(SQL["claim_reply"], business=key.business, chat=key.chat, n=seq)
        if claimed is not None and not arrival.ignored:
            await say(tx, chat, t(GONE))


async def take_number(context: ChatContext, key: ChatKey, chat: ChatRow, seq: int, text: str) -> None:
    """Take the number to call, and go on to the yes; one that cannot be called is asked for again, with the reason."""
    number, refusal = None, ""
    try:
        number = read_number(text, region=chat.settings.get("region"))
    except Invalid as error:
        refusal = refusal_words(error.id, error.detail, None, who=chat.business_name)
    offers = await look_up_offers(context, chat, when=chat.draft.when)
    async with context.database.transaction(key.business, name="take_number") as tx:
        chat = await lock_chat(tx, key)
        if await tx.value(SQL["claim_reply"], business=key.business, chat=key.chat, n=seq) is None:
            return
        if number is None:
            await ask(tx, chat, number_prompt(f"{refusal} {t('Which number should we call?')}"))
            return
        proved = number == chat.number and chat.number_proved
        await tx.run(CHANNELS["set_number"], business=chat.business, chat=chat.id, number=number, proved=proved)
        chat = replace(chat, number=number, number_proved=proved)
        if chat.draft.when is None:
            await ask(tx, chat, when_prompt(offers, setting_of(context, chat, tx.now)))
            return
        await ask_confirmation(context, tx, chat, offers)
