"""Retrieval in a business's questions and answers: how well a message is covered by a question, and whether that is well enough to answer.

A message and a question are compared by the weighted share of words they have in common (the harmonic mean of both directions), a word
weighing its inverse document frequency (Spärck Jones, 1972). A word that no question knows weighs most: it is what keeps a bot
from answering beside the point. Words that differ by a slip of the finger count by the share of letter pairs they have in common (Dice).
"""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field

from ringback.callback_application_server.rules.bots.words import stems

ANSWERS_FROM = 0.58  # score, 0 to 1
ASKS_FROM = 0.34  # below, it is beyond what the bot knows
ANSWERS_COVERED = 0.6  # of the message: what says much more than the question is not answered by it
ASKS_COVERED = 0.5
CLEAR_BY = 0.08  # ahead of the next question with another answer
_SLIP = 0.6  # letter pairs in common that make two words one, written with a slip
_LONGEST = 60  # words of a message that are looked at


@dataclass(frozen=True, slots=True, kw_only=True)
class Entry:
    """A question, other wordings of it, and the answer."""

    question: str
    answer: str = field(repr=False)
    also: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Match:
    """An entry, how well it and the message cover each other, and how much of the message it covers: 0 to 1."""

    number: int
    entry: Entry
    score: float
    covered: float


class Answers:
    """An index over entries. Building is linear in their words; asking looks at the questions that share a word."""

    def __init__(self, entries: Sequence[Entry]) -> None:
        self.entries = tuple(entries)
        self._wordings: list[tuple[int, frozenset[str]]] = [
            (number, frozenset(stems(wording)))
            for number, entry in enumerate(entries)
            for wording in (entry.question, *entry.also)
        ]
        known = Counter(word for _, words in self._wordings for word in words)
        total = len(self._wordings) + 1
        self._weights = {word: math.log(1 + total / count) for word, count in known.items()}
        self._unknown = math.log(1 + total)
        self._by_word: dict[str, list[int]] = {}
        for place, (_, words) in enumerate(self._wordings):
            for word in words:
                self._by_word.setdefault(word, []).append(place)
        self._pairs = {word: _pairs(word) for word in known}

    def best(self, text: str, *, most: int = 3) -> list[Match]:
        """Return the entries that cover the message best, best first, each once."""
        asked = self._as_known(stems(text)[:_LONGEST])
        if not asked:
            return []
        whole = sum(weight for _, weight in asked.values())
        found: dict[int, tuple[float, float]] = {}
        for place in {place for word in asked for place in self._by_word.get(word, ())}:
            number, words = self._wordings[place]
            shared = [(word, *asked[word]) for word in words if word in asked]
            covered = sum(likeness * weight for _, likeness, weight in shared) / whole
            own = sum(self._weights[word] for word in words)
            wanted = sum(likeness * self._weights[word] for word, likeness, _ in shared) / own
            score = 2 * covered * wanted / (covered + wanted)
            found[number] = max((score, covered), found.get(number, (0.0, 0.0)))
        ordered = sorted(found, key=lambda number: (-found[number][0], number))[:most]
        return [
            Match(number=number, entry=self.entries[number], score=found[number][0], covered=found[number][1])
            for number in ordered
        ]

    def _as_known(self, words: Iterable[str]) -> dict[str, tuple[float, float]]:
        """Return each word, as the questions write it, with its likeness to what was written and its weight."""
        found: dict[str, tuple[float, float]] = {}
        for word in words:
            near, likeness = self._nearest(word)
            weight = self._weights.get(near, self._unknown)
            if near not in found or found[near][0] < likeness:
                found[near] = (likeness, weight)
        return found

    def _nearest(self, word: str) -> tuple[str, float]:
        if word in self._weights or len(word) < 4:
            return word, 1.0
        pairs = _pairs(word)
        near, likeness = word, 0.0
        for other, others in self._pairs.items():
            if abs(len(other) - len(word)) <= 2:
                share = 2 * len(pairs & others) / (len(pairs) + len(others))
                if share > likeness:
                    near, likeness = other, share
        return (near, likeness) if likeness >= _SLIP else (word, 1.0)


def is_clear(matches: Sequence[Match]) -> bool:
    """Say whether the best match is good enough to answer, and ahead of every other answer."""
    if not matches or matches[0].score < ANSWERS_FROM or matches[0].covered < ANSWERS_COVERED:
        return False
    rivals = [match for match in matches[1:] if match.entry.answer != matches[0].entry.answer]
    return not rivals or matches[0].score - rivals[0].score >= CLEAR_BY


def is_likely(match: Match) -> bool:
    """Say whether the entry may be what is meant."""
    return match.score >= ASKS_FROM and match.covered >= ASKS_COVERED


def _pairs(word: str) -> frozenset[str]:
    framed = f"^{word}$"
    return frozenset(framed[at : at + 2] for at in range(len(framed) - 1))
