"""What a request names that there is not: a person nobody here is, a day that is over."""

from __future__ import annotations

from datetime import datetime
from zoneinfo import ZoneInfo

import pytest

from ringback.callback_application_server.rules.topics import topic_of
from ringback.callback_application_server.rules.understanding import Named, understand

LONDON = ZoneInfo("Europe/London")
NOW = datetime(2026, 11, 23, 9, 0, tzinfo=LONDON)
NAMES = [Named(address="biz:acme/q:billing", name="Billing"), Named(address="biz:acme/q:billing/a:kim", name="Kim")]


@pytest.mark.parametrize(
    ("text", "who"),
    [
        ("call Zorblax tomorrow at 10", "Zorblax"),
        ("Can Zorblax call me?", "Zorblax"),
        ("I would like to talk to Zorblax please", "Zorblax"),
        ("Kann Frau Novak mich anrufen?", "Novak"),
        ("¿Puede llamarme Zorblax mañana?", "Zorblax"),
        ("Je voudrais parler à Zorblax", "Zorblax"),
        ("Quero falar com o Zorblax", "Zorblax"),
        ("Vorrei parlare con Zorblax", "Zorblax"),
        ("Can Kim call me?", None),
        ("Call Monday at 10", None),
        ("Can Someone call me?", None),
        ("CAN SOMEBODY CALL ME", None),
        ("call Me at 4", None),
        ("I want to talk to a Person", None),
        ("Ich möchte mit Billing sprechen", None),
        ("my bill is from Zorblax, call me", None),
    ],
)
def test_a_name_that_nobody_here_has_is_noticed(text: str, who: str | None):
    assert understand(text, now=NOW, zone=LONDON, names=NAMES).unknown_who == who


@pytest.mark.parametrize(
    ("text", "passed"),
    [
        ("call me yesterday at 3pm", "2026-11-22T15:00+00:00"),
        ("call me yesterday", "2026-11-22T09:00+00:00"),
        ("Rufen Sie mich gestern um 15 Uhr an", "2026-11-22T15:00+00:00"),
        ("call me today at 8am", "2026-11-23T08:00+00:00"),
        ("why did nobody call me at 3 yesterday", None),
        ("I called yesterday, please call me tomorrow at 11", None),
        ("my bill came yesterday, call me", None),
    ],
)
def test_a_time_that_is_over_is_noticed_where_it_is_asked_for(text: str, passed: str | None):
    read = understand(text, now=NOW, zone=LONDON, names=NAMES).passed
    assert (read and read.astimezone(LONDON).isoformat(timespec="minutes")) == passed


def test_a_topic_ends_before_the_time():
    assert topic_of("please call me about a refund tomorrow at 10", now=NOW, zone=LONDON) == "A refund"
