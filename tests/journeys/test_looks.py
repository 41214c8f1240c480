"""Every page and dialog of console and desk as axe sees it: in light, in dark, and on a screen of 360 px, which nothing makes scroll sideways."""

from __future__ import annotations

import re
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Any, Literal

import pytest
from playwright.async_api import Browser, Locator, Page, expect

from tests.journeys import people
from tests.journeys.businesses import widget_key
from tests.journeys.conftest import Stage
from tests.journeys.people import Customer

pytestmark = pytest.mark.journey

WIDE, NARROW = (1440, 900), (360, 740)
CONTRAST = (
    "color-contrast"  # the slowest of axe's rules, and all that dark changes; a small screen changes everything else
)
LOOKS: tuple[tuple[Literal["light", "dark"], tuple[int, int], dict[str, Any]], ...] = (
    ("light", WIDE, {}),
    ("dark", WIDE, {"runOnly": [CONTRAST]}),
    ("light", NARROW, {"rules": {CONTRAST: {"enabled": False}}}),
)
SIDEWAYS = """() => [document.documentElement, ...document.querySelectorAll("dialog[open]")]
  .filter((one) => one.scrollWidth > one.clientWidth)
  .map((one) => `${one.tagName.toLowerCase()} is ${one.scrollWidth} px wide in ${one.clientWidth}`)"""
SETTLED = "() => new Promise((done) => requestAnimationFrame(() => requestAnimationFrame(done)))"


@dataclass(kw_only=True)
class Look:
    """Looks at one page in every way and keeps what is wrong."""

    stage: Stage
    page: Page
    found: list[str] = field(default_factory=list)

    async def at(self, what: str) -> None:
        """Look at the page as it is now."""
        for scheme, (width, height), options in LOOKS:
            await self.page.emulate_media(color_scheme=scheme)
            await self.page.set_viewport_size({"width": width, "height": height})
            await self.page.evaluate(SETTLED)
            wrong = await self.stage.axe(self.page, **options)
            if width == NARROW[0]:
                wrong += await self.page.evaluate(SIDEWAYS)
            self.found += [f"{what}, {scheme}, {width} px: {each}" for each in wrong]
        await self.page.emulate_media(color_scheme="light")
        await self.page.set_viewport_size({"width": WIDE[0], "height": WIDE[1]})

    @asynccontextmanager
    async def dialog(self, what: str, opener: Locator) -> AsyncIterator[Locator]:
        """Open a dialog, look at it and at what the block makes of it, and leave it by Esc."""
        await opener.click()
        shown = self.page.get_by_role("dialog")
        await expect(shown).to_be_visible()
        await self.at(what)
        yield shown
        await self.page.keyboard.press("Escape")
        await expect(shown).to_have_count(0)

    async def goes_to(self, section: str) -> None:
        """Follow a link of the side bar, and look at where it leads."""
        await self.page.get_by_role("navigation").get_by_role("link", name=re.compile(f"^{section}")).click()
        await expect(self.page.get_by_role("heading", name=section).first).to_be_visible()
        await expect(self.page.locator(".loading")).to_have_count(0)
        await self.at(section)


async def books(stage: Stage, browser: Browser) -> None:
    """Somebody books a call for tomorrow."""
    page = await stage.browsers.page(browser)
    await page.goto(f"{stage.shop}/{widget_key(stage.slug)}")
    dana = Customer(browsers=stage.browsers, browser=browser, page=page)
    await dana.opens_the_chat()
    await dana.says("Can you call me tomorrow at 15:00 about my bill?")
    await dana.button("Yes, continue").click()
    await dana.confirms()
    await dana.sees("Booked: a call")


async def test_axe_finds_nothing_on_any_page_or_dialog_in_light_in_dark_and_on_a_small_screen(stage: Stage) -> None:
    stage.opens_business(agents=("kim", "amir"))
    browser = await stage.browsers.person(2500)
    await books(stage, browser)
    desk = Look(stage=stage, page=await stage.browsers.page(browser))
    await people.log_in(desk.page, f"{stage.ringback.url}/desk", stage.slug, "kim")
    await desk.page.get_by_role("button", name="Be available").wait_for()
    await desk.at("desk")
    async with desk.dialog("desk: new callback", desk.page.get_by_role("button", name="New callback")) as shown:
        await shown.get_by_role("button", name="Book the callback").click()
        await desk.at("desk: new callback, what is missing")

    console = Look(stage=stage, page=await stage.browsers.page(browser))
    await people.log_in(console.page, f"{stage.ringback.url}/console", stage.slug, "nadia")
    await console.goes_to("Overview")
    async with console.dialog("lever", console.page.get_by_role("button", name="Change the backlog cap")):
        pass
    await console.goes_to("Callbacks")
    async with console.dialog("act on many", console.page.get_by_role("button", name="Act on many")):
        pass
    async with console.dialog("new callback", console.page.get_by_role("button", name="New callback")):
        pass
    await console.page.locator("tr.lane-row button.opener").first.click()
    detail = console.page.locator("tr.detail")
    await detail.get_by_role("button", name="Cancel").wait_for()
    await console.at("an opened row")
    for act in ("Move", "Reassign"):
        async with console.dialog(act, detail.get_by_role("button", name=act)):
            pass
    async with console.dialog("Cancel", detail.get_by_role("button", name="Cancel")) as shown:
        await shown.get_by_label("Reason").fill("Asked by mail")
        await shown.get_by_role("button", name="Show who is affected").click()
        await shown.get_by_role("button", name="Cancel the callback").wait_for()
        await console.at("Cancel, who is affected")
    await console.goes_to("Slots")
    await console.goes_to("Agents")
    async with console.dialog("away", console.page.get_by_role("button", name="Away: Kim Osei")):
        pass
    await console.goes_to("Report")
    await console.goes_to("Do not call")
    found = [*desk.found, *console.found]
    assert not found, "\n".join(found)
