"""The widget in the customer's language, to the talk; and from right to left."""

from __future__ import annotations

import json
import re

import pytest
from playwright.async_api import Route, expect

from ringback.callback_application_server.rules.wording import widget_words
from tests.journeys.businesses import widget_key
from tests.journeys.conftest import Stage
from tests.journeys.people import CUSTOMER_TONE, Customer

pytestmark = pytest.mark.journey


async def visitor(stage: Stage, locale: str) -> Customer:
    """A customer whose browser is set to a language."""
    browser = await stage.browsers.person(CUSTOMER_TONE)
    page = await stage.browsers.page(browser, locale=locale)
    return Customer(browsers=stage.browsers, browser=browser, page=page)


async def test_a_german_customer_reads_german_from_the_launcher_to_the_talk(stage: Stage):
    stage.opens_business(speaks=("en", "de"))
    kim = await stage.agent("kim")
    dana = await visitor(stage, "de-DE")
    await dana.page.goto(f"{stage.shop}/{widget_key(stage.slug)}")
    await dana.button("Chat oder Rückruf").click()
    box = dana.widget.get_by_role("textbox", name="Nachricht schreiben")
    await box.fill("Bitte rufen Sie mich so bald wie möglich an")
    await box.press("Enter")
    await dana.button("Rufen Sie mich").click()
    await dana.sees("Setzen Sie das Häkchen")
    await dana.widget.get_by_role("checkbox").check()
    await dana.button("Rufen Sie mich").click()
    await dana.sees("Gebucht: ein Anruf bis")
    await kim.accepts()
    await dana.button("Annehmen").click()
    await dana.sees("Sie sprechen mit Kim")
    await dana.hears("kim")
    await kim.hears_the_customer()
    assert await stage.axe(dana.page) == []
    await dana.button("Auflegen").click()
    await dana.sees("Das Gespräch ist beendet")
    await kim.finishes()
    await dana.sees("Wie war das Gespräch")
    assert await stage.axe(dana.page) == []
    await dana.button("Gut").click()
    await dana.sees("Danke. Schreiben Sie hier")
    shown = await dana.widget.evaluate("element => element.shadowRoot.textContent")
    assert re.findall(r"\b(?:you|your|the|call|calls|booked|about)\b", shown, re.IGNORECASE) == [], shown


async def test_a_language_that_is_written_from_right_to_left_mirrors_the_chat(stage: Stage):
    stage.opens_business()
    dana = await visitor(stage, "ar")

    async def mirrored(route: Route) -> None:
        await route.fulfill(json={**json.loads(widget_words("de")), "language": "ar", "direction": "rtl"})

    await dana.page.route("**/widget/v1/words/ar", mirrored)
    await dana.page.goto(f"{stage.shop}/{widget_key(stage.slug)}")
    await dana.button("Chat oder Rückruf").click()
    box = dana.widget.get_by_role("textbox", name="Nachricht schreiben")
    await box.fill("Please call me tomorrow at 10")
    await box.press("Enter")
    said = dana.widget.locator(".bubble.me").last
    await expect(said).to_be_visible()
    panel, bubble, send = [
        await each.bounding_box() for each in (dana.widget.get_by_role("dialog"), said, dana.widget.locator(".send"))
    ]
    assert panel is not None and bubble is not None and send is not None
    middle = panel["x"] + panel["width"] / 2
    assert bubble["x"] < panel["x"] + 40, "what the customer wrote stands on the left"
    assert send["x"] < middle, "and so does the button that sends"
    assert await stage.axe(dana.page) == []
    assert await dana.widget.evaluate(
        "each => each.shadowRoot.querySelector('.log').scrollWidth <= each.shadowRoot.querySelector('.log').clientWidth"
    )
