"""Who shall call, in the customer's words: a department or an agent by name, not that one, the same as last time, anybody."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass

from ringback.callback_application_server.rules.intents.languages import WORDINGS
from ringback.callback_application_server.rules.when.lexicon import fold

_NO_NAMES = frozenset(
    [
        "me",
        "us",
        "you",
        "back",
        "it",
        "this",
        "again",
        "now",
        "please",
        "someone",
        "somebody",
        "anyone",
        "anybody",
        "nobody",
        "people",
        "jemand",
        "jemanden",
        "jemandem",
        "mich",
        "sie",
        "man",
        "alguien",
        "me",
        "usted",
        "ustedes",
        "nadie",
        "quelqu",
        "un",
        "une",
        "on",
        "vous",
        "alguem",
        "voce",
        "qualcuno",
        "lei",
    ]
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Named:
    """A department or an agent as the customer may write it."""

    address: str  # biz:acme/q:billing
    name: str


@dataclass(frozen=True, slots=True, kw_only=True)
class WhoNamed:
    """What a text says about who. `unclear`: the addresses between which it does not decide."""

    address: str | None = None
    same_agent: bool = False
    anybody: bool = False
    unclear: tuple[str, ...] = ()


def somebody_else(text: str) -> str | None:
    """Return the name of whom a text asks for, where it is written as a name; for texts that name nobody who is there."""
    if text.isupper():
        return None  # every word looks like a name
    folded = fold(text)
    found = (pattern.search(folded) for each in WORDINGS for pattern in each.wants_somebody)
    names = (text[match.start("who") : match.end("who")] for match in found if match is not None)
    return next((name for name in names if name[:1].isupper() and fold(name) not in _NO_NAMES), None)


def who_is_named(folded: str, names: Iterable[Named]) -> WhoNamed:
    """Return who is wanted; two different ones that the words do not decide between are nobody."""
    places = [(each, place) for each in names if each.name.strip() for place in _places(folded, fold(each.name))]
    found = {each.address: None for each, place in places if not any(_is_part(place, other) for _, other in places)}
    agents = [address for address in found if "/a:" in address]
    same = any(each.wants_same_agent.search(folded) for each in WORDINGS)
    anybody = any(each.wants_anybody.search(folded) for each in WORDINGS)
    if len(agents) == 1:
        return WhoNamed(address=agents[0])
    if not agents and len(found) == 1:
        return WhoNamed(address=next(iter(found)), same_agent=same, anybody=anybody)
    return WhoNamed(same_agent=same, anybody=anybody, unclear=tuple(agents or found))


Place = tuple[int, int]


def _places(folded: str, name: str) -> list[Place]:
    """Return where a name stands and is not refused."""
    return [
        match.span()
        for match in re.finditer(rf"(?<!\w){re.escape(name)}(?!\w)", folded)
        if not any(each.refuses_next.search(folded[max(0, match.start() - 60) : match.start()]) for each in WORDINGS)
    ]


def _is_part(place: Place, other: Place) -> bool:
    """Tell whether a name is a part of a longer one: "Kim" in "Kim Sand"."""
    return other[0] <= place[0] and place[1] <= other[1] and other != place
