"""Many callbacks, few agents, two of each server, people who cancel, pause and decline at random: at the end nothing is lost or left over."""

from __future__ import annotations

import asyncio
import random
from typing import Any

from ringback.domain.commands import CancelCallback, SetAgentState
from ringback.domain.ids import AgentId, CallbackId
from ringback.session_management_server.carriers.simulated import SimulatedCarrier
from tests.support.sessions import Sessions
from tests.support.simulated_carrier import CarrierProcess
from tests.support.waiting import eventually
from tests.workflows.interaction_manager.floor import Floor, new_command
from tests.workflows.together.conftest import Running

POLICY = {
    "agent_ring": 1, "customer_ring": 1, "wrap_up": 0.5, "more_time": 0, "question_timeout": 3, "retry_width": 60,
    "customer_attempts": 2, "reconnect_within": 5,
    "retry": {"busy": [1], "no_answer": [1], "machine": [1], "unreachable": [1], "carrier_failure": [0.5], "agent_unavailable": [0.5], "dropped": [0.5]},
}  # fmt: skip
CUSTOMERS = ["answers:0.1+hangs_up:0.2", "answers:0.1+hangs_up:0.2", "busy", "declines:0.1", "no_answer", "unreachable"]


async def test_nothing_is_lost_rung_twice_or_left_over(
    floor: Floor, manager: Running, sessions: Sessions, carrier: CarrierProcess, far_ends: SimulatedCarrier
) -> None:
    dice = random.Random(7)
    billing, support = await floor.queue("billing", policy=POLICY), await floor.queue("support", policy=POLICY)
    agents = [await floor.agent(name, billing, support) for name in ("ann", "ben", "cho", "dov", "eva")]
    await far_ends.behave(str(agents[0]), "declines:0.1")
    sessions.start()
    second = Running(floor)
    callbacks: list[CallbackId] = []
    try:
        for n in range(10):
            number = f"+4420794601{n:02}"
            await far_ends.behave(number, dice.choice(CUSTOMERS))
            callbacks.append(
                await floor.book(dice.choice(["biz:acme/q:billing", "biz:acme/q:support"]), number=number, drain=False)
            )
            if dice.random() < 0.25:
                await cancel(floor, dice.choice(callbacks))
            if dice.random() < 0.3:
                await wish(floor, dice.choice(agents[1:4]), dice.choice(["paused", "available"]))
            await asyncio.sleep(dice.random() * 0.3)
        for agent in agents:
            await wish(floor, agent, "available")
        await eventually(lambda: everything_over(floor, agents), within=90, every=0.5)
    finally:
        await second.stop()
        await manager.stop()
    await floor.settle()
    assert await floor.sql("SELECT * FROM message_cursor WHERE parked_at IS NOT NULL") == []
    assert await floor.sql("SELECT * FROM assignment WHERE state = 'live'") == []
    assert await floor.sql("SELECT * FROM leg WHERE phase <> 'ended'") == []
    assert await floor.sql("SELECT * FROM promise WHERE result = 'open'") == []
    assert (
        await floor.sql("SELECT * FROM gate WHERE state <> 'closed' OR attempt IS NOT NULL AND state <> 'closed'") == []
    )
    assert await floor.sql("SELECT * FROM due WHERE failures > 0") == []
    assert await floor.manager.mend(floor.business) == 0
    rows = await floor.sql("SELECT id, state, customer_attempts FROM callback")
    assert len(rows) == 10
    for row in rows:
        rang = carrier.lines("rang", callback=row["id"], party="customer")
        assert len(rang) <= 2, row
        assert len({each["leg"] for each in rang}) == len(rang)
        if row["state"] == "done":
            assert rang


async def everything_over(floor: Floor, agents: list[AgentId]) -> Any:
    for agent in agents:  # whoever did not answer comes back
        if (await floor.agent_state(agent))["state"] in ("not_responding", "paused"):
            await wish(floor, agent, "available")
    return not await floor.sql("SELECT 1 FROM callback WHERE finished_at IS NULL LIMIT 1") and not await floor.sql(
        "SELECT 1 FROM agent_state WHERE callback IS NOT NULL LIMIT 1"
    )


async def cancel(floor: Floor, callback: CallbackId) -> None:
    await floor.order(callback, CancelCallback(command=new_command(), callback=callback, by="customer"))


async def wish(floor: Floor, agent: AgentId, state: str) -> None:
    await floor.order(
        agent, SetAgentState(command=new_command(), agent=agent, state=state, by="user:x", reason="a break")
    )
