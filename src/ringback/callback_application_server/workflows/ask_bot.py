"""A bot's turn: asked before any transaction, spoken in the one that answers the message, once."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from datetime import timedelta

import structlog

from ringback.callback_application_server.bots.own_program import ask_program
from ringback.callback_application_server.bots.roster import SQL, Roster
from ringback.callback_application_server.queries import ChatRow, save_chat
from ringback.callback_application_server.rules.bots.turns import FAILURES, Bot, Kind, Reply, Turn, answer_from, pick
from ringback.callback_application_server.rules.draft import Act, Meaning
from ringback.callback_application_server.rules.prompts import LIVES, Option, PromptContent
from ringback.callback_application_server.rules.topics import topic_of
from ringback.callback_application_server.rules.wording import mark, t
from ringback.callback_application_server.workflows.context import ChatContext
from ringback.callback_application_server.workflows.speak import ask, say
from ringback.postgres.database import Transaction

log = structlog.get_logger(__name__)

_LIVES = timedelta(hours=12)  # an answer can be judged later; nothing is kept for it
_OTHER_WORDS = mark("Sorry about that. Can you put it in other words? Or ask for a person.")


@dataclass(frozen=True, slots=True, kw_only=True)
class Consulted:
    """Which bot was asked, and what it makes of the message."""

    bot: Bot
    reply: Reply = field(repr=False)


async def consult(context: ChatContext, chat: ChatRow, roster: Roster, text: str, seq: int) -> Consulted | None:
    """Have the bot that fits make something of a message; None when no bot takes it."""
    bot = pick(roster.bots, text, current=chat.bot)
    if bot is None:
        return None
    failures = chat.bot_failures if bot.id == chat.bot else 0
    if bot.kind is Kind.FAQ:
        assert bot.answers is not None
        return Consulted(bot=bot, reply=answer_from(bot.answers, text, failures=failures))
    async with context.database.transaction(chat.business, name="read_transcript") as tx:
        transcript = await tx.rows(SQL["transcript"], business=chat.business, chat=chat.id, upto=seq)
        now = tx.now
    reply = await ask_program(
        context.poster, roster.addresses[bot.id], bot, chat, seq=seq, transcript=transcript, now=now
    )
    if reply.turn is Turn.FAILED:
        log.warning("bot_failed", bot=str(bot.id))
        if failures + 1 >= FAILURES:
            reply = Reply(turn=Turn.HAND_OVER)
    return Consulted(bot=bot, reply=reply)


async def speak(tx: Transaction, chat: ChatRow, consulted: Consulted, text: str) -> tuple[ChatRow, bool]:
    """Say what the bot says; return the chat as it is then, and whether people take over: the caller offers them."""
    bot, reply = consulted.bot, consulted.reply
    failures = chat.bot_failures if bot.id == chat.bot else 0
    topic = reply.topic or topic_of(text, now=tx.now, zone=chat.zone) or chat.topic
    chat = await save_chat(tx, chat, topic=topic)
    match reply.turn:
        case Turn.HAND_OVER:
            if reply.text:
                await say(tx, chat, reply.text, author_name=bot.name)
            return await remember(tx, chat, bot, failures=0), True
        case Turn.ANSWER:
            assert reply.text is not None
            chat = await remember(tx, chat, bot, failures=failures)
            await ask(tx, chat, _judged(reply.text), author_name=bot.name)
        case Turn.ASK:
            chat = await remember(tx, chat, bot, failures=failures + 1)
            await ask(tx, chat, _which(bot, reply), author_name=bot.name)
        case Turn.FAILED:
            chat = await remember(tx, chat, bot, failures=failures + 1)
            await say(tx, chat, t(_OTHER_WORDS), author_name=bot.name)
    return chat, False


async def answer_question(tx: Transaction, chat: ChatRow, roster: Roster, question: str | None) -> bool:
    """Answer the question that was chosen; False when it is not there any more."""
    for bot in roster.bots:
        for entry in bot.answers.entries if bot.id == chat.bot and bot.answers is not None else ():
            if entry.question == question:
                await ask(tx, chat, _judged(entry.answer), author_name=bot.name)
                return True
    return False


async def helped(tx: Transaction, chat: ChatRow) -> None:
    """The answer was right: what comes next is about something else."""
    chat = await save_chat(tx, chat, topic=None)
    await _store(tx, chat, failures=0)
    await say(tx, chat, t("Good. Ask anything else here."))


async def did_not_help(tx: Transaction, chat: ChatRow) -> bool:
    """The answer was wrong. True: it was the last one, and people take over."""
    failures = chat.bot_failures + 1
    if failures >= FAILURES:
        await _store(tx, chat, failures=0)
        return True
    await _store(tx, chat, failures=failures)
    await say(tx, chat, t(_OTHER_WORDS))
    return False


async def remember(tx: Transaction, chat: ChatRow, bot: Bot, *, failures: int) -> ChatRow:
    """Keep whose conversation it is."""
    chat = replace(chat, bot=bot.id, bot_failures=failures)
    await _store(tx, chat, failures=failures)
    return chat


async def _store(tx: Transaction, chat: ChatRow, *, failures: int) -> None:
    await tx.run(SQL["save_talk"], business=chat.business, id=chat.id, bot=chat.bot, failures=failures)


def _judged(answer: str) -> PromptContent:
    return PromptContent(
        kind="choice",
        title=t("Did that help?"),
        text=answer,
        options=(
            Option(label=t("That helped"), style="primary", meaning=Meaning(act=Act.HELPED)),
            Option(label=t("Not what I meant"), style="quiet", meaning=Meaning(act=Act.NOT_HELPED)),
            Option(label=t("Ask for a person"), style="option", meaning=Meaning(act=Act.OFFER)),
        ),
        lives=_LIVES.total_seconds(),
    )


def _which(bot: Bot, reply: Reply) -> PromptContent:
    assert bot.answers is not None
    questions = [bot.answers.entries[number].question for number in reply.choices]
    return PromptContent(
        kind="choice",
        title=t("Which of these is it?"),
        text=t("I am not sure that I understand. Which of these is it?"),
        options=(
            *(Option(label=each, meaning=Meaning(act=Act.ASK_BOT, question=each)) for each in questions),
            Option(label=t("None of these"), style="quiet", meaning=Meaning(act=Act.NOT_HELPED)),
        ),
        lives=LIVES.total_seconds(),
    )
