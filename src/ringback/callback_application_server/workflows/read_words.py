"""A customer's own words, read with what the chat knows: whose names there are, what was talked about, and which option a typed yes stands for."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime

from ringback.callback_application_server.queries import SQL, ChatRow, PromptRow
from ringback.callback_application_server.rules.corrections import HERE, confirms
from ringback.callback_application_server.rules.draft import Act
from ringback.callback_application_server.rules.understanding import Intent, Named, Understood, understand
from ringback.callback_application_server.rules.when.lexicon import fold
from ringback.callback_application_server.workflows.context import ChatContext
from ringback.callback_application_server.workflows.read_arrival import reply_of
from ringback.callback_application_server.workflows.request_callback import Reply
from ringback.domain.offers import Offers
from ringback.domain.times import When, WhenKind


async def read_words(
    context: ChatContext, chat: ChatRow, text: str, offers: Offers | None, names: Sequence[Named], now: datetime
) -> Understood:
    """Return what a message means in this chat."""
    understood = understand(
        text,
        now=now,
        zone=chat.zone,
        names=names,
        language=chat.language,
        region=chat.settings.get("region"),
        before=_talked_about(chat),
    )
    if not context.phones:
        understood = replace(understood, number=None, unusable=understood.number or understood.unusable)
    if understood.same_agent and understood.provider is None and offers is not None:
        return replace(understood, provider=await _last_agent(context, chat, names))
    return understood


def wants_times(understood: Understood) -> bool:
    """It asks for a call, or says something towards one."""
    moves = understood.intent is Intent.MOVE and not understood.guessed
    return understood.asks_for_a_call or understood.states_something or moves


def choice_of(
    context: ChatContext, chat: ChatRow, prompt: PromptRow, understood: Understood, text: str
) -> Reply | None:
    """Return the option that typed words stand for: the filled button for a yes, the quiet one for a no."""
    options = prompt.content.options
    yes = confirms(chat.draft, understood)
    here = fold(text.strip(" .!")) in HERE and prompt.content.kind == "confirm" and not chat.messages
    if not (yes or here) and understood.intent is not Intent.NO:
        return None
    wanted = "primary" if yes or here else "quiet"
    number = next((each for each, option in enumerate(options) if option.style == wanted), None)
    if number is None:
        return None
    books = options[number].meaning.act is Act.CONFIRM and prompt.content.kind == "confirm"
    if not books or chat.messages or not context.phones or here:
        return reply_of(chat, prompt.id, number)
    if chat.draft.number is None:
        return None
    return Reply(prompt=prompt.id, option=number, destination="phone", number=chat.draft.number, consent=True)


def needs_number(context: ChatContext, chat: ChatRow, prompt: PromptRow | None, understood: Understood) -> bool:
    """A yes to a call on the telephone, with no number to call."""
    return (
        prompt is not None
        and prompt.content.kind == "confirm"
        and context.phones
        and not chat.messages
        and chat.draft.number is None
        and confirms(chat.draft, understood)
    )


def names_in(chat: ChatRow, offers: Offers | None) -> list[Named]:
    """Return the departments and agents of the business, with the agents' first names; a first name means who has it here."""
    if offers is None:
        return []
    business = chat.business_slug
    queues = [
        Named(address=f"biz:{business}/q:{each.slug}", name=each.name) for each in offers.departments or offers.queues
    ]
    here = [Named(address=f"biz:{business}/q:{each.queue}/a:{each.slug}", name=each.name) for each in offers.agents]
    shown = {each.slug for each in offers.agents}
    elsewhere = [
        Named(address=f"biz:{business}/q:{each.queue}/a:{each.slug}", name=each.name)
        for each in offers.people
        if each.slug not in shown
    ]
    first_here = _first_names(here)
    taken = {fold(each.name) for each in first_here}
    first_elsewhere = [each for each in _first_names(elsewhere) if fold(each.name) not in taken]
    return queues + here + elsewhere + first_here + first_elsewhere


def _first_names(agents: Sequence[Named]) -> list[Named]:
    return [replace(each, name=each.name.split(maxsplit=1)[0]) for each in agents if each.name.strip()]


def _talked_about(chat: ChatRow) -> When | None:
    """Return the time that a correction starts from: that of the request in the making, else of the callback there is."""
    if chat.draft.when is not None:
        return chat.draft.when
    card = chat.card
    if card is None or not card.is_open or card.promise is None or card.promise.early_is_fine:
        return None
    return When(kind=WhenKind.INSTANT, zone=chat.zone.key, start=card.promise.window.start)


async def _last_agent(context: ChatContext, chat: ChatRow, names: Sequence[Named]) -> str | None:
    """Return whom the person spoke to last, if they are there."""
    async with context.database.transaction(chat.business, name="read_last_agent") as tx:
        name = await tx.value(SQL["last_agent"], business=chat.business, person=chat.person)
    return next((each.address for each in names if "/a:" in each.address and each.name == name), None)
