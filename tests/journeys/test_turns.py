"""What else a callback goes through: declined, unanswered, cancelled, booked ahead, nobody there."""

from __future__ import annotations

import re
from datetime import datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from playwright.async_api import expect

from tests.journeys.businesses import NEVER
from tests.journeys.conftest import Stage
from tests.support.browsers import until

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
    await dana.sees(r"No answer at \d\d:\d\d")
    await kim.accepts()
    await dana.answers()
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
    report = stage.report()
    assert (report["total"]["attempts"]["dialled"], report["rung_twice"]) == (0, 0), report
    await expect(dana.widget.get_by_text("is calling you")).to_have_count(0)


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
    await kim.sees("in the chat")
    await kim.accepts()
    await dana.answers()
    await dana.hears("kim")
    await kim.hears_the_customer()
    await dana.button("Hang up").click()
    await kim.finishes("Solved")

    async def kept() -> Any:
        return stage.report()["total"]["first"]["kept"]

    await until("the promise is judged", kept)
    report = stage.report()
    assert (report["lost"], report["rung_twice"]) == (0, 0), report
    assert report["total"]["attempts"]["dialled"] == 1, report


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


async def test_on_a_closed_day_the_page_asks_and_times_of_the_next_open_day_are_offered(stage: Stage) -> None:
    today = datetime.now(ZoneInfo("Europe/London")).date()
    closed = [{"day": (today + timedelta(days=n)).isoformat(), "name": "Stock-taking"} for n in (0, 1)]
    stage.opens_business(closed_days=closed)
    dana = await stage.customer()
    await dana.page.evaluate(
        """async (provider) => {
        await customElements.whenDefined("ringback-widget");
        document.querySelector("ringback-widget").offerCallback({ provider, topic: "My bill" });
    }""",
        f"biz:{stage.slug}/q:billing",
    )
    opens = today + timedelta(days=2)
    await dana.sees(f"Billing is closed until {opens:%a} {opens.day} {opens:%b}, 00:00")
    await dana.chooses("Pick a time")
    await dana.widget.get_by_role("radio", name=re.compile(r"^\d\d:\d\d")).first.click()
    await dana.button("Continue").click()
    await dana.confirms()
    await dana.sees(f"Booked: a call.*{opens:%a}")


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
