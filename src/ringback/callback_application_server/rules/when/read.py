"""One text, read: the language is found, the clauses are weighed against each other, and what is uncertain is asked about, not guessed."""

from __future__ import annotations

from collections.abc import Sequence
from copy import copy
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from zoneinfo import ZoneInfo

from ringback.callback_application_server.rules.when.compose import compose
from ringback.callback_application_server.rules.when.facts import Clause, Facts, clauses_of
from ringback.callback_application_server.rules.when.languages import LANGUAGES
from ringback.callback_application_server.rules.when.lexicon import Lexicon, Sort, fold
from ringback.callback_application_server.rules.when.resolve import Span, resolve
from ringback.callback_application_server.rules.when.tokens import LONGEST, Token, coverage, tokenize

MANY_WORDS = 5  # unknown words in a text that asks for no call: more likely a story than a wish

_MONTH_FIRST_COUNTRIES = frozenset({"US", "PH", "PR", "GU"})
_MONTH_FIRST_ZONES = ("America/New_York", "America/Chicago", "America/Denver", "America/Los_Angeles", "America/Phoenix",
    "America/Detroit", "America/Anchorage", "America/Boise", "America/Indiana/", "America/Kentucky/", "America/North_Dakota/",
    "America/Juneau", "America/Adak", "Pacific/Honolulu", "US/")  # fmt: skip


class ReadingKind(StrEnum):
    """What a text says about when."""

    NOW = "now"
    POINT = "point"
    WINDOW = "window"
    AMBIGUOUS = "ambiguous"  # asked back, with the alternatives
    NONE = "none"


@dataclass(frozen=True, slots=True, kw_only=True)
class Reading:
    """What was read. `start` and `end` are in the customer's zone; a point has no end. `alternatives` belong to `ambiguous`.

    `evidence`: the words that were read. `passed`: a time was named that lies behind us. `whole_day`: a day was
    named and no time, so that the window is that of calls.
    """

    kind: ReadingKind
    start: datetime | None = None
    end: datetime | None = None
    alternatives: tuple[Span, ...] = ()
    evidence: tuple[str, ...] = ()
    passed: datetime | None = None
    whole_day: bool = False
    day_named: bool = False  # or "now", or a wait: nothing of an earlier time is to be kept
    language: str = "en"


def read(text: str, *, now: datetime, zone: ZoneInfo, locale: str | None = None) -> Reading:
    """Return when a customer wants to be called, read from their own words, in their zone.

    `locale` ("de", "en-GB") helps with the language and the order of day and month. Any text is taken; only its beginning is read.
    """
    lexicon, tokens = _in_its_language(text, locale)
    clauses = clauses_of(compose(tokens, lexicon))
    telling = [each for each in clauses if each.facts.says_something]
    wanted = _weigh(clauses)
    evidence = _evidence(text, wanted)
    month_first = _month_first(lexicon, zone, locale)

    def answer(kind: ReadingKind, spans: Sequence[Span] = (), passed: datetime | None = None) -> Reading:
        local = tuple(
            Span(start=each.start.astimezone(zone), end=each.end and each.end.astimezone(zone)) for each in spans
        )
        one = local[0] if kind in (ReadingKind.NOW, ReadingKind.POINT, ReadingKind.WINDOW) else None
        return Reading(
            kind=kind,
            start=one.start if one else None,
            end=one.end if one else None,
            alternatives=local if kind is ReadingKind.AMBIGUOUS else (),
            evidence=evidence if kind is not ReadingKind.NONE or passed else (),
            passed=passed and passed.astimezone(zone),
            whole_day=kind is ReadingKind.WINDOW
            and not any(each.facts.names_a_time or each.facts.within for each in wanted),
            day_named=any(_names_a_day(each.facts) for each in wanted),
            language=lexicon.language,
        )

    if not wanted:
        refused = [each for each in telling if each.refused and not each.past]
        unsure = any(each.facts.names_a_day or each.facts.names_a_time for each in refused)
        return answer(ReadingKind.AMBIGUOUS if unsure else ReadingKind.NONE)
    outcomes = [resolve(facts, now=now, zone=zone, month_first=month_first) for facts in _merged(wanted)]
    spans = tuple(dict.fromkeys(span for each in outcomes for span in each.spans))
    facts = [each.facts for each in wanted]
    if not spans and any(each.now for each in facts) and _means_now(clauses, wanted):
        return answer(ReadingKind.NOW, [Span(start=now)])
    if _is_a_story(clauses):
        return answer(ReadingKind.AMBIGUOUS if spans else ReadingKind.NONE, spans)
    if any(each.unclear for each in outcomes) or len(spans) > 1:
        return answer(ReadingKind.AMBIGUOUS, spans)
    if not spans:
        return answer(ReadingKind.NONE, passed=next((each.passed for each in outcomes if each.passed), None))
    return answer(ReadingKind.POINT if spans[0].end is None else ReadingKind.WINDOW, spans)


def _in_its_language(text: str, locale: str | None) -> tuple[Lexicon, list[Token]]:
    """Return the language that explains most of the text; English where nothing decides."""
    wanted = (locale or "").replace("_", "-").split("-")[0].lower()
    best: tuple[float, Lexicon, list[Token]] | None = None
    folded = fold(text[:LONGEST])
    for lexicon in LANGUAGES:
        tokens = tokenize(folded, lexicon)
        score = coverage(tokens) * (1.25 if lexicon.language == wanted else 1.0) + (
            0.5 if lexicon.language == wanted else 0
        )
        if best is None or score > best[0]:
            best = (score, lexicon, tokens)
    assert best is not None
    return best[1], best[2]


def _weigh(clauses: Sequence[Clause]) -> list[Clause]:
    """Leave out what is refused or told of the past, and what a later clause corrects."""
    kept: list[Clause] = []
    corrects = False
    for each in clauses:
        corrects = corrects or each.corrects
        if each.past or each.refused or not each.facts.says_something:
            continue
        if corrects and kept:
            kept = [left for left in (_without(before, each.facts) for before in kept) if left.facts.says_something]
        corrects = False
        kept.append(each)
    asking = [each for each in kept if each.asks]
    if asking and len(kept) > len(asking):
        named = any(each.facts.names_a_time for each in asking)
        told = [each for each in kept if not each.asks and each.others >= 2]
        kept = [each for each in kept if each not in told] if named and told else kept
    return kept


def _without(clause: Clause, correction: Facts) -> Clause:
    """Return the clause without what the correction says anew: its day, or its time."""
    left, facts = copy(clause), copy(clause.facts)
    if correction.names_a_day:
        facts.days = []
    if correction.names_a_time or correction.now or correction.waits:
        facts.clocks, facts.ranges, facts.after, facts.before, facts.parts, facts.waits = [], [], [], [], [], []
        facts.after_part = facts.before_part = facts.within = None
        facts.now = False
    if correction.now or correction.waits:
        facts.days = []
    facts.vague = facts.any_time = False
    left.facts = facts
    return left


def _merged(clauses: Sequence[Clause]) -> list[Facts]:
    """Put clauses that complete each other together; those that follow an "or" are readings of their own, sharing the day or the time they lack."""
    groups: list[Facts] = []
    for each in clauses:
        if groups and not each.alternative:
            _add(groups[-1], each.facts)
        else:
            facts = Facts()
            _add(facts, each.facts)
            groups.append(facts)
    for index, facts in enumerate(groups):
        others = groups[:index][::-1] + groups[index + 1 :]
        if not facts.names_a_day and not facts.waits:
            facts.days = next((list(each.days) for each in others if each.days), [])
        if not facts.names_a_time and not facts.waits and not facts.now:
            source = next((each for each in others if each.names_a_time), None)
            if source is not None:
                facts.clocks, facts.ranges, facts.parts = list(source.clocks), list(source.ranges), list(source.parts)
                facts.after, facts.before = list(source.after), list(source.before)
    return groups


def _add(facts: Facts, more: Facts) -> None:
    for name in ("days", "clocks", "ranges", "after", "before", "parts", "waits", "spans"):
        getattr(facts, name).extend(getattr(more, name))
    for name in ("after_part", "before_part", "within", "zone"):
        setattr(facts, name, getattr(more, name) or getattr(facts, name))
    for name in ("now", "any_time", "same_time", "vague", "next_week", "this_week"):
        setattr(facts, name, getattr(more, name) or getattr(facts, name))


def _names_a_day(facts: Facts) -> bool:
    return bool(facts.names_a_day or facts.waits or facts.within or facts.now or facts.next_week or facts.this_week)


def _means_now(clauses: Sequence[Clause], wanted: Sequence[Clause]) -> bool:
    """A bare "now" is a wish where little else is said, or where a call is asked for: "my bill is now higher" is neither, nor is a complaint of what was."""
    if any(each.past for each in clauses) and not any(each.asks for each in clauses):
        return False
    saying = [each for each in wanted if each.facts.now]
    return any(each.asks or each.others <= 2 for each in saying) or sum(each.others for each in clauses) <= 2


def _is_a_story(clauses: Sequence[Clause]) -> bool:
    return not any(each.asks for each in clauses) and sum(each.others for each in clauses) >= MANY_WORDS


def _evidence(text: str, clauses: Sequence[Clause]) -> tuple[str, ...]:
    spans = sorted({span for each in clauses for span in each.facts.spans})
    return tuple(dict.fromkeys(text[start:end].strip() for start, end in spans))


def _month_first(lexicon: Lexicon, zone: ZoneInfo, locale: str | None) -> bool:
    """Tell whether 12/1 is the first of December here."""
    country = (locale or "").replace("_", "-").split("-")[-1]
    if locale and "-" in locale.replace("_", "-"):
        return country.upper() in _MONTH_FIRST_COUNTRIES
    return lexicon.language == "en" and zone.key.startswith(_MONTH_FIRST_ZONES)


__all__ = ["Reading", "ReadingKind", "Sort", "read"]
