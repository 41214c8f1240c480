"""Text into tokens: numbers, clock times and dates by their shape, words by a language's table, and noise that only looks like a time."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from ringback.callback_application_server.rules.when.lexicon import BETWEEN_WORDS, WORD, Lexicon, Sort

LONGEST = 2000  # characters read; a time stands in the first of them


@dataclass(frozen=True, slots=True, kw_only=True)
class Clock:
    """A time of day. `certain`: written so that morning and evening cannot be mixed up (24 hours, am or pm, noon)."""

    hour: int
    minute: int = 0
    half: str | None = None  # am, pm
    certain: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class CalendarDate:
    """A day and a month; `swapped` when the order may be the other way round."""

    day: int
    month: int
    year: int | None = None
    swapped: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Token:
    """A piece of the text with what it means."""

    sort: Sort
    start: int
    end: int
    value: Any = None
    text: str = ""

    @property
    def spelled(self) -> bool:
        """Tell a number in words from one in digits."""
        return not self.text[:1].isdigit()


_HALF = r"(?P<half>[ap]\.? ?m\b\.?|[ap](?![^\W_]))"
_SHAPES: tuple[tuple[str, str], ...] = (
    ("link", r"https?://\S+|www\.\S+|\S+@\S+\.\S+"),
    (
        "named",
        (
            r"(?:order|invoice|ticket|case|reference|ref|account|contract|customer|policy|number|no\.|nr\.?|flat|"
            r"apartment|apt|room|suite|pin|code|version|option|meter|"
            r"rechnung|rechnungsnummer|kundennummer|bestellung|bestellnummer|vertrag|nummer|auftrag|zimmer|"
            r"pedido|factura|numero|contrato|cuenta|cliente|commande|facture|dossier|contrat|compte|"
            r"encomenda|fatura|conta|ordine|fattura|contratto|pratica|codice|codigo)"
            r"(?:[ :#]|\b(?:number|no|nr|is|ist|es|est|e|nummer|numero|lautet|was|id))*[ :#]*[a-z]{0,3}-?\d[\d-]*\b(?![:.]\d)"
        ),
    ),
    (
        "money",
        (
            r"[$€£¥]\s?\d[\d.,]*|"
            r"\d[\d.,]*\s?(?:[€$£¥%]|(?:eur|euros?|dollars?|bucks|pounds?|usd|gbp|chf|percent|prozent|por ciento|pour cent|"
            r"k?wh|kw|kg|km|gb|mb|people|persons|personen|personas|personnes|times|mal|veces|fois|items?|years? old|jahre alt|anos|ans)(?![^\W_]))"
        ),
    ),
    ("iso", r"(?P<iso_y>\d{4})-(?P<iso_m>\d{2})-(?P<iso_d>\d{2})(?:[t ](?P<iso_h>\d{2}):(?P<iso_n>\d{2}))?(?!\d)"),
    ("dated", r"(?P<d1>\d{1,2})(?P<ds>[./-])(?P<d2>\d{1,2})(?P=ds)(?P<dy>\d{4}|\d{2})(?!\d)"),
    ("phone", r"(?:\+|\(\d|00)[\d\s()./-]{5,}\d|\d{2,5}[\s/.-]\d{3,}[\d\s/.-]*\d|\d{5,}[\d-]*"),
    ("slashed", r"(?P<s1>\d{1,2})/(?P<s2>\d{1,2})(?![/\d])"),
    ("dotted", r"(?P<p1>\d{1,2})\. ?(?P<p2>\d{1,2})\.(?!\d)"),
    (
        "clock",
        rf"(?P<h>\d{{1,2}})(?P<sep>[:.]|h ?)(?P<n>\d{{2}})(?!\d)(?:[:.]\d\d)?(?! ?%)(?:\s?{_HALF})?|(?P<hh>\d{{1,2}})\s?{_HALF.replace('half', 'hhalf')}",
    ),
    ("meridiem", r"(?P<mhalf>[ap]\.? ?m)\b\.?"),
    ("east", r"(?P<jhalf>午前|午後)?\s?(?P<jh>\d{1,2})時(?!間)(?:(?P<jhm>半)|(?P<jn>\d{1,2})分)?"),
)
_SHAPE = re.compile("|".join(f"(?P<{name}>{pattern})" for name, pattern in _SHAPES))
_GERMAN_ORDINAL = re.compile(r"(\d{1,2})\.(?= ?[^\W\d_]{3})")
_ORDINAL = re.compile(r"(\d{1,2})(?:st|nd|rd|th|er|º|°|ª)(?![^\W_])")
_NUMBER = re.compile(r"\d+(?:[.,]5(?!\d))?")
_WORD = re.compile(r"[^\W\d_]+(?:'[^\W\d_]+)*")
_CODE = re.compile(r"[^\W_]*\d[^\W_]*[^\W\d_][^\W_]*|[^\W\d_]+\d[^\W_]*")
_SEPARATORS = {
    ",": Sort.COMMA,
    "-": Sort.DASH,
    "–": Sort.DASH,
    "—": Sort.DASH,
    "&": Sort.AND,
    "@": Sort.AT,
} | dict.fromkeys(".!?;:\n。！？、()", Sort.STOP)
_SHORT_UNITS = re.compile(r"(\d+(?:[.,]5)?)\s?(h|m|min|d)(?![^\W_])")


def tokenize(folded: str, lexicon: Lexicon) -> list[Token]:
    """Return the tokens of a folded text as one language reads them."""
    found: list[Token] = []
    at = 0
    while at < len(folded):
        if folded[at] in " \t'\"_*/":
            at += 1
            continue
        taken = (
            list(_shaped(folded, at, found, lexicon))
            or _phrase(folded, at, lexicon)
            or list(_counted(folded, at, lexicon))
        )
        if not taken:
            taken = [_rest(folded, at)]
        found += taken
        at = max(taken[-1].end, at + 1)
    return found


def coverage(tokens: Iterable[Token]) -> int:
    """Return how many letters the language's own words explain."""
    return sum(
        each.end - each.start
        for each in tokens
        if each.sort not in (Sort.WORD, Sort.NOISE, Sort.COMMA, Sort.STOP, Sort.DASH) and each.spelled
    )


def _token(text: str, sort: Sort, start: int, end: int, value: Any = None) -> Token:
    return Token(sort=sort, start=start, end=end, value=value, text=text[start:end])


def _phrase(text: str, at: int, lexicon: Lexicon) -> list[Token]:
    """Return the longest phrase that begins here."""
    found: tuple[int, Sort, Any] | None = None
    if lexicon.spaced and text[at].isalpha():
        if at and text[at - 1].isalpha():
            return []
        first = WORD.match(text, at)
        for words, sort, value in lexicon.phrases.get(first[0], ()) if first else ():
            if (end := _words_end(text, at, words)) is not None:
                found = end, sort, value
                break
    elif match := lexicon.signs.match(text, at):
        found = match.end(), *lexicon.meanings[match[0]]
    if found is None:
        return []
    end, sort, value = found
    return [_token(text, sort, at, end, Clock(hour=value, certain=True) if sort is Sort.CLOCK else value)]


def _words_end(text: str, at: int, words: tuple[str, ...]) -> int | None:
    """Return where the words end that begin here one after the other; None when others stand here."""
    for number, word in enumerate(words):
        if number:
            gap = BETWEEN_WORDS.match(text, at)
            if gap is None:
                return None
            at = gap.end()
        match = WORD.match(text, at)
        if match is None or match[0] != word:
            return None
        at = match.end()
    return at


def _shaped(text: str, at: int, before: list[Token], lexicon: Lexicon) -> Iterable[Token]:
    """Read what is recognised by its shape."""
    if at and text[at - 1].isalnum() and text[at].isalnum() and text[at - 1].isascii():
        return
    match = _SHAPE.match(text, at)
    if match is None:
        return
    end = match.end()

    def token(sort: Sort, value: Any = None) -> Token:
        return _token(text, sort, at, end, value)

    kind = next(name for name, _ in _SHAPES if match[name] is not None)
    if kind in ("link", "named", "money", "phone"):
        yield token(Sort.NOISE)
    elif kind == "iso":
        yield token(
            Sort.DATE, CalendarDate(day=int(match["iso_d"]), month=int(match["iso_m"]), year=int(match["iso_y"]))
        )
        if match["iso_h"]:
            yield token(Sort.CLOCK, Clock(hour=int(match["iso_h"]), minute=int(match["iso_n"]), certain=True))
    elif kind == "dated":
        year = int(match["dy"])
        yield token(
            Sort.DATE,
            CalendarDate(
                day=int(match["d1"]),
                month=int(match["d2"]),
                year=year + 2000 if year < 100 else year,
                swapped=match["ds"] != ".",
            ),
        )
    elif kind == "slashed":
        yield token(Sort.DATE, CalendarDate(day=int(match["s1"]), month=int(match["s2"]), swapped=True))
    elif kind == "dotted":
        clock_like = bool(before) and before[-1].sort in (Sort.AT, Sort.AFTER, Sort.BEFORE, Sort.BETWEEN)
        if lexicon.ordinal_dot and not clock_like:
            yield token(Sort.DATE, CalendarDate(day=int(match["p1"]), month=int(match["p2"])))
        else:
            yield _clock(
                text, at, end - 1, int(match["p1"]), int(match["p2"]), None, padded=match["p1"].startswith("0")
            )
    elif kind == "clock" and lexicon.ordinal_dot and (match["hhalf"] or "").startswith("am"):
        return  # 12 am Donnerstag
    elif kind == "clock":
        hour, minute = int(match["h"] or match["hh"]), int(match["n"] or 0)
        half = match["half"] or match["hhalf"]
        yield _clock(
            text,
            at,
            end,
            hour,
            minute,
            half,
            padded=(match["h"] or "").startswith("0") or (match["sep"] or "").startswith("h"),
        )
    elif kind == "meridiem" and lexicon.ordinal_dot and match["mhalf"] == "am":
        return
    elif kind == "meridiem":
        yield token(Sort.HALF_DAY, match["mhalf"][0] + "m")
    else:
        half = {"午前": "a", "午後": "p"}.get(match["jhalf"] or "")
        yield _clock(text, at, end, int(match["jh"]), 30 if match["jhm"] else int(match["jn"] or 0), half, padded=False)


def _clock(text: str, start: int, end: int, hour: int, minute: int, half: str | None, *, padded: bool) -> Token:
    """Return a clock time, or noise where no clock shows this."""
    if minute > 59 or hour > 24 or (half and not 0 <= hour <= 12 and hour > 23):
        return _token(text, Sort.NOISE, start, end)
    name = half[0] + "m" if half and hour <= 12 else None
    certain = bool(name) or hour > 12 or hour == 0 or padded
    if name:
        hour = hour % 12 + (12 if name == "pm" else 0)
    return _token(text, Sort.CLOCK, start, end, Clock(hour=hour, minute=minute, half=name, certain=certain))


def _counted(text: str, at: int, lexicon: Lexicon) -> Iterable[Token]:
    """Read a number in digits, with a short unit where one is stuck to it."""
    if not text[at].isdigit():
        return
    if match := _ORDINAL.match(text, at):
        yield _token(text, Sort.ORDINAL, at, match.end(), int(match[1]))
    elif match := _SHORT_UNITS.match(text, at):
        unit = {"h": 60, "m": 1, "min": 1, "d": 1440}[match[2]]
        yield _token(text, Sort.NUMBER, at, match.end(1), float(match[1].replace(",", ".")))
        yield _token(text, Sort.UNIT, match.start(2), match.end(), unit)
    elif lexicon.ordinal_dot and (match := _GERMAN_ORDINAL.match(text, at)):
        yield _token(text, Sort.ORDINAL, at, match.end(), int(match[1]))
    elif (match := _CODE.match(text, at)) and not _phrase(text, _digits_end(text, at), lexicon) and lexicon.spaced:
        yield _token(text, Sort.NOISE, at, match.end())
    elif match := _NUMBER.match(text, at):
        digits = match[0].replace(",", ".")
        yield _token(text, Sort.NUMBER, at, match.end(), float(digits) if "." in digits else int(digits))


def _digits_end(text: str, at: int) -> int:
    while at < len(text) and text[at].isdigit():
        at += 1
    return min(at, len(text) - 1)


def _rest(text: str, at: int) -> Token:
    if (match := _CODE.match(text, at)) and text[at].isascii():
        return _token(text, Sort.NOISE, at, match.end())
    if match := _WORD.match(text, at):
        return _token(text, Sort.WORD, at, match.end() if text[at].isascii() else at + 1)
    if text[at] == "-" and at and text[at - 1].isalpha() and text[at + 1 : at + 2].isalpha():
        return _token(text, Sort.FILLER, at, at + 1)
    return _token(text, _SEPARATORS.get(text[at], Sort.FILLER), at, at + 1)
