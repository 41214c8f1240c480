"""A customer asks for a person, and writes with one in the chat that booked nothing yet; whom nobody takes is offered a call."""

from __future__ import annotations

import re

import pytest
from playwright.async_api import expect

from tests.journeys.conftest import Stage
from tests.journeys.people import Customer

pytestmark = pytest.mark.journey


async def _asks_for_a_person(stage: Stage) -> Customer:
    dana = await stage.customer()
    await dana.opens_the_chat()
    await dana.says("Can I talk to somebody?")
    await dana.sees("we look for somebody from Billing")
    return dana


async def test_a_customer_and_an_agent_write_with_each_other_and_then_talk(stage: Stage) -> None:
    stage.opens_business(agents=("kim", "amir"), policy={"live_chat_wait": 600})
    kim, amir = await stage.agent("kim"), await stage.agent("amir")
    dana = await _asks_for_a_person(stage)
    for desk in (kim, amir):
        await desk.sees("Came a moment ago")
    await amir.button("Take the chat").click()
    await dana.sees("Amir Haddad is in the chat now")
    await expect(kim.page.get_by_text("Came a moment ago")).to_have_count(0)

    await amir.button("Hand over").click()
    await amir.page.get_by_role("menuitem", name="Kim Osei").click()
    await dana.sees("Amir Haddad has left the chat. Kim Osei goes on")
    await dana.sees("Kim Osei is in the chat now")
    await expect(amir.page.get_by_role("log", name=re.compile("^Chat with"))).to_have_count(0)

    box = kim.page.get_by_role("textbox", name=re.compile("^Write to"))
    await box.fill("Hello, what can I do for you?")
    await box.press("Enter")
    await dana.sees("Hello, what can I do for you")
    await expect(box).to_have_value("")
    await dana.says("My bill looks too high <b>this month</b>")
    thread = kim.page.get_by_role("log", name=re.compile("^Chat with"))
    await expect(thread.get_by_text("My bill looks too high <b>this month</b>")).to_be_visible()
    assert not await stage.axe(kim.page)

    await box.fill("half a sentence")
    await dana.says("Call me, please")
    await dana.chooses("As soon as possible")
    await dana.confirms()
    await kim.accepts()
    await dana.answers()
    await dana.hears("kim")
    await kim.hears_the_customer()
    await kim.button("Hang up").click()
    await kim.finishes()
    await expect(box).to_have_value("half a sentence")
    await kim.button("End chat").click()
    await dana.sees("Kim Osei has left the chat")
    await expect(thread).to_have_count(0)


async def test_a_chat_that_nobody_takes_is_offered_a_call(stage: Stage) -> None:
    stage.opens_business(agents=("kim",), policy={"live_chat_wait": 2})
    kim = await stage.agent("kim")
    dana = await _asks_for_a_person(stage)
    await expect(dana.widget.get_by_role("radio", name=re.compile("As soon as possible"))).to_be_visible()
    await expect(kim.page.get_by_text(re.compile("Came a moment ago|^Waits"))).to_have_count(0)


async def test_a_customer_who_says_goodbye_leaves_and_the_agent_reads_that_they_did(stage: Stage) -> None:
    stage.opens_business(agents=("kim",), policy={"live_chat_wait": 600})
    kim = await stage.agent("kim")
    dana = await _asks_for_a_person(stage)
    await kim.sees("Came a moment ago")
    await kim.button("Take the chat").click()
    await dana.sees("Kim Osei is in the chat now")
    await dana.says("Thanks, that was all. Bye!")
    await dana.sees("Write here whenever you need us")
    await kim.sees("has left the chat.")
    await expect(kim.page.get_by_role("log", name=re.compile("^Chat with"))).to_have_count(0)
    assert not await stage.axe(kim.page)
