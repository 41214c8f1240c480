"""A small classifier for wishes in words that no rule knows: naive Bayes over words and their neighbours, trained from `phrases.tsv` when first asked.

It is deterministic, and its answer is a guess: whoever uses it asks back before anything is done.
"""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from itertools import pairwise
from pathlib import Path

from ringback.callback_application_server.rules.when.lexicon import WORD, fold

PHRASES = Path(__file__).with_name("phrases.tsv")
STEM = 6  # letters of a word that count: endings do not
MOST = 40  # words looked at
SMOOTHING = 0.3
KNOWN = 0.6  # share of the words that must have been seen in training
SURE = 0.85  # probability from which a guess is worth asking about


@dataclass(frozen=True, slots=True, kw_only=True)
class Guess:
    """What a text probably wants. `probability`: among the labels; 0 where too few words are known."""

    label: str
    probability: float


class Classifier:
    """Multinomial naive Bayes with equal priors (Manning, Raghavan, Schütze, Introduction to Information Retrieval, 13.2)."""

    def __init__(self, phrases: Mapping[str, list[str]]) -> None:
        """Count the features of each label's phrases."""
        counts = {
            label: Counter(each for text in texts for each in _features(text)) for label, texts in phrases.items()
        }
        self._words = {word for count in counts.values() for word in count}
        size = len(self._words)
        self._weights: dict[str, dict[str, float]] = {}
        self._unseen: dict[str, float] = {}
        for label, count in sorted(counts.items()):
            total = sum(count.values()) + SMOOTHING * size
            self._weights[label] = {word: math.log((seen + SMOOTHING) / total) for word, seen in count.items()}
            self._unseen[label] = math.log(SMOOTHING / total)

    def guess(self, text: str) -> Guess:
        """Return the likeliest label."""
        features = _features(text)
        words = [each for each in features if " " not in each]
        known = [each for each in words if each in self._words]
        if not words or len(known) < max(2, KNOWN * len(words)):
            return Guess(label="none", probability=0.0)
        used = [each for each in features if each in self._words]
        scores = {
            label: sum(weights.get(each, self._unseen[label]) for each in used)
            for label, weights in self._weights.items()
        }
        best = max(scores, key=lambda label: scores[label])
        return Guess(label=best, probability=1 / sum(math.exp(each - scores[best]) for each in scores.values()))


@cache
def classifier() -> Classifier:
    """Return the classifier, trained."""
    phrases: dict[str, list[str]] = {}
    for line in PHRASES.read_text(encoding="utf-8").splitlines():
        label, _, texts = line.split("\t")
        phrases.setdefault(label, []).extend(texts.split("|"))
    return Classifier(phrases)


def _features(text: str) -> list[str]:
    stems = [each[:STEM] for each in WORD.findall(fold(text))[:MOST]]
    return stems + [" ".join(pair) for pair in pairwise(stems)]
