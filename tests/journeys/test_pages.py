"""Pages that are reloaded, or opened ten times."""

from __future__ import annotations

import pytest
from playwright.async_api import expect

from tests.journeys.conftest import Stage
from tests.journeys.people import Customer

pytestmark = pytest.mark.journey


async def test_a_reload_during_the_chat_and_during_the_talk_loses_neither(stage: Stage) -> None:
    stage.opens_business(agents=("kim",))
    kim = await stage.agent("kim")
    dana = await stage.customer()
    await dana.opens_the_chat()
    await dana.says("My bill is wrong, can somebody look at it?")
    await dana.sees("Shall someone from Billing call you")
    await dana.page.reload()
    if not await dana.widget.get_by_role("textbox", name="Write a message").is_visible():
        await dana.opens_the_chat()
    await dana.sees("My bill is wrong")
    await dana.chooses("As soon as possible")
    await dana.confirms()
    await kim.accepts()
    await dana.answers()
    await dana.hears("kim")
    await dana.page.reload()
    await dana.hears("kim")
    await kim.hears_the_customer()
    await kim.page.reload()
    await kim.hears_the_customer()
    await dana.hears("kim")


async def test_of_ten_tabs_one_answers_and_the_others_say_so(stage: Stage) -> None:
    stage.opens_business(agents=("kim",), policy={"customer_ring": 30})
    kim = await stage.agent("kim")
    dana = await stage.customer()
    await dana.asks_for_a_call_now()
    await dana.sees("Booked: a call by")
    tabs = []
    for _ in range(9):
        page = await dana.page.context.new_page()
        stage.browsers.listen(page)
        await page.goto(dana.page.url)
        tabs.append(Customer(browsers=stage.browsers, browser=dana.browser, page=page))
    for tab in tabs:
        if not await tab.widget.get_by_role("textbox", name="Write a message").is_visible():
            await tab.button("Chat or get a call").click()
        await tab.sees("Booked: a call by")
    await kim.accepts()
    for tab in tabs:
        await tab.button("Answer").wait_for()
    await tabs[4].answers()
    await tabs[4].hears("kim")
    await kim.hears_the_customer()
    for tab in (tabs[0], tabs[8], dana):
        await expect(tab.button("Answer")).to_have_count(0)
        await tab.sees("another tab|elsewhere")
