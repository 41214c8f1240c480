"""What a call is about, in the customer's own words: what is left of a message when greetings and the request itself are taken out."""

from __future__ import annotations

import re
from datetime import datetime
from zoneinfo import ZoneInfo

from ringback.callback_application_server.rules.understanding import Intent, understand

LONGEST = 120
_SENTENCES = re.compile(r"(?<=[.!?])\s+|\n+")
_GREETING = re.compile(
    r"\s*(?:hi|hello|hey|good (?:morning|afternoon|evening)|dear \w+)(?: there| all)?\s*[,.!]*\s*", re.IGNORECASE
)


def topic_of(text: str, *, now: datetime, zone: ZoneInfo) -> str | None:
    """Return the sentences that say something else than "call me"; None when there are none, or hardly a word."""
    kept = []
    for sentence in _SENTENCES.split(text):
        stripped = _GREETING.sub("", sentence, count=1) if _GREETING.match(sentence) else sentence
        words = len(stripped.split())
        asks = understand(stripped, now=now, zone=zone).intent is not Intent.NONE
        if stripped.strip() and not (asks and words < 12):
            kept.append(stripped.strip())
    topic = " ".join(kept)
    if len(topic.split()) < 3:
        return None
    return topic[:1].upper() + topic[1:LONGEST]
