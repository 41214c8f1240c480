"""Two real servers and a simulated carrier: who is called, when, by whom, and what the ledger says of it."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from ringback.domain.commands import CancelCallback
from ringback.domain.ids import CallbackId
from ringback.session_management_server.carriers.simulated import SimulatedCarrier
from tests.support.sessions import Sessions
from tests.support.simulated_carrier import CarrierProcess
from tests.support.waiting import PATIENCE, eventually
from tests.workflows.interaction_manager.floor import Floor, new_command
from tests.workflows.together.conftest import Running

FAST = {"agent_ring": 1, "customer_ring": 1, "wrap_up": 1, "slot_length": 60, "hold_before": 10}
NUMBER = "+442079460123"


async def until(floor: Floor, callback: CallbackId, *states: str, within: float = PATIENCE) -> Any:
    async def there() -> Any:
        row = await floor.callback(callback)
        return row if row["state"] in states else None

    return await eventually(there, within=within)


async def test_as_soon_as_possible_two_people_talk_and_the_promise_is_kept(
    floor: Floor, manager: Running, sessions: Sessions, carrier: CarrierProcess
) -> None:
    kim = await floor.agent("kim", await floor.queue(policy=FAST))
    callback = await floor.book(drain=False)
    row = await until(floor, callback, "done")
    assert (row["outcome"], row["customer_attempts"]) == ("talked", 1)
    promise = (await floor.promises(callback))[0]
    assert promise["result"] == "kept"
    assert promise["first_ring_at"] <= promise["answered_at"] <= promise["joined_at"]
    assert len(carrier.lines("rang", callback=callback, party="customer")) == 1

    async def free() -> bool:
        return (await floor.agent_state(kim))["state"] == "available"

    await eventually(free)


async def test_a_direction_handed_over_is_performed_on_time_while_the_interaction_manager_is_dead(
    floor: Floor, manager: Running, sessions: Sessions, carrier: CarrierProcess
) -> None:
    await floor.agent("kim", await floor.queue(policy=FAST))
    start = await floor.now() + timedelta(seconds=5)
    callback = await floor.book(start=start, drain=False)
    await until(floor, callback, "calling")
    assert await floor.now() < start - timedelta(seconds=2)
    await manager.stop()

    async def rang() -> Any:
        return carrier.lines("rang", callback=callback, party="customer")

    await eventually(rang, within=15)
    legs = await floor.sql("SELECT dialled_at FROM leg WHERE callback = $1 ORDER BY dialled_at", callback)
    assert start <= legs[0]["dialled_at"] < start + timedelta(seconds=1)
    assert (await floor.callback(callback))["state"] == "calling"  # the books are behind, the call is not
    again = Running(floor)
    try:
        await until(floor, callback, "done")
    finally:
        await again.stop()
    assert (await floor.promises(callback))[0]["result"] == "kept"


async def test_when_the_first_agent_does_not_answer_the_next_one_talks_in_the_same_attempt(
    floor: Floor, manager: Running, sessions: Sessions, carrier: CarrierProcess, far_ends: SimulatedCarrier
) -> None:
    billing = await floor.queue(policy=FAST)
    kim = await floor.agent("kim", billing, idle_for=100)
    lee = await floor.agent("lee", billing, idle_for=10)
    await far_ends.behave(str(kim), "no_answer")
    callback = await floor.book(drain=False)
    row = await until(floor, callback, "done")
    assert (row["attempts"], row["customer_attempts"], row["declined_by"]) == (1, 1, [kim])
    assert (await floor.agent_state(kim))["state"] == "not_responding"
    assignments = await floor.sql("SELECT agent, ended_why FROM assignment ORDER BY made_at")
    assert [(each["agent"], each["ended_why"]) for each in assignments] == [(kim, "no_answer"), (lee, "talked")]


async def test_a_customer_who_does_not_answer_is_promised_a_retry_that_succeeds(
    floor: Floor, manager: Running, sessions: Sessions, carrier: CarrierProcess, far_ends: SimulatedCarrier
) -> None:
    await floor.agent("kim", await floor.queue(policy={**FAST, "retry": {"no_answer": [2]}, "retry_width": 20}))
    await far_ends.behave(NUMBER, "no_answer")
    callback = await floor.book(number=NUMBER, drain=False)

    async def waits_for_its_retry() -> Any:
        row = await floor.callback(callback)
        return row if row["state"] == "waiting" and row["customer_attempts"] == 1 else None

    await eventually(waits_for_its_retry, within=15)
    await far_ends.behave(NUMBER, "answers:0.1+hangs_up:0.3")
    await until(floor, callback, "done")
    assert [(p["kind"], p["result"]) for p in await floor.promises(callback)] == [("first", "kept"), ("retry", "kept")]
    assert len(carrier.lines("rang", callback=callback, party="customer")) == 2


async def test_cancelled_while_the_agent_rings_no_customer_rings_and_only_then_it_is_said(
    floor: Floor, manager: Running, sessions: Sessions, carrier: CarrierProcess, far_ends: SimulatedCarrier
) -> None:
    kim = await floor.agent("kim", await floor.queue(policy={**FAST, "agent_ring": 20}))
    await far_ends.behave(str(kim), "no_answer")
    callback = await floor.book(drain=False)

    async def agent_rings() -> Any:
        return carrier.lines("rang", callback=callback, party="agent")

    await eventually(agent_rings)
    await floor.order(callback, CancelCallback(command=new_command(), callback=callback, by="customer"))
    await until(floor, callback, "cancelled")
    open_legs = await floor.sql("SELECT 1 FROM leg WHERE callback = $1 AND phase <> 'ended'", callback)
    assert open_legs == []
    assert carrier.lines("rang", callback=callback, party="customer") == []
    assert (await floor.promises(callback))[0]["result"] == "withdrawn"


async def test_ten_callbacks_two_agents_two_managers_everybody_is_called_once(
    floor: Floor, manager: Running, sessions: Sessions, carrier: CarrierProcess
) -> None:
    billing = await floor.queue(policy={**FAST, "wrap_up": 0})
    for name in ("kim", "lee"):
        await floor.agent(name, billing)
    second = Running(floor)
    try:
        callbacks = [await floor.book(drain=False) for _ in range(10)]
        for callback in callbacks:
            await until(floor, callback, "done", within=40)
    finally:
        await second.stop()
    for callback in callbacks:
        assert len(carrier.lines("rang", callback=callback, party="customer")) == 1
    assert await floor.manager.mend(floor.business) == 0
    assert len(await floor.sql("SELECT 1 FROM handled WHERE wrapped_at IS NOT NULL")) == 10
