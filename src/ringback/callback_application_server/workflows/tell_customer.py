"""What happens to a callback, told in the chat it came from: each event applied once, in order."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

import msgspec

from ringback.callback_application_server.queries import SQL, ChatRow, chat_of, save_chat
from ringback.callback_application_server.rules import times_in_words as words
from ringback.callback_application_server.rules.callback_card import Card, CardState, change, load_card
from ringback.callback_application_server.rules.draft import Act, Draft
from ringback.callback_application_server.rules.last_words import last_words, sentence
from ringback.callback_application_server.rules.missed_words import MISSED, retry_options
from ringback.callback_application_server.rules.prompts import question
from ringback.callback_application_server.rules.refusal_words import refusal_words
from ringback.callback_application_server.rules.wording import mark, t
from ringback.callback_application_server.workflows.prove_number import ask_for_code
from ringback.callback_application_server.workflows.rate_call import ask_for_rating
from ringback.callback_application_server.workflows.say_change import say_change
from ringback.callback_application_server.workflows.show_callback import say_yes, show_next, take_up
from ringback.callback_application_server.workflows.speak import ask, say, tell
from ringback.callback_application_server.workflows.take_back import show_open
from ringback.domain.commands import PromiseMade
from ringback.domain.events import (
    AgentRings,
    AttemptEnded,
    AttemptMissed,
    CallbackAccepted,
    CallbackChanged,
    CallbackFinished,
    CallbackRefused,
    CustomerDialled,
    CustomerRings,
    Joined,
    PromiseAtRisk,
)
from ringback.domain.guards.verdict import GuardCause
from ringback.domain.ids import BusinessId, CallbackId
from ringback.domain.status import CallbackState, Outcome
from ringback.postgres.database import Transaction

CALLING_IS_NEWS_FOR = timedelta(seconds=60)


async def accepted(tx: Transaction, business: BusinessId, event: CallbackAccepted) -> None:
    """It is committed: the customer hears yes."""
    public = {"state": CallbackState.WAITING.value, "promise": _plain(event.promise), "place": event.place}
    public |= {"queue": event.queue_name, "agent": event.agent_name, "line": event.line}
    await _answer_request(tx, business, event.callback, "accepted", public)
    chat = await chat_of(tx, business, event.callback)
    if chat is None:
        return
    if not _is_about(chat, event.callback):
        if chat.card is not None and chat.card.is_open:
            return  # told when the one that is shown is over
        chat = await take_up(tx, chat, event.callback)
    await say_yes(
        tx,
        chat,
        promise=event.promise,
        queue_name=event.queue_name,
        agent_name=event.agent_name,
        place=event.place,
        line=event.line,
    )


async def refused(tx: Transaction, business: BusinessId, event: CallbackRefused) -> None:
    """It is not booked: say why, and what else can be done. Nothing the customer entered has to be typed again but the time."""
    public = {"detail": event.detail, "next": event.next, "open_callback": str(event.open_callback or "") or None}
    await _answer_request(tx, business, event.callback, "refused", public, problem=event.id)
    chat = await chat_of(tx, business, event.callback)
    if chat is None or not _is_about(chat, event.callback):
        return
    if event.open_callback is not None and await _show_the_one_there_is(tx, chat, event.open_callback):
        return
    if event.id == GuardCause.NOT_PROVED.value and await ask_for_code(tx, chat, event.callback):
        return
    text = refusal_words(event.id, event.detail, event.next, who=chat.business_name)
    provider = await tx.value(SQL["request_provider"], business=business, id=event.callback)
    chat = await save_chat(tx, chat, callback=None, card=None, draft=Draft(provider=provider))
    await ask(
        tx,
        chat,
        question(
            "choice",
            t("That could not be booked"),
            text,
            (
                (t("Pick another time"), Act.PICK_TIME, "option"),
                (t("What is possible now"), Act.OFFER, "option"),
                (t("No thanks"), Act.NO, "quiet"),
            ),
        ),
    )


async def _show_the_one_there_is(tx: Transaction, chat: ChatRow, callback: CallbackId) -> bool:
    """The person asked for it in another chat of theirs: show it here too, with move and cancel."""
    shown = await tx.value(SQL["card_of_person"], business=chat.business, callback=callback, person=chat.person)
    card = load_card(shown)
    if card is None or not card.is_open:
        return False
    chat = await save_chat(tx, chat, callback=callback, card=card, draft=Draft())
    await show_open(tx, chat)
    return True


async def changed(tx: Transaction, business: BusinessId, event: CallbackChanged) -> None:
    """Place, estimate, window or state is another one; said in words only when it matters."""
    public = {"state": event.state.value, "promise": _plain(event.promise), "place": event.place}
    await _publish(tx, business, event.callback, public | {"agent": event.agent_name})
    chat = await chat_of(tx, business, event.callback)
    if chat is None or not _is_about(chat, event.callback):
        return
    card = _card(chat)
    before = card
    card = change(
        card,
        tx.now,
        promise=event.promise,
        place=event.place if event.place is not None else card.place,
        line=event.line if event.line is not None else card.line,
        agent_name=event.agent_name or (None if event.moved else card.agent_name),
        state=_state_of(event, card),
        revision=card.revision + int(event.moved),
    )
    await say_change(tx, chat, event, before, card)
    await save_chat(tx, chat, card=card)


async def at_risk(tx: Transaction, business: BusinessId, event: PromiseAtRisk) -> None:
    """We will probably be late: say so, with keep, move, cancel. Doing nothing keeps the place."""
    chat = await chat_of(tx, business, event.callback)
    if chat is None or not _is_about(chat, event.callback):
        return
    title, text = _late_words(event, chat, tx.now)
    await ask(
        tx,
        chat,
        question(
            "late",
            title,
            text,
            (
                (t("Keep my place"), Act.KEEP, "primary"),
                (t("Move to another time"), Act.MOVE, "option"),
                (t("Cancel the callback"), Act.CANCEL, "danger"),
            ),
        ),
    )
    await save_chat(tx, chat, card=change(_card(chat), tx.now, state=CardState.LATE))


def _late_words(event: PromiseAtRisk, chat: ChatRow, now: datetime) -> tuple[str, str]:
    keep = t("If you do nothing, we keep your place.")
    if event.why is not None or event.estimate is None:
        when = words.window(event.window, chat.zone, now)
        why = t(sentence(event.why) or "We are short of people.")
        return t("Your time may not hold"), f"{why} {t('We may not be able to call you {when}.', when=when)} {keep}"
    clock = words.estimate_clock(event.estimate, chat.zone, now)
    said = words.deadline(event.window.end, chat.zone, now)
    text = t("We are running late. It now looks like {clock}. We said {said}.", clock=clock, said=said)
    return t("We are running late"), f"{text} {keep}"


async def agent_rings(tx: Transaction, business: BusinessId, event: AgentRings) -> None:
    """An agent is being asked: the customer is next."""
    chat = await chat_of(tx, business, event.callback)
    if chat is None or not _is_about(chat, event.callback):
        return
    card = _card(chat)
    if card.state in (CardState.BOOKED, CardState.LATE, CardState.MISSED):
        await tell(tx, chat, "next", t("You are next."), expires_at=tx.now + CALLING_IS_NEWS_FOR)
        await save_chat(tx, chat, card=change(card, tx.now, state=CardState.NEXT, place=1))


async def dialled(tx: Transaction, business: BusinessId, event: CustomerDialled) -> None:
    """The customer may ring from now on: said at most once, and not after the fact."""
    await _publish(tx, business, event.callback, {"state": CallbackState.CALLING.value, "agent": event.agent_name})
    chat = await chat_of(tx, business, event.callback)
    if chat is None or not _is_about(chat, event.callback):
        return
    await tell(
        tx,
        chat,
        "calling",
        t("{who} is calling you now.", who=event.agent_name),
        expires_at=event.at + CALLING_IS_NEWS_FOR,
    )
    await save_chat(tx, chat, card=change(_card(chat), tx.now, state=CardState.CALLING, agent_name=event.agent_name))


async def rings(tx: Transaction, business: BusinessId, event: CustomerRings) -> None:
    """The device rings: the page shows the leg itself."""
    await _publish(tx, business, event.callback, {"rang_at": event.at.isoformat()})


async def joined(tx: Transaction, business: BusinessId, event: Joined) -> None:
    """They talk."""
    await _publish(tx, business, event.callback, {"state": CallbackState.TALKING.value, "agent": event.agent_name})
    chat = await chat_of(tx, business, event.callback)
    if chat is None or not _is_about(chat, event.callback):
        return
    await tell(tx, chat, "joined", t("Joined with {who}.", who=event.agent_name))
    await save_chat(
        tx,
        chat,
        card=change(_card(chat), tx.now, state=CardState.TALKING, agent_name=event.agent_name, joined_at=event.at),
    )


async def missed(tx: Transaction, business: BusinessId, event: AttemptMissed) -> None:
    """An attempt without a talk: what happened, and what follows or is asked."""
    chat = await chat_of(tx, business, event.callback)
    if chat is None or not _is_about(chat, event.callback):
        return
    card = _card(chat)
    if event.question == "unknown":
        await _ask_unknown(tx, chat, card, event.at)
        return
    text = t(MISSED.get(event.outcome, mark("No answer at {at}.")), at=words.clock(event.at, chat.zone))
    if event.question == "declined":
        await ask(tx, chat, question("missed", text, f"{text} {t('Shall we ring again?')}", _again_or_close()))
        await save_chat(tx, chat, card=change(card, tx.now, state=CardState.MISSED, promise=None))
        return
    status = "busy" if event.outcome is Outcome.BUSY else "missed"
    if event.next_window is None:
        await tell(tx, chat, status, text)
        return
    again = words.window(event.next_window, chat.zone, tx.now)
    await ask(
        tx,
        chat,
        question(
            "missed",
            text,
            f"{text} {_ring_again(event, again)}",
            retry_options(event.outcome, words.clock(event.next_window.start, chat.zone)),
        ),
    )
    promise = PromiseMade(window=event.next_window, early_is_fine=False)
    card = change(card, tx.now, state=CardState.MISSED, promise=promise, place=None, line=None)
    await save_chat(tx, chat, card=replace(card, revision=card.revision + 1))


def _ring_again(event: AttemptMissed, when: str) -> str:
    if event.next_try is None or event.tries is None:
        return t("We ring again {when}.", when=when)
    if event.next_try >= event.tries:
        return t("We ring again {when}, our last try.", when=when)
    return t("We ring again {when}, try {number} of {tries}.", when=when, number=event.next_try, tries=event.tries)


async def attempt_ended(tx: Transaction, business: BusinessId, event: AttemptEnded) -> None:
    """The interaction manager says what follows; a call that ended takes its card away at once."""
    await _publish(tx, business, event.callback, {"last_outcome": event.outcome.value})
    chat = await chat_of(tx, business, event.callback)
    if chat is None or not _is_about(chat, event.callback):
        return
    card = _card(chat)
    if card.state is CardState.CALLING and event.outcome is Outcome.AGENT_UNAVAILABLE:
        await save_chat(tx, chat, card=change(card, tx.now, state=CardState.NEXT))
    elif card.state is CardState.TALKING and event.outcome is Outcome.TALKED and event.joined_at is not None:
        await tell(tx, chat, "ended", t("The call has ended."))  # the agent reads it too


async def finished(tx: Transaction, business: BusinessId, event: CallbackFinished) -> None:
    """It is over, and said so once."""
    public = {"state": event.state.value, "reason": event.reason, "talked_for": event.talked_for}
    await tx.run(SQL["finish_request"], business=business, id=event.callback, public=public, now=tx.now)
    chat = await chat_of(tx, business, event.callback)
    if chat is None or not _is_about(chat, event.callback):
        return
    await tx.run(SQL["supersede_prompts"], business=business, chat=chat.id)
    card = _card(chat)
    state = {
        CallbackState.DONE: CardState.DONE,
        CallbackState.CANCELLED: CardState.CANCELLED,
    }.get(event.state, CardState.CLOSED)
    line = last_words(event, card, chat.zone, tx.now, business=chat.business_name)
    await tell(tx, chat, {CardState.DONE: "done", CardState.CANCELLED: "cancelled"}.get(state, "closed"), line)
    chat = await save_chat(tx, chat, callback=None, card=change(card, tx.now, state=state, detail=line), draft=Draft())
    if await show_next(tx, chat) or chat.stopped:
        return
    if state is CardState.CLOSED:
        await say(tx, chat, t("Pick a new time when it suits you: write here, or ask for a call."))
    elif event.rate:
        await ask_for_rating(tx, chat)


async def _ask_unknown(tx: Transaction, chat: ChatRow, card: Card, at: datetime) -> None:
    clock = words.clock(at, chat.zone)
    if card.where == "this browser":
        dropped = t("Our line dropped at {at} while we were calling you in this browser.", at=clock)
    else:
        ending = card.where[-3:]
        dropped = t(
            "Our line dropped at {at} while we were calling the number ending {ending}.", at=clock, ending=ending
        )
    quiet = t("We cannot tell if it rang, so we will not ring again until you answer.")
    text = f"{t('Did your phone ring?')} {dropped} {quiet}"
    options = (
        (t("No, please call me"), Act.DID_NOT_RING, "primary"),
        (t("Yes, it rang"), Act.RANG, "option"),
        (t("Cancel the callback"), Act.CANCEL, "danger"),
    )
    await ask(tx, chat, question("unknown", t("Did your phone ring?"), text, options))
    await save_chat(tx, chat, card=change(card, tx.now, state=CardState.UNKNOWN, promise=None))


def _again_or_close() -> tuple[tuple[str, Act, str], ...]:
    return (
        (t("Ring again now"), Act.AGAIN, "primary"),
        (t("Another time"), Act.MOVE, "option"),
        (t("No more calls"), Act.CLOSE, "quiet"),
    )


def _is_about(chat: ChatRow, callback: CallbackId) -> bool:
    """An event may come late, about a callback the chat has moved on from."""
    return chat.card is not None and chat.card.id == callback


def _card(chat: ChatRow) -> Card:
    assert chat.card is not None
    return chat.card


def _state_of(event: CallbackChanged, card: Card) -> CardState:
    match event.state:
        case CallbackState.CANCELLING:
            return CardState.CANCELLING
        case CallbackState.TALKING:
            return CardState.TALKING
        case CallbackState.CALLING if card.state is CardState.CALLING:
            return CardState.CALLING
        case CallbackState.ASKING:
            return card.state
    if event.place == 1 and not event.moved:
        return CardState.NEXT
    return CardState.BOOKED if event.moved or card.state is not CardState.LATE else CardState.LATE


async def _answer_request(
    tx: Transaction,
    business: BusinessId,
    callback: CallbackId,
    state: str,
    public: dict[str, Any],
    *,
    problem: str | None = None,
) -> None:
    await tx.run(
        SQL["answer_request"],
        business=business,
        id=callback,
        state=state,
        problem=problem,
        public=public,
        now=tx.now,
    )
    tx.hint("answer", callback)
    tx.hint("console", business)


async def _publish(tx: Transaction, business: BusinessId, callback: CallbackId, public: dict[str, Any]) -> None:
    await tx.run(SQL["publish_request"], business=business, id=callback, public=public)
    tx.hint("console", business)


def _plain(promise: PromiseMade) -> Any:
    return msgspec.to_builtins(promise)
