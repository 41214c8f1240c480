"""Dial orders by queue, through both servers and a simulated carrier: who rings first, and who was left alone."""

from __future__ import annotations

from typing import Any

from ringback.domain.ids import CallbackId
from ringback.session_management_server.carriers.simulated import SimulatedCarrier
from tests.support.sessions import Sessions
from tests.support.simulated_carrier import CarrierProcess
from tests.support.waiting import eventually
from tests.workflows.interaction_manager.floor import Floor
from tests.workflows.together.conftest import Running
from tests.workflows.together.test_two_servers import FAST, until


def rings(carrier: CarrierProcess, callback: CallbackId) -> list[str]:
    return [line["party"] for line in carrier.lines("rang", callback=callback)]


async def test_customer_first_the_customer_rings_first_and_the_agent_is_held_meanwhile(
    floor: Floor, manager: Running, sessions: Sessions, carrier: CarrierProcess, far_ends: SimulatedCarrier
) -> None:
    kim = await floor.agent(
        "kim", await floor.queue(policy=FAST | {"dial_order": "customer_first", "customer_ring": 5})
    )
    number = "+442079460150"
    await far_ends.behave(number, "answers:1+hangs_up:0.5")
    callback = await floor.book(number=number, drain=False)

    async def rang() -> bool:
        return rings(carrier, callback) == ["customer"]

    await eventually(rang)
    assert (await floor.agent_state(kim))["state"] == "held"
    row = await until(floor, callback, "done")
    assert (row["outcome"], rings(carrier, callback)) == ("talked", ["customer", "agent"])
    assert (await floor.promises(callback))[0]["result"] == "kept"
    dialled = (await floor.sql("SELECT * FROM dialled_first WHERE callback = $1", callback))[0]
    assert dialled["ready_at"] <= dialled["joined_at"] <= dialled["over_at"]
    assert (dialled["joined_at"] - dialled["ready_at"]).total_seconds() < 2


async def test_on_deck_a_customer_is_dialled_while_the_only_agent_wraps_up_and_gets_them(
    floor: Floor, manager: Running, sessions: Sessions, carrier: CarrierProcess, far_ends: SimulatedCarrier
) -> None:
    policy = FAST | {"dial_order": "on_deck", "wrap_up": 3, "customer_ring": 5, "customer_wait": 6}
    kim = await floor.agent("kim", await floor.queue(policy=policy))
    await far_ends.behave("+442079460152", "answers:0.5+hangs_up:0.5")
    first = await floor.book(drain=False)
    await until(floor, first, "done")
    second = await floor.book(number="+442079460152", drain=False)

    async def rang() -> Any:
        return rings(carrier, second)

    assert await eventually(rang) == ["customer"]
    assert (await floor.agent_state(kim))["state"] == "wrap_up", "dialled before anybody was free"
    row = await until(floor, second, "done")
    assert (row["outcome"], row["attempts"], rings(carrier, second)) == ("talked", 1, ["customer", "agent"])


async def test_a_customer_who_finds_nobody_is_counted_and_called_again_agent_first(
    floor: Floor, manager: Running, sessions: Sessions, carrier: CarrierProcess, far_ends: SimulatedCarrier
) -> None:
    """The agent was predicted to be free in time, and is not: the customer waits as long as the policy says."""
    policy = FAST | {
        "dial_order": "on_deck", "wrap_up": 4, "customer_wait": 1, "retry": {"agent_unavailable": [1]},
    }  # fmt: skip
    billing = await floor.queue(policy=policy)
    await floor.agent("kim", billing)
    await far_ends.behave("+442079460153", "answers:0.1+hangs_up:0.5")
    await until(floor, await floor.book(drain=False), "done")
    callback = await floor.book(number="+442079460153", drain=False)

    async def over() -> Any:
        return await floor.sql("SELECT * FROM dialled_first WHERE callback = $1 AND over_at IS NOT NULL", callback)

    alone = (await eventually(over))[0]
    assert alone["ready_at"] is not None and alone["joined_at"] is None
    row = await until(floor, callback, "done")
    assert (row["outcome"], row["attempts"]) == ("talked", 2)
    assert rings(carrier, callback) == ["customer", "agent", "customer"]
