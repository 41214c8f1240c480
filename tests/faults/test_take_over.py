"""A process is killed, or stalled for longer than its lease, at each step of an attempt: another goes on, and nothing rings twice."""

from __future__ import annotations

import asyncio
import contextlib
import os
import signal
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from ringback.domain import events
from ringback.domain.ids import BusinessId
from ringback.domain.status import Outcome
from ringback.session_management_server.carriers.environment import CarrierEnvironment
from ringback.session_management_server.carriers.registry import open_carriers
from tests.support.databases import Databases
from tests.support.session_process import session_process
from tests.support.sessions import Sessions, sessions_over
from tests.support.simulated_carrier import CarrierProcess, carrier_process
from tests.support.waiting import eventually

pytestmark = pytest.mark.faults

LEASE = 2.0
POINTS = [  # fate, point, how often it is passed before it strikes, and what becomes of the attempt; `make faults` walks them all
    ("kill", "commit:timer_perform:after", 0, Outcome.TALKED),
    ("kill", "carrier:simulated:dial:after", 1, Outcome.TALKED),  # the customer rings: go on waiting
    ("kill", "carrier:simulated:join:before", 0, Outcome.TALKED),
    ("stall", "carrier:simulated:prepare:after", 0, Outcome.TALKED),
    ("stall", "commit:fence:before", 1, Outcome.TALKED),
    ("stall", "carrier:simulated:dial:before", 0, Outcome.TALKED),  # the agent's late dial meets a revoked leg
    ("stall", "carrier:simulated:dial:before", 1, Outcome.CARRIER_FAILURE),  # and so does the customer's
    ("stall", "commit:record_join:before", 0, Outcome.TALKED),  # the locks it holds outlast the talk
]


@pytest.fixture
async def carrier(tmp_path: Path) -> AsyncIterator[CarrierProcess]:
    """Customers who answer after a while and talk for long enough to be found by whoever takes over."""
    async with carrier_process(tmp_path, "--customers", "answers:0.4+hangs_up:5", "--agents", "answers:0.3") as it:
        yield it


@pytest.fixture
async def sessions(databases: Databases, carrier: CarrierProcess) -> AsyncIterator[Sessions]:
    environment = CarrierEnvironment(
        database=databases.sessions, dispatcher=databases.dispatcher, hints=databases.hints
    )
    carriers = open_carriers(["simulated"], environment, options={"simulated": {"address": carrier.address}})
    async with sessions_over(databases, carriers) as it:
        yield it


@pytest.mark.parametrize(
    ("fate", "point", "after", "outcome"), POINTS, ids=[f"{fate} {point} {n}" for fate, point, n, _ in POINTS]
)
async def test_another_process_goes_on(
    sessions: Sessions,
    databases: Databases,
    business: BusinessId,
    carrier: CarrierProcess,
    tmp_path: Path,
    fate: str,
    point: str,
    after: int,
    outcome: Outcome,
):
    spent = tmp_path / "spent"
    options = ("--point", point, "--fate", fate, "--after", str(after), "--spent", str(spent))
    async with session_process(databases.address, carrier.address, *options, lease=LEASE) as process:
        directed = await sessions.direct(business, agent_ring=4.0, customer_ring=4.0)
        await eventually(lambda: asyncio.to_thread(spent.exists))
        manager = sessions.start(lease=LEASE)
        ended = await sessions.ended(directed, within=30)
        if fate == "stall":
            os.kill(process.pid, signal.SIGCONT)
            await asyncio.sleep(1.0)  # what it meant to do it does now: dial, prepare, record
        await manager.sweep()
        assert ended.outcome is outcome, ended
        rang = carrier.lines("rang", callback=directed.callback, party="customer")
        assert len(rang) == (0 if outcome is Outcome.CARRIER_FAILURE else 1)
        assert ended.may_have_rung == bool(rang)
        assert len(await ended_legs(databases, directed.attempt)) >= len(rang)
        assert not [one for one in await sessions.said(directed) if isinstance(one, events.AgentNeeded)]
        assert await orphans(sessions, business) == []


async def ended_legs(databases: Databases, attempt: object) -> list[object]:
    """Return the attempt's legs, all of which must have their evidence."""
    async with databases.administrator() as connection:
        legs = await connection.fetch("SELECT phase, evidence FROM leg WHERE attempt = $1", attempt)
    assert all(leg["phase"] == "ended" and leg["evidence"] for leg in legs)
    return list(legs)


async def orphans(sessions: Sessions, business: BusinessId) -> list[object]:
    """Return what is left at the carrier."""
    left: list[object] = []
    for carrier in sessions.carriers.values():
        with contextlib.suppress(TimeoutError):
            left += await carrier.legs_of(business)
    return left
