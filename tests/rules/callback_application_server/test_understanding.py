"""A customer's own words: the obvious is understood, the rest is left for people."""

from __future__ import annotations

import time
from datetime import datetime
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ringback.callback_application_server.rules.understanding import Intent, Named, Understood, understand

LONDON = ZoneInfo("Europe/London")
NOW = datetime(2026, 11, 24, 14, 32, tzinfo=LONDON)
NAMES = [
    Named(address="biz:acme/q:billing", name="Billing"),
    Named(address="biz:acme/q:support", name="Support"),
    Named(address="biz:acme/q:billing/a:kim", name="Kim"),
    Named(address="biz:acme/q:billing/a:amir", name="Amir"),
]


def read(text: str) -> Understood:
    return understand(text, now=NOW, zone=LONDON, names=NAMES)


@pytest.mark.parametrize(
    ("text", "intent"),
    [
        ("call me", Intent.CALL),
        ("Can someone call me?", Intent.CALL),
        ("could you ring me please", Intent.CALL),
        ("I'd like a callback", Intent.CALL),
        ("I want to talk to a human", Intent.PERSON),
        ("call me at 4pm", Intent.CALL),
        ("as soon as possible", Intent.WHEN),
        ("no", Intent.NO),
        ("No thanks.", Intent.NO),
        ("yes please", Intent.YES),
        ("OK", Intent.YES),
        ("cancel it", Intent.CANCEL),
        ("please don't call me", Intent.CANCEL),
        ("can we move it to another time", Intent.MOVE),
        ("when will you call?", Intent.STATUS),
        ("STOP", Intent.STOP),
        ("stop calling me", Intent.STOP),
        ("my October bill looks too high", Intent.NONE),
        ("no, the second line of the bill", Intent.NONE),
        ("please stop the automatic payment", Intent.NONE),
        ("banana", Intent.NONE),
    ],
)
def test_what_is_wanted(text: str, intent: Intent):
    assert read(text).intent is intent


@pytest.mark.parametrize(
    ("text", "provider"),
    [
        ("billing", "biz:acme/q:billing"),
        ("Can Kim call me today?", "biz:acme/q:billing/a:kim"),
        ("kim from billing please", "biz:acme/q:billing/a:kim"),
        ("Kim or Amir", None),
        ("billing or support?", None),
        ("the kimono I ordered", None),
        ("supportive", None),
    ],
)
def test_who_is_wanted(text: str, provider: str | None):
    assert read(text).provider == provider


def test_time_and_person_together():
    understood = read("Can Kim call me tomorrow at 10?")
    assert understood.asks_for_a_call and understood.provider == "biz:acme/q:billing/a:kim"
    assert understood.when is not None and understood.when.start == datetime(2026, 11, 25, 10, tzinfo=LONDON)


def test_a_time_that_has_passed_is_no_time():
    understood = read("today at 9am")
    assert understood.when is None and understood.passed == datetime(2026, 11, 24, 9, tzinfo=LONDON)


@given(text=st.text(max_size=400), names=st.lists(st.text(max_size=20), max_size=5))
def test_any_text_and_any_name_is_survived(text: str, names: list[str]):
    given_names = [Named(address=f"biz:acme/q:q{n}", name=name) for n, name in enumerate(names)]
    understood = understand(text, now=NOW, zone=LONDON, names=given_names)
    assert understood.provider is None or understood.provider in {each.address for each in given_names}


def test_long_texts_cost_no_more_than_they_should():
    """No pattern backtracks without end on what a customer may paste: four times the text costs about four times as much, and never hundreds of times."""

    def cost(text: str) -> float:
        began = time.thread_time()
        read(text)
        return time.thread_time() - began

    for text in ("at " * 1300, "1" * 4000, "in a " * 800, "a " * 2000 + "now", "call " * 800, "half past " * 400):
        assert cost(text[:4000]) < 100 * max(cost(text[:1000]), 0.01), text[:20]
