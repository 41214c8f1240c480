"""A customer and an agent as a test sees them: what they do and what they see, by role and name as a screen reader would."""

from __future__ import annotations

import re
from dataclasses import dataclass

from playwright.async_api import Browser, Locator, Page, expect

from tests.journeys.businesses import AGENTS, PASSWORD, address, widget_key
from tests.support.browsers import Browsers, hears
from tests.support.waiting import PATIENCE

CUSTOMER_TONE = 400
AGENT_TONES = {"kim": 1300, "amir": 1700, "mira": 2100}


@dataclass(kw_only=True)
class Customer:
    """Somebody on the shop's page."""

    browsers: Browsers
    browser: Browser
    page: Page

    @property
    def widget(self) -> Locator:
        """The chat."""
        return self.page.locator("ringback-widget")

    def button(self, name: str) -> Locator:
        """A button of the chat, by the beginning of its name."""
        return self.widget.get_by_role("button", name=re.compile(f"^{name}"))

    async def opens_the_chat(self) -> None:
        """Open the panel from the launcher."""
        await self.button("Chat or get a call").click()
        await self.widget.get_by_role("textbox", name="Write a message").wait_for()

    async def says(self, text: str) -> None:
        """Type and send."""
        box = self.widget.get_by_role("textbox", name="Write a message")
        await box.fill(text)
        await box.press("Enter")

    async def chooses(self, option: str) -> None:
        """Choose one of the options and go on."""
        await self.widget.get_by_role("radio", name=re.compile(option)).click()
        await self.button("Continue").click()

    async def confirms(self) -> None:
        """Consent and say yes."""
        await self.widget.get_by_role("checkbox").check()
        await self.button("Call me").click()

    async def asks_for_a_call_now(self, about: str = "My bill is wrong, can somebody look at it?") -> None:
        """The shortest way to a callback: words, as soon as possible, yes."""
        await self.opens_the_chat()
        await self.says(about)
        await self.chooses("As soon as possible")
        await self.confirms()

    async def sees(self, text: str, *, seconds: float = PATIENCE) -> None:
        """See words in the chat."""
        await expect(self.widget.get_by_text(re.compile(text)).last).to_be_visible(timeout=seconds * 1000)

    async def answers(self, *, seconds: float = PATIENCE) -> None:
        """Answer the call that rings on the page."""
        await self.button("Answer").click(timeout=seconds * 1000)

    async def hears(self, agent: str) -> None:
        """Hear this agent's tone."""
        await hears(self.page, "ringback-widget", AGENT_TONES[agent])


@dataclass(kw_only=True)
class Agent:
    """Somebody at a desk."""

    name: str
    page: Page

    def button(self, name: str) -> Locator:
        """A button of the desk, by the beginning of its name."""
        return self.page.get_by_role("button", name=re.compile(f"^{name}"))

    async def becomes_available(self) -> None:
        """Press Available and see that it took."""
        await self.page.get_by_role("radio", name="Available").or_(self.button("Available")).first.click()
        await expect(self.page.get_by_text(re.compile("Since ")).first).to_be_visible()
        await expect(self.page.get_by_text("Nothing is ringing").first).to_be_visible()

    async def is_rung(self, *, seconds: float = PATIENCE) -> None:
        """See that a callback rings."""
        await self.button("Accept").wait_for(timeout=seconds * 1000)

    async def accepts(self, *, seconds: float = PATIENCE) -> None:
        """Accept the callback that rings."""
        await self.button("Accept").click(timeout=seconds * 1000)

    async def declines(self, reason: str) -> None:
        """Decline with a reason."""
        await self.is_rung()
        await self.button(reason).click()

    async def sees(self, text: str, *, seconds: float = PATIENCE) -> None:
        """See words on the desk."""
        await expect(self.page.get_by_text(re.compile(text)).first).to_be_visible(timeout=seconds * 1000)

    async def hears_the_customer(self) -> None:
        """Hear the customer's tone."""
        await hears(self.page, "audio", CUSTOMER_TONE)

    async def finishes(self, outcome: str = "Solved") -> None:
        """Choose an outcome and end the wrap-up."""
        await self.page.get_by_role("radio", name=re.compile(outcome)).or_(self.button(outcome)).first.click()
        await self.button("Finish").click()


async def customer(browsers: Browsers, shop: str, slug: str) -> Customer:
    """Bring a customer to the shop's page."""
    browser = await browsers.person(CUSTOMER_TONE)
    page = await browsers.page(browser)
    await page.goto(f"{shop}/{widget_key(slug)}")
    return Customer(browsers=browsers, browser=browser, page=page)


async def agent(browsers: Browsers, url: str, slug: str, name: str) -> Agent:
    """Log an agent in at their desk."""
    browser = await browsers.person(AGENT_TONES[name])
    page = await browsers.page(browser, viewport={"width": 1400, "height": 900})
    await log_in(page, f"{url}/desk", slug, name)
    await page.get_by_text(AGENTS[name].split()[0][0], exact=True).first.wait_for()
    return Agent(name=name, page=page)


async def log_in(page: Page, where: str, slug: str, name: str) -> None:
    """Go to a page that asks for a log-in, log in, and come back to it."""
    await page.goto(where)
    await page.get_by_label(re.compile("mail", re.IGNORECASE)).fill(address(slug, name))
    await page.get_by_label("Password", exact=True).fill(PASSWORD)
    await page.keyboard.press("Enter")
    await page.wait_for_url(lambda url: url.split("?")[0] == where)
