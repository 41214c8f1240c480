"""Words with one meaning on a channel, whatever is being talked about: STOP, HELP and START. Whole messages only."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from ringback.callback_application_server.rules.wording import mark, t

STOP = frozenset({"stop", "unsubscribe"})
# Twilio's list of words that stop every message to a number: CANCEL and END are among them, so our own cancel is a number there.
STOP_BY_CARRIER = STOP | {"stopall", "end", "quit", "cancel", "revoke", "optout", "opt out"}
STOP_ELSEWHERE = STOP | {"stopall", "optout", "opt out", "/stop"}
HELP = frozenset({"help", "info"})
START = frozenset({"start", "unstop"})

_BY_NUMBER = mark(
    "{business}: write when we should call you, such as “tomorrow after 3”. Write a number from the list to move or cancel. "
    "Write STOP and you hear no more from us."
)
_BY_WORD = mark(
    "{business}: write when we should call you, such as “tomorrow after 3”. Write MOVE or CANCEL for your callback. "
    "Write STOP and you hear no more from us."
)


class Word(StrEnum):
    """What such a word wants."""

    STOP = "stop"
    HELP = "help"
    START = "start"


@dataclass(frozen=True, slots=True, kw_only=True)
class Words:
    """The words of a channel, in lower case."""

    stop: frozenset[str] = STOP_ELSEWHERE
    help: frozenset[str] = HELP | {"/help"}
    start: frozenset[str] = START


def read_word(text: str, words: Words) -> Word | None:
    """Return what a whole message means by itself, if it is one of the channel's words."""
    typed = " ".join(text.casefold().strip().strip(".!\"'").split())
    for word, meant in ((Word.STOP, words.stop), (Word.HELP, words.help), (Word.START, words.start)):
        if typed in meant:
            return word
    return None


def help_text(business: str, words: Words) -> str:
    """Say who this is, what can be written, and how to make it stop."""
    return t(_BY_NUMBER if "cancel" in words.stop else _BY_WORD, business=business)
