"""A callback without a mouse: asked for, accepted and ended, and cancelled by a supervisor; the focus is in sight, and axe finds nothing, all the way."""

from __future__ import annotations

import re

import pytest
from playwright.async_api import Page, Route, expect

from tests.journeys.conftest import Stage
from tests.support.keyboard import Keyboard

pytestmark = pytest.mark.journey


async def test_a_callback_is_asked_for_accepted_ended_and_cancelled_with_the_keyboard_alone(stage: Stage) -> None:
    stage.opens_business(agents=("kim",))
    kim = await stage.agent("kim")
    dana = await stage.customer()
    hers, his = Keyboard(dana.page), Keyboard(kim.page)

    async def nothing_is_wrong_on(*pages: Page) -> None:
        for page in pages:
            assert await stage.axe(page) == []

    # The customer asks.
    await nothing_is_wrong_on(dana.page, kim.page)
    await hers.presses(dana.button("Chat or get a call"))
    box = dana.widget.get_by_role("textbox", name="Write a message")
    await hers.types(box, "My bill is wrong, can somebody look at it?")
    await dana.page.keyboard.press("Enter")
    await dana.sees("When should we call")
    await nothing_is_wrong_on(dana.page)
    soon = dana.widget.get_by_role("radio", name=re.compile("As soon as possible"))
    await hers.chooses(dana.widget.get_by_role("radio"), soon)
    await hers.presses(dana.button("Continue"))
    await dana.sees("We call you here, in this browser")
    await nothing_is_wrong_on(dana.page)
    await hers.presses(dana.widget.get_by_role("checkbox"), "Space")
    await hers.presses(dana.button("Call me"))
    await dana.sees("Booked: a call by")

    # The agent accepts, the customer answers, they talk, the agent ends it.
    await kim.is_rung()
    await nothing_is_wrong_on(kim.page, dana.page)
    await his.presses(kim.button("Accept"))
    await hers.presses(dana.button("Answer"))
    await dana.hears("kim")
    await nothing_is_wrong_on(kim.page, dana.page)
    await his.presses(kim.button("Mute"), "Space")
    await kim.sees("You are muted")
    await his.presses(kim.button("Hang up"))
    await kim.sees("How did it end")
    await nothing_is_wrong_on(kim.page)
    outcomes = kim.page.get_by_role("radio")
    await his.chooses(outcomes, kim.page.get_by_role("radio", name=re.compile("Solved")))
    await his.presses(kim.button("Finish"))
    await dana.sees("We spoke at")
    await kim.sees("Nothing is ringing")
    await his.presses(kim.button("Pause"))
    await his.goes_to(kim.page.get_by_role("menuitem").nth(1), key="ArrowDown")
    await kim.page.keyboard.press("Enter")
    await expect(kim.button("Paused")).to_be_focused()

    # The customer asks again, for a time when nobody pauses, and a supervisor cancels it.
    nadia = await stage.supervisor()
    theirs = Keyboard(nadia)
    await hers.types(box, "call me as soon as possible")
    await dana.page.keyboard.press("Enter")
    await hers.presses(dana.button("Continue"))
    await hers.presses(dana.widget.get_by_role("checkbox"), "Space")
    await hers.presses(dana.button("Call me"))
    await theirs.presses(nadia.get_by_role("link", name=re.compile("^Callbacks")))
    await expect(nadia.locator("tr.lane-row")).to_have_count(2)  # the one that is done, and hers before it
    first = nadia.locator("tr.lane-row button.opener").first
    row = nadia.locator(f'[data-row="{await first.get_attribute("data-row")}"]')
    await theirs.presses(row)
    await expect(row).to_have_attribute("aria-expanded", "true")
    cancel = nadia.locator("tr.detail").get_by_role("button", name="Cancel")
    await theirs.presses(cancel)
    shown = nadia.get_by_role("dialog")
    await expect(shown).to_be_visible()
    await nadia.keyboard.press("Escape")
    await expect(shown).to_have_count(0)
    await expect(cancel).to_be_focused()
    await theirs.presses(cancel)
    await theirs.types(shown.get_by_label("Reason"), "Asked by mail")

    async def late(route: Route) -> None:
        """Let the answer come when the row has moved and been drawn anew behind the dialog."""
        answer = await route.fetch()
        await expect(cancel).to_have_count(0)
        await route.fulfill(response=answer)

    await nadia.route("**/api/v1/callbacks/*/cancel", late)
    await theirs.presses(shown.get_by_role("button", name="Show who is affected"))
    await theirs.presses(shown.get_by_role("button", name=re.compile("^Cancel (this|1|the)")))
    await expect(shown).to_have_count(0)
    await dana.sees("had to cancel this call. No phone will ring")
    await expect(
        row
    ).to_be_focused()  # the button that opened the dialog is gone with what it could do; its row is there
    await theirs.sees_the_focus()
