"""Wishes in six languages; a time word in a complaint is no request, and what is not certain is marked."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ringback.callback_application_server.rules.intents.classifier import classifier
from ringback.callback_application_server.rules.intents.languages import WORDINGS
from ringback.callback_application_server.rules.topics import topic_of
from ringback.callback_application_server.rules.understanding import Intent, Named, Understood, understand
from ringback.domain.times import When, WhenKind

LONDON = ZoneInfo("Europe/London")
NOW = datetime(2026, 11, 24, 14, 32, tzinfo=LONDON)
NAMES = [
    Named(address="biz:acme/q:billing/a:kim", name="Kim"),
    Named(address="biz:acme/q:billing/a:amir", name="Amir"),
]
TOMORROW_AT_TEN = When(kind=WhenKind.INSTANT, zone="Europe/London", start=datetime(2026, 11, 25, 10, tzinfo=UTC))


def _read(text: str, before: When | None = None) -> Understood:
    return understand(text, now=NOW, zone=LONDON, names=NAMES, region="GB", before=before)


@pytest.mark.parametrize(
    ("text", "intent"),
    [
        ("Können Sie mich bitte zurückrufen?", Intent.CALL),
        ("¿Me pueden llamar?", Intent.CALL),
        ("Pouvez-vous me rappeler ?", Intent.CALL),
        ("podem ligar-me?", Intent.CALL),
        ("potete richiamarmi?", Intent.CALL),
        ("ich möchte den Termin verschieben", Intent.MOVE),
        ("¿puede ser otro día?", Intent.MOVE),
        ("annulez le rappel", Intent.CANCEL),
        ("quando mi chiamate?", Intent.STATUS),
        ("quero falar com uma pessoa", Intent.PERSON),
        ("sí, por favor", Intent.YES),
        ("isso mesmo", Intent.YES),
        ("non merci", Intent.NO),
        ("lassen Sie mich in Ruhe", Intent.STOP),
        ("don't call me on Monday", Intent.CALL),
        ("cancel my contract", Intent.NONE),
        ("Your technician never came yesterday, the third time now", Intent.NONE),
        ("meine Rechnung ist zu hoch", Intent.NONE),
    ],
)
def test_what_is_wanted_in_any_of_the_languages(text: str, intent: Intent):
    understood = _read(text)
    assert understood.intent is intent and understood.when is None


def test_a_guess_is_marked():
    understood = _read("I would rather discuss this by voice")
    assert understood.intent is Intent.CALL and understood.guessed
    assert classifier().guess("qwertz uiop asdf").probability == 0


def test_several_facts_in_one_message():
    text = "call me tomorrow after 3, it is about my invoice, the same agent as last time, on 020 7946 0123"
    understood = _read(text)
    assert understood.when is not None and understood.when.start == datetime(2026, 11, 25, 15, tzinfo=LONDON)
    assert understood.same_agent and understood.number == "+442079460123"
    assert topic_of(text, now=NOW, zone=LONDON) == "My invoice"


@pytest.mark.parametrize(
    "text", ["with Amir, not Kim", "nicht mit Kim, mit Amir", "con Amir", "avec Amir svp", "com o Amir"]
)
def test_who_is_wanted_and_who_is_not(text: str):
    assert _read(text).provider == "biz:acme/q:billing/a:amir"


@pytest.mark.parametrize(
    ("text", "start"),
    [
        ("no, make it Friday", datetime(2026, 11, 27, 10, tzinfo=LONDON)),
        ("nein, lieber um 11 Uhr", datetime(2026, 11, 25, 11, tzinfo=LONDON)),
        ("mejor el viernes", datetime(2026, 11, 27, 10, tzinfo=LONDON)),
        ("plutôt à 15h30", datetime(2026, 11, 25, 15, 30, tzinfo=LONDON)),
    ],
)
def test_a_correction_keeps_what_it_does_not_change(text: str, start: datetime):
    understood = _read(text, TOMORROW_AT_TEN)
    assert understood.when is not None and understood.when.start == start


def test_two_readings_are_two_times_to_choose_from():
    understood = _read("call me at 9")
    assert understood.when is None
    assert [each.start for each in understood.readings] == [
        datetime(2026, 11, 24, 21, tzinfo=LONDON),
        datetime(2026, 11, 25, 9, tzinfo=LONDON),
    ]


_PHRASES = sorted({part for each in WORDINGS for part in (*each.yes, *each.polite, *each.greeting)})


@settings(max_examples=60, deadline=None)
@given(st.lists(st.sampled_from(_PHRASES) | st.text(max_size=12), max_size=30))
def test_any_mixture_is_survived(parts: list[str]):
    understood = _read(" ".join(parts), TOMORROW_AT_TEN)
    assert (
        understood.when is None or understood.when.start is None or understood.when.start > NOW - timedelta(minutes=1)
    )


@pytest.mark.parametrize(
    ("text", "topic"),
    [
        ("second refund asap", "Second refund"),
        ("meter broken, tomorrow 3pm", "Meter broken"),
        ("Rechnung falsch, morgen um 10", "Rechnung falsch"),
        ("what about next Tuesday then?", None),
        ("how about 4pm?", None),
        ("around lunch or so tomorrow", None),
    ],
)
def test_what_is_said_beside_a_time_is_the_topic(text: str, topic: str | None):
    assert topic_of(text, now=NOW, zone=LONDON) == topic
