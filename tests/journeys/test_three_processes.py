"""The three servers as three processes on somebody else's PostgreSQL: people notice nothing, and the logs know nobody."""

from __future__ import annotations

import re
import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any
from uuid import UUID

import asyncpg
import pytest
from playwright.async_api import expect

from ringback.session_management_server.carriers.simulated_record import read_record
from tests.journeys.conftest import Stage
from tests.journeys.people import Agent
from tests.support.browsers import require_chromium, until
from tests.support.debian_postgres import debian_postgres, require_debian_postgres
from tests.support.folders import passable_folder
from tests.support.processes import Ringback, ringback
from tests.support.shop import shop
from tests.support.simulated_carrier import MODULE

ABOUT = "My bill of 83 pounds is wrong, I am quite upset"

pytestmark = [pytest.mark.journey, pytest.mark.postgres15]


@contextmanager
def telephones(folder: Path) -> Iterator[str]:
    """Run the simulated carrier's process: everybody answers, and customers hang up a second after they did."""
    program = [
        sys.executable,
        "-m",
        MODULE,
        "--listen",
        f"unix:{folder / 'carrier.sock'}",
        "--record",
        str(folder / "rang.jsonl"),
    ]
    process = subprocess.Popen(
        [*program, "--agents", "answers:0.1", "--customers", "answers:0.3+hangs_up:1"], stdout=subprocess.PIPE
    )
    try:
        assert process.stdout is not None
        assert process.stdout.readline().startswith(b"listening")
        yield f"unix:{folder / 'carrier.sock'}"
    finally:
        process.terminate()
        process.wait(10)


@pytest.fixture(scope="module")
def installation() -> Iterator[Ringback]:
    """Three processes on Debian's postgresql-15 over TCP; the database is made by `ringback migrate`."""
    require_chromium()
    require_debian_postgres()
    with debian_postgres() as server, passable_folder() as folder, telephones(folder) as address:
        url = f"postgresql://{server.user}:{server.password}@{server.host}:{server.port}/ringback"
        carriers = {"carriers": "browser,simulated", "simulated_carrier": address, "log_level": "debug"}
        with ringback(folder, database_url=url, **carriers) as running:
            running.command("migrate")
            running.start_servers(("interactions", "sessions", "application"))
            yield running


@pytest.fixture(scope="module")
def shop_origin(installation: Ringback) -> Iterator[str]:
    """The shop's page, on another origin."""
    with shop(installation.url) as origin:
        yield origin


async def test_a_customer_and_an_agent_hear_each_other_through_three_processes(stage: Stage) -> None:
    stage.opens_business()
    kim = await stage.agent("kim")
    dana = await stage.customer()
    await dana.asks_for_a_call_now()
    await dana.sees("Booked: a call by")
    await kim.sees("My bill is wrong")
    await kim.accepts()
    await dana.sees("Kim Osei is calling you")
    await dana.answers()
    await dana.hears("kim")
    await kim.hears_the_customer()
    await dana.button("Hang up").click()
    await kim.finishes("Solved")
    await dana.sees("We spoke at")
    report = stage.report()
    assert (report["lost"], report["rung_twice"]) == (0, 0)
    assert len(stage.ringback.processes) == 3


async def pages_heard(stage: Stage) -> set[UUID]:
    """The pages that were heard since the application server which runs now was started."""
    connection = await asyncpg.connect(stage.ringback.environment["RINGBACK_DATABASE_URL"])
    try:
        rows = await connection.fetch(
            "SELECT page FROM ringback.presence WHERE left_at IS NULL AND business = "
            "(SELECT id FROM ringback.business WHERE slug = $1) AND seen_at > "
            "(SELECT max(started_at) FROM ringback.process WHERE server = 'application')",
            stage.slug,
        )
    finally:
        await connection.close()
    return {row["page"] for row in rows}


async def test_a_talk_and_everybodys_place_outlive_the_server_of_their_pages(stage: Stage) -> None:
    """The application server is killed and started anew; another agent waits meanwhile, and stays on duty."""
    stage.opens_business()
    kim, amir = await stage.agent("kim"), await stage.agent("amir")
    dana = await stage.customer()
    await dana.opens_the_chat()
    await dana.says("Can Kim call me as soon as possible?")
    await dana.confirms()
    await kim.accepts()
    await dana.answers()
    await dana.hears("kim")
    there = await pages_heard(stage)
    assert len(there) == 3
    application = stage.ringback.processes["application"]
    application.signal(signal.SIGKILL)
    application.popen.wait(5)
    stage.ringback.start("application", "serve", "application")
    stage.ringback.wait_until_ready()

    async def all_heard() -> bool:
        return await pages_heard(stage) == there

    await until("all three pages are heard again", all_heard)
    for agent in (kim, amir):
        await expect(agent.page.get_by_text("Live", exact=True)).to_be_visible(timeout=15_000)
    await dana.hears("kim")
    await kim.hears_the_customer()
    await dana.button("Hang up").click()
    await kim.finishes("Solved")
    await dana.sees("We spoke at")
    for agent in (kim, amir):
        await agent.sees("Nothing is ringing")
        await expect(agent.page.get_by_role("banner").get_by_text("Available")).to_be_visible()


def customers_rung(stage: Stage) -> list[dict[str, Any]]:
    """What the carrier wrote down of telephones that rang at customers."""
    record = read_record(stage.ringback.folder / "rang.jsonl")
    return [line for line in record if line["what"] == "rang" and line["party"] == "customer"]


async def books_one_from_the_desk(agent: Agent) -> None:
    """Fill in "New callback": first without what is needed, then with it."""
    await agent.button("New callback").click()
    form = agent.page.get_by_role("dialog", name="New callback")
    await form.get_by_role("button", name="Book the callback").click()
    await expect(form.get_by_label("Number to call")).to_have_attribute("aria-invalid", "true")
    await form.get_by_label("Customer’s name").fill("Ms Abara")
    await form.get_by_label("Number to call").fill("+44 20 7946 0019")
    await form.get_by_label("What about").fill("Her new tariff")
    await form.get_by_role("checkbox").check()
    await form.get_by_role("button", name="Book the callback").click()
    await expect(form.get_by_role("status")).to_contain_text("Booked")
    await form.get_by_role("button", name="Close").click()


async def test_a_telephone_is_rung_once_and_no_log_of_the_whole_run_knows_its_number_or_a_word_of_the_chat(
    stage: Stage,
) -> None:
    stage.opens_business(agents=("kim",), agent_carrier="simulated", policy={"wrap_up": 1})
    kim = await stage.agent("kim")
    dana = await stage.customer()
    await dana.opens_the_chat()
    await dana.says(ABOUT)
    await dana.chooses("As soon as possible")
    await dana.widget.get_by_text("My phone").click()
    await dana.widget.locator("#rb-number").fill("020 7946 0018")
    await dana.confirms()
    await dana.sees("Booked: a call by")
    await dana.sees("We spoke at")
    assert len(customers_rung(stage)) == 1
    await kim.sees("Nothing is ringing")
    await books_one_from_the_desk(kim)

    async def rung_once_more() -> bool:
        return len(customers_rung(stage)) == 2

    await until("the customer of the desk's own callback is rung", rung_once_more)
    logs = stage.ringback.logs()
    assert "attempt_over" in logs
    assert "message_applied" in logs
    found = [
        word
        for word in (
            "2079460018",
            "7946 0018",
            "2079460019",
            "7946 0019",
            "Abara",
            ABOUT,
            "My bill",
            "quite upset",
            "Dana",
        )
        if word in logs
    ]
    assert not found, found
    assert not re.findall(r"\+\d{7,}", logs)
    await expect(dana.widget.get_by_text("We spoke at").first).to_be_visible()
