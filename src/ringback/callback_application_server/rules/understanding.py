"""What a customer's own words ask for, where they are obvious; anything else is nothing, and nothing is guessed."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from zoneinfo import ZoneInfo

from ringback.callback_application_server.rules.typed_times import read_when
from ringback.domain.times import When


class Intent(StrEnum):
    """What the customer wants."""

    CALL = "call"  # a callback
    PERSON = "person"  # somebody to talk to, now
    YES = "yes"
    NO = "no"
    CANCEL = "cancel"
    MOVE = "move"
    STATUS = "status"
    STOP = "stop"  # no contact any more
    NONE = "none"


@dataclass(frozen=True, slots=True, kw_only=True)
class Named:
    """A department or an agent as the customer may write it."""

    address: str  # biz:acme/q:billing
    name: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Understood:
    """One message, read."""

    intent: Intent = Intent.NONE
    when: When | None = None
    provider: str | None = None
    passed: datetime | None = None  # the time that was named lies behind us

    @property
    def asks_for_a_call(self) -> bool:
        """A callback is what this is about."""
        return self.intent in (Intent.CALL, Intent.PERSON) or self.when is not None


def _words(*phrases: str) -> re.Pattern[str]:
    return re.compile(r"\b(?:" + "|".join(phrases) + r")\b", re.IGNORECASE)


_NO = re.compile(
    r"\s*(?:no|nope|no thanks|no thank you|not now|never mind|nevermind|no need)\s*[.!]*\s*", re.IGNORECASE
)
_YES = re.compile(
    r"\s*(?:yes|yes please|yep|yeah|sure|ok|okay|please do|that is right|that's right|correct)\s*[.!]*\s*",
    re.IGNORECASE,
)
_STOP = re.compile(r"\s*(?:stop|unsubscribe|stop (?:calling|contacting|messaging) me)\s*[.!]*\s*", re.IGNORECASE)
_CANCEL = _words(
    r"cancel", r"call (?:it|this|that) off", r"do(?:n't| not) call(?: me)?", r"no (?:longer|more) need(?:ed)?"
)
_MOVE = _words(
    r"re-?schedule",
    r"move (?:it|my|the)",
    r"(?:another|a different|other) (?:time|day)",
    r"change the time",
    r"(?:later|earlier) please",
)
_STATUS = _words(
    r"when (?:will|do|are) you (?:call|ring)(?:ing)?", r"how (?:much longer|long)", r"status", r"still waiting"
)
_CALL = _words(
    r"call ?-?backs?",
    r"call me(?: back)?",
    r"(?:phone|ring) me",
    r"give me a (?:call|ring)",
    r"(?:someone|somebody|anyone|anybody|you) (?:to )?(?:can |could |please )?(?:call|phone|ring)",
    r"(?:can|could|would|will) (?:someone|somebody|anyone|anybody|you) (?:please )?(?:call|phone|ring)",
    r"by (?:phone|telephone)",
)
_PERSON = _words(
    r"(?:speak|talk) (?:to|with) (?:a |an |some)?(?:person|human|agent|someone|somebody|one|body|representative)",
    r"(?:real|actual) (?:person|human)",
)


def understand(text: str, *, now: datetime, zone: ZoneInfo, names: Iterable[Named] = ()) -> Understood:
    """Read one message of the customer's, in their zone."""
    reading = read_when(text, now=now, zone=zone)
    return Understood(
        intent=_intent(text, timed=reading is not None),
        when=None if reading is None or reading.passed else reading.when,
        provider=_provider(text, names),
        passed=reading.when.start if reading is not None and reading.passed else None,
    )


def _intent(text: str, *, timed: bool) -> Intent:
    if _STOP.fullmatch(text):
        return Intent.STOP
    if _NO.fullmatch(text):
        return Intent.NO
    if _YES.fullmatch(text):
        return Intent.YES
    for pattern, intent in (
        (_CANCEL, Intent.CANCEL),
        (_MOVE, Intent.MOVE),
        (_STATUS, Intent.STATUS),
        (_CALL, Intent.CALL),
        (_PERSON, Intent.PERSON),
    ):
        if pattern.search(text):
            return intent
    return Intent.CALL if timed else Intent.NONE


def _provider(text: str, names: Iterable[Named]) -> str | None:
    """Return the one department or agent that is named; two different ones name nobody."""
    found = {
        each.address: each.name
        for each in names
        if each.name and re.search(rf"\b{re.escape(each.name)}\b", text, re.IGNORECASE)
    }
    if not found:
        return None
    agents = [address for address in found if "/a:" in address]
    if len(agents) == 1:
        return agents[0]
    return next(iter(found)) if len(found) == 1 else None
