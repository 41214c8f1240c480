"""Cancel, reassign, call next, act in bulk, agents' own wishes, wrap-ups: each answered, each decided by the gate and the tables."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from ringback.domain.commands import (
    BulkAct,
    CallNext,
    CancelCallback,
    EndAttempt,
    EndWrapUp,
    ExtendWrapUp,
    MoveCallback,
    PerformCallback,
    ReassignCallback,
    RequestCallback,
    SetAgentState,
    SetPriority,
)
from ringback.domain.events import CallbackAccepted, CallbackChanged, CallbackFinished
from ringback.domain.ids import AgentId, CallbackId
from ringback.domain.status import CallbackState, Outcome
from ringback.domain.times import When, WhenKind
from ringback.postgres.messages import CommandAnswer
from tests.workflows.interaction_manager.floor import Floor, new_command


async def cancel(floor: Floor, callback: CallbackId, by: str = "customer") -> CommandAnswer:
    return await floor.command(callback, CancelCallback(command=new_command(), callback=callback, by=by))


# ------------------------------------------------------------------ cancel


async def test_cancelled_while_it_waits_is_cancelled_at_once_and_the_promise_withdrawn(floor: Floor) -> None:
    await floor.agent("kim", await floor.queue())
    callback = await floor.book()
    found = await cancel(floor, callback)
    assert (found.problem, found.body["state"], found.body["detail"]) == (
        None,
        "cancelled",
        "Cancelled. No phone will ring.",
    )
    assert (await floor.gate(callback))["state"] == "closed"
    assert (await floor.promises(callback))[0]["result"] == "withdrawn"
    assert floor.last(CallbackFinished).state is CallbackState.CANCELLED
    assert floor.count(PerformCallback) == 0
    assert await floor.timers(callback) == set()


async def test_cancelled_when_directed_but_nothing_rings_frees_the_agent_at_once(floor: Floor) -> None:
    billing = await floor.queue()
    kim = await floor.agent("kim", billing)
    callback = await floor.book()
    await floor.settle()
    found = await cancel(floor, callback)
    assert found.body["state"] == "cancelled"
    assert floor.last(EndAttempt).reason == "cancelled"
    assert (await floor.agent_state(kim))["state"] == "available"
    await floor.ends(floor.last(PerformCallback), Outcome.WITHDRAWN)
    assert floor.count(CallbackFinished) == 1


async def test_cancelled_while_dialling_is_said_only_when_nothing_rings_any_more(floor: Floor) -> None:
    billing = await floor.queue()
    kim = await floor.agent("kim", billing)
    callback = await floor.book()
    await floor.settle()
    perform = floor.last(PerformCallback)
    await floor.agent_rings(perform)
    found = await cancel(floor, callback)
    assert found.body["state"] == "cancelling"
    assert floor.last(CallbackChanged).state is CallbackState.CANCELLING
    assert floor.count(CallbackFinished) == 0
    again = await cancel(floor, callback)
    assert (again.problem, again.body["state"]) == (None, "cancelling")
    await floor.ends(perform, Outcome.WITHDRAWN)
    assert floor.last(CallbackFinished).state is CallbackState.CANCELLED
    assert (await floor.promises(callback))[0]["result"] == "withdrawn"
    assert (await floor.agent_state(kim))["state"] == "available"
    assert (await cancel(floor, callback)).problem is None


async def test_cancelled_when_they_talk_is_refused(floor: Floor) -> None:
    billing = await floor.queue()
    await floor.agent("kim", billing)
    callback = await floor.book()
    await floor.settle()
    perform = floor.last(PerformCallback)
    epoch = await floor.agent_rings(perform)
    await floor.agent_accepts(perform)
    await floor.customer_rings(perform)
    await floor.joins(perform, epoch)
    found = await cancel(floor, callback)
    assert (found.problem, found.body["detail"]) == ("connected", "You are connected. Hang up to end the call.")
    assert (await floor.callback(callback))["state"] == "talking"


async def test_cancelled_by_the_business_is_closed_by_us(floor: Floor) -> None:
    await floor.agent("kim", await floor.queue())
    callback = await floor.book()
    await cancel(floor, callback, "user:sam")
    assert (await floor.callback(callback))["state"] == "closed"
    promise = (await floor.promises(callback))[0]
    assert (promise["result"], promise["cause"]) == ("broken", "closed_by_us")


async def test_cancelled_after_our_notice_is_broken(floor: Floor) -> None:
    await floor.agent("kim", await floor.queue())
    callback = await floor.book()
    await floor.sql("UPDATE promise SET notice_at = now()")
    await cancel(floor, callback)
    promise = (await floor.promises(callback))[0]
    assert (promise["result"], promise["cause"]) == ("broken", "changed_after_notice")


async def test_a_cancelled_booking_gives_its_place_back_and_its_held_agent(floor: Floor) -> None:
    billing = await floor.queue(policy={"hold_before": 600, "slot_length": 60})
    kim = await floor.agent("kim", billing)
    callback = await floor.book(start=await floor.now() + timedelta(seconds=90))
    await floor.settle()
    assert (await floor.agent_state(kim))["state"] == "held"
    assert [row["booked"] for row in await floor.sql("SELECT booked FROM slot WHERE booked > 0")] == [1]
    await cancel(floor, callback)
    assert (await floor.agent_state(kim))["state"] == "available"
    assert await floor.sql("SELECT booked FROM slot WHERE booked > 0") == []


async def test_when_somebody_leaves_the_line_those_behind_hear_their_new_places(floor: Floor) -> None:
    await floor.agent("kim", await floor.queue())
    callbacks = [await floor.book() for _ in range(4)]
    await floor.settle()  # the first is being called
    floor.told.clear()
    await cancel(floor, callbacks[1])
    places = {each.callback: (each.place, each.line) for each in floor.told if isinstance(each, CallbackChanged)}
    assert places == {callbacks[2]: (1, 2), callbacks[3]: (2, 2)}


async def test_moved_while_the_agent_rings_waits_for_the_end_of_the_attempt(floor: Floor) -> None:
    billing = await floor.queue(policy={"slot_length": 60})
    kim = await floor.agent("kim", billing)
    callback = await floor.book()
    await floor.settle()
    perform = floor.last(PerformCallback)
    await floor.agent_rings(perform)
    start = await floor.now() + timedelta(minutes=30)
    found = await floor.command(
        callback,
        MoveCallback(
            command=new_command(), callback=callback, by="customer",
            when=When(kind=WhenKind.INSTANT, zone="Europe/London", start=start),
        ),
    )  # fmt: skip
    assert found.problem is None, found
    assert floor.last(EndAttempt).reason == "moved"
    await floor.ends(perform, Outcome.WITHDRAWN)
    row = await floor.callback(callback)
    assert (row["state"], row["window_start"], row["attempt"], row["customer_attempts"]) == ("waiting", start, None, 0)
    assert [(p["kind"], p["result"]) for p in await floor.promises(callback)] == [
        ("first", "withdrawn"),
        ("moved", "open"),
    ]
    assert (await floor.agent_state(kim))["state"] == "available"
    assert (await floor.gate(callback))["due_version"] == row["due_version"]


# ------------------------------------------------------------------ reassign, call next, bulk


async def test_reassigned_goes_to_the_named_agent_whatever_they_said_before(floor: Floor) -> None:
    billing = await floor.queue()
    kim = await floor.agent("kim", billing, idle_for=1)
    await floor.agent("lee", billing, idle_for=100)
    callback = await floor.book()
    await floor.sql("UPDATE callback SET declined_by = ARRAY[$1::uuid]", kim)
    found = await floor.command(
        callback,
        ReassignCallback(command=new_command(), callback=callback, agent=kim, by="user:sam", reason="knows it"),
    )
    assert (found.problem, found.body["agent_name"]) == (None, "Kim")
    assert floor.last(PerformCallback).agent == kim
    other = await floor.agent("zed", await floor.queue("support"))
    waits = await floor.book()
    stranger = await floor.command(
        waits, ReassignCallback(command=new_command(), callback=waits, agent=other, by="user:sam", reason="x")
    )
    assert (stranger.problem, stranger.body["field"]) == ("agent-not-in-queue", "agent")
    refused = await floor.command(
        callback, ReassignCallback(command=new_command(), callback=callback, agent=other, by="user:sam", reason="x")
    )
    assert refused.problem == "being-called"


async def test_called_next_goes_before_all_others_and_the_reason_is_kept(floor: Floor) -> None:
    billing = await floor.queue()
    kim = await floor.agent("kim", billing)
    first = await floor.book()
    await floor.sql("UPDATE callback SET priority = 3")
    second = await floor.book()
    await floor.sql("UPDATE agent_state SET state = 'paused'")
    found = await floor.command(
        second, CallNext(command=new_command(), callback=second, by="user:sam", reason="she called twice", agent=kim)
    )
    assert found.problem is None
    await floor.command(kim, SetAgentState(command=new_command(), agent=kim, state="available", by="user:kim"))
    assert floor.last(PerformCallback).callback == second
    assert (await floor.callback(first))["places_lost"] == 1
    verdicts = [row["verdict"] for row in await floor.sql("SELECT verdict FROM decision WHERE kind = 'called_next'")]
    assert verdicts == ["Put first: she called twice"]


async def test_called_next_before_its_booked_time_is_refused(floor: Floor) -> None:
    billing = await floor.queue(policy={"slot_length": 60})
    await floor.agent("kim", billing)
    callback = await floor.book(start=await floor.now() + timedelta(minutes=30))
    found = await floor.command(
        callback, CallNext(command=new_command(), callback=callback, by="user:sam", reason="now")
    )
    assert found.problem == "not-yet"


async def test_bulk_leaves_one_command_each_and_each_is_answered(floor: Floor) -> None:
    await floor.agent("kim", await floor.queue())
    callbacks = [await floor.book() for _ in range(3)]
    found = await floor.command(
        floor.business,
        BulkAct(command=new_command(), action="cancel", callbacks=tuple(callbacks), by="user:sam", reason="storm"),
    )
    assert set(found.body["commands"]) == {str(each) for each in callbacks}
    states = {row["state"] for row in await floor.sql("SELECT state FROM callback")}
    assert states == {"closed"}
    assert len(await floor.sql("SELECT 1 FROM command_answer WHERE problem IS NULL")) == 4
    bad = await floor.command(
        floor.business,
        BulkAct(command=new_command(), action="shout", callbacks=(callbacks[0],), by="user:sam", reason="x"),
    )
    assert bad.problem == "invalid"


async def test_a_priority_given_later_puts_it_first_and_is_written_down(floor: Floor) -> None:
    billing = await floor.queue()
    await floor.agent("kim", billing)
    await floor.sql("UPDATE dialling_permit SET allowed = false")
    first, second = await floor.book(), await floor.book()
    given = SetPriority(command=new_command(), callback=second, priority=5, by="key:crm", reason="gold customer")
    assert (await floor.command(second, given)).body == {"priority": 5}
    assert "prioritised" in await floor.decisions(second)
    await floor.sql("UPDATE dialling_permit SET allowed = true")
    await floor.sql("UPDATE due SET due_at = now() WHERE kind = 'work'")
    await floor.settle()
    assert floor.last(PerformCallback).callback == second
    lost = (await floor.callback(first))["places_lost"]
    assert lost == 1, "who was overtaken is counted"
    wrong = SetPriority(command=new_command(), callback=first, priority=101, by="key:crm", reason="x")
    assert (await floor.command(first, wrong)).problem == "priority-invalid"


# ------------------------------------------------------------------ agents


async def wish(floor: Floor, agent: AgentId, state: str, **more: Any) -> CommandAnswer:
    return await floor.command(
        agent, SetAgentState(command=new_command(), agent=agent, state=state, by="user:kim", **more)
    )


async def test_an_agent_who_becomes_available_gets_what_waits(floor: Floor) -> None:
    billing = await floor.queue()
    kim = await floor.agent("kim", billing)
    await floor.book()
    await floor.sql("UPDATE agent_state SET state = 'offline'")
    await floor.settle()
    assert floor.count(PerformCallback) == 0
    assert (await wish(floor, kim, "available")).body["state"] == "available"
    assert floor.last(PerformCallback).agent == kim


async def test_a_pause_needs_a_reason_and_waits_for_the_end_of_the_call(floor: Floor) -> None:
    billing = await floor.queue(policy={"wrap_up": 0})
    kim = await floor.agent("kim", billing)
    assert (await wish(floor, kim, "paused")).problem == "reason-needed"
    assert (await wish(floor, kim, "dancing")).problem == "invalid"
    await floor.book()
    await floor.settle()
    found = await wish(floor, kim, "paused", reason="Lunch")
    assert (found.body["state"], found.body["then_state"]) == ("reserved", "paused")
    await floor.talk(floor.last(PerformCallback))
    agent = await floor.agent_state(kim)
    assert (agent["state"], agent["reason"], agent["then_state"], agent["callback"]) == ("paused", "Lunch", None, None)


async def test_a_wrap_up_ends_with_a_disposition_and_can_be_extended_once(floor: Floor) -> None:
    billing = await floor.queue()
    kim = await floor.agent("kim", billing)
    callback = await floor.book()
    await floor.settle()
    perform = floor.last(PerformCallback)
    await floor.talk(perform)
    key: dict[str, Any] = {"callback": callback, "attempt": perform.attempt, "agent": kim}
    before = (await floor.agent_state(kim))["until"]
    assert (await floor.command(callback, ExtendWrapUp(command=new_command(), **key))).problem is None
    assert (await floor.agent_state(kim))["until"] == before + timedelta(seconds=60)
    assert (await floor.command(callback, ExtendWrapUp(command=new_command(), **key))).problem == "more-time-used"
    unknown = await floor.command(callback, EndWrapUp(command=new_command(), code="nonsense", **key))
    assert unknown.problem == "unknown-disposition"
    done = await floor.command(callback, EndWrapUp(command=new_command(), code="solved", note="all well", **key))
    assert done.problem is None
    row = await floor.callback(callback)
    assert (row["disposition"], row["note"], row["state"]) == ("solved", "all well", "done")
    assert (await floor.agent_state(kim))["state"] == "available"
    assert (await floor.sql("SELECT wrapped_at FROM handled"))[0]["wrapped_at"] is not None
    assert "wrap_up" not in await floor.timers(kim)


async def test_call_again_books_a_new_callback_with_the_same_agent(floor: Floor) -> None:
    billing = await floor.queue(policy={"slot_length": 60})
    kim = await floor.agent("kim", billing)
    callback = await floor.book()
    await floor.settle()
    perform = floor.last(PerformCallback)
    await floor.talk(perform)
    at = await floor.now() + timedelta(minutes=40)
    found = await floor.command(
        callback,
        EndWrapUp(
            command=new_command(),
            callback=callback,
            attempt=perform.attempt,
            agent=kim,
            code="call_again",
            call_again_at=at,
        ),
    )
    assert found.problem is None
    asked = floor.last(RequestCallback)  # by way of the application server, whose requests they are
    await floor.order(asked.callback, asked)
    await floor.settle()
    accepted = floor.last(CallbackAccepted)
    row = await floor.callback(accepted.callback)
    assert (row["named_agent"], row["window_start"], row["created_by"]) == (kim, at, f"agent:{kim}")
    assert (await floor.callback(callback))["state"] == "done"
