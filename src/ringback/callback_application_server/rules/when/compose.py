"""Tokens joined into clock times, dates and lengths. Each rule is a regular expression over the tokens' letters."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace

from ringback.callback_application_server.rules.when.lexicon import Lexicon, Sort
from ringback.callback_application_server.rules.when.tokens import CalendarDate, Clock, Token

HOUR, DAY = 60, 1440


@dataclass(frozen=True, slots=True, kw_only=True)
class Length:
    """A span of time in minutes; `longest` where two were named, `vague` where nobody knows."""

    minutes: float
    longest: float | None = None
    vague: bool = False


Made = Token | None
Make = Callable[[Sequence[Token], Lexicon], Made]


def compose(tokens: Sequence[Token], lexicon: Lexicon) -> list[Token]:
    """Return the tokens with what belongs together as one."""
    current = _without_articles([each for each in tokens if each.sort is not Sort.FILLER], lexicon)
    for pattern, make in _RULES:
        current = _apply(current, pattern, make, lexicon)
    return current


def letters(tokens: Sequence[Token]) -> str:
    """Return the letters of the tokens' sorts, one each."""
    return "".join(each.sort for each in tokens)


def _apply(tokens: list[Token], pattern: re.Pattern[str], make: Make, lexicon: Lexicon) -> list[Token]:
    result: list[Token] = []
    at = 0
    for match in pattern.finditer(letters(tokens)):
        start, end = match.span("x")
        if start < at:
            continue
        made = make(tokens[start:end], lexicon)
        if made is not None:
            result += [*tokens[at:start], made]
            at = end
    return result + tokens[at:]


def _without_articles(tokens: list[Token], lexicon: Lexicon) -> list[Token]:
    """Drop the words for one that are only articles: they count before a unit, and after `at` where the language says one o'clock so."""
    kept = []
    for index, each in enumerate(tokens):
        if each.sort is Sort.NUMBER and each.text in lexicon.articles:
            after = tokens[index + 1].sort if index + 1 < len(tokens) else None
            before = tokens[index - 1].sort if index else None
            hour = (
                before in (Sort.AT, Sort.AFTER, Sort.BEFORE, Sort.BETWEEN)
                and lexicon.minutes_follow
                and after is not Sort.WORD
            )
            if after not in (Sort.UNIT, Sort.HALF, Sort.QUARTER, Sort.OCLOCK) and not hour:
                continue
        kept.append(each)
    return kept


def _joined(tokens: Sequence[Token], sort: Sort, value: object) -> Token:
    first, last = tokens[0], tokens[-1]
    return Token(sort=sort, start=first.start, end=last.end, value=value, text=first.text)


def _sum_of_words(tokens: Sequence[Token], lexicon: Lexicon) -> Made:
    tens, ones = tokens[0], tokens[-1]
    if tens.spelled and ones.spelled and tens.value in (20, 30, 40, 50) and 1 <= ones.value <= 9:
        return _joined(tokens, Sort.NUMBER, tens.value + ones.value)
    return None


def _spoken_clock(tokens: Sequence[Token], lexicon: Lexicon) -> Made:
    """Read two thirty, four fifteen."""
    hour, minutes = tokens
    if hour.spelled and minutes.spelled and 1 <= hour.value <= 12 and minutes.value in range(10, 60, 5):
        return _joined(tokens, Sort.CLOCK, Clock(hour=hour.value, minute=minutes.value))
    return None


def _named_date(tokens: Sequence[Token], lexicon: Lexicon) -> Made:
    month = next(each for each in tokens if each.sort is Sort.MONTH)
    day, *rest = (each for each in tokens if each.sort in (Sort.NUMBER, Sort.ORDINAL))
    year = rest[0].value if rest else None
    if not (1 <= day.value <= 31) or day.value != int(day.value) or (year is not None and not 2000 <= year <= 2100):
        return None
    return _joined(tokens, Sort.DATE, CalendarDate(day=int(day.value), month=month.value, year=year))


def _hour_of(token: Token) -> tuple[int, bool] | None:
    """Return the hour a number or a full clock time names, and whether it is certain."""
    if token.sort is Sort.CLOCK:
        return (token.value.hour, token.value.certain) if token.value.minute == 0 else None
    if token.value == int(token.value) and 0 <= token.value <= 24:
        return int(token.value), token.value > 12
    return None


def _minutes_from(tokens: Sequence[Token], hour_token: Token, minutes: float) -> Made:
    """Return the clock time so many minutes after (before, when negative) the hour."""
    hour = _hour_of(hour_token)
    if hour is None or not -60 < minutes < 60:
        return None
    number, certain = hour
    if minutes < 0:
        number = number - 1 if number > 1 or certain else 12
        minutes += 60
    half = hour_token.value.half if hour_token.sort is Sort.CLOCK else None
    return _joined(tokens, Sort.CLOCK, Clock(hour=number % 24, minute=int(minutes), half=half, certain=certain))


def _half_past(tokens: Sequence[Token], lexicon: Lexicon) -> Made:
    before = lexicon.half_names_next_hour and len(tokens) == 2
    return _minutes_from(tokens, tokens[-1], -30 if before else 30)


def _quarter_past(tokens: Sequence[Token], lexicon: Lexicon) -> Made:
    return _minutes_from(tokens, tokens[-1], 15)


def _quarter_to(tokens: Sequence[Token], lexicon: Lexicon) -> Made:
    if len(tokens) == 2 and tokens[0].sort is Sort.QUARTER:
        return _minutes_from(tokens, tokens[-1], -45) if lexicon.half_names_next_hour else None
    return _minutes_from(tokens, tokens[-1], -15)


def _minutes_past(tokens: Sequence[Token], lexicon: Lexicon) -> Made:
    relation = tokens[-2].sort
    if relation is Sort.AFTER and not lexicon.half_names_next_hour:
        return None
    return _minutes_from(tokens, tokens[-1], tokens[0].value) if 1 <= tokens[0].value <= 29 else None


def _minutes_to(tokens: Sequence[Token], lexicon: Lexicon) -> Made:
    """Read ten to four, zehn vor vier; `10 to 11` and `2 to 4` are ranges."""
    relation, count = tokens[-2].sort, tokens[0]
    if relation is Sort.BEFORE and not lexicon.half_names_next_hour:
        return None
    in_minutes = tokens[1].sort is Sort.UNIT and tokens[1].value == 1
    said = count.spelled and count.value in (5, 10, 20, 25)
    if relation is Sort.UP_TO and not (in_minutes or said):
        return None
    return _minutes_from(tokens, tokens[-1], -count.value) if 1 <= count.value <= 29 else None


def _half_relative(tokens: Sequence[Token], lexicon: Lexicon) -> Made:
    """Read fünf vor halb vier."""
    count, relation, clock = tokens
    if not lexicon.half_names_next_hour or clock.value.minute != 30 or not 1 <= count.value <= 10:
        return None
    offset = count.value if relation.sort is Sort.AFTER else -count.value
    return _joined(tokens, Sort.CLOCK, replace(clock.value, minute=int(30 + offset)))


def _minutes_added(tokens: Sequence[Token], lexicon: Lexicon) -> Made:
    """Read cuatro y media, 3 heures et quart, alle 15 e 30, cinco menos cuarto."""
    if not lexicon.minutes_follow or any(each.sort is Sort.UNIT and each.value != HOUR for each in tokens):
        return None
    last = tokens[-1]
    minutes = 30 if last.sort is Sort.HALF else 15 if last.sort is Sort.QUARTER else last.value
    if not 0 < minutes < 60 or minutes != int(minutes):
        return None
    return _minutes_from(tokens, tokens[0], -minutes if any(each.sort is Sort.TO for each in tokens) else minutes)


def _with_half_of_day(tokens: Sequence[Token], lexicon: Lexicon) -> Made:
    first, half = tokens[0], tokens[-1].value
    if first.sort is Sort.CLOCK:
        clock = first.value
    else:
        hour = _hour_of(first)
        if hour is None:
            return None
        clock = Clock(hour=hour[0])
    if not 1 <= clock.hour <= 12:
        return _joined(tokens, Sort.CLOCK, replace(clock, certain=True))
    hour_number = clock.hour % 12 + (12 if half == "pm" else 0)
    return _joined(tokens, Sort.CLOCK, Clock(hour=hour_number, minute=clock.minute, half=half, certain=True))


def _oclock(tokens: Sequence[Token], lexicon: Lexicon) -> Made:
    if tokens[0].sort is Sort.CLOCK:
        return _joined(tokens, Sort.CLOCK, tokens[0].value)
    return _minutes_from(tokens, tokens[0], tokens[2].value if len(tokens) == 3 else 0)


def _hours_as_clock(tokens: Sequence[Token], lexicon: Lexicon) -> Made:
    """Read à 15 heures, ab 15h, a las 3 horas: beside a word for at, a unit is a clock time and no length."""
    count, unit = tokens[0], tokens[1]
    hour = _hour_of(count)
    if unit.value != HOUR or hour is None or not (lexicon.minutes_follow or unit.text == "h"):
        return None
    minute = tokens[2].value if len(tokens) > 2 else 0
    if minute > 59:
        return None
    return _joined(tokens, Sort.CLOCK, Clock(hour=hour[0], minute=int(minute), certain=hour[1]))


def _late_hours_as_clock(tokens: Sequence[Token], lexicon: Lexicon) -> Made:
    """Read `16h` alone: as a length nobody would wait so long."""
    return _hours_as_clock(tokens, lexicon) if tokens[0].value >= 7 else None


def _military(tokens: Sequence[Token], lexicon: Lexicon) -> Made:
    digits = tokens[0].text
    if len(digits) != 4 or not digits.isdigit() or int(digits[:2]) > 23 or int(digits[2:]) > 59:
        return None
    return _joined(tokens, Sort.CLOCK, Clock(hour=int(digits[:2]), minute=int(digits[2:]), certain=True))


def _length(tokens: Sequence[Token], lexicon: Lexicon) -> Made:
    """Add up hours and minutes, halves and quarters."""
    total = 0.0
    count: float | None = None
    unit = 0
    for each in tokens:
        if each.sort is Sort.NUMBER:
            count = each.value if count is None else count + each.value
        elif each.sort in (Sort.HALF, Sort.QUARTER, Sort.THREE_QUARTERS):
            part = {Sort.HALF: 0.5, Sort.QUARTER: 0.25, Sort.THREE_QUARTERS: 0.75}[each.sort]
            if unit:
                total += part * unit
            else:
                count = (
                    part
                    if count is None or (count == 1 and each is not tokens[-1] and tokens[1] is each)
                    else count + part
                )
        elif each.sort is Sort.UNIT:
            total += (1 if count is None else count) * each.value
            unit, count = each.value, None
    if count is not None:
        total += count if unit == HOUR else 0
    return _joined(tokens, Sort.LENGTH, Length(minutes=total))


def _vague_length(tokens: Sequence[Token], lexicon: Lexicon) -> Made:
    return _joined(tokens, Sort.LENGTH, Length(minutes=3 * tokens[-1].value, vague=True))


def _length_between(tokens: Sequence[Token], lexicon: Lexicon) -> Made:
    low, high, unit = tokens[0].value, tokens[2].value, tokens[3].value
    if low >= high:
        return None
    return _joined(tokens, Sort.LENGTH, Length(minutes=low * unit, longest=high * unit))


def _clock_as_length(tokens: Sequence[Token], lexicon: Lexicon) -> Made:
    """Read `in 1h15`."""
    clock = tokens[0].value
    return (
        _joined(tokens, Sort.LENGTH, Length(minutes=clock.hour * 60 + clock.minute)) if "h" in tokens[0].text else None
    )


def _rule(pattern: str, make: Make) -> tuple[re.Pattern[str], Make]:
    """Compile a rule; what is joined is the group x, or the whole."""
    return re.compile(pattern if "(?P<x>" in pattern else f"(?P<x>{pattern})"), make


_RULES = (
    _rule("N&?N", _sum_of_words),
    _rule("NN(?!U)", _spoken_clock),
    _rule("M[NO]F?N|[NO]F?MF?N", _named_date),
    _rule("M[NO]|[NO]F?M", _named_date),
    _rule("h[pa]?[NC](?!U)", _half_past),
    _rule("q[pa][NC](?!U)", _quarter_past),
    _rule("q[obu]?[NC](?!U)|Q[NC](?!U)", _quarter_to),
    _rule("NU?[pa][NC](?!U)", _minutes_past),
    _rule("(?<![FB])(?P<x>NU?[obu][NC])(?!U)", _minutes_to),
    _rule("N[ab]C", _half_relative),
    _rule("(?<=[@ab])(?P<x>[NC]U?&[hq])", _minutes_added),
    _rule("(?<![iKG])(?P<x>NU&[hq]|C&[hq])(?=[RWDP@v,.]|$)", _minutes_added),
    _rule("(?<=[@ab])(?P<x>[NC]U?o[qN])(?!U)", _minutes_added),
    _rule("(?<![iKG])(?P<x>[NC]Uo[qN])", _minutes_added),
    _rule("(?<=[@ab])(?P<x>[NC]&N)(?![UC&])", _minutes_added),
    _rule("(?<=[@abBFu|&-])(?P<x>NUN?)(?!U)", _hours_as_clock),
    _rule("(?<=[RWDP])(?P<x>NU)", _hours_as_clock),
    _rule("(?<![iKG])(?P<x>NU)(?=d?[RWD])", _late_hours_as_clock),
    _rule("^[v,.d]*(?P<x>NU)[v,.]*$", _late_hours_as_clock),
    _rule("[NC]m", _with_half_of_day),
    _rule("NkN(?![UC])", _oclock),
    _rule("[NC]k", _oclock),
    _rule("(?<=[iKG])(?P<x>C)", _clock_as_length),
    _rule("N[-u|]NU", _length_between),
    _rule("VU", _vague_length),
    _rule("N?[hqQ]U|N&[hq]U|NU&?NU|NU&[hqQ]|NU&N|U&h|NU|(?<=[iK])U", _length),
    _rule("(?<=[@abBFu&RWD-])(?P<x>N)", _military),
    _rule("N(?=d?[RWD])", _military),
    _rule("^[v,.dc]*(?P<x>N)[v,.]*$", _military),
)
