"""A supervisor's bad day: an agent falls sick, a system is down, the queue is full; every customer is told in the chat."""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta

import pytest
from playwright.async_api import Locator, Page, expect

from tests.journeys.conftest import Stage
from tests.journeys.people import Customer

pytestmark = pytest.mark.journey

INCIDENT = "Our payment system is down; bills are safe."


async def goes_to(page: Page, section: str) -> None:
    await page.get_by_role("navigation").get_by_role("link", name=re.compile(f"^{section}")).click()


async def dialog(page: Page) -> Locator:
    found = page.get_by_role("dialog")
    await expect(found).to_be_visible()
    return found


async def sees_who_and_does(page: Page, shown: Locator, words: str, *, reason: str, does: str) -> None:
    """Give a reason, look at the preview, do exactly that."""
    await shown.get_by_label("Reason").fill(reason)
    await shown.get_by_role("button", name="Show who is affected").click()
    await expect(shown.get_by_text(re.compile(words)).first).to_be_visible()
    await shown.get_by_role("button", name=re.compile(f"^{does}")).click()
    await expect(page.get_by_role("dialog")).to_have_count(0)


async def pulls(page: Page, lever: str, queue: str = "Billing") -> Locator:
    """Open a lever's dialog with one queue chosen."""
    await goes_to(page, "Overview")
    await page.get_by_role("button", name=f"Change {lever}").click()
    shown = await dialog(page)
    box = shown.get_by_role("checkbox", name=re.compile(f"^{queue}"))
    if not await box.is_checked():
        await box.check()
    return shown


async def books_tomorrow(customer: Customer, words: str) -> None:
    await customer.opens_the_chat()
    await customer.says(words)
    await customer.button("Yes, continue").click()
    await customer.confirms()
    await customer.sees("Booked: a call")


@pytest.mark.timeout(300)  # one long day in five browsers
async def test_a_supervisor_keeps_every_customer_told_through_a_bad_day(stage: Stage) -> None:
    stage.opens_business(agents=("kim", "amir"))
    kim = await stage.agent("kim")
    await stage.agent("amir")
    dana, erin, finn = [await stage.customer() for _ in range(3)]
    await books_tomorrow(dana, "Can Kim call me tomorrow at 15:00?")
    await books_tomorrow(erin, "Please call me tomorrow at 15:00 about my bill")
    nadia = await stage.supervisor()

    # Kim falls sick: one act, and Dana hears that somebody else keeps the promise.
    await goes_to(nadia, "Agents")
    await nadia.get_by_role("button", name="Away: Kim Osei").click()
    shown = await dialog(nadia)
    tomorrow = (datetime.now(UTC) + timedelta(days=2)).date().isoformat()
    await shown.get_by_label("Until").fill(tomorrow)
    assert await stage.axe(nadia) == []
    await sees_who_and_does(nadia, shown, "Somebody else calls", reason="Sick", does="They are away")
    await dana.sees("Kim Osei is not here for your call. Somebody else calls you")
    await expect(nadia.get_by_text(re.compile("away until .*Sick"))).to_be_visible()
    await expect(kim.page.get_by_text("Offline").first).to_be_visible()

    # A system is down: its words stand instead of offers, and whoever waits is asked.
    shown = await pulls(nadia, "the incident")
    await shown.get_by_label("What customers read instead of offers").fill(INCIDENT)
    assert await stage.axe(nadia) == []
    await sees_who_and_does(nadia, shown, "Asked in the chat", reason="Card processor", does="Announce the incident")
    await expect(nadia.get_by_role("region", name="Alerts").get_by_text(INCIDENT)).to_be_visible()
    assert await stage.axe(nadia) == []
    for customer in (dana, erin):
        await customer.sees("Do you still need our call")
    assert await stage.axe(dana.page) == []
    await dana.button("Yes, keep my place").click()
    await dana.sees("We keep your place")
    await erin.button("No, cancel it").click()
    await erin.sees("Cancelled. No phone will ring")
    await finn.opens_the_chat()
    await finn.says("Please call me about my bill")
    await finn.sees("Our payment system is down")
    await expect(finn.widget.get_by_role("radio", name=re.compile("As soon as possible"))).to_have_count(0)
    shown = await pulls(nadia, "the incident")
    await shown.get_by_label("What customers read instead of offers").fill("")
    await sees_who_and_does(nadia, shown, "callbacks are offered again", reason="Fixed", does="End the incident")

    # No more than there is room for: Finn waits for room, and is told of it.
    shown = await pulls(nadia, "the backlog cap")
    await shown.get_by_label("Open callbacks at most").fill("0")
    await sees_who_and_does(nadia, shown, "No new callbacks until", reason="Catching up", does="Change the backlog cap")
    await nadia.get_by_role("switch", name="Waitlist").click()
    shown = await dialog(nadia)
    await sees_who_and_does(nadia, shown, "told of some", reason="Catching up", does="Keep a waitlist")
    await finn.says("Please call me about my bill")
    await finn.chooses("Tell me when there is room")
    await finn.sees("We write here as soon as Billing has room. You are the first")
    shown = await pulls(nadia, "the backlog cap")
    await shown.get_by_label("Open callbacks at most").fill("")
    await sees_who_and_does(nadia, shown, "No cap", reason="Caught up", does="Remove the backlog cap")
    await finn.sees("Billing has room for your call now")

    # Words for everybody who is promised, found by a filter and shown before they are sent.
    await goes_to(nadia, "Callbacks")
    await nadia.get_by_role("button", name="Act on many").click()
    shown = await dialog(nadia)
    await shown.get_by_label("Do").select_option(label="Write to them")
    await shown.get_by_label("Queue").select_option(label="Billing")
    assert await stage.axe(nadia) == []
    await shown.get_by_role("button", name="Go on").click()
    shown = await dialog(nadia)
    await shown.get_by_label("Message").fill("Please have your customer number at hand.")
    await sees_who_and_does(nadia, shown, "Written to in the chat", reason="Quicker calls", does="Write to 1")
    await dana.sees("Please have your customer number at hand")
    assert await stage.axe(nadia) == []


async def test_an_administrator_keeps_the_list_of_numbers_that_are_never_called(stage: Stage) -> None:
    stage.opens_business(agents=("kim",))
    alex = await stage.supervisor("alex")
    await goes_to(alex, "Do not call")
    await expect(alex.get_by_text("No number is on the list.")).to_be_visible()
    await alex.get_by_role("button", name="Add a number").click()
    shown = await dialog(alex)
    await shown.get_by_label("Number").fill("0207 1234")
    await shown.get_by_role("button", name="Never call it").click()
    await expect(shown.get_by_text("A number begins with + and its country code.")).to_be_visible()
    assert await stage.axe(alex) == []
    await shown.get_by_label("Number").fill("+44 20 7946 0444")
    await shown.get_by_label("Note").fill("Asked by mail")
    await shown.get_by_role("button", name="Never call it").click()
    await expect(alex.get_by_role("row", name=re.compile("442079460444.*Added by hand.*Asked by mail"))).to_be_visible()
    assert await stage.axe(alex) == []

    # Searched as people write it; a number that is not there is said so.
    search = alex.get_by_role("search", name="Find a number").get_by_label("Number")
    await search.fill("+44 20 7946 0445")
    await search.press("Enter")
    await expect(alex.get_by_text("is not on the list: it may be called.")).to_be_visible()
    await search.fill("+44 (20) 7946-0444")
    await search.press("Enter")
    await alex.get_by_role("button", name="Take off: +442079460444").click()
    shown = await dialog(alex)
    await shown.get_by_role("button", name="Take it off").click()
    await expect(alex.get_by_role("dialog")).to_have_count(0)
    await search.fill("")
    await expect(alex.get_by_text("No number is on the list.")).to_be_visible()

    # A supervisor sees the list and cannot change it.
    nadia = await stage.supervisor()
    await goes_to(nadia, "Do not call")
    await expect(nadia.get_by_text("No number is on the list.")).to_be_visible()
    await expect(nadia.get_by_role("button", name="Add a number")).to_have_count(0)
    assert await stage.axe(nadia) == []
