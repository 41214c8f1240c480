"""Windows that end, risks that are told in time, days that close, and strays that are found."""

from __future__ import annotations

import json
from datetime import timedelta

from ringback.domain.commands import PerformCallback
from ringback.domain.events import CallbackChanged, CallbackFinished, PromiseAtRisk
from ringback.domain.ids import CallbackId
from ringback.domain.status import CallbackState, Outcome
from tests.workflows.interaction_manager.floor import NEVER, Floor


async def end_window(floor: Floor, callback: CallbackId) -> None:
    """Let the promise's window end, as if it had been made an hour earlier."""
    await floor.sql(
        "UPDATE callback SET window_start = window_start - interval '1 hour', window_end = now() - interval '1 s', "
        "ready_at = ready_at - interval '1 hour', accepted_at = accepted_at - interval '1 hour' WHERE id = $1",
        callback,
    )
    await floor.sql(
        "UPDATE promise SET made_at = made_at - interval '1 hour', window_start = window_start - interval '1 hour', "
        "window_end = now() - interval '1 s' WHERE callback = $1",
        callback,
    )
    await floor.sql("UPDATE due SET due_at = now() WHERE subject = $1 AND kind = 'promise'", callback)
    await floor.settle()


async def waiting(floor: Floor) -> CallbackId:
    """A callback that waits: its only agent was there when it was booked, and has gone to lunch."""
    billing = await floor.queue()
    await floor.agent("kim", billing)
    callback = await floor.book()
    await floor.sql("UPDATE agent_state SET state = 'paused'")
    await floor.settle()
    return callback


async def test_a_window_that_ends_without_an_agent_is_broken_told_and_called_late(floor: Floor) -> None:
    callback = await waiting(floor)
    await end_window(floor, callback)
    promise = (await floor.promises(callback))[0]
    assert (promise["result"], promise["cause"]) == ("broken", "no_agent")
    assert floor.last(PromiseAtRisk).callback == callback
    await floor.sql("UPDATE agent_state SET state = 'available'")
    await floor.sql("UPDATE due SET due_at = now() WHERE kind = 'work'")
    await floor.settle()
    perform = floor.last(PerformCallback)
    await floor.talk(perform)
    promise = (await floor.promises(callback))[0]
    assert (promise["result"], promise["cause"]) == ("broken", "late")
    assert promise["first_ring_at"] > promise["window_end"]
    assert (await floor.callback(callback))["state"] == "done"


async def test_a_window_that_ends_with_dialling_stopped_was_never_dialled(floor: Floor) -> None:
    callback = await waiting(floor)
    await floor.sql("UPDATE queue SET dialling = false")
    await end_window(floor, callback)
    assert (await floor.promises(callback))[0]["cause"] == "never_dialled"


async def test_a_window_that_ends_while_it_is_being_called_is_judged_by_the_attempt(floor: Floor) -> None:
    billing = await floor.queue()
    await floor.agent("kim", billing)
    callback = await floor.book()
    await floor.settle()
    await end_window(floor, callback)
    assert (await floor.promises(callback))[0]["result"] == "open"
    await floor.talk(floor.last(PerformCallback))
    promise = (await floor.promises(callback))[0]
    assert (promise["result"], promise["cause"]) == ("broken", "late")


async def test_a_promise_that_will_probably_be_missed_is_told_once_before_and_once_after_its_end(floor: Floor) -> None:
    callback = await waiting(floor)
    await floor.manager.sweep(floor.business)
    await floor.settle()
    risk = floor.last(PromiseAtRisk)
    assert (risk.callback, risk.notice) == (callback, 1)
    assert (await floor.promises(callback))[0]["notice_at"] is not None
    await floor.manager.sweep(floor.business)
    await floor.settle()
    assert floor.count(PromiseAtRisk) == 1
    await end_window(floor, callback)
    assert floor.last(PromiseAtRisk).notice == 2
    await floor.manager.sweep(floor.business)
    await floor.settle()
    assert floor.count(PromiseAtRisk) == 2


async def test_the_latest_moment_to_warn_has_a_timer_of_its_own(floor: Floor) -> None:
    callback = await waiting(floor)
    row = (await floor.sql("SELECT due_at FROM due WHERE subject = $1 AND kind = 'risk'", callback))[0]
    end = (await floor.callback(callback))["window_end"]
    assert row["due_at"] <= end - timedelta(seconds=150)
    await floor.sql("UPDATE due SET due_at = now() WHERE subject = $1 AND kind = 'risk'", callback)
    await floor.settle()
    assert floor.last(PromiseAtRisk).notice == 1


async def test_nobody_is_warned_while_all_is_well(floor: Floor) -> None:
    billing = await floor.queue()
    await floor.agent("kim", billing)
    await floor.book()
    await floor.manager.sweep(floor.business)
    await floor.settle()
    assert floor.count(PromiseAtRisk) == 0


async def close_now(floor: Floor, end_of_day: str) -> None:
    tomorrow = (await floor.now()) + timedelta(days=1)
    hours = {
        "zone": "UTC",
        "week": {},
        "special_days": [{"day": tomorrow.date().isoformat(), "name": "x", "open": ["08:00-18:00"]}],
    }
    await floor.sql(
        "UPDATE queue SET hours = $1, version = version + 1, policy = policy || $2",
        json.dumps(hours),
        json.dumps({"end_of_day": end_of_day}),
    )
    await floor.sql("UPDATE due SET due_at = now() WHERE kind = 'work'")
    await floor.settle()
    await floor.manager.sweep(floor.business)
    await floor.settle()


async def test_who_still_waits_at_closing_is_moved_to_the_next_opening_and_told(floor: Floor) -> None:
    callback = await waiting(floor)
    await close_now(floor, "next_day")
    row = await floor.callback(callback)
    changed = floor.last(CallbackChanged)
    assert (row["state"], row["priority"], changed.moved, changed.promise.window.start) == (
        "waiting",
        1,
        True,
        row["window_start"],
    )
    assert row["window_start"] > await floor.now()
    assert [(p["kind"], p["result"]) for p in await floor.promises(callback)] == [
        ("first", "broken"),
        ("moved", "open"),
    ]
    await floor.manager.sweep(floor.business)
    assert len(await floor.promises(callback)) == 2


async def test_who_still_waits_at_closing_is_closed_with_a_message_where_the_policy_says_so(floor: Floor) -> None:
    callback = await waiting(floor)
    await close_now(floor, "close")
    assert (await floor.callback(callback))["state"] == "closed"
    assert floor.last(CallbackFinished).reason == "end_of_day"


async def test_a_retry_past_closing_is_never_unannounced(floor: Floor) -> None:
    billing = await floor.queue()
    await floor.agent("kim", billing)
    callback = await floor.book()
    await floor.settle()
    perform = floor.last(PerformCallback)
    await floor.sql(
        "UPDATE queue SET hours = $1, version = version + 1, policy = policy || $2",
        json.dumps(NEVER),
        json.dumps({"end_of_day": "close"}),
    )
    await floor.ends(perform, Outcome.BUSY)
    assert (await floor.callback(callback))["state"] == "closed"
    assert floor.last(CallbackFinished).reason == "end_of_day"


async def test_strays_are_found_mended_and_counted(floor: Floor) -> None:
    callback = await waiting(floor)
    assert await floor.manager.mend(floor.business) == 0
    await floor.sql("DELETE FROM due")
    assert await floor.manager.mend(floor.business) == 1
    assert floor.manager.strays_mended == 1
    assert "stray" in await floor.decisions(callback)
    kinds = {row["kind"] for row in await floor.sql("SELECT kind FROM due WHERE subject = $1", callback)}
    assert kinds >= {"promise", "risk"}, "its promise is watched again"
    await floor.sql("UPDATE agent_state SET state = 'available'")
    await floor.settle()
    assert floor.last(PerformCallback).callback == callback


async def test_a_promise_that_nothing_watched_until_its_window_was_over_has_expired(floor: Floor) -> None:
    callback = await waiting(floor)
    await floor.sql("DELETE FROM due")
    await floor.sql("UPDATE callback SET window_start = now() - interval '1 h', window_end = now() - interval '1 s'")
    await floor.sql("UPDATE promise SET window_start = now() - interval '1 h', window_end = now() - interval '1 s'")
    await floor.manager.mend(floor.business)
    promise = (await floor.promises(callback))[0]
    assert (promise["result"], promise["cause"]) == ("broken", "expired")


async def test_an_agent_kept_for_nothing_is_freed_and_a_lone_wrap_up_ends(floor: Floor) -> None:
    billing = await floor.queue()
    kim, lee = await floor.agent("kim", billing), await floor.agent("lee", billing)
    await floor.sql("UPDATE agent_state SET state = 'held', callback = $1 WHERE agent = $2", billing, kim)
    await floor.sql(
        "UPDATE agent_state SET state = 'wrap_up', callback = $1, attempt = $1, until = now() WHERE agent = $2",
        billing,
        lee,
    )
    assert await floor.manager.mend(floor.business) == 2
    await floor.settle()
    assert [(await floor.agent_state(each))["state"] for each in (kim, lee)] == ["available", "available"]


async def test_a_finished_callback_never_comes_back(floor: Floor) -> None:
    billing = await floor.queue()
    await floor.agent("kim", billing)
    callback = await floor.book()
    await floor.settle()
    perform = floor.last(PerformCallback)
    await floor.talk(perform)
    for outcome in Outcome:
        await floor.ends(perform, outcome)
    assert (await floor.callback(callback))["state"] == CallbackState.DONE
    assert floor.count(CallbackFinished) == 1
    assert len(await floor.promises(callback)) == 1
