"""The customer chose an option: once per prompt, whatever is pressed twice, in two tabs, or too late."""

from __future__ import annotations

from dataclasses import replace

from ringback.callback_application_server.queries import (
    SQL,
    ChatKey,
    ChatRow,
    PromptRow,
    find_prompt,
    load_chat,
    lock_chat,
    save_chat,
)
from ringback.callback_application_server.rules.draft import Act, Draft, Meaning
from ringback.callback_application_server.rules.message_prompts import number_prompt
from ringback.callback_application_server.rules.prompts import day_prompt, when_prompt
from ringback.callback_application_server.rules.wording import mark, t
from ringback.callback_application_server.workflows import ask_bot, offer_callback, prove_number, take_back
from ringback.callback_application_server.workflows.context import ChatContext, keep_place, look_up_offers, setting_of
from ringback.callback_application_server.workflows.move_request import move_request
from ringback.callback_application_server.workflows.once import Once
from ringback.callback_application_server.workflows.rate_call import keep_rating
from ringback.callback_application_server.workflows.request_callback import Reply, request_callback
from ringback.callback_application_server.workflows.speak import ask, ask_instead, say
from ringback.domain.commands import AnswerQuestion, JoinWaitlist
from ringback.domain.errors import Conflict, Invalid
from ringback.domain.ids import CommandId
from ringback.domain.offers import Held, Offers
from ringback.domain.status import Server
from ringback.postgres.database import Transaction
from ringback.postgres.messages import send

OLD_TIMES = mark("These times are old. Here are new ones.")
NEEDS_OFFERS = frozenset(
    {Act.TAKE_WHEN, Act.PICK_TIME, Act.SHOW_DAY, Act.PICK_PROVIDER, Act.TAKE_PROVIDER, Act.OFFER, Act.MOVE}
    | {Act.ASK_BOT, Act.NOT_HELPED}
)
LETS_GO = frozenset({Act.NO, Act.KEEP})  # whatever time was picked is nobody's wish any more


async def answer_prompt(context: ChatContext, key: ChatKey, reply: Reply, once: Once) -> None:
    """Do what the chosen option means. The same option again changes nothing.

    Raises Invalid (a field of the confirmation), Conflict (`already-answered`), NotFound (`prompt-not-found`), and whatever a cancel or move raises.
    """
    async with context.database.transaction(key.business, name="read_prompt") as tx:
        chat = await load_chat(tx, key)
        prompt = await find_prompt(tx, chat, reply.prompt)
        now = tx.now
    if _answered_before(prompt, reply):
        await _settle(context, key, once)
        return
    if now > prompt.expires_at:
        await _renew(context, key, prompt, once)
        return
    meaning = prompt.content.option(reply.option)
    if meaning is None:
        raise Invalid("This cannot be chosen.", id="option-not-there", field="token")
    draft = _drafted(chat.draft, meaning)
    offers = held = None
    if meaning.act in NEEDS_OFFERS or meaning.act in LETS_GO:
        held = await keep_place(context, chat, draft.when if meaning.act is Act.TAKE_WHEN else None)
    if meaning.act in NEEDS_OFFERS:
        offers = await look_up_offers(context, replace(chat, draft=draft), when=draft.when)
    if meaning.act is Act.CONFIRM and chat.draft.moving:
        await move_request(context, key, reply.prompt, reply.option, once)
        return
    async with context.database.transaction(key.business, name="answer_prompt") as tx:
        chat = await lock_chat(tx, key)
        prompt = await find_prompt(tx, chat, reply.prompt)
        done = await once.begin(tx)
        command = done.waits_for if done is not None else None
        if done is None:
            if not _answered_before(prompt, reply):
                command = await _act(context, tx, replace(chat, draft=draft), prompt, reply, meaning, offers, held)
            await once.end(tx, waits_for=command)
    if command is not None:
        await take_back.hear_of_cancel(context, key, command, once)


async def _settle(context: ChatContext, key: ChatKey, once: Once) -> None:
    """It was pressed before, with this key or another: the answer is what is kept for this one."""
    async with context.database.transaction(key.business, name="answered_before") as tx:
        done = await once.begin(tx)
        if done is None:
            await once.end(tx)
    if done is not None and done.waits_for is not None:
        await take_back.hear_of_cancel(context, key, done.waits_for, once)


def _answered_before(prompt: PromptRow, reply: Reply) -> bool:
    """The same press again is fine; another one comes too late."""
    if prompt.superseded:
        if prompt.answered_option == reply.option:
            return True
        raise Conflict("Something newer is below.", id="prompt-superseded")
    if prompt.answered is None:
        return False
    if prompt.answered_option == reply.option:
        return True
    raise Conflict("This was answered already.", id="already-answered")


def _drafted(draft: Draft, meaning: Meaning) -> Draft:
    match meaning.act:
        case Act.TAKE_WHEN:
            return replace(draft, when=meaning.when)
        case Act.TAKE_PROVIDER:
            return replace(draft, provider=meaning.provider, when=None)
        case Act.MOVE:
            return Draft(provider=draft.provider, moving=True)
        case Act.NO | Act.KEEP:
            return Draft()
    return draft


async def _act(
    context: ChatContext,
    tx: Transaction,
    chat: ChatRow,
    prompt: PromptRow,
    reply: Reply,
    meaning: Meaning,
    offers: Offers | None,
    held: Held | None,
) -> CommandId | None:
    """Do it in this transaction; return the command whose reply is to be waited for."""
    if meaning.act is Act.SHOW_DAY:
        assert offers is not None
        content = day_prompt(offers, setting_of(context, chat, tx.now), meaning.day)
        await ask_instead(tx, chat, prompt, content, option=reply.option)
        return None
    if meaning.act is Act.CONFIRM:
        await request_callback(context, tx, chat, prompt, reply)
    await _mark_answered(tx, chat, prompt, reply)
    if meaning.act is Act.CONFIRM:
        return None
    if meaning.act is Act.CANCEL:
        return await take_back.ask_for_cancel(tx, chat)
    chat = await save_chat(tx, chat)
    match meaning.act:
        case Act.TAKE_WHEN:
            assert offers is not None
            await offer_callback.ask_confirmation(context, tx, chat, offers, held)
        case Act.PICK_TIME:
            assert offers is not None
            await ask(tx, chat, day_prompt(offers, setting_of(context, chat, tx.now)))
        case Act.PICK_PROVIDER:
            assert offers is not None
            await offer_callback.ask_provider(context, tx, chat, offers)
        case Act.TAKE_PROVIDER | Act.OFFER:
            assert offers is not None
            await ask(tx, chat, when_prompt(offers, setting_of(context, chat, tx.now)))
        case Act.MOVE:
            await offer_callback.offer_move(context, tx, chat, offers)
        case Act.HELPED:
            await ask_bot.helped(tx, chat)
        case Act.ASK_BOT | Act.NOT_HELPED:
            assert offers is not None
            await _ask_bot(context, tx, chat, meaning, offers)
        case Act.SEND_CODE:
            await prove_number.send_another(tx, chat)
        case Act.OTHER_NUMBER:
            await ask(tx, chat, number_prompt(t("Which number should we call?"), prompt.content.summary))
        case Act.NO:
            await offer_callback.keep_chatting(tx, chat)
        case Act.KEEP:
            await _keep(tx, chat, prompt)
        case Act.RANG | Act.DID_NOT_RING:
            await _answer_question(tx, chat, "unknown", meaning.act.value)
        case Act.AGAIN | Act.CLOSE:
            await _answer_question(tx, chat, "declined", meaning.act.value)
        case Act.STILL_NEEDED:
            await _answer_question(tx, chat, "still_needed", "keep")
            await say(tx, chat, t("We keep your place."))
        case Act.ANYONE:
            await _answer_question(tx, chat, "agent_away", meaning.act.value)
        case Act.RATE_GOOD | Act.RATE_SO_SO | Act.RATE_BAD:
            await keep_rating(tx, chat, meaning.act)
        case Act.WAIT:
            await _join_waitlist(tx, chat)
    return None


async def _mark_answered(tx: Transaction, chat: ChatRow, prompt: PromptRow, reply: Reply) -> None:
    done = await tx.value(
        SQL["answer_prompt"],
        business=chat.business,
        id=prompt.id,
        answered=prompt.content.label(reply.option),
        option=reply.option,
        now=tx.now,
    )
    if done is None:
        raise Conflict("This was answered already.", id="already-answered")
    tx.hint("chat", chat.id)


async def _keep(tx: Transaction, chat: ChatRow, prompt: PromptRow) -> None:
    if prompt.content.kind == "late":
        await _answer_question(tx, chat, "late", "keep")
    await say(tx, chat, t("We keep your place."))


async def _ask_bot(context: ChatContext, tx: Transaction, chat: ChatRow, meaning: Meaning, offers: Offers) -> None:
    """Answer the chosen question; where that is not possible, or did not help twice, people take over."""
    if meaning.act is Act.ASK_BOT:
        roster = await context.rosters.load(tx, chat.business)
        if await ask_bot.answer_question(tx, chat, roster, meaning.question):
            return
    elif not await ask_bot.did_not_help(tx, chat):
        return
    setting = setting_of(context, chat, tx.now)
    await ask(tx, chat, when_prompt(offers, setting), text=offer_callback.nobody_line(offers, setting))


async def _join_waitlist(tx: Transaction, chat: ChatRow) -> None:
    provider = chat.draft.provider or chat.default_provider
    await send(
        tx,
        chat.business,
        Server.INTERACTIONS,
        chat.id,
        JoinWaitlist(chat=chat.id, person=chat.person, provider=provider, topic=chat.topic),
    )


async def _answer_question(tx: Transaction, chat: ChatRow, question: str, answer: str) -> None:
    if chat.callback is None:
        raise Conflict("This callback is over.", id="already-over")
    await send(
        tx,
        chat.business,
        Server.INTERACTIONS,
        chat.callback,
        AnswerQuestion(callback=chat.callback, question=question, answer=answer),
    )


async def _renew(context: ChatContext, key: ChatKey, prompt: PromptRow, once: Once) -> None:
    """The prompt has expired: the same question again, with times of now; or the callback there is, when it was about that."""
    async with context.database.transaction(key.business, name="read_chat") as tx:
        chat = await load_chat(tx, key)
    offers = await look_up_offers(context, chat)
    async with context.database.transaction(key.business, name="renew_prompt") as tx:
        chat = await lock_chat(tx, key)
        if await once.begin(tx) is not None:
            return
        await once.end(tx)
        if chat.card is not None and chat.card.is_open and not chat.draft.moving:
            await take_back.show_open(tx, chat)
            return
        setting = setting_of(context, chat, tx.now)
        fresh = day_prompt(offers, setting) if prompt.content.kind == "day" else when_prompt(offers, setting)
        await ask(tx, chat, fresh, text=t(OLD_TIMES))
