"""Put the prompt of a callback into a chat: because the customer asked, the page asked, or nobody is there to chat."""

from __future__ import annotations

from dataclasses import replace

from ringback.callback_application_server.queries import SQL, ChatKey, ChatRow, load_chat, lock_chat, save_chat
from ringback.callback_application_server.rules import times_in_words as words
from ringback.callback_application_server.rules.callback_card import CardState
from ringback.callback_application_server.rules.corrections import draft_after, when_after
from ringback.callback_application_server.rules.draft import Draft
from ringback.callback_application_server.rules.message_prompts import confirmation
from ringback.callback_application_server.rules.prompts import (
    PromptContent,
    Setting,
    day_prompt,
    nearest_prompt,
    readback_prompt,
    refusal_line,
    when_prompt,
    who,
)
from ringback.callback_application_server.rules.provider_prompt import provider_prompt
from ringback.callback_application_server.rules.questions import Missing
from ringback.callback_application_server.rules.readings_prompt import readings_prompt
from ringback.callback_application_server.rules.refusal_words import refusal_words
from ringback.callback_application_server.rules.understanding import Understood
from ringback.callback_application_server.rules.wording import mark, t
from ringback.callback_application_server.workflows import take_back
from ringback.callback_application_server.workflows.ask_missing import ask_missing
from ringback.callback_application_server.workflows.context import ChatContext, look_up_offers, setting_of
from ringback.callback_application_server.workflows.once import Once
from ringback.callback_application_server.workflows.speak import ask, say, tell
from ringback.domain.errors import Conflict, Refused
from ringback.domain.offers import Held, Offers
from ringback.domain.providers import parse_provider
from ringback.domain.times import TimeWindow, WhenKind
from ringback.postgres.database import Transaction

_UNKNOWN = mark("Nobody here is called {who}, as far as I know. Who should call you?")


async def offer_callback(
    context: ChatContext, key: ChatKey, once: Once, *, provider: str | None, topic: str | None
) -> None:
    """Offer a callback now: the page's own button, or `element.offerCallback()`. Raises Invalid or NotFound for a provider there is not."""
    if provider is not None:
        parse_provider(provider)
    async with context.database.transaction(key.business, name="read_chat") as tx:
        chat = await lock_chat(tx, key)
    draft = Draft(provider=provider)
    asked = replace(chat, draft=draft, topic=topic[:120] if topic else chat.topic)
    offers = await look_up_offers(context, asked)
    async with context.database.transaction(key.business, name="offer_callback") as tx:
        chat = await lock_chat(tx, key)
        if await once.begin(tx) is not None:
            return
        await once.end(tx)
        if chat.card is not None and chat.card.is_open:
            await take_back.show_open(tx, chat)
            return
        chat = await save_chat(tx, chat, draft=replace(draft, provider=offers.provider), topic=asked.topic)
        await ask(tx, chat, first_prompt(offers, setting_of(context, chat, tx.now)))


async def refine(context: ChatContext, chat: ChatRow, understood: Understood, topic: str | None) -> Offers | None:
    """Look up what the customer's words name: their provider, their time."""
    asked = replace(chat, topic=topic)
    when = when_after(chat.draft, understood)
    try:
        return await look_up_offers(context, asked, provider=understood.provider, when=when)
    except Refused:
        return None


async def possible(context: ChatContext, chat: ChatRow, understood: Understood) -> Understood:
    """Leave of several readings those that can be offered; where that is one, it is the time, and is read back."""
    kept = []
    for each in understood.readings:
        found = await refine(context, chat, replace(understood, when=each, readings=()), chat.topic)
        if found is not None and found.requested is not None:
            kept.append(each)
    if len(kept) == 1 or (understood.readings and not kept):
        return replace(understood, when=kept[0] if kept else understood.readings[0], readings=())
    return replace(understood, readings=tuple(kept))


async def offer_understood(
    context: ChatContext,
    tx: Transaction,
    chat: ChatRow,
    topic: str | None,
    understood: Understood,
    offers: Offers | None,
) -> None:
    """Answer a request in the customer's own words: read typed times back, offer what is near when they cannot be, ask for what is missing."""
    if offers is None:
        await tell(tx, chat, "closed", t("We could not look up times. Try again in a moment."))
        return
    setting = setting_of(context, chat, tx.now)
    draft = draft_after(replace(chat.draft, moving=False), understood, provider=offers.provider)
    chat = await save_chat(tx, chat, draft=draft, topic=topic)
    shown, when = replace(draft, topic=topic), draft.when
    if understood.unknown_who is not None:
        text = t(_UNKNOWN, who=understood.unknown_who)
        await ask_missing(context, tx, chat, Missing.WHO, offers, text=text)
    elif understood.passed is not None:
        reason = t("{moment} has passed.", moment=words.moment(understood.passed, chat.zone, tx.now))
        await ask(tx, chat, nearest_prompt(offers, reason[:1].upper() + reason[1:], setting))
    elif understood.readings:
        await ask(tx, chat, readings_prompt(understood.readings, setting))
    elif understood.day is not None:
        await ask(tx, chat, day_prompt(offers, setting, understood.day))
    elif when is None and understood.unclear_who:
        await ask_missing(context, tx, chat, Missing.WHO, offers)
    elif when is None:
        text = t("{who} can call you.", who=who(offers)) if understood.provider else offer_line(offers, setting)
        await ask_missing(context, tx, chat, Missing.WHEN, offers, text=text)
    elif when.kind is WhenKind.ASAP and offers.asap is not None:
        await ask(tx, chat, _with_number(confirmation(offers, shown, offers.asap.promise, setting), draft))
    elif when.kind is not WhenKind.ASAP and offers.requested is not None:
        if understood.number is not None and understood.when is None:
            content = confirmation(offers, shown, offers.requested.window, setting)
            await ask(tx, chat, _with_number(content, draft))
            return
        await ask(tx, chat, readback_prompt(offers, shown, offers.requested, setting))
    else:
        await ask(tx, chat, nearest_prompt(offers, _why_not(offers, draft, setting), setting))


def offer_line(offers: Offers, setting: Setting) -> str:
    """Return what a first offer says."""
    return when_prompt(offers, setting).text


def _with_number(content: PromptContent, draft: Draft) -> PromptContent:
    """Say which number is called, where the customer wrote one on a page."""
    if draft.number is None or content.kind != "confirm" or content.context is None:
        return content
    return replace(
        content, text=t("{what}, on {number}. Answer yes to be called.", what=content.context, number=draft.number)
    )


async def move_understood(
    context: ChatContext, tx: Transaction, chat: ChatRow, understood: Understood, offers: Offers | None
) -> None:
    """Read back the time to which the callback there is shall be moved; it keeps its place until then."""
    if offers is None or understood.when is None:
        await offer_move(context, tx, chat, offers)
        return
    provider = await tx.value(SQL["request_provider"], business=chat.business, id=chat.callback)
    draft = Draft(provider=provider, when=understood.when, typed=True, moving=True)
    await ask_confirmation(context, tx, await save_chat(tx, chat, draft=draft), offers)


async def start_move(context: ChatContext, key: ChatKey, once: Once) -> None:
    """Show other times for the callback there is. Raises Conflict when there is none that can be moved."""
    async with context.database.transaction(key.business, name="read_chat") as tx:
        chat = await load_chat(tx, key)
        provider = await tx.value(SQL["request_provider"], business=key.business, id=chat.callback)
    if chat.card is None or not chat.card.is_open:
        raise Conflict("There is no callback to move.", id="no-callback")
    if chat.card.state is CardState.TALKING:
        raise Conflict("You are connected. Hang up to end the call.", id="connected")
    offers = await look_up_offers(context, chat, provider=provider)
    async with context.database.transaction(key.business, name="offer_move") as tx:
        chat = await lock_chat(tx, key)
        if await once.begin(tx) is None:
            await offer_move(context, tx, chat, offers)
            await once.end(tx)


async def offer_move(context: ChatContext, tx: Transaction, chat: ChatRow, offers: Offers | None) -> None:
    """Offer other times for the callback there is; its place is kept until the new one is certain."""
    if offers is None:
        await tell(tx, chat, "closed", t("We could not look up times. Your callback stays as it is."))
        return
    provider = await tx.value(SQL["request_provider"], business=chat.business, id=chat.callback)
    chat = await save_chat(tx, chat, draft=Draft(provider=provider, moving=True))
    others = replace(offers, refusals=tuple(each for each in offers.refusals if each.id != "one-is-open"))
    content = when_prompt(others, setting_of(context, chat, tx.now))
    await ask(
        tx,
        chat,
        replace(content, title=t("When should we call instead?")),
        text=t("When should we call instead? Your place is kept until then."),
    )


async def ask_provider(context: ChatContext, tx: Transaction, chat: ChatRow, offers: Offers) -> None:
    """Ask who should call."""
    await ask(tx, chat, provider_prompt(offers, setting_of(context, chat, tx.now), chat.business_slug))


async def ask_confirmation(
    context: ChatContext, tx: Transaction, chat: ChatRow, offers: Offers, held: Held | None = None
) -> None:
    """Ask for number, consent and yes, with how long the time is kept; or say why it is gone."""
    setting = setting_of(context, chat, tx.now)
    window = _window(chat.draft, offers)
    if window is None:
        await ask(tx, chat, nearest_prompt(offers, _gone(chat.draft, offers, setting), setting))
        return
    draft = replace(chat.draft, topic=chat.topic)
    content = confirmation(offers, draft, window, setting, kept_until=held.until if held else None)
    await ask(tx, chat, _with_number(content, chat.draft))


def first_prompt(offers: Offers, setting: Setting) -> PromptContent:
    """Return the prompt an offer begins with."""
    return when_prompt(offers, setting)


def nobody_line(offers: Offers, setting: Setting) -> str:
    """Say that nobody is there to chat, and what can be done."""
    if not offers.opening.open_now:
        return f"{refusal_line(offers, setting)} {t('Pick a time and we call you.')}"
    return f"{t('Nobody is free to chat just now.')} {t('Shall someone from {who} call you?', who=who(offers))}"


def _window(draft: Draft, offers: Offers) -> TimeWindow | None:
    if draft.when is None:
        return None
    if draft.when.kind is WhenKind.ASAP:
        return offers.asap.promise if offers.asap is not None else None
    return offers.requested.window if offers.requested is not None else None


def _gone(draft: Draft, offers: Offers, setting: Setting) -> str:
    if draft.when is None or draft.when.start is None:
        return refusal_line(offers, setting) or t("That is not possible any more.")
    return t("{moment} was just taken.", moment=words.clock(draft.when.start, setting.zone))


def _why_not(offers: Offers, draft: Draft, setting: Setting) -> str:
    if offers.refusals:
        refusal = offers.refusals[0]
        return refusal_words(refusal.id, refusal.reason.verdict, refusal.next, who=who(offers))
    line = refusal_line(offers, setting)
    if line is not None:
        return line
    assert draft.when is not None
    if draft.when.start is None:
        return t("{who} cannot call at once.", who=who(offers))
    return t("{moment} is not free.", moment=words.moment(draft.when.start, setting.zone, setting.now))


async def keep_chatting(tx: Transaction, chat: ChatRow) -> None:
    """No thanks."""
    await tx.run(SQL["supersede_prompts"], business=chat.business, chat=chat.id)
    await save_chat(tx, chat, draft=Draft())
    await say(tx, chat, t("All right. Write here whenever you want a call."))
