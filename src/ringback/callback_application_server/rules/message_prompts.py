"""What only channels of messages ask: the number to call, and number, consent and yes in one step without a form."""

from __future__ import annotations

from datetime import datetime

from ringback.callback_application_server.rules import times_in_words as words
from ringback.callback_application_server.rules.draft import Act, Draft, Meaning
from ringback.callback_application_server.rules.prompts import (
    ON_NUMBER,
    TIMES_LIVE,
    Option,
    PromptContent,
    Setting,
    confirm_prompt,
    no_thanks,
    who,
)
from ringback.callback_application_server.rules.wording import mark, t
from ringback.domain.offers import Offers
from ringback.domain.times import TimeWindow, WhenKind

_ONLY_BROWSERS = mark(
    "{business} cannot ring telephones from here. Open the chat on our page to be called in your browser."
)


def confirmation(
    offers: Offers, draft: Draft, window: TimeWindow, setting: Setting, *, kept_until: datetime | None = None
) -> PromptContent:
    """Ask for the yes as the chat's channel can: with a form on a page, in words elsewhere, after the number where none is known."""
    if draft.moving or not setting.messages:
        return confirm_prompt(offers, draft, window, setting, kept_until=kept_until)
    when = _when(draft, window, setting)
    summary = ((t("Who"), who(offers)), (t("When"), when[:1].upper() + when[1:]))
    if not setting.phones:
        return PromptContent(
            kind="choice",
            title=t("We cannot ring telephones"),
            text=t(_ONLY_BROWSERS, business=setting.business_name),
            options=(no_thanks(t("No thanks")),),
            lives=TIMES_LIVE.total_seconds(),
        )
    if setting.number is None:
        return number_prompt(t("{who}, {when}. Which number should we call?", who=who(offers), when=when), summary)
    return PromptContent(
        kind="confirm",
        title=t("Shall we call you?"),
        text=t(
            "{who}, {when}, on {number}. Answer yes to be called.", who=who(offers), when=when, number=setting.number
        ),
        note=t("You can move or cancel it at any time."),
        options=(
            Option(label=t("Yes, call me"), style="primary", meaning=Meaning(act=Act.CONFIRM)),
            Option(label=t("Another number"), meaning=Meaning(act=Act.OTHER_NUMBER)),
            Option(label=t("Another time"), meaning=Meaning(act=Act.PICK_TIME)),
            no_thanks(t("No thanks")),
        ),
        summary=summary,
        destinations=("phone",),
        consent=t(ON_NUMBER, business=setting.business_name),
        lives=TIMES_LIVE.total_seconds(),
    )


def number_prompt(text: str, summary: tuple[tuple[str, str], ...] = ()) -> PromptContent:
    """Ask which number should be called."""
    return PromptContent(
        kind="number",
        title=t("Which number should we call?"),
        text=text,
        note=t("Write it with its country, such as +44 20 7946 0123."),
        options=(no_thanks(t("No thanks")),),
        summary=summary,
        lives=TIMES_LIVE.total_seconds(),
    )


def looks_like_number(text: str) -> bool:
    """Tell whether somebody tried to write a telephone number."""
    digits = sum(character.isdigit() for character in text)
    return digits >= 6 and digits * 2 >= len(text.strip())


def _when(draft: Draft, window: TimeWindow, setting: Setting) -> str:
    if draft.when is not None and draft.when.kind is WhenKind.ASAP:
        return t(
            "as soon as possible, {promise} at the latest",
            promise=words.deadline(window.end, setting.zone, setting.now),
        )
    return words.window(window, setting.zone, setting.now)
