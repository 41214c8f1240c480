"""What else a callback goes through: declined, unanswered, cancelled, booked ahead, nobody there."""

from __future__ import annotations

import re

import pytest
from playwright.async_api import expect

from tests.journeys.businesses import NEVER
from tests.journeys.conftest import Stage

pytestmark = pytest.mark.journey


async def test_an_agent_declines_and_the_next_one_takes_it(stage: Stage) -> None:
    stage.opens_business(agents=("kim", "amir"))
    kim = await stage.agent("kim")
    amir = await stage.agent("amir")
    dana = await stage.customer()
    await dana.asks_for_a_call_now()
    await kim.declines("Not my topic")
    await kim.sees("Passed on. The next agent is asked.")
    await amir.accepts()
    await dana.answers()
    await dana.hears("amir")
    await amir.hears_the_customer()


async def test_a_customer_who_does_not_answer_is_told_and_reached_the_second_time(stage: Stage) -> None:
    stage.opens_business(agents=("kim",))
    kim = await stage.agent("kim")
    dana = await stage.customer()
    await dana.asks_for_a_call_now()
    await kim.accepts()
    await dana.sees("Kim Osei is calling you")
    await dana.sees(r"No answer at \d\d:\d\d", seconds=30)
    await kim.accepts(seconds=30)
    await dana.answers(seconds=30)
    await dana.hears("kim")
    await kim.hears_the_customer()


async def test_a_customer_cancels_while_the_agent_rings_and_nothing_was_dialled(stage: Stage) -> None:
    stage.opens_business(agents=("kim",))
    kim = await stage.agent("kim")
    dana = await stage.customer()
    await dana.asks_for_a_call_now()
    await kim.is_rung()
    await dana.button("Cancel").first.click()
    await dana.sees("Cancelled. No phone will ring")
    await kim.sees("Nothing is ringing")


async def test_a_slot_a_few_seconds_ahead_is_kept_and_not_called_early(stage: Stage) -> None:
    stage.opens_business(agents=("kim",), policy={"slot_length": 15, "hold_before": 10})
    kim = await stage.agent("kim")
    dana = await stage.customer()
    await dana.opens_the_chat()
    await dana.says("Please call me about my bill, but not at once")
    await dana.chooses("Pick a time")
    first = dana.widget.get_by_role("radio", name=re.compile(r"^\d\d:\d\d:\d\d"))
    await first.first.click()
    await dana.button("Continue").click()
    await dana.confirms()
    await dana.sees("Booked: a call")
    await kim.sees("in the chat", seconds=40)
    await kim.accepts(seconds=60)
    await dana.answers(seconds=30)
    await dana.hears("kim")
    await kim.hears_the_customer()
    report = stage.report()
    assert report["total"]["first"]["broken"] == 0, report["total"]["first"]
    assert (report["lost"], report["rung_twice"]) == (0, 0), report


async def test_nobody_on_duty_means_times_with_the_reason(stage: Stage) -> None:
    stage.opens_business()
    dana = await stage.customer()
    await dana.opens_the_chat()
    await dana.says("Can somebody call me about my bill?")
    await dana.sees("Nobody at Billing is on duty just now")
    await expect(dana.widget.get_by_role("radio", name=re.compile("As soon as possible"))).to_have_count(0)
    await dana.chooses("Pick a time")
    await expect(dana.widget.get_by_role("radio", name=re.compile(r"^\d\d:\d\d")).first).to_be_visible()


async def test_a_closed_business_says_so_and_when_it_opens(stage: Stage) -> None:
    stage.opens_business(hours=NEVER | {"wed": ["08:00-18:00"]})
    dana = await stage.customer()
    await dana.opens_the_chat()
    await dana.says("My bill is wrong")
    await dana.sees(r"Billing is closed until .*Wed \d+ \w+, 08:00|Open until 18:00")


async def test_a_window_in_the_customers_own_words_is_read_back_and_booked(stage: Stage) -> None:
    stage.opens_business()
    dana = await stage.customer()
    await dana.opens_the_chat()
    await dana.says("Llámenme mañana entre las 2 y las 4, es por mi factura")
    await dana.sees("Did I get this right")
    await dana.sees("14:00–16:00")
    await dana.button("Yes, continue").click()
    await dana.confirms()
    await dana.sees("Booked: a call")
    await dana.sees("14:00–16:00")
