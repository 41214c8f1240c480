"""What an agent does with a call beside talking: mute, hold, hang up, more time, call again, voicemail, wrong person."""

from __future__ import annotations

import re

import pytest
from playwright.async_api import expect

from tests.journeys.conftest import Stage
from tests.journeys.people import AGENT_TONES
from tests.support.browsers import heard, until

pytestmark = pytest.mark.journey

AGAIN = [
    {"code": "solved", "label": "Solved", "effect": "close"},
    {"code": "later", "label": "Ring once more", "effect": "call_again", "after": 1},
]


async def test_an_agent_mutes_holds_hangs_up_takes_more_time_and_calls_again(stage: Stage) -> None:
    stage.opens_business(agents=("kim",), policy={"dispositions": AGAIN})
    kim = await stage.agent("kim")
    dana = await stage.customer()
    await dana.asks_for_a_call_now()
    await kim.accepts()
    await dana.answers()
    await dana.hears("kim")

    async def hears_nobody() -> bool:
        found = await heard(dana.page, "ringback-widget")
        return found is None or abs(found[0] - AGENT_TONES["kim"]) > 15 or found[1] < -80

    await kim.button("Mute").click()
    await kim.sees("You are muted")
    await until("the customer hears nobody while the agent is muted", hears_nobody)
    await kim.button("Unmute").click()
    await dana.hears("kim")

    await kim.button("Hold").click()
    await kim.sees("On hold. Neither of you hears the other")
    await dana.sees("on hold|On hold")
    await until("the customer hears nobody while held", hears_nobody)
    await kim.button("Take off hold").click()
    await dana.sees("You are talking to Kim Osei")
    await dana.hears("kim")
    await kim.hears_the_customer()

    await kim.button("Hang up").click()
    await kim.sees("How did it end")
    await dana.sees("We spoke at")
    await kim.button("More time").click()
    await kim.sees("More time was given")
    await kim.finishes("Ring once more")
    await expect(dana.widget.get_by_text(re.compile("Booked: a call"))).to_have_count(2)
    await kim.accepts()
    await dana.answers()
    await dana.hears("kim")


async def test_an_agent_says_what_answered(stage: Stage) -> None:
    stage.opens_business(agents=("kim",), policy={"retry": {"machine": [1]}})
    kim = await stage.agent("kim")
    dana = await stage.customer()
    await dana.asks_for_a_call_now()
    await kim.accepts()
    await dana.answers()
    await dana.sees("You are talking to Kim Osei")
    await kim.button("More").click()
    await kim.page.get_by_role("menuitem", name=re.compile("Voicemail")).click()
    await dana.sees("A machine answered at .* We ring again")
    await kim.accepts()
    await dana.answers()
    await dana.hears("kim")
    await kim.button("More").click()
    await kim.page.get_by_role("menuitem", name=re.compile("Wrong person")).click()
    await dana.sees("Somebody else answered")
    await dana.sees("No phone will ring")
    await kim.sees("Wrong person")
