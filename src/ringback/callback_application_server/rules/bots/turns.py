"""A bot's turn in a conversation: which bot takes a message, what it makes of it, and when it hands over to people."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from uuid import UUID

from ringback.callback_application_server.rules.bots.answers import ASKS_FROM, Answers, Match, is_clear, is_likely
from ringback.callback_application_server.rules.bots.words import stems

FAILURES = 2  # then people take over
STAYS_BY = 0.2  # a conversation stays with its bot unless another fits better by this
CHOICES = 3


class Kind(StrEnum):
    """Where a bot's answers come from."""

    FAQ = "faq"  # questions and answers of the business, looked up here
    WEBHOOK = "webhook"  # the business's own program


class Turn(StrEnum):
    """What a bot makes of a message."""

    ANSWER = "answer"
    ASK = "ask"  # within its abilities perhaps: it asks what was meant
    HAND_OVER = "hand_over"  # beyond its abilities, or it failed too often
    FAILED = "failed"  # it gave no usable answer


@dataclass(frozen=True, slots=True, kw_only=True)
class Bot:
    """A bot as it is configured. `about`: what it is for, in words a customer may write."""

    id: UUID
    slug: str
    name: str
    kind: Kind
    about: tuple[str, ...]
    is_default: bool
    answers: Answers | None = field(default=None, repr=False)


@dataclass(frozen=True, slots=True, kw_only=True)
class Reply:
    """What is said, and what happens next. `choices` are numbers of entries the customer may have meant."""

    turn: Turn
    text: str | None = field(default=None, repr=False)
    choices: tuple[int, ...] = ()
    topic: str | None = field(default=None, repr=False)


def pick(bots: Sequence[Bot], text: str, *, current: UUID | None = None) -> Bot | None:
    """Return the bot for a message: the one that fits best, the conversation's own when none fits clearly better, else the default; None without any."""
    fits = {bot.id: _fit(bot, text) for bot in bots}
    mine = next((bot for bot in bots if bot.id == current), None)
    best = max(bots, key=lambda bot: fits[bot.id], default=None)
    if best is not None and fits[best.id] >= ASKS_FROM and (mine is None or fits[best.id] >= fits[mine.id] + STAYS_BY):
        return best
    return mine or next((bot for bot in bots if bot.is_default), None)


def _fit(bot: Bot, text: str) -> float:
    """Return how well a message fits a bot, 0 to 1: by its questions, or by what it says it is about."""
    words = set(stems(text))
    named = any(words.issuperset(wanted) for about in bot.about if (wanted := set(stems(about))))
    matches = bot.answers.best(text, most=1) if bot.answers is not None else []
    return max(0.6 if named else 0.0, matches[0].score if matches else 0.0)


def answer_from(answers: Answers, text: str, *, failures: int) -> Reply:
    """Answer from questions and answers. Not sure counts as a failure; after `FAILURES` of them, and beyond what is known, people take over."""
    matches = answers.best(text)
    if is_clear(matches):
        return Reply(turn=Turn.ANSWER, text=matches[0].entry.answer)
    likely = _likely(matches)
    if not likely or failures + 1 >= FAILURES:
        return Reply(turn=Turn.HAND_OVER)
    return Reply(turn=Turn.ASK, choices=tuple(match.number for match in likely))


def _likely(matches: Sequence[Match]) -> list[Match]:
    if not matches or not is_likely(matches[0]):
        return []
    return [match for match in matches if match.score >= ASKS_FROM][:CHOICES]
