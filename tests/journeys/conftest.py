"""One installation for all journeys, a business and browsers of its own for each."""

from __future__ import annotations

import json
import re
from collections.abc import AsyncIterator, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from uuid import uuid4

import pytest
from playwright.async_api import Page

from tests.journeys import people
from tests.journeys.businesses import business
from tests.journeys.people import Agent, Customer
from tests.support.browsers import Browsers, browsers, require_chromium
from tests.support.folders import passable_folder
from tests.support.processes import Ringback, ringback
from tests.support.shop import shop

PICTURES = Path("test-results")
AXE = Path("web/node_modules/axe-core/axe.min.js")


@pytest.fixture(scope="session")
def installation() -> Iterator[Ringback]:
    """Ringback in one process on its embedded database."""
    require_chromium()
    with passable_folder() as folder, ringback(folder) as running:
        running.start_servers()
        yield running
        strange = [line for line in running.logs().splitlines() if not line.startswith(('{"', "ringback "))]
        assert not strange, "every line of the log is one event in JSON, whoever wrote it"
        assert not re.findall(r"\+\d{7,}|[Mm]y bill|call me", running.logs()), (
            "no number and no word of a chat is logged"
        )


@pytest.fixture(scope="session")
def shop_origin(installation: Ringback) -> Iterator[str]:
    """The shop's page, on another origin."""
    with shop(installation.url) as origin:
        yield origin


@dataclass(kw_only=True)
class Stage:
    """What a journey plays on."""

    ringback: Ringback
    shop: str
    slug: str
    browsers: Browsers

    def opens_business(self, **options: Any) -> None:
        """Create or change the journey's business."""
        self.ringback.apply(business(self.slug, [self.shop], **options))

    def report(self) -> dict[str, Any]:
        """Return the score, as the command prints it."""
        found: dict[str, Any] = json.loads(self.ringback.command("report", "--business", self.slug, "--json"))
        return found

    async def supervisor(self, name: str = "nadia") -> Page:
        """Log the supervisor in at the console, or the administrator (alex)."""
        page = await self.browsers.page(await self.browsers.person(2500), viewport={"width": 1440, "height": 900})
        await people.log_in(page, f"{self.ringback.url}/console", self.slug, name)
        await page.wait_for_url(re.compile("/console"))
        await page.get_by_role("heading", name="Overview").first.wait_for()
        return page

    async def axe(self, page: Page, **options: Any) -> list[str]:
        """Return what axe finds on a page, open shadow roots included; `options` are axe's own, such as `runOnly`."""
        if not AXE.exists():
            pytest.skip("axe-core is not installed (make web)")
        if await page.evaluate("typeof axe === 'undefined'"):
            await page.evaluate(f"(() => {{ {AXE.read_text()} }})()")
        found = await page.evaluate("options => axe.run(document, options)", {"resultTypes": ["violations"], **options})
        return [f"{each['id']}: {each['nodes'][0]['html'][:160]}" for each in found["violations"]]

    async def customer(self) -> Customer:
        """A customer comes to the shop's page."""
        return await people.customer(self.browsers, self.shop, self.slug)

    async def agent(self, name: str) -> Agent:
        """An agent logs in and becomes available."""
        found = await people.agent(self.browsers, self.ringback.url, self.slug, name)
        await found.becomes_available()
        return found


@pytest.fixture
async def stage(installation: Ringback, shop_origin: str, request: pytest.FixtureRequest) -> AsyncIterator[Stage]:
    """A stage for one journey. A failed one leaves pictures of every page; a page that complained fails its journey."""
    async with browsers() as opened:
        made = Stage(ringback=installation, shop=shop_origin, slug=f"acme-{uuid4().hex[:8]}", browsers=opened)
        yield made
        if request.session.testsfailed:
            await opened.pictures(PICTURES, re.sub(r"\W+", "-", request.node.name))
        assert not opened.complaints, opened.complaints
