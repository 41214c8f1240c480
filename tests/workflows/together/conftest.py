"""The interaction manager and the session management server together, on a simulated carrier."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from ringback.domain.ids import BusinessId
from ringback.session_management_server.carriers.environment import CarrierEnvironment
from ringback.session_management_server.carriers.registry import open_carriers
from ringback.session_management_server.carriers.simulated import SimulatedCarrier
from tests.support.databases import Databases
from tests.support.sessions import Sessions, sessions_over
from tests.support.simulated_carrier import CarrierProcess, carrier_process
from tests.workflows.interaction_manager.floor import Floor


class Running:
    """An interaction manager that runs until it is stopped."""

    def __init__(self, floor: Floor) -> None:
        self.task = asyncio.create_task(floor.another_manager().run())

    async def stop(self) -> None:
        """Stop it; twice is fine."""
        self.task.cancel()
        with contextlib.suppress(asyncio.CancelledError):
            await self.task


@pytest.fixture
async def carrier(tmp_path: Path) -> AsyncIterator[CarrierProcess]:
    """Customers answer at once and hang up soon, agents accept at once, unless a test says otherwise."""
    async with carrier_process(tmp_path, "--customers", "answers:0.1+hangs_up:0.3", "--agents", "answers:0.05") as it:
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


@pytest.fixture
async def sessions(databases: Databases, carrier: CarrierProcess) -> AsyncIterator[Sessions]:
    """The session management server runs."""
    environment = CarrierEnvironment(
        database=databases.sessions, dispatcher=databases.dispatcher, hints=databases.hints
    )
    carriers = open_carriers(["simulated"], environment, options={"simulated": {"address": carrier.address}})
    async with sessions_over(databases, carriers) as it:
        it.start()
        yield it


@pytest.fixture
def floor(databases: Databases, business: BusinessId) -> Floor:
    """A business with nothing in it."""
    return Floor(databases, business)


@pytest.fixture
async def manager(floor: Floor) -> AsyncIterator[Running]:
    """The interaction manager runs."""
    running = Running(floor)
    yield running
    await running.stop()
