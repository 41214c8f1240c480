"""The head of the line gets the right agent, once, with reasons; two workers never give one agent twice."""

from __future__ import annotations

import asyncio
import json
from datetime import timedelta

import pytest

from ringback.domain.commands import PerformCallback
from ringback.domain.events import DIALLING_STOPPED, CallbackChanged
from ringback.domain.ids import new_id
from ringback.domain.status import Server
from ringback.interaction_manager.assignment import wake_queue
from tests.workflows.interaction_manager.floor import NEVER, Floor


async def test_a_free_agent_is_directed_to_call_at_once(floor: Floor) -> None:
    billing = await floor.queue()
    kim = await floor.agent("kim", billing)
    callback = await floor.book()
    await floor.settle()
    perform = floor.last(PerformCallback)
    assert (perform.callback, perform.agent, perform.number) == (callback, kim, 1)
    assert perform.not_before <= await floor.now() < perform.not_after
    row = await floor.callback(callback)
    assert (row["state"], row["attempt"], row["attempts"]) == ("calling", perform.attempt, 1)
    agent = await floor.agent_state(kim)
    assert (agent["state"], agent["callback"], agent["attempt"]) == ("reserved", callback, perform.attempt)
    gate = await floor.gate(callback)
    assert (gate["attempt"], gate["epoch"], gate["state"]) == (perform.attempt, perform.epoch, "open")
    assignment = (await floor.sql("SELECT * FROM assignment"))[0]
    assert "free" in assignment["reasons"]
    assert await floor.decisions(callback) == ["accepted", "chosen"]
    assert (await floor.promises(callback))[0]["agent_ready_at"] is not None


async def test_nobody_free_waits_with_the_reason_and_a_freed_agent_takes_it(floor: Floor) -> None:
    billing = await floor.queue()
    kim = await floor.agent("kim", billing)
    first, second = await floor.book(), await floor.book()
    await floor.settle()
    assert floor.count(PerformCallback) == 1
    assert (await floor.callback(second))["reason"] == "Everybody who can take it is busy"
    assert "work" in await floor.timers(billing)
    perform = floor.last(PerformCallback)
    assert perform.callback == first
    await floor.talk(perform)
    assert (await floor.agent_state(kim))["state"] == "wrap_up"
    await floor.sql("UPDATE agent_state SET until = now() - interval '1 s'")
    await floor.sql("UPDATE due SET due_at = now() WHERE kind = 'wrap_up'")
    await floor.settle()
    assert floor.last(PerformCallback).callback == second


async def test_two_managers_racing_over_shared_agents_give_each_agent_once(floor: Floor) -> None:
    billing, support = await floor.queue("billing"), await floor.queue("support")
    agents = [await floor.agent(f"a{n}", billing, support) for n in range(6)]
    for n in range(12):
        await floor.book("biz:acme/q:billing" if n % 2 else "biz:acme/q:support")
    managers = [floor.manager, floor.another_manager(), floor.another_manager()]

    async def keep_waking() -> None:
        for _ in range(10):
            async with floor.databases.interactions.transaction(floor.business, name="wake") as tx:
                await wake_queue(tx, floor.business, billing)
                await wake_queue(tx, floor.business, support)
            await asyncio.gather(*(manager.timers.drain() for manager in managers))

    await keep_waking()
    await floor.settle()
    performs = [each for each in floor.directions if isinstance(each, PerformCallback)]
    assert sorted(each.agent for each in performs) == sorted(agents)
    assert len({each.callback for each in performs}) == 6
    assert len(await floor.sql("SELECT 1 FROM assignment WHERE state = 'live'")) == 6


async def test_a_booked_time_has_its_agent_held_and_directed_before_it_and_never_rings_before_it(floor: Floor) -> None:
    billing = await floor.queue(policy={"hold_before": 30, "slot_length": 60})
    kim = await floor.agent("kim", billing)
    start = await floor.now() + timedelta(seconds=45)
    callback = await floor.book(start=start)
    await floor.settle()
    assert (await floor.agent_state(kim))["state"] == "available"  # no earlier than needed
    await floor.sql(
        "UPDATE callback SET window_start = window_start - interval '20 s', ready_at = ready_at - interval '20 s'"
    )
    async with floor.databases.interactions.transaction(floor.business, name="wake") as tx:
        await wake_queue(tx, floor.business, billing)
    await floor.settle()
    agent = await floor.agent_state(kim)
    assert (agent["state"], agent["callback"], agent["attempt"]) == ("held", callback, None)
    assert floor.count(PerformCallback) == 0
    asap = await floor.book()
    await floor.settle()
    assert (await floor.callback(asap))["state"] == "waiting"  # whoever is held is not given away
    await floor.sql(
        "UPDATE callback SET window_start = window_start - interval '15 s', ready_at = ready_at - interval '15 s' WHERE id = $1",
        callback,
    )
    async with floor.databases.interactions.transaction(floor.business, name="wake") as tx:
        await wake_queue(tx, floor.business, billing)
    await floor.settle()
    perform = floor.last(PerformCallback)
    row = await floor.callback(callback)
    assert (perform.callback, perform.agent, perform.not_before) == (callback, kim, row["window_start"])
    assert perform.not_before > await floor.now()
    assert (await floor.agent_state(kim))["state"] == "held"
    await floor.agent_rings(perform)
    assert (await floor.agent_state(kim))["state"] == "reserved"


async def test_nothing_is_directed_while_dialling_is_off_or_not_permitted(floor: Floor) -> None:
    billing = await floor.queue()
    await floor.agent("kim", billing)
    await floor.book()
    await floor.sql("UPDATE queue SET dialling = false")
    await floor.settle()
    assert floor.count(PerformCallback) == 0
    await floor.sql("UPDATE queue SET dialling = true")
    await floor.sql("UPDATE dialling_permit SET allowed = false")
    async with floor.databases.interactions.transaction(floor.business, name="wake") as tx:
        await wake_queue(tx, floor.business, billing)
    await floor.settle()
    assert floor.count(PerformCallback) == 0
    assert "work" in await floor.timers(billing)
    await floor.sql("UPDATE dialling_permit SET allowed = true")
    await floor.sql("UPDATE due SET due_at = now() WHERE kind = 'work'")
    await floor.settle()
    assert floor.count(PerformCallback) == 1


async def test_nothing_is_directed_outside_business_hours(floor: Floor) -> None:
    billing = await floor.queue()
    await floor.agent("kim", billing)
    callback = await floor.book()
    await floor.sql("UPDATE queue SET hours = $1, version = version + 1", json.dumps(NEVER))
    await floor.settle()
    assert floor.count(PerformCallback) == 0
    assert "hours" in (await floor.callback(callback))["reason"]


async def test_agents_without_the_skill_or_the_language_are_not_chosen(floor: Floor) -> None:
    billing = await floor.queue(skills=["billing"])
    await floor.agent("ann", billing, skills={"lang:en": 5})
    await floor.agent("ben", billing, skills={"billing": 5, "lang:de": 5})
    cho = await floor.agent("cho", billing, skills={"billing": 2, "lang:en": 3})
    await floor.book()
    await floor.settle()
    assert floor.last(PerformCallback).agent == cho


async def test_the_agent_of_the_last_talk_is_chosen_before_a_better_one(floor: Floor) -> None:
    billing = await floor.queue(skills=["billing"], policy={"wrap_up": 0})
    kim = await floor.agent("kim", billing, skills={"billing": 1}, idle_for=1)
    person = floor.business  # any id will do
    await floor.book(person=person)
    await floor.settle()
    await floor.talk(floor.last(PerformCallback))
    await floor.agent("lee", billing, skills={"billing": 5}, idle_for=600)
    await floor.book(person=person)
    await floor.settle()
    perform = floor.last(PerformCallback)
    assert (perform.agent, floor.count(PerformCallback)) == (kim, 2)
    reasons = (await floor.sql("SELECT reasons FROM assignment ORDER BY made_at DESC LIMIT 1"))[0]["reasons"]
    assert "talked with this customer last" in reasons


async def test_a_stop_of_the_dialling_is_why_they_wait_and_the_first_hear_it_once(floor: Floor) -> None:
    billing = await floor.queue()
    await floor.agent("kim", billing)
    waiting = [await floor.book() for _ in range(4)]
    await floor.sql("UPDATE queue SET dialling = false")
    await floor.settle()
    for _ in range(2):
        await floor.sql("UPDATE due SET due_at = now() WHERE kind = 'work'")
        await floor.settle()
    assert {(await floor.callback(each))["reason"] for each in waiting} == {"Dialling is stopped"}
    stopped = [each for each in floor.told if isinstance(each, CallbackChanged) and each.why == DIALLING_STOPPED]
    assert sorted(each.callback for each in stopped) == sorted(waiting[:3])
    assert {each.place for each in stopped} == {None}


async def test_an_agent_whose_page_is_gone_is_not_chosen_and_goes_offline(floor: Floor) -> None:
    billing = await floor.queue()
    kim = await floor.agent("kim", billing, carrier="browser")
    lee = await floor.agent("lee", billing, carrier="browser", idle_for=10)
    await floor.sql(
        "INSERT INTO presence VALUES ($1, $2, $3, now()), ($1, $4, $3, now() - interval '1 hour')",
        floor.business, lee, floor.business, kim,
    )  # fmt: skip
    await floor.databases.hear_pages()
    await floor.book()
    await floor.settle()
    assert floor.last(PerformCallback).agent == lee
    await floor.manager.watch_presence(floor.business)
    assert (await floor.agent_state(kim))["state"] == "offline"
    assert (await floor.agent_state(lee))["state"] == "reserved"


@pytest.mark.parametrize("since", [None, timedelta(seconds=10)])
async def test_nobody_goes_offline_for_silence_that_is_our_own(floor: Floor, since: timedelta | None) -> None:
    billing = await floor.queue()
    kim = await floor.agent("kim", billing, carrier="browser")
    await floor.sql("INSERT INTO presence VALUES ($1, $2, $2, now() - interval '1 minute')", floor.business, kim)
    if since is not None:
        await floor.databases.hear_pages(since)
    await floor.manager.watch_presence(floor.business)
    assert (await floor.agent_state(kim))["state"] == "available"
    await floor.sql("UPDATE process SET steady_since = now() - interval '16 seconds'")
    await floor.manager.watch_presence(floor.business)
    assert (await floor.agent_state(kim))["state"] == ("offline" if since else "available")


async def test_a_page_that_closed_is_not_rung_but_reloads_in_peace(floor: Floor) -> None:
    billing = await floor.queue()
    kim = await floor.agent("kim", billing, carrier="browser")
    await floor.databases.hear_pages()
    await floor.sql("INSERT INTO presence VALUES ($1, $2, $2, now(), now())", floor.business, kim)
    await floor.book()
    await floor.settle()
    await floor.manager.watch_presence(floor.business)
    assert floor.count(PerformCallback) == 0
    assert (await floor.agent_state(kim))["state"] == "available"


async def test_priority_is_called_first_and_places_are_recorded(floor: Floor) -> None:
    billing = await floor.queue()
    await floor.agent("kim", billing)
    early = await floor.book()
    urgent = await floor.book(priority=5)
    await floor.settle()
    assert floor.last(PerformCallback).callback == urgent
    assert (await floor.callback(urgent))["places_gained"] == 1
    assert (await floor.callback(early))["places_lost"] == 1
    rows = await floor.sql("SELECT verdict FROM decision WHERE callback = $1 AND kind = 'overtaken'", early)
    assert [row["verdict"] for row in rows] == [
        "One that came later was called first: it had priority 5, and this one 0"
    ]


async def test_directions_go_to_the_sessions_server_only(floor: Floor) -> None:
    billing = await floor.queue()
    await floor.agent("kim", billing)
    callback = await floor.book()
    await floor.manager.drain()
    rows = await floor.sql(
        "SELECT kind FROM message WHERE recipient = $1 AND aggregate = $2", Server.SESSIONS, callback
    )
    assert [row["kind"] for row in rows] == ["PerformCallback"]


async def test_who_asks_again_within_the_week_is_flagged_and_goes_to_the_agent_they_know(floor: Floor):
    billing = await floor.queue(policy={"wrap_up": 0})
    kim = await floor.agent("kim", billing)
    person = new_id()
    first = await floor.book(person=person)
    await floor.settle()
    await floor.talk(floor.last(PerformCallback))
    await floor.sql("UPDATE due SET due_at = now() WHERE kind = 'wrap_up'")
    await floor.settle()
    await floor.sql(
        "UPDATE callback SET state = 'done', finished_at = coalesce(finished_at, now()) WHERE id = $1", first
    )
    lee = await floor.agent("lee", billing, idle_for=9000)
    await floor.sql("UPDATE agent_state SET state = 'available', idle_since = now() WHERE agent = $1", kim)
    again = await floor.book(person=person, number="+447700900999")
    await floor.settle()
    assert (await floor.callback(again))["repeat_of"] == first
    assert "repeat" in await floor.decisions(again)
    chosen = floor.last(PerformCallback)
    assert (chosen.callback, chosen.agent) == (again, kim) and chosen.agent != lee
    other = await floor.book()
    assert (await floor.callback(other))["repeat_of"] is None
