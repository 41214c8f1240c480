"""Words that a business lists as emergencies. Any mention counts: a false alarm costs an agent a glance, a missed one may cost a life."""

from __future__ import annotations

import re
from collections.abc import Iterable
from functools import lru_cache

from ringback.callback_application_server.rules.bots.words import folded


@lru_cache(maxsize=256)
def _pattern(phrases: tuple[str, ...]) -> re.Pattern[str] | None:
    wanted = [r"\W+".join(re.escape(word) for word in re.findall(r"\w+", folded(phrase))) for phrase in phrases]
    wanted = [each for each in wanted if each]
    return re.compile(rf"(?<!\w)(?:{'|'.join(wanted)})(?!\w)") if wanted else None


def is_emergency(text: str, phrases: Iterable[str]) -> bool:
    """Say whether a message holds one of the phrases, whatever its case, accents and spacing; a word with `*` at its end matches any ending."""
    starred = tuple(phrases)
    pattern = _pattern(tuple(each for each in starred if not each.endswith("*")))
    plain = folded(text)
    if pattern is not None and pattern.search(plain):
        return True
    return any(
        re.search(rf"(?<!\w){re.escape(folded(each[:-1]).strip())}", plain) for each in starred if each.endswith("*")
    )
