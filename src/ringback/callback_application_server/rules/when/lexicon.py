"""What a language's words mean for times. A language is a table of phrases; the grammar is the same for all."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from functools import cached_property, lru_cache
from typing import Any

WORD = re.compile(r"[^\W\d_]+")
BETWEEN_WORDS = re.compile(r"[\s'-]+")


class Sort(StrEnum):
    """What a token is; one letter each, so that rules over tokens are regular expressions."""

    NUMBER = "N"
    FEW = "V"  # a number nobody knows: a few, some
    CLOCK = "C"
    DATE = "D"
    ORDINAL = "O"  # 31st
    MONTH = "M"
    WEEKDAY = "W"
    DAY = "R"  # today, tomorrow
    PART = "P"  # morning
    UNIT = "U"  # minute, hour
    LENGTH = "L"  # an hour and a half
    HALF = "h"
    QUARTER = "q"
    THREE_QUARTERS = "Q"
    PAST = "p"  # ten past
    TO = "o"  # ten to
    UP_TO = "u"  # 2 to 4, until
    DASH = "-"
    IN = "i"
    GIVE = "G"  # give me (ten minutes)
    WITHIN = "K"
    FROM_NOW = "f"
    AGO = "g"
    AFTER = "a"
    BEFORE = "b"
    BETWEEN = "B"
    FROM = "F"
    ONWARDS = "+"
    AND = "&"
    OR = "|"
    AT = "@"
    ON = "d"
    NEXT = "n"
    THIS = "t"
    LAST = "l"
    NOW = "!"
    ANY = "?"
    VAGUE = "~"  # next month, some time, later
    NOT = "x"
    INSTEAD = "c"  # no wait, I mean
    CALL = "v"  # call me, I am free
    SAME = "s"  # the same time
    ZONE = "z"
    UNTIL_THEN = "E"  # until, said after the time
    HALF_DAY = "m"  # am, pm
    OCLOCK = "k"
    OVER = "y"  # what is told of the past: yesterday, was, since
    COMMA = ","
    STOP = "."
    NOISE = "#"  # an order number, money, a telephone number
    WORD = "w"
    FILLER = "_"


@dataclass(frozen=True, slots=True, kw_only=True)
class PartOfDay:
    """A part of the day, in minutes after midnight."""

    start: int
    end: int


@dataclass(frozen=True, kw_only=True)
class Lexicon:
    """One language. Phrases of one meaning are separated by `|`; accents and case do not matter.

    `half_names_next_hour`: halb vier is 3:30. `minutes_follow`: cuatro y media, 3 heures 20.
    """

    language: str
    numbers: Mapping[str, float]
    units: Mapping[str, int]  # in minutes
    weekdays: tuple[str, ...]  # from Monday
    months: tuple[str, ...]
    days: Mapping[str, int]
    parts: Mapping[str, tuple[float, float]]  # in hours after midnight
    words: Mapping[Sort, str]
    clocks: Mapping[str, int] = field(default_factory=dict)  # noon, in hours
    half_names_next_hour: bool = False
    minutes_follow: bool = False
    ordinal_dot: bool = False  # 30. November
    spaced: bool = True  # words are separated by spaces
    zones: Mapping[str, str] = field(default_factory=dict)
    articles: frozenset[str] = frozenset()  # words for one that mostly are no number

    @cached_property
    def meanings(self) -> dict[str, tuple[Sort, Any]]:
        """Return each phrase, folded, with its sort and value."""
        found: dict[str, tuple[Sort, Any]] = {}

        def add(phrases: str, sort: Sort, value: Any) -> None:
            for phrase in phrases.split("|"):
                found[fold(phrase)] = (sort, value)

        for sort, phrases in self.words.items():
            add(phrases, sort, None)
        for phrases, value in self.numbers.items():
            add(phrases, Sort.NUMBER, value)
        for phrases, value in self.units.items():
            add(phrases, Sort.UNIT, value)
        for index, phrases in enumerate(self.weekdays):
            add(phrases, Sort.WEEKDAY, index)
        for index, phrases in enumerate(self.months):
            add(phrases, Sort.MONTH, index + 1)
        for phrases, value in self.days.items():
            add(phrases, Sort.DAY, value)
        for phrases, (start, end) in self.parts.items():
            add(phrases, Sort.PART, PartOfDay(start=round(start * 60), end=round(end * 60)))
        for phrases, hour in self.clocks.items():
            add(phrases, Sort.CLOCK, hour)
        for phrases, zone in self.zones.items():
            add(phrases, Sort.ZONE, zone)
        return found

    @cached_property
    def phrases(self) -> dict[str, list[tuple[tuple[str, ...], Sort, Any]]]:
        """Return the phrases made of words by their first word, the longest first."""
        found: dict[str, list[tuple[tuple[str, ...], Sort, Any]]] = {}
        for phrase, (sort, value) in self.meanings.items():
            words = tuple(WORD.findall(phrase))
            if self.spaced and BETWEEN_WORDS.sub("", phrase) == "".join(words):
                found.setdefault(words[0], []).append((words, sort, value))
        for same in found.values():
            same.sort(key=lambda each: len(each[0]), reverse=True)
        return found

    @cached_property
    def signs(self) -> re.Pattern[str]:
        """Return what finds the phrases that are not made of words alone, the longest first."""
        made_of_words = {each for same in self.phrases.values() for each in (" ".join(words) for words, _, _ in same)}
        signs = [each for each in self.meanings if BETWEEN_WORDS.sub(" ", each).strip() not in made_of_words]
        inner = "|".join(re.escape(each) for each in sorted(signs, key=len, reverse=True)) or "(?!)"
        return re.compile(rf"(?:{inner})(?![^\W\d_])" if self.spaced else f"(?:{inner})")


def fold(text: str) -> str:
    """Return the text in small letters without accents, one character for one, so that positions stay."""
    return "".join(_fold(each) for each in text)


@lru_cache(maxsize=4096)
def _fold(character: str) -> str:
    if character in "ßẞ":
        return "ß"
    if character in "’‘`´ʼ":
        return "'"
    simple = unicodedata.normalize("NFKD", character)[0].lower()
    return simple if len(simple) == 1 else character
