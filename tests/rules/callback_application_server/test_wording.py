"""What customers read: every text of the code in every language, with its places for names and times, and on buttons that fit."""

from __future__ import annotations

import ast
import json
import re
from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest

import ringback.callback_application_server as package
from ringback.callback_application_server.rules import refusal_words, wording
from ringback.callback_application_server.rules import times_in_words as words
from ringback.callback_application_server.rules.renderings import LABEL
from ringback.callback_application_server.rules.wording import ENGLISH, LANGUAGES, catalogue, speak, spoken, t, tn
from ringback.domain.times import TimeWindow

SOURCE = Path(package.__file__).parent
OTHERS = sorted(LANGUAGES - {ENGLISH})
BERLIN = ZoneInfo("Europe/Berlin")
NOON = datetime(2026, 11, 24, 11, tzinfo=UTC)


@pytest.fixture(autouse=True)
def english_again() -> Iterator[None]:
    yield
    speak(ENGLISH)


def said_by_the_code() -> Iterator[tuple[str, str | None, bool]]:
    """Every text that is said, its plural, and whether it is a button's label."""
    for path in sorted(SOURCE.rglob("*.py")):
        tree = ast.parse(path.read_text())
        labels = {
            id(each.value)
            for each in ast.walk(tree)
            if isinstance(each, ast.keyword) and each.arg in ("label", "short")
        }
        labels |= {
            id(each.elts[0])
            for each in ast.walk(tree)
            if isinstance(each, ast.Tuple) and len(each.elts) == 3 and ast.unparse(each.elts[1]).startswith("Act.")
        }
        for call in ast.walk(tree):
            if not (
                isinstance(call, ast.Call) and isinstance(call.func, ast.Name) and call.func.id in ("t", "tn", "mark")
            ):
                continue
            match call.args:
                case [ast.Constant(value=str(text)), ast.Constant(value=str(many)), *_] if call.func.id == "tn":
                    yield text, many, False
                case [ast.Constant(value=str(text)), *_]:
                    yield text, None, id(call) in labels


def places(text: str) -> set[str]:
    return set(re.findall(r"{\w*}", text))


@pytest.mark.parametrize("language", OTHERS)
def test_every_text_of_the_code_is_in_the_catalogue_and_nothing_else(language: str):
    known = catalogue(language)
    assert known is not None
    wanted = {text for text, _, _ in said_by_the_code()}
    assert (wanted - known.texts.keys(), known.texts.keys() - wanted) == (set(), set())


@pytest.mark.parametrize("language", OTHERS)
def test_names_and_times_have_their_places_and_labels_fit_their_buttons(language: str):
    known = catalogue(language)
    assert known is not None
    for text, many, is_label in said_by_the_code():
        forms = known.texts[text]
        assert len(forms) == (2 if many else 1), text
        for form in forms:
            assert places(form) == places(text), (text, form)
            if is_label and len(text) <= LABEL and not places(text):
                assert len(form) <= LABEL, f"{form!r} for {text!r} is longer than a button"


@pytest.mark.parametrize("language", OTHERS)
def test_the_widget_says_all_it_says_in_this_language(language: str):
    given = json.loads(wording.widget_words(language))
    assert (given["language"], given["direction"] in ("ltr", "rtl")) == (language, True)
    english = Path("web/widget/words.ts").read_text()
    names = re.findall(r"^  (\w+): ", english.split("export const words = {", 1)[1].split("\n};", 1)[0], re.MULTILINE)
    assert list(given["words"]) == names
    with_a_name = set(re.findall(r"^  (\w+): \(\w+: string\)", english, re.MULTILINE))
    for name, text in given["words"].items():
        assert ("{}" in text) == (name in with_a_name), name
    hidden = given["words"]["untold"]
    speak(language)
    assert hidden == [t("Answered below"), t("Change"), t("Back")], (
        "lines that the widget leaves out are said by the server"
    )
    assert given["words"]["today"] == t("Today"), "the widget compares the two"


def test_what_other_parts_say_is_said_there():
    code = " ".join(path.read_text() for path in SOURCE.parent.rglob("*.py") if path.name != "refusal_words.py")
    assert [text for text in refusal_words.ELSEWHERE if f'"{text}"' not in code] == []


def test_times_in_german():
    speak("de")
    tomorrow = TimeWindow(start=NOON + timedelta(days=1), end=NOON + timedelta(days=1, minutes=15))
    assert words.window(tomorrow, BERLIN, NOON) == "morgen, Mi., 25. Nov., 12:00–12:15"
    assert words.deadline(NOON, BERLIN, NOON) == "bis 12:00"
    assert (words.weekday(date(2026, 11, 25)), words.weekday_in_full(date(2026, 11, 25))) == ("Mi.", "Mittwoch")


@pytest.mark.parametrize(
    ("language", "count", "text"),
    [
        ("en", 1, "1 person is before you."),
        ("en", 0, "0 people are before you."),
        ("de", 1, "1 Person ist vor Ihnen."),
        ("de", 2, "2 Personen sind vor Ihnen."),
        ("fr", 0, "0 personne est avant vous."),
        ("fr", 2, "2 personnes sont avant vous."),
        ("xx", 2, "2 people are before you."),
    ],
)
def test_a_count_takes_the_form_of_its_language(language: str, count: int, text: str):
    speak(language)
    assert tn("{count} person is before you.", "{count} people are before you.", count) == text


@pytest.mark.parametrize("language", ["xx", "", "../de", "DE", "de-AT"])
def test_a_language_that_nobody_knows_is_english(language: str):
    speak(language)
    assert (spoken(), t("Pick a time"), catalogue(language)) == (ENGLISH, "Pick a time", None)
    assert json.loads(wording.widget_words(language)) == {"language": ENGLISH, "direction": "ltr", "words": {}}


def test_what_somebody_wrote_is_never_a_pattern():
    speak("de")
    assert t("{who} can call you.", who="{0} {x}") == "{0} {x} kann Sie anrufen."
    assert t("{not} {a} {pattern}") == "{not} {a} {pattern}"


def test_a_refusal_is_said_by_its_id_and_what_the_business_wrote_as_it_is():
    refused = ("slot-taken", "15:15 was just taken.", "Pick another time.")
    assert refusal_words.refusal_words(*refused, who="Billing") == "15:15 was just taken. Pick another time."
    speak("de")
    said = refusal_words.refusal_words(*refused, who="Billing")
    assert said == "Diese Zeit wurde gerade vergeben. Wählen Sie eine andere Zeit."
    opens = refusal_words.refusal_words("closed", "Billing is closed.", "Billing opens 08:00.", who="Billing")
    assert opens == "Billing ist zu dieser Zeit geschlossen.", (
        "what is in no catalogue is left out, not said in English"
    )
    assert (
        refusal_words.refusal_words("incident", "Wir haben eine Störung.", None, who="Billing")
        == "Wir haben eine Störung."
    )
