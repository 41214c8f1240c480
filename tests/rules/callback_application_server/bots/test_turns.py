"""Which bot takes a message, and which words are an emergency."""

from __future__ import annotations

from uuid import UUID

import pytest

from ringback.callback_application_server.rules.bots.answers import Answers, Entry
from ringback.callback_application_server.rules.bots.emergencies import is_emergency
from ringback.callback_application_server.rules.bots.turns import Bot, Kind, pick

HELP = Bot(
    id=UUID(int=1), slug="help", name="Help", kind=Kind.FAQ, about=("tariffs",), is_default=False,
    answers=Answers([Entry(question="How do I read my meter?", answer="Look."), Entry(question="When is my bill due?", answer="Soon.")]),
)  # fmt: skip
ORDERS = Bot(id=UUID(int=2), slug="orders", name="Orders", kind=Kind.WEBHOOK, about=("order", "delivery date"), is_default=False)  # fmt: skip
REST = Bot(id=UUID(int=3), slug="rest", name="Rest", kind=Kind.WEBHOOK, about=(), is_default=True)
PHRASES = ("gas leak", "smell gas", "carbon monoxide", "Explosion", "explod*", "Stromschlag")


@pytest.mark.parametrize(
    ("text", "current", "wanted"),
    [
        ("how do I read the meter", None, HELP),
        ("Where is my order?", None, ORDERS),
        ("what is the date of the delivery", None, ORDERS),
        ("the date", None, REST),  # one word of two is not what it is about
        ("hello there", None, REST),
        ("and what about it", HELP, HELP),
        ("where is my order", HELP, ORDERS),
        ("my orders", ORDERS, ORDERS),
        ("something else", UUID(int=9), REST),  # its bot is gone
    ],
)
def test_the_bot_that_fits_takes_the_message_and_the_conversation_stays_with_it(text, current, wanted):
    assert pick([HELP, ORDERS, REST], text, current=getattr(current, "id", current)) is wanted


def test_without_a_bot_that_fits_or_a_default_nobody_takes_it():
    assert pick([HELP, ORDERS], "hello there") is None
    assert pick([], "hello") is None


@pytest.mark.parametrize(
    "text",
    ["I SMELL GAS!!", "there is a gas  leak here", "gas-leak", "Carbon\nmonoxide alarm", "the boiler exploded", "STROMSCHLAG", "an explosion?"],
)  # fmt: skip
def test_an_emergency_is_heard_however_it_is_written(text):
    assert is_emergency(text, PHRASES)


@pytest.mark.parametrize(
    "text", ["my gas bill leaks money", "smells of gasoline", "", "unexploded", "carbon footprint"]
)
def test_other_words_are_none(text):
    assert not is_emergency(text, PHRASES)
    assert not is_emergency(text, ())
