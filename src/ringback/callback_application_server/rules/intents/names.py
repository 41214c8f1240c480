"""Who shall call, in the customer's words: a department or an agent by name, not that one, the same as last time, anybody."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass

from ringback.callback_application_server.rules.intents.languages import WORDINGS
from ringback.callback_application_server.rules.when.lexicon import fold


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


def who_is_named(folded: str, names: Iterable[Named]) -> WhoNamed:
    """Return who is wanted; two different ones that the words do not decide between are nobody."""
    found = {each.address: None for each in names if each.name.strip() and _stands_in(folded, fold(each.name))}
    agents = [address for address in found if "/a:" in address]
    same = any(each.wants_same_agent.search(folded) for each in WORDINGS)
    anybody = any(each.wants_anybody.search(folded) for each in WORDINGS)
    if len(agents) == 1:
        return WhoNamed(address=agents[0])
    if not agents and len(found) == 1:
        return WhoNamed(address=next(iter(found)), same_agent=same, anybody=anybody)
    return WhoNamed(same_agent=same, anybody=anybody, unclear=tuple(agents or found))


def _stands_in(folded: str, name: str) -> bool:
    """Tell whether a name stands there and is not refused."""
    return any(
        not any(each.refuses_next.search(folded[max(0, match.start() - 60) : match.start()]) for each in WORDINGS)
        for match in re.finditer(rf"(?<!\w){re.escape(name)}(?!\w)", folded)
    )
