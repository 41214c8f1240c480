"""The three servers as three processes on somebody else's PostgreSQL: people notice nothing, and the logs know nobody."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.journeys.conftest import Stage
from tests.support.browsers import require_chromium
from tests.support.debian_postgres import debian_postgres, require_debian_postgres
from tests.support.folders import passable_folder
from tests.support.processes import Ringback, ringback
from tests.support.shop import shop

pytestmark = [pytest.mark.journey, pytest.mark.postgres15]


@pytest.fixture(scope="module")
def installation() -> Iterator[Ringback]:
    """Three processes on Debian's postgresql-15 over TCP; the database is made by `ringback migrate`."""
    require_chromium()
    require_debian_postgres()
    with debian_postgres() as server, passable_folder() as folder:
        url = f"postgresql://{server.user}:{server.password}@{server.host}:{server.port}/ringback"
        with ringback(folder, database_url=url) as running:
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
