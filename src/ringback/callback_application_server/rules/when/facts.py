"""What the tokens of a clause state: a day, a clock time, a bound, a part of the day, a wait; and whether it is refused, corrected or past."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any

from ringback.callback_application_server.rules.when.compose import DAY, Length, letters
from ringback.callback_application_server.rules.when.lexicon import PartOfDay, Sort
from ringback.callback_application_server.rules.when.tokens import CalendarDate, Clock, Token


class DayKind(StrEnum):
    """How a day was named."""

    OFFSET = "offset"  # so many days from today
    WEEKDAY = "weekday"
    NEXT_WEEKDAY = "next_weekday"
    THIS_WEEKDAY = "this_weekday"
    DATE = "date"
    ORDINAL = "ordinal"  # the 31st


@dataclass(frozen=True, slots=True, kw_only=True)
class DayNamed:
    """A day as it was named; `later` adds days to it (a week from Monday)."""

    kind: DayKind
    value: int = 0
    date: CalendarDate | None = None
    later: int = 0


@dataclass(slots=True, kw_only=True)
class Facts:
    """What one clause, or several together, say about when."""

    days: list[DayNamed] = field(default_factory=list)
    clocks: list[Clock] = field(default_factory=list)
    ranges: list[tuple[Clock, Clock]] = field(default_factory=list)
    after: list[Clock] = field(default_factory=list)
    before: list[Clock] = field(default_factory=list)
    parts: list[PartOfDay] = field(default_factory=list)
    after_part: PartOfDay | None = None
    before_part: PartOfDay | None = None
    waits: list[Length] = field(default_factory=list)
    within: Length | None = None
    zone: str | None = None
    now: bool = False
    any_time: bool = False
    same_time: bool = False
    vague: bool = False
    next_week: bool = False
    this_week: bool = False
    spans: list[tuple[int, int]] = field(default_factory=list)

    @property
    def names_a_day(self) -> bool:
        """A day was named."""
        return bool(self.days)

    @property
    def names_a_time(self) -> bool:
        """A time of day was named, exactly or roughly."""
        return bool(
            self.clocks
            or self.ranges
            or self.after
            or self.before
            or self.parts
            or self.after_part
            or self.before_part
            or self.same_time
        )

    @property
    def says_something(self) -> bool:
        """Anything at all was said about when."""
        return bool(
            self.days
            or self.names_a_time
            or self.waits
            or self.within
            or self.now
            or self.any_time
            or self.vague
            or self.next_week
            or self.this_week
        )


@dataclass(slots=True, kw_only=True)
class Clause:
    """A piece of the text between commas, with what it says."""

    facts: Facts
    refused: bool = False
    past: bool = False
    corrects: bool = False
    asks: bool = False  # it speaks of calling, or of being free
    alternative: bool = False  # it follows an "or"
    others: int = 0  # words that mean nothing here


_T = "[CN]"
_PATTERNS: tuple[tuple[str, str], ...] = (
    ("past_day", r"l[UWM]|Wl|Ul|Lg"),
    ("day_from", r"L[af]?(?P<anchor>[RW])|(?P<anchor2>[RW])iL"),
    ("not_before", rf"x[vwdx!@]{{0,4}}b@?(?P<nb>{_T})"),
    ("not_after", rf"x[vwdx!@]{{0,4}}a@?(?P<na>{_T})"),
    ("range", rf"[BaF]@?(?P<r1>{_T})P?[&u\-b@]@?(?P<r2>{_T})|@?(?P<q1>{_T})[-u]@?(?P<q2>{_T})|(?P<j1>C)u(?P<j2>C)"),
    ("within", r"i?KL"),
    ("wait", r"[iGa](?P<w1>L)|(?P<w2>L)f|i(?P<bare>N)(?=[v,.]*$)"),
    ("onwards", rf"@?(?P<on>{_T})v?\+"),
    ("until_then", rf"(?P<ut>{_T})E"),
    ("after_part", r"[aF](?P<ap>P)"),
    ("before_part", r"b(?P<bp>P)"),
    ("after", rf"[aF]@?(?P<a>{_T})"),
    ("before", rf"b@?(?P<b>{_T})"),
    ("bound_day", r"[ab]d?[RWD]"),
    ("next_week", r"nU|Un"),
    ("this_week", r"tU|Ut"),
    ("next_day", r"n(?P<nw>W)|(?P<nw2>W)n(?!U)"),
    ("this_day", r"t(?P<tw>W)"),
    ("day", r"R|D|W|O(?!w)"),
    ("clock", rf"@(?P<at>{_T})|(?P<plain>C)|(?P<beside>N)(?=P)"),
    ("part", r"t?P"),
    ("zone", r"z"),
    ("same", r"s"),
    ("now", r"!"),
    ("any", r"\?"),
    ("vague", r"~|V"),
)
_PATTERN = re.compile("|".join(f"(?P<{name}>{pattern})" for name, pattern in _PATTERNS))
_NAMES = tuple(name for name, _ in _PATTERNS)


def clauses_of(tokens: Sequence[Token]) -> list[Clause]:
    """Split at commas, full stops and `or`, and read each piece."""
    found: list[Clause] = []
    piece: list[Token] = []
    alternative = False
    day_somewhere = any(each.sort in (Sort.DAY, Sort.WEEKDAY, Sort.DATE, Sort.ORDINAL) for each in tokens)
    for each in tokens:
        if each.sort in (Sort.COMMA, Sort.STOP, Sort.OR) or (each.sort is Sort.INSTEAD and piece):
            if piece:
                found.append(_read(piece, alternative=alternative, day_somewhere=day_somewhere))
            piece = [each] if each.sort is Sort.INSTEAD else []
            alternative = each.sort is Sort.OR
        else:
            piece.append(each)
    if piece:
        found.append(_read(piece, alternative=alternative, day_somewhere=day_somewhere))
    return found


def _read(tokens: list[Token], *, alternative: bool, day_somewhere: bool) -> Clause:
    line = letters(tokens)
    facts = Facts()
    clause = Clause(facts=facts, alternative=alternative)
    clause.corrects = Sort.INSTEAD in line
    clause.asks = Sort.CALL in line
    clause.past = Sort.OVER in line
    clause.others = line.count(Sort.WORD)
    used = [False] * len(tokens)
    for match in _PATTERN.finditer(line):
        _note(facts, clause, match, tokens)
        for index in range(*match.span()):
            used[index] = True
        facts.spans.append((tokens[match.start()].start, tokens[match.end() - 1].end))
    _note_bare(facts, tokens, used, day_somewhere=day_somewhere)
    flips = any(facts_of for facts_of in (facts.after, facts.before)) and re.search(r"x[vwdx!@]{0,4}[ab]", line)
    clause.refused = Sort.NOT in line and not flips and not _no_is_an_answer(line)
    return clause


def _no_is_an_answer(line: str) -> bool:
    """A `no` set off by nothing but filler before a correction refuses what was said before, not what follows."""
    return bool(re.match(r"x+c", line))


def _note(facts: Facts, clause: Clause, match: re.Match[str], tokens: Sequence[Token]) -> None:
    name = next(each for each in _NAMES if match[each] is not None)

    def value(*groups: str) -> Any:
        for group in groups:
            if match[group] is not None:
                return tokens[match.start(group)].value
        raise LookupError(groups)

    def clock(*groups: str) -> Clock:
        found = value(*groups)
        return found if isinstance(found, Clock) else Clock(hour=int(found), certain=found > 12)

    match name:
        case "past_day":
            clause.past = True
        case "day_from":
            length = next(each.value for each in tokens[match.start() : match.end()] if each.sort is Sort.LENGTH)
            anchor = next(each for each in tokens[match.start() : match.end()] if each.sort in (Sort.DAY, Sort.WEEKDAY))
            named = _day(anchor)
            facts.days.append(DayNamed(kind=named.kind, value=named.value, later=round(length.minutes / DAY)))
        case "not_before":
            facts.after.append(clock("nb"))
        case "not_after":
            facts.before.append(clock("na"))
        case "range":
            facts.ranges.append((clock("r1", "q1", "j1"), clock("r2", "q2", "j2")))
        case "within":
            facts.within = next(each.value for each in tokens[match.start() : match.end()] if each.sort is Sort.LENGTH)
        case "wait":
            found = value("w1", "w2", "bare")
            length = found if isinstance(found, Length) else Length(minutes=float(found))
            if length.minutes >= DAY and length.minutes % DAY == 0 and not length.vague and length.longest is None:
                facts.days.append(DayNamed(kind=DayKind.OFFSET, value=round(length.minutes / DAY)))
            else:
                facts.waits.append(length)
        case "onwards":
            facts.after.append(clock("on"))
        case "until_then":
            facts.before.append(clock("ut"))
        case "after_part":
            facts.after_part = value("ap")
        case "before_part":
            facts.before_part = value("bp")
        case "after":
            facts.after.append(clock("a"))
        case "before":
            facts.before.append(clock("b"))
        case "bound_day":
            facts.days.append(_day(tokens[match.end() - 1]))
            facts.vague = True
        case "next_week":
            unit = next(each.value for each in tokens[match.start() : match.end()] if each.sort is Sort.UNIT)
            if unit == 7 * DAY:
                facts.next_week = True
            elif unit == DAY:
                facts.days.append(DayNamed(kind=DayKind.OFFSET, value=1))
            else:
                facts.vague = True
        case "this_week":
            facts.this_week = True
        case "next_day":
            facts.days.append(DayNamed(kind=DayKind.NEXT_WEEKDAY, value=value("nw", "nw2")))
        case "this_day":
            facts.days.append(DayNamed(kind=DayKind.THIS_WEEKDAY, value=value("tw")))
        case "day":
            facts.days.append(_day(tokens[match.start()]))
        case "clock":
            facts.clocks.append(clock("at", "plain", "beside"))
        case "part":
            facts.parts.append(tokens[match.end() - 1].value)
            if match.end() - match.start() == 2:
                facts.days.append(DayNamed(kind=DayKind.OFFSET, value=0))
        case "zone":
            facts.zone = tokens[match.start()].value
        case "same":
            facts.same_time = True
        case "now":
            facts.now = True
        case "any":
            facts.any_time = True
        case _:
            facts.vague = True


def _note_bare(facts: Facts, tokens: Sequence[Token], used: Sequence[bool], *, day_somewhere: bool) -> None:
    """A number or a length alone is a time beside a day, or where hardly anything else is said."""
    rest = [each for each, taken in zip(tokens, used, strict=True) if not taken]
    numbers = [each for each in rest if each.sort is Sort.NUMBER]
    lengths = [each for each in rest if each.sort is Sort.LENGTH]
    others = [
        each
        for each in rest
        if each.sort not in (Sort.NUMBER, Sort.LENGTH, Sort.CALL, Sort.ON, Sort.INSTEAD, Sort.AT, Sort.NOT)
    ]
    quiet = not others
    if (
        len(numbers) == 1
        and not facts.names_a_time
        and not facts.waits
        and (quiet or (day_somewhere and len(others) <= 3))
    ):
        number = numbers[0].value
        beside = quiet or facts.names_a_day
        if beside and number == int(number) and 1 <= number <= 24 and len(numbers[0].text) <= 6:
            facts.clocks.append(Clock(hour=int(number), certain=number > 12))
            facts.spans.append((numbers[0].start, numbers[0].end))
    if len(lengths) == 1 and quiet and not facts.says_something:
        length = lengths[0].value
        if length.minutes < DAY:
            facts.waits.append(length)
            facts.spans.append((lengths[0].start, lengths[0].end))


def _day(token: Token) -> DayNamed:
    if token.sort is Sort.WEEKDAY:
        return DayNamed(kind=DayKind.WEEKDAY, value=token.value)
    if token.sort is Sort.DATE:
        return DayNamed(kind=DayKind.DATE, date=token.value)
    if token.sort is Sort.ORDINAL:
        return DayNamed(kind=DayKind.ORDINAL, value=token.value)
    return DayNamed(kind=DayKind.OFFSET, value=token.value)
