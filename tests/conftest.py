"""Fixtures every test may ask for."""

from __future__ import annotations

import asyncio
import os
from collections.abc import AsyncIterator, Iterator

import pytest
from hypothesis import settings

from ringback.domain.ids import BusinessId
from ringback.postgres.address import ServerAddress
from ringback.postgres.embedded import EmbeddedPostgres
from tests.support.databases import Databases, copy_template, drop_database, make_template, open_databases
from tests.support.debian_postgres import debian_postgres, require_debian_postgres
from tests.support.examples import Examples, examples_on
from tests.support.folders import memory_with_room, passable_folder

# What lands is judged by the same examples every time; everybody else's runs look at new ones.
settings.register_profile("landing", derandomize=True)
if os.environ.get("RINGBACK_TEST_SAME_EXAMPLES") == "1":
    settings.load_profile("landing")

pytest_plugins = ["tests.support.no_skip"]


@pytest.fixture(scope="session")
def postgres_server() -> Iterator[ServerAddress]:
    """A PostgreSQL for the whole session, with a migrated template. Not durable: tests of durability start their own.

    It is the embedded one; with RINGBACK_TEST_POSTGRES=15 it is Debian's postgresql-15 over TCP.
    """
    if os.environ.get("RINGBACK_TEST_POSTGRES") == "15":
        require_debian_postgres()
        with debian_postgres() as address:
            asyncio.run(make_template(address))
            yield address
        return
    with passable_folder(within=memory_with_room()) as folder:
        server = EmbeddedPostgres(
            folder / "database",
            # One round of hashing for a password of tests: 4,096 are 10 ms of this process for each of some ten thousand connections.
            overrides={
                "fsync": "off", "synchronous_commit": "off", "full_page_writes": "off", "scram_iterations": "1",
            },
        )  # fmt: skip
        address = asyncio.run(server.start())
        try:
            asyncio.run(make_template(address))
            yield address
        finally:
            asyncio.run(server.stop(force=True))


@pytest.fixture
def database_address(postgres_server: ServerAddress) -> Iterator[ServerAddress]:
    """A fresh migrated database of the test's own, as its administrator."""
    address = asyncio.run(copy_template(postgres_server))
    yield address
    asyncio.run(drop_database(postgres_server, address.database))


@pytest.fixture
async def databases(database_address: ServerAddress) -> AsyncIterator[Databases]:
    """That database as each role sees it."""
    async with open_databases(database_address) as opened:
        yield opened


@pytest.fixture
def examples(database_address: ServerAddress) -> Iterator[Examples]:
    """The same for the examples of a property test, which share it."""
    with examples_on(database_address) as opened:
        yield opened


@pytest.fixture
async def business(databases: Databases) -> BusinessId:
    """A bare business, Acme Energy."""
    return await databases.make_business()
