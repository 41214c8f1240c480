"""The question that follows a time which can be read in two or three ways: a button for each reading."""

from __future__ import annotations

from collections.abc import Sequence

from ringback.callback_application_server.rules import times_in_words as words
from ringback.callback_application_server.rules.draft import Act, Meaning
from ringback.callback_application_server.rules.prompts import TIMES_LIVE, Option, PromptContent, Setting
from ringback.callback_application_server.rules.wording import t
from ringback.domain.times import TimeWindow, When


def readings_prompt(readings: Sequence[When], setting: Setting) -> PromptContent:
    """Ask which of the readings is meant, or for another time."""
    return PromptContent(
        kind="choice",
        title=t("Which do you mean?"),
        text=t("Which do you mean?"),
        options=(
            *(Option(label=_label(each, setting), meaning=Meaning(act=Act.TAKE_WHEN, when=each)) for each in readings),
            Option(label=t("Another time…"), style="quiet", meaning=Meaning(act=Act.PICK_TIME)),
        ),
        submit=t("Continue"),
        lives=TIMES_LIVE.total_seconds(),
    )


def _label(when: When, setting: Setting) -> str:
    assert when.start is not None, "a reading is a time"
    label = words.moment(when.start, setting.zone, setting.now)
    if when.end is not None:
        label = words.window(TimeWindow(start=when.start, end=when.end), setting.zone, setting.now)
    return label[:1].upper() + label[1:]
