"""The browser carrier: the suite, and what only pages do: tabs that race, reloads, pages that go away."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from datetime import timedelta
from typing import Any

import pytest

from ringback.domain.errors import CarrierError
from ringback.domain.ids import BusinessId, CallbackId, LegId, new_id
from ringback.domain.status import Party
from ringback.session_management_server.carriers.browser import BrowserCarrier
from ringback.session_management_server.carriers.environment import CarrierEnvironment
from ringback.session_management_server.carriers.guarded import GuardedCarrier
from ringback.session_management_server.carriers.protocol import Carrier, EndCause, LegEventKind, LegOrder
from tests.carriers.conformance import CarrierConformance, Heard
from tests.support.databases import Databases
from tests.support.people_on_pages import PageOf
from tests.support.waiting import eventually


class BrowserFarEnds:
    """People whose pages are rows."""

    def __init__(self, databases: Databases, business: BusinessId, carrier: Carrier, another: Carrier) -> None:
        self.databases = databases
        self.business = business
        self.carrier = carrier
        self.another = another
        self.pages: list[PageOf] = []
        self.tasks: list[asyncio.Task[None]] = []

    async def person(self, behaviour: str) -> str:
        page = self.page()
        if behaviour != "absent":
            await page.be_there()
        self.tasks.append(asyncio.create_task(page.behave(behaviour)))
        return str(page.subject)

    def page(self, subject: Any = None) -> PageOf:
        page = PageOf(databases=self.databases, business=self.business, subject=subject or new_id())
        self.pages.append(page)
        return page

    async def hang_up(self, leg: LegId) -> None:
        for page in self.pages:
            if any(shown == leg for shown, _, _ in await page.shown()):
                await page.say(leg, "hang_up")

    def times_rung(self, leg: LegId) -> int:
        return sum(leg in page.alerted for page in self.pages)


@pytest.fixture
async def far_ends(databases: Databases, business: BusinessId) -> AsyncIterator[BrowserFarEnds]:
    await databases.hear_pages()
    environment = CarrierEnvironment(
        database=databases.sessions, dispatcher=databases.dispatcher, hints=databases.hints
    )
    carriers = GuardedCarrier(BrowserCarrier(environment)), GuardedCarrier(BrowserCarrier(environment))
    for carrier in carriers:
        await carrier.start()
    ends = BrowserFarEnds(databases, business, *carriers)
    yield ends
    for task in ends.tasks:
        task.cancel()
    await asyncio.gather(*ends.tasks, return_exceptions=True)
    for carrier in carriers:
        await carrier.stop()


class TestBrowserCarrier(CarrierConformance):
    """The suite."""


@pytest.fixture
async def heard(far_ends: BrowserFarEnds) -> AsyncIterator[Heard]:
    heard = Heard(far_ends.carrier)
    yield heard
    await heard.stop()


async def rung(far_ends: BrowserFarEnds, party: Party, page: PageOf, *, ring_for: float = 10) -> LegId:
    order = LegOrder(
        business=far_ends.business,
        callback=CallbackId(new_id()),
        leg=LegId(new_id()),
        party=party,
        address=str(page.subject),
        peer_name="Kim",
        peer_detail="Billing",
    )
    await page.be_there()
    await far_ends.carrier.prepare(order)
    await far_ends.carrier.dial(far_ends.business, order.leg, ring_for=ring_for)
    assert await page.rings() == order.leg
    return order.leg


async def row(far_ends: BrowserFarEnds, leg: LegId) -> Any:
    async with far_ends.databases.administrator() as connection:
        return await connection.fetchrow("SELECT * FROM browser_leg WHERE id = $1", leg)


async def talk(far_ends: BrowserFarEnds, heard: Heard) -> tuple[PageOf, LegId, PageOf, LegId]:
    kim, dana = far_ends.page(), far_ends.page()
    agent = await rung(far_ends, Party.AGENT, kim)
    customer = await rung(far_ends, Party.CUSTOMER, dana)
    for page, leg in ((kim, agent), (dana, customer)):
        await page.say(leg, "accept")
        await heard.wait(leg, LegEventKind.ANSWERED)
    await far_ends.carrier.join(far_ends.business, agent, customer)
    return kim, agent, dana, customer


async def test_of_many_tabs_one_accepts(far_ends: BrowserFarEnds, heard: Heard):
    tabs = [far_ends.page()]
    tabs += [far_ends.page(tabs[0].subject) for _ in range(9)]
    leg = await rung(far_ends, Party.CUSTOMER, tabs[0])
    await asyncio.gather(*(tab.say(leg, "accept") for tab in tabs))
    await heard.wait(leg, LegEventKind.ANSWERED)
    found = await row(far_ends, leg)
    assert found["state"] == "accepted"
    assert found["page"] in {tab.page for tab in tabs}
    late = next(tab for tab in tabs if tab.page != found["page"])
    for kind in ("hang_up", "decline", "lost"):
        await late.say(leg, kind)
    await asyncio.sleep(0.3)
    assert (await row(far_ends, leg))["state"] == "accepted"
    assert heard.kinds(leg).count(LegEventKind.ANSWERED) == 1


async def test_two_processes_apply_each_input_once_and_in_order(far_ends: BrowserFarEnds, heard: Heard):
    kim, agent, dana, customer = await talk(far_ends, heard)
    start = (await row(far_ends, agent))["round"]
    for _ in range(10):
        await kim.say(agent, "take")
        await dana.say(customer, "take")

    async def settled() -> bool:
        async with far_ends.databases.administrator() as connection:
            return not await connection.fetchval("SELECT count(*) FROM page_input WHERE applied_at IS NULL")

    await eventually(settled)
    rounds = {(await row(far_ends, leg))["round"] for leg in (agent, customer)}
    assert rounds == {start + 20}


async def test_a_reloaded_page_takes_its_leg_back_and_both_start_anew(far_ends: BrowserFarEnds, heard: Heard):
    _, agent, dana, customer = await talk(far_ends, heard)
    before = await row(far_ends, customer)
    reloaded = far_ends.page(dana.subject)
    await reloaded.be_there()
    await reloaded.say(customer, "take")

    async def taken() -> bool:
        return (await row(far_ends, customer))["page"] == reloaded.page

    await eventually(taken)
    rounds = {(await row(far_ends, leg))["round"] for leg in (agent, customer)}
    assert rounds == {before["round"] + 1}
    await dana.say(customer, "hang_up")  # the page that is gone has no say any more
    await reloaded.say(customer, "sound")
    await heard.wait(customer, LegEventKind.SOUND)
    assert (await row(far_ends, customer))["state"] == "joined"


async def test_a_page_that_goes_away_in_a_talk_is_lost_after_twenty_seconds(
    far_ends: BrowserFarEnds, heard: Heard, databases: Databases
):
    kim, agent, dana, customer = await talk(far_ends, heard)
    databases.sessions.shift(timedelta(seconds=19))
    await kim.be_there()
    await asyncio.sleep(1.3)
    assert LegEventKind.ENDED not in heard.kinds(customer)
    databases.sessions.shift(timedelta(seconds=3))
    ended = await heard.wait(customer, LegEventKind.ENDED)
    assert ended.cause is EndCause.LOST


async def test_a_page_that_closes_in_a_talk_has_twenty_seconds_to_come_back(
    far_ends: BrowserFarEnds, heard: Heard, databases: Databases
):
    kim, agent, dana, customer = await talk(far_ends, heard)
    await dana.be_gone()
    await kim.be_there()
    await asyncio.sleep(1.3)
    assert (await row(far_ends, customer))["state"] == "joined"
    databases.sessions.shift(timedelta(seconds=21))
    assert (await heard.wait(customer, LegEventKind.ENDED)).cause is EndCause.LOST


async def test_sound_that_does_not_come_back_ends_the_talk(far_ends: BrowserFarEnds, heard: Heard):
    kim, agent, _, _ = await talk(far_ends, heard)
    await kim.say(agent, "lost")
    assert (await heard.wait(agent, LegEventKind.ENDED)).cause is EndCause.LOST


async def test_hold_silences_both_and_only_the_agent_may(far_ends: BrowserFarEnds, heard: Heard):
    kim, agent, dana, customer = await talk(far_ends, heard)
    await dana.say(customer, "hold")
    await kim.say(agent, "hold")
    for leg in (agent, customer):
        await heard.wait(leg, LegEventKind.HELD)
    await kim.say(agent, "resume")
    for leg in (agent, customer):
        await heard.wait(leg, LegEventKind.RESUMED)
        assert (await row(far_ends, leg))["state"] == "joined"


async def test_why_an_agent_declines_is_told(far_ends: BrowserFarEnds, heard: Heard):
    kim = far_ends.page()
    leg = await rung(far_ends, Party.AGENT, kim)
    await kim.say(leg, "decline", "in a meeting")
    assert (await heard.wait(leg, LegEventKind.ENDED)).reason == "in a meeting"


async def test_what_no_page_could_mean_changes_nothing(far_ends: BrowserFarEnds, heard: Heard):
    kim = far_ends.page()
    leg = await rung(far_ends, Party.AGENT, kim)
    for kind in ("sing", "take", "sound", "hold", "resume", "lost"):
        await kim.say(leg, kind)
    await kim.say(LegId(new_id()), "accept")
    await kim.say(leg, "accept")
    await heard.wait(leg, LegEventKind.ANSWERED)


async def test_an_address_that_is_no_id_is_refused(far_ends: BrowserFarEnds):
    order = LegOrder(
        business=far_ends.business,
        callback=CallbackId(new_id()),
        leg=LegId(new_id()),
        party=Party.CUSTOMER,
        address="+442079460123",
        peer_name="Kim",
        peer_detail="Billing",
    )
    with pytest.raises(CarrierError):
        await far_ends.carrier.prepare(order)
