"""A session management server on a simulated carrier."""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from ringback.session_management_server.carriers.environment import CarrierEnvironment
from ringback.session_management_server.carriers.registry import open_carriers
from ringback.session_management_server.carriers.simulated import SimulatedCarrier
from tests.support.databases import Databases
from tests.support.sessions import Sessions, sessions_over
from tests.support.simulated_carrier import CarrierProcess, carrier_process


@pytest.fixture
async def carrier(tmp_path: Path) -> AsyncIterator[CarrierProcess]:
    """A simulated carrier whose customers answer at once and hang up soon, unless a test says otherwise."""
    async with carrier_process(tmp_path, "--customers", "answers:0.1+hangs_up:0.3", "--agents", "answers:0.05") as it:
        yield it


@pytest.fixture
async def sessions(databases: Databases, carrier: CarrierProcess) -> AsyncIterator[Sessions]:
    """Nothing runs yet: a test starts as many session managers as it wants."""
    environment = CarrierEnvironment(
        database=databases.sessions, dispatcher=databases.dispatcher, hints=databases.hints
    )
    carriers = open_carriers(["simulated"], environment, options={"simulated": {"address": carrier.address}})
    async with sessions_over(databases, carriers) as it:
        yield it


@pytest.fixture
async def far_ends(carrier: CarrierProcess, databases: Databases) -> AsyncIterator[SimulatedCarrier]:
    """Tells the far ends how to behave."""
    client = SimulatedCarrier(
        CarrierEnvironment(
            database=databases.sessions,
            dispatcher=databases.dispatcher,
            hints=databases.hints,
            options={"address": carrier.address},
        )
    )
    await client.start()
    yield client
    await client.stop()
