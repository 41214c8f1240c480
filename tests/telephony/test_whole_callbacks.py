"""Callbacks from their request to their end on a real Asterisk: in each dial order, and with the keys that a customer presses."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import AsyncIterator
from typing import Any

import pytest

from ringback.domain.events import CallbackRefused
from ringback.domain.ids import AgentId, CallbackId
from ringback.interaction_manager.worker import InteractionManager
from tests.support.databases import Databases
from tests.support.talking_phones import Person
from tests.support.waiting import eventually
from tests.telephony.exchange import AGENT, CUSTOMER, Exchange, until
from tests.workflows.interaction_manager.floor import Floor

pytestmark = [pytest.mark.asterisk, pytest.mark.xdist_group("asterisk")]

FAST = {"agent_ring": 5, "customer_ring": 8, "wrap_up": 1, "slot_length": 60, "hold_before": 10}


@pytest.fixture
async def floor(floor: Floor, exchange: Exchange, databases: Databases) -> AsyncIterator[Floor]:
    """The interaction manager runs beside the session manager, and rings customers through the same Asterisk."""
    floor.manager = InteractionManager(
        database=databases.interactions,
        dispatcher=databases.dispatcher,
        hints=databases.hints,
        phone_carrier="asterisk",
    )
    running = asyncio.create_task(floor.manager.run())
    yield floor
    running.cancel()
    with contextlib.suppress(asyncio.CancelledError):
        await running


async def agent(floor: Floor, **policy: Any) -> AgentId:
    """The only agent of a queue, with a telephone behind the trunk."""
    kim = await floor.agent("kim", await floor.queue(policy=FAST | policy), carrier="asterisk")
    await floor.sql("UPDATE agent SET address = $1 WHERE id = $2", AGENT, kim)
    return kim


async def book(floor: Floor, number: str = CUSTOMER) -> CallbackId:
    return await floor.book(number=number, drain=False)


async def in_state(floor: Floor, callback: CallbackId, *states: str) -> Any:
    async def there() -> Any:
        row = await floor.callback(callback)
        return row if row["state"] in states else None

    return await eventually(there, within=40)


async def test_customer_first_the_customer_s_telephone_rings_first_and_the_agent_s_when_it_is_answered(
    floor: Floor, exchange: Exchange
) -> None:
    kim = await agent(floor, dial_order="customer_first")
    heard_by_agent = exchange.phones.person(AGENT, Person(hertz=400))
    heard_by_customer = exchange.phones.person(CUSTOMER, Person(hertz=1300), "slow")
    callback = await book(floor)
    await until(lambda: exchange.times(CUSTOMER) == 1)
    assert exchange.times(AGENT) == 0, "the agent was rung before anybody had answered"
    assert (await floor.agent_state(kim))["state"] == "held"
    await in_state(floor, callback, "talking")
    await until(lambda: len(heard_by_customer.heard) > 4000 and heard_by_customer.loudness(400, since=-4000) > 0.8)
    await until(lambda: len(heard_by_agent.heard) > 4000 and heard_by_agent.loudness(1300, since=-4000) > 0.8)
    exchange.phones.hang_up(CUSTOMER)
    row = await in_state(floor, callback, "done")
    assert (row["outcome"], row["attempts"], exchange.times(CUSTOMER), exchange.times(AGENT)) == ("talked", 1, 1, 1)
    (dialled,) = await floor.sql("SELECT * FROM dialled_first WHERE callback = $1", callback)
    assert dialled["ready_at"] <= dialled["joined_at"] <= dialled["over_at"]


async def test_who_presses_9_is_on_the_do_not_call_list_and_is_not_rung_again(floor: Floor, exchange: Exchange) -> None:
    await agent(floor, telephony={"customer_menu": "Press 1 now, 2 later, 9 never again."})
    exchange.phones.person(AGENT)
    exchange.phones.person(CUSTOMER, Person(keys=((1.5, "9"),)))
    callback = await book(floor)
    row = await in_state(floor, callback, "closed")
    assert row["outcome"] == "declined"
    listed = await floor.sql("SELECT number, source, added_by FROM do_not_call")
    assert [each["number"] for each in listed] == [CUSTOMER]
    again = await book_refused(floor)
    assert again.id == "do-not-call"
    assert exchange.times(CUSTOMER) == 1


async def book_refused(floor: Floor) -> CallbackRefused:
    """Ask for the same number once more, which is refused."""
    with contextlib.suppress(AssertionError):
        await floor.book(number=CUSTOMER)
    return floor.last(CallbackRefused)


async def test_who_presses_2_is_rung_again_as_long_after_as_the_policy_says(floor: Floor, exchange: Exchange) -> None:
    await agent(floor, telephony={"customer_menu": "Press 1 now, 2 later, 9 never again.", "later_after": 60})
    exchange.phones.person(AGENT)
    exchange.phones.person(CUSTOMER, Person(keys=((1.5, "2"),)))
    callback = await book(floor)

    async def put_off() -> Any:
        row = await floor.callback(callback)
        return row if row["state"] == "waiting" and row["attempts"] == 1 else None

    row = await eventually(put_off, within=30)
    assert row["window_start"] > await floor.now()
    assert exchange.times(CUSTOMER) == 1
