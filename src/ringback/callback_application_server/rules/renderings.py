"""One prompt, shown by any channel: as buttons or a list within its limits, else as numbered text. Nothing is ever an error."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass, field
from enum import StrEnum

from ringback.callback_application_server.rules.prompts import PromptContent
from ringback.callback_application_server.rules.wording import mark, t

LABEL = 20  # characters that every channel shows
TOKEN = 64  # bytes that every channel carries
CHANGE = 2000
FIRST_DAY = 1000
OWN_WORDS = mark("Or write in your own words.")


class Control(StrEnum):
    """What the customer answers with."""

    WIDGET = "widget"  # our own page shows everything itself
    BUTTONS = "buttons"
    LIST = "list"
    NUMBERED = "numbered"
    NONE = "none"


@dataclass(frozen=True, slots=True, kw_only=True)
class Shows:
    """What a channel can show; lengths in characters. Zero buttons or items: it has none."""

    text: int
    buttons: int = 0
    button_label: int = LABEL
    items: int = 0
    item_label: int = LABEL
    item_detail: int = 0
    widget: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Choice:
    """One thing to choose: `number` is what a customer types where nothing can be pressed."""

    number: int
    option: int
    label: str
    detail: str | None = None
    token: str = field(default="", repr=False)


@dataclass(frozen=True, slots=True, kw_only=True)
class Rendered:
    """A message as a channel shows it. With NUMBERED the choices stand in the text already."""

    text: str = field(repr=False)
    control: Control = Control.NONE
    choices: tuple[Choice, ...] = ()
    asks_number: bool = False  # a channel may offer to share the customer's own


def choices_of(content: PromptContent) -> tuple[Choice, ...]:
    """Return what can be chosen, numbered from 1: options, then the days that are not shown, quiet ones last."""
    loud = [(n, each) for n, each in enumerate(content.options) if each.disabled is None and each.style != "quiet"]
    quiet = [(n, each) for n, each in enumerate(content.options) if each.disabled is None and each.style == "quiet"]
    days = [
        (FIRST_DAY + n, f"{each.label} {each.detail}")
        for n, each in enumerate(content.days)
        if not each.full and not each.selected
    ]
    found: list[tuple[int, str, str | None]] = [(n, each.short or each.label, each.detail) for n, each in loud]
    found += [(n, label, None) for n, label in days]
    found += [(n, each.short or each.label, each.detail) for n, each in quiet]
    return tuple(
        Choice(number=number, option=option, label=label, detail=detail)
        for number, (option, label, detail) in enumerate(found, start=1)
    )


def render(text: str, content: PromptContent | None, shows: Shows, token: Callable[[int], str]) -> Rendered:
    """Show a message and its prompt. `token` gives the answer token of an option's number."""
    if content is None:
        return Rendered(text=fit(text, shows.text))
    if shows.widget:
        return Rendered(text=text, control=Control.WIDGET)
    body = _body(text, content)
    choices = choices_of(content)
    asks_number = content.kind == "number"
    if not choices:
        return Rendered(text=fit(body, shows.text), asks_number=asks_number)
    if len(choices) <= shows.buttons:
        pressed = tuple(_labelled(each, token, shows.button_label, 0) for each in choices)
        return Rendered(
            text=fit(_with_details(body, choices), shows.text),
            control=Control.BUTTONS,
            choices=pressed,
            asks_number=asks_number,
        )
    if shows.items:
        kept = choices if len(choices) <= shows.items else (*choices[: shows.items - 1], choices[-1])
        listed = tuple(_labelled(each, token, shows.item_label, shows.item_detail) for each in kept)
        more = f"\n{t(OWN_WORDS)}" if len(kept) < len(choices) else ""
        return Rendered(text=fit(body, shows.text - len(more)) + more, control=Control.LIST, choices=listed)
    return _numbered(body, choices, shows, token, asks_number=asks_number)


def fit(text: str, longest: int) -> str:
    """Return the text, cut with … where it is too long."""
    return text if len(text) <= longest else text[: longest - 1].rstrip() + "…"


_NUMBER = re.compile(r"\s*[#(]?(\d{1,2})[.)]?\s*")


def read_choice(content: PromptContent, text: str) -> int | None:
    """Return the option that a typed number or label stands for."""
    choices = choices_of(content)
    number = _NUMBER.fullmatch(text)
    if number is not None:
        return next((each.option for each in choices if each.number == int(number[1])), None)
    typed = text.strip().casefold()
    named = {each.option for each in choices if typed in (each.label.casefold(), fit(each.label, LABEL).casefold())}
    return named.pop() if len(named) == 1 else None


def _body(text: str, content: PromptContent) -> str:
    """Return everything that has to be read before an answer: the consent word for word."""
    parts = [text, content.note if content.note and content.note != text else None, content.consent]
    return "\n".join(each for each in parts if each)


def _with_details(body: str, choices: tuple[Choice, ...]) -> str:
    lines = [f"{each.label}: {each.detail}" for each in choices if each.detail and len(choices) <= 4]
    return "\n".join([body, *lines])


def _labelled(choice: Choice, token: Callable[[int], str], longest: int, detail: int) -> Choice:
    return Choice(
        number=choice.number,
        option=choice.option,
        label=fit(choice.label, longest),
        detail=fit(choice.detail, detail) if choice.detail and detail else None,
        token=token(choice.option),
    )


def _numbered(
    body: str, choices: tuple[Choice, ...], shows: Shows, token: Callable[[int], str], *, asks_number: bool
) -> Rendered:
    lines = [f"{each.number} {each.label}" for each in choices]
    ask = t("Or reply with a number from this list.") if asks_number else f"{t('Reply with a number.')} {t(OWN_WORDS)}"
    below = "\n".join([*lines, ask])
    kept = tuple(_labelled(each, token, LABEL, 0) for each in choices)
    text = f"{fit(body, max(1, shows.text - len(below) - 1))}\n{below}"
    return Rendered(text=fit(text, shows.text), control=Control.NUMBERED, choices=kept, asks_number=asks_number)
