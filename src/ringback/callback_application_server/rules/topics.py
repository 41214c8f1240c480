"""What a call is about, in the customer's own words: what is left of a message when greetings and the request itself are taken out."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from datetime import datetime
from zoneinfo import ZoneInfo

from ringback.callback_application_server.rules.bots.words import EMPTY
from ringback.callback_application_server.rules.intents.languages import WORDINGS
from ringback.callback_application_server.rules.understanding import Intent, Named, understand
from ringback.callback_application_server.rules.when import read
from ringback.callback_application_server.rules.when.lexicon import fold

LONGEST = 120
FEWEST = 2  # words with a meaning of their own, beside a time
FEW = 12  # words of a sentence that asks: more of them also tell
_SENTENCES = re.compile(r"(?<=[.!?])\s+|\n+")
_CLAUSE_END = re.compile(
    r"\s*[,;.!?\n]|\s+(?:and|und|y|et|e|ed|but|aber|pero|mais|mas|ma)\s+(?=please|bitte|por|s'il|per)"
)
_BEGINS = re.compile("(?:" + "|".join(part for each in WORDINGS for part in each.leads_to) + r")\b")
_EDGES = " \t,;:.-–"


def topic_of(
    text: str, *, now: datetime, zone: ZoneInfo, names: Iterable[Named] = (), region: str | None = None
) -> str | None:
    """Return the sentences that say something else than "call me", or what one of them says it is about; None when that is hardly a word."""
    kept, named = [], None
    known = list(names)
    for sentence in _SENTENCES.split(text):
        stripped = _without_greeting(sentence).strip()
        if not stripped:
            continue
        understood = understand(stripped, now=now, zone=zone, names=known, region=region)
        asks = (
            understood.intent is not Intent.NONE or understood.same_agent or _BEGINS.match(fold(stripped)) is not None
        )
        if asks:
            times = read(stripped, now=now, zone=zone).evidence
            named = named or _named_topic(stripped, times)
            if named is None and understood.intent is Intent.WHEN and times:
                rest = _without_time(stripped.rstrip(_EDGES + "!?"), times)
                left = understand(rest, now=now, zone=zone, names=known, region=region)
                if left.intent is Intent.NONE and left.provider is None and _says_something(rest):
                    named = rest
        if not asks or (named is None and len(stripped.split()) >= FEW):
            kept.append(stripped)
    topic = " ".join(kept)
    if len(topic.split()) < 3:
        topic = named or ""
    return topic[:1].upper() + topic[1:LONGEST] if topic else None


def _without_greeting(sentence: str) -> str:
    folded = fold(sentence)
    ends = [match.end() for each in WORDINGS if (match := each.greets.match(folded))]
    return sentence[max(ends, default=0) :]


def _named_topic(sentence: str, times: Sequence[str]) -> str | None:
    """Return what stands after "it is about", up to the end of its clause, where that is not a time itself."""
    folded = fold(sentence)
    begins = sorted((match.start(), -match.end()) for each in WORDINGS for match in each.about.finditer(folded))
    for _, negative_end in begins:
        rest = sentence[-negative_end:].lstrip(_EDGES)
        end = _CLAUSE_END.search(rest)
        topic = _without_time(rest[: end.start() if end else len(rest)].strip(_EDGES), times)
        if any(fold(topic).startswith(fold(each)) for each in times):
            continue  # "what about next Tuesday then?" asks for a time
        if topic and any(each.isalpha() for each in topic) and len(topic) > 2 and not _is_a_time(topic):
            return topic
    return None


def _without_time(topic: str, times: Sequence[str]) -> str:
    """Return it without the times at its end: "a refund tomorrow at 10" is about a refund."""
    while times:
        ending = next((each for each in times if fold(topic).endswith(fold(each))), None)
        if ending is None:
            break
        topic = topic[: -len(ending)].rstrip(_EDGES)
    return topic


def _says_something(rest: str) -> bool:
    words = [word.strip(_EDGES) for word in fold(rest).split()]
    return sum(word.isalpha() and word not in EMPTY for word in words) >= FEWEST


def _is_a_time(topic: str) -> bool:
    return bool(re.match(r"\W*\d", topic)) or topic.split(maxsplit=1)[0].casefold() in {
        "half",
        "noon",
        "ten",
        "five",
        "two",
        "three",
        "four",
    }
