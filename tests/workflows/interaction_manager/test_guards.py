"""Guards in the interaction manager: asked when a telephone is asked for, and what follows when the fence refused one."""

from __future__ import annotations

from typing import Any

import pytest

from ringback.domain.commands import EndWrapUp, PerformCallback
from ringback.domain.events import AttemptMissed, CallbackFinished, CallbackRefused
from ringback.domain.status import Outcome
from tests.workflows.interaction_manager.floor import Floor, new_command

POLICY = {
    "guards": {"countries": ["GB", "US"], "daily_spending": 5, "prices": {"": 2.0, "+44": 0.1}, "estimated_minutes": 2}
}


async def calling(floor: Floor, **more: Any) -> PerformCallback:
    billing = await floor.queue(policy=POLICY)
    await floor.agent("kim", billing)
    await floor.book(**more)
    await floor.settle()
    return floor.last(PerformCallback)


async def refused(floor: Floor, number: str) -> str:
    with pytest.raises(AssertionError):
        await floor.book(number=number)
    return floor.last(CallbackRefused).id


async def test_what_would_not_be_rung_is_refused_when_it_is_asked_for(floor: Floor) -> None:
    await floor.agent("kim", await floor.queue(policy=POLICY))
    assert await refused(floor, "+881612345678") == "number-not-allowed"
    assert await refused(floor, "+4930123456") == "country-not-allowed"
    await floor.sql(
        "INSERT INTO do_not_call (business, number, source, added_by, added_at) VALUES ($1, $2, 'added', 'test', now()) RETURNING 1",
        floor.business,
        "+442079460999",
    )
    assert await refused(floor, "+442079460999") == "do-not-call"
    await floor.sql(
        "INSERT INTO phone_spending (business, day, rings, cost) "
        "VALUES ($1, (now() AT TIME ZONE 'Europe/London')::date, 9, 4.9) RETURNING 1",
        floor.business,
    )
    assert await refused(floor, "+442079460998") == "spending-limit"


async def test_an_unproved_number_is_refused_last_and_only_to_who_names_it_in_a_chat(floor: Floor) -> None:
    guards = POLICY["guards"] | {"prove_numbers": "sms"}
    await floor.agent("kim", await floor.queue(policy={"guards": guards}))
    assert await refused(floor, "+442079460997") == "number-not-proved"
    assert await refused(floor, "+881612345678") == "number-not-allowed", "no code goes where nobody is called"
    await floor.book(number="+442079460996", created_by="user:1")


async def test_the_direction_carries_what_is_looked_at_before_the_fence(floor: Floor) -> None:
    rules = (await calling(floor)).guards
    assert rules is not None and rules.numbers.countries == ("GB", "US")
    assert (rules.limits.daily_spending, rules.prices, rules.day_zone) == (5.0, {"": 2.0, "+44": 0.1}, "Europe/London")
    assert rules.calling is None  # the customer said now


async def test_what_the_fence_refused_is_closed_with_its_cause_and_costs_no_attempt(floor: Floor) -> None:
    perform = await calling(floor)
    await floor.agent_rings(perform)
    await floor.agent_accepts(perform)
    await floor.ends(perform, Outcome.NOT_PERMITTED, detail="do-not-call")
    row = await floor.callback(perform.callback)
    assert (row["state"], row["customer_attempts"], row["outcome"]) == ("closed", 0, "not_permitted")
    assert floor.last(CallbackFinished).reason == "do_not_call"


async def test_refused_for_the_hour_it_gets_another_window(floor: Floor) -> None:
    perform = await calling(floor)
    await floor.ends(perform, Outcome.NOT_PERMITTED, detail="outside-calling-hours")
    row = await floor.callback(perform.callback)
    assert row["state"] == "waiting" and row["window_start"] > await floor.now()
    assert floor.last(AttemptMissed).next_window is not None


async def test_a_number_that_may_be_anywhere_is_asked_before_it_is_rung_again(floor: Floor) -> None:
    perform = await calling(floor, number="+18005550100")
    rang = await floor.customer_rings(perform)
    await floor.ends(perform, Outcome.NO_ANSWER, rang_at=rang, may_have_rung=True)
    row = await floor.callback(perform.callback)
    assert (row["state"], floor.last(AttemptMissed).question) == ("asking", "declined")
    assert "too many time zones" in row["reason"]


async def test_an_agents_do_not_call_again_lists_the_number(floor: Floor) -> None:
    perform = await calling(floor, number="+442079460777")
    await floor.talk(perform)
    done = await floor.command(
        perform.callback,
        EndWrapUp(
            command=new_command(), callback=perform.callback, attempt=perform.attempt, agent=perform.agent, code="block"
        ),
    )
    assert done.problem is None
    listed = await floor.sql("SELECT number, source FROM do_not_call")
    assert [tuple(row) for row in listed] == [("+442079460777", "agent")]
    assert await refused(floor, "+442079460777") == "do-not-call"
