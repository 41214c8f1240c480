"""What customers read, in the language of their chat.

The English of the code is the key of the catalogues (gettext's format, `catalogues/`); a language without one, and a text without a
translation, is English. `speak` chooses the language of whatever this task says from then on: it is called where a chat is loaded, so
that nothing which speaks in a chat has to be told.
"""

from __future__ import annotations

import gettext
from collections.abc import Callable, Mapping
from contextvars import ContextVar
from dataclasses import dataclass
from datetime import date
from functools import lru_cache
from pathlib import Path

ENGLISH = "en"
_FOLDER = Path(__file__).with_name("catalogues")
LANGUAGES = frozenset({ENGLISH, *(path.name.split(".")[1] for path in _FOLDER.glob("chat.*.po"))})
_spoken: ContextVar[str] = ContextVar("language", default=ENGLISH)


@dataclass(frozen=True, slots=True, kw_only=True)
class Catalogue:
    """The translations of one language: by the English text, several forms where it counts something."""

    texts: Mapping[str, tuple[str, ...]]
    form: Callable[[int], int]  # which of the forms a count takes


def speak(language: str) -> None:
    """Say everything in this language from now on: `de`, `es`, `fr`; English where it is not known."""
    _spoken.set(language)


def spoken() -> str:
    """Return the language in which things are said: one that there is a catalogue of."""
    language = _spoken.get()
    return language if language in LANGUAGES else ENGLISH


def t(text: str, /, **values: object) -> str:
    """Return an English text in the language spoken, with the values in its places."""
    known = catalogue(spoken())
    said = known.texts.get(text, (text,))[0] if known is not None else text
    return said.format(**values) if values else said


def tn(one: str, many: str, count: int, /, **values: object) -> str:
    """Return the form that a count takes in the language spoken; `{count}` is the count. `one` is the key of both."""
    known = catalogue(spoken())
    found = known.texts.get(one, ()) if known is not None else ()
    if known is None or not found:
        return (one if count == 1 else many).format(count=count, **values)
    return found[min(known.form(count), len(found) - 1)].format(count=count, **values)


def mark(text: str) -> str:
    """Return a text as it is: one that is kept and said later, by `t`."""
    return text


def day_words(day: date, skeleton: str, english: str) -> str:
    """Return a day as its language writes it. `skeleton`: which parts (Unicode TR 35), `english`: our own English."""
    language = spoken()
    if language == ENGLISH:
        return english
    from babel.dates import format_date, format_skeleton  # heavy, and nothing of it is needed for English

    if skeleton in ("EEE", "EEEE"):
        return str(format_date(day, skeleton, locale=language))
    return str(format_skeleton(skeleton, day, locale=language))


@lru_cache
def widget_words(language: str) -> bytes:
    """Return what the widget itself says in a language, as JSON: `language`, `direction`, and `words` by their names; none of them for English."""
    if language == ENGLISH or language not in LANGUAGES:
        return b'{"language": "en", "direction": "ltr", "words": {}}'
    return (_FOLDER / f"widget.{language}.json").read_bytes()


@lru_cache
def catalogue(language: str) -> Catalogue | None:
    """Return what the server says in a language; None where it is not known, and for English."""
    if language == ENGLISH or language not in LANGUAGES:
        return None
    from babel.messages.pofile import read_po

    with (_FOLDER / f"chat.{language}.po").open("rb") as file:
        read = read_po(file, locale=language)
    texts: dict[str, tuple[str, ...]] = {}
    for message in read:
        key = message.id if isinstance(message.id, str) else message.id[0]
        forms = (message.string,) if isinstance(message.string, str) else tuple(message.string or ())
        if key and forms and all(forms):
            texts[key] = forms
    return Catalogue(texts=texts, form=gettext.c2py(read.plural_expr))
