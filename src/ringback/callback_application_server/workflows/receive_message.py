"""Keep what the customer wrote, at once and durably; then answer it. The answer has a timer, so that a crash between the two loses nothing."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from uuid import UUID

from ringback.callback_application_server.bots.roster import Emergency
from ringback.callback_application_server.live_chats import with_person
from ringback.callback_application_server.queries import (
    SQL,
    ChatKey,
    ChatRow,
    PromptRow,
    live_prompt,
    lock_chat,
    save_chat,
)
from ringback.callback_application_server.rules.bots.emergencies import is_emergency
from ringback.callback_application_server.rules.bots.turns import Turn
from ringback.callback_application_server.rules.number_codes import MASK, read_code
from ringback.callback_application_server.rules.questions import Missing
from ringback.callback_application_server.rules.refusal_words import refusal_words
from ringback.callback_application_server.rules.renderings import read_choice
from ringback.callback_application_server.rules.topics import topic_of
from ringback.callback_application_server.rules.understanding import Intent, Understood
from ringback.callback_application_server.rules.wording import mark, t
from ringback.callback_application_server.workflows import ask_bot, live_chat, offer_callback, prove_number, take_back
from ringback.callback_application_server.workflows.answer_emergency import answer_emergency
from ringback.callback_application_server.workflows.answer_prompt import answer_prompt
from ringback.callback_application_server.workflows.ask_bot import Consulted
from ringback.callback_application_server.workflows.ask_missing import ask_again, ask_missing
from ringback.callback_application_server.workflows.context import ChatContext, look_up_offers, setting_of
from ringback.callback_application_server.workflows.once import Typed
from ringback.callback_application_server.workflows.rate_call import KIND, answered_by
from ringback.callback_application_server.workflows.read_arrival import (
    Arrival,
    read_arrival,
    reply_of,
    say_gone,
    take_number,
)
from ringback.callback_application_server.workflows.read_words import (
    choice_of,
    names_in,
    needs_number,
    read_words,
    wants_times,
)
from ringback.callback_application_server.workflows.request_callback import Reply
from ringback.callback_application_server.workflows.speak import say, tell
from ringback.domain.errors import Invalid, Refused
from ringback.domain.offers import Offers
from ringback.domain.status import Server
from ringback.postgres.database import Transaction
from ringback.postgres.idempotency import key_reused
from ringback.postgres.timers import Timer, set_timer

LONGEST = 4000
REPLY_WITHIN = timedelta(seconds=3)  # then another process answers
OTHER_NUMBER = mark("The number of a booked callback stays. Cancel it, and ask again with the other number.")
UNUSABLE = mark("{number} is not a number that we can ring. Write another one at any time.")
NO_TELEPHONES = mark("We cannot ring telephones, so we do not use that number.")
NOT_ANSWERED = mark("We could not answer that just now. Your message is kept. Ask for a call at any time.")
AGAIN_AFTER = timedelta(seconds=10)


async def receive_message(context: ChatContext, key: ChatKey, text: str, client_key: UUID) -> int:
    """Store a message and return its number; the same key gives the same number. Raises Invalid: empty, too long, or a key of other words."""
    text = text.replace("\x00", "").strip()
    if not text:
        raise Invalid("Write something first.", id="message-empty", field="text")
    if len(text) > LONGEST:
        raise Invalid(f"This message is longer than {LONGEST} characters.", id="message-too-long", field="text")
    async with context.database.transaction(key.business, name="receive_message") as tx:
        chat = await lock_chat(tx, key)
        known = await tx.row(SQL["message_by_key"], business=key.business, chat=key.chat, key=str(client_key))
        if known is not None and known["text"] != text and not (known["text"] == MASK and read_code(text)):
            raise key_reused()
        if known is not None:
            return int(known["seq"])
        seq = await say(tx, chat, text, author="customer", author_name=chat.person_name, key=str(client_key))
        await set_timer(tx, key.business, Server.APPLICATION, "reply", key.chat, n=seq, at=tx.now + REPLY_WITHIN)
    return seq


async def remind_of_reply(tx: Transaction, timer: Timer) -> None:
    """Timer `reply`: nobody answered yet. It stays set until somebody has; the caller starts the answer after the commit."""
    await set_timer(tx, timer.business, Server.APPLICATION, "reply", timer.subject, n=timer.n, at=tx.now + AGAIN_AFTER)


async def reply(context: ChatContext, key: ChatKey, seq: int) -> None:
    """Answer one message of the customer's, once."""
    async with context.database.transaction(key.business, name="read_chat") as tx:
        chat = await lock_chat(tx, key)
        row = await tx.row(SQL["message_at"], business=key.business, chat=key.chat, seq=seq)
        text = "" if row is None else row["text"]
        prompt = answered_by(await live_prompt(tx, chat), text)
        roster = await context.rosters.load(tx, key.business)
        live = await with_person(tx, key)
        arrival = await read_arrival(context, tx, chat, prompt, seq, text) if chat.messages else Arrival()
        now = tx.now
    if row is None:
        return
    if arrival.choice is not None:
        await _choose(context, key, seq, arrival.choice)
        return
    if arrival.gone or arrival.ignored:
        await say_gone(context, key, seq, arrival)
        return
    if arrival.number:
        await take_number(context, key, chat, seq, text)
        return
    if prompt is not None and prompt.content.kind == KIND and not chat.messages:
        option = read_choice(prompt.content, text)
        assert option is not None, "else it is no answer to it"
        await _choose(context, key, seq, reply_of(chat, prompt.id, option))
        return
    if prompt is not None and prompt.content.kind == prove_number.KIND and read_code(text) is not None:
        await prove_number.take_code(context, key, seq, text)
        return
    text = "" if arrival.greeting else text
    offers = await _offers(context, replace(chat, topic=chat.topic or text[:200]))  # its words choose the department
    if roster.emergency is not None and is_emergency(text, roster.emergency.words):
        await _emergency(context, key, seq, text, roster.emergency, offers)
        return
    names = names_in(chat, offers)
    understood = await read_words(context, chat, text, offers, names, now)
    if prompt is not None and (choice := choice_of(context, chat, prompt, understood, text)) is not None:
        await _choose(context, key, seq, choice)
        return
    if await live_chat.hear(context, key, seq, live, prompt, understood, offers, text):
        return
    topic = chat.topic or topic_of(text, now=now, zone=chat.zone, names=names, region=chat.settings.get("region"))
    if wants_times(understood):
        understood = await offer_callback.possible(context, chat, understood)
        offers = await offer_callback.refine(context, chat, understood, topic or text[:200])
    consulted = await ask_bot.consult(context, chat, roster, text, seq) if _for_a_bot(chat, understood) else None
    async with context.database.transaction(key.business, name="reply") as tx:
        chat = await lock_chat(tx, key)
        if await tx.value(SQL["claim_reply"], business=key.business, chat=key.chat, n=seq) is None:
            return
        if needs_number(context, chat, prompt, understood):
            await ask_missing(context, tx, chat, Missing.NUMBER, offers, prompt=prompt)
            return
        await _answer(context, tx, chat, text, topic, understood, offers, consulted, prompt)


async def _emergency(
    context: ChatContext, key: ChatKey, seq: int, text: str, emergency: Emergency, offers: Offers | None
) -> None:
    async with context.database.transaction(key.business, name="reply_to_emergency") as tx:
        chat = await lock_chat(tx, key)
        if await tx.value(SQL["claim_reply"], business=key.business, chat=key.chat, n=seq) is not None:
            await answer_emergency(context, tx, chat, emergency, text, offers)


def _for_a_bot(chat: ChatRow, understood: Understood) -> bool:
    """Bots answer what is no request for a call, a person or silence."""
    asks_for_people = wants_times(understood)
    return not asks_for_people and not chat.stopped and understood.intent not in (Intent.STOP, Intent.NO)


async def _choose(context: ChatContext, key: ChatKey, seq: int, chosen: Reply) -> None:
    """Do what a typed yes or no stands for; what forbids it is said in the chat."""
    once = Typed(business=key.business, chat=key.chat, seq=seq)
    try:
        await answer_prompt(context, key, chosen, once)
    except Refused as error:
        async with context.database.transaction(key.business, name="say_refusal") as tx:
            chat = await lock_chat(tx, key)
            if await once.begin(tx) is None:  # else it was said with what became of it
                await say(tx, chat, refusal_words(error.id, error.detail, error.next, who=chat.business_name))


async def give_up(context: ChatContext, key: ChatKey, seq: int) -> None:
    """Say that a message could not be answered, once: its text is kept and seen by whoever calls."""
    async with context.database.transaction(key.business, name="give_up_reply") as tx:
        chat = await lock_chat(tx, key)
        if await tx.value(SQL["claim_reply"], business=key.business, chat=key.chat, n=seq) is not None:
            await say(tx, chat, t(NOT_ANSWERED))


async def _answer(
    context: ChatContext,
    tx: Transaction,
    chat: ChatRow,
    text: str,
    topic: str | None,
    understood: Understood,
    offers: Offers | None,
    consulted: Consulted | None,
    prompt: PromptRow | None,
) -> None:
    if chat.stopped and understood.intent is not Intent.CALL:
        return
    await take_back.resume(tx, chat, chat.last_seq)
    open_card = chat.card is not None and chat.card.is_open
    if understood.unusable is not None and not open_card and wants_times(understood):
        unusable = t(UNUSABLE, number=understood.unusable)
        await say(tx, chat, unusable if context.phones else t(NO_TELEPHONES))
    moves = understood.intent in (Intent.MOVE, Intent.WHEN)
    match understood.intent:
        case Intent.STOP:
            await take_back.stop(tx, chat)
        case Intent.CANCEL if open_card:
            await take_back.ask_to_cancel(tx, chat)
        case Intent.NO | Intent.CANCEL if not (open_card or understood.guessed or understood.states_something):
            await offer_callback.keep_chatting(tx, chat)
        case _ if open_card and moves and (understood.when or understood.intent is Intent.MOVE):
            await offer_callback.move_understood(context, tx, chat, understood, offers)
        case _ if open_card and consulted is not None and consulted.reply.turn is Turn.ANSWER:
            await ask_bot.speak(tx, chat, consulted, text)
        case Intent.NUMBER if open_card:
            await take_back.show_open(tx, chat, t(OTHER_NUMBER))
        case _ if open_card and not understood.asks_for_a_call:
            await _note(tx, chat, understood)
        case _ if open_card:
            await take_back.show_open(tx, chat)
        case _ if wants_times(understood):
            await offer_callback.offer_understood(context, tx, chat, topic, understood, offers)
        case _:
            people = True
            if consulted is not None:
                chat, people = await ask_bot.speak(tx, chat, consulted, text)
            if people and consulted is None and (prompt is not None or chat.draft.asked):
                await ask_again(context, tx, chat, prompt, offers)
            elif people:
                await _nobody_here(context, tx, chat, chat.topic or topic, offers)


async def _note(tx: Transaction, chat: ChatRow, understood: Understood) -> None:
    """A message beside an open callback: whoever calls reads it."""
    card = chat.card
    assert card is not None
    if understood.intent is Intent.STATUS and card.promise is not None:
        await take_back.show_open(tx, chat)
        return
    await say(tx, chat, t("{who} sees this before the call.", who=card.agent_name or t("Whoever calls you")))


async def _nobody_here(
    context: ChatContext, tx: Transaction, chat: ChatRow, topic: str | None, offers: Offers | None
) -> None:
    """Nobody is there to chat: offer a call about it."""
    draft = chat.draft if offers is None else replace(chat.draft, provider=offers.provider)
    chat = await save_chat(tx, chat, topic=topic, draft=draft)
    if offers is None:
        await tell(tx, chat, "closed", t("We could not look up times. Try again in a moment."))
        return
    line = offer_callback.nobody_line(offers, setting_of(context, chat, tx.now))
    await ask_missing(context, tx, chat, Missing.WHEN, offers, text=line)


async def _offers(context: ChatContext, chat: ChatRow) -> Offers | None:
    try:
        return await look_up_offers(context, chat)
    except Refused:
        return None
