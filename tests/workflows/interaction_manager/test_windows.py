"""A window: promised as it was asked, planned for its best moment, narrowed and told as that comes."""

from datetime import datetime, timedelta

from ringback.domain.commands import PerformCallback
from ringback.domain.events import CallbackAccepted, CallbackChanged, CallbackRefused
from ringback.domain.times import When, WhenKind
from tests.workflows.interaction_manager.desk import ask, next_slot, request, slot_when
from tests.workflows.interaction_manager.floor import Floor

POLICY = {"slot_length": 1800, "callbacks_share": 1.0, "shrinkage": 0.0, "refuse_above": 1.0, "prior_handling": 600}


def between(start: datetime, hours: float) -> When:
    return When(kind=WhenKind.WINDOW, zone="Europe/London", start=start, end=start + timedelta(hours=hours))


async def booked(floor: Floor, when: When, **more) -> CallbackAccepted:
    yes = await ask(floor, request(when=when, **more))
    assert isinstance(yes, CallbackAccepted), yes
    return yes


async def fire(floor: Floor) -> None:
    await floor.sql("UPDATE due SET due_at = now() WHERE kind = 'narrow'")
    await floor.settle()


async def test_a_window_is_promised_as_it_was_asked_and_planned_for_its_least_loaded_slot(floor: Floor):
    queue = await floor.queue(policy=POLICY)
    await floor.agent("kim", queue)
    start = next_slot(await floor.now(), ahead=14)
    await booked(floor, slot_when(start))
    yes = await booked(floor, between(start, 1.5))
    assert (yes.promise.window.start, yes.promise.window.end) == (start, start + timedelta(hours=1.5))
    row = await floor.callback(yes.callback)
    assert row["slot_start"] == row["ready_at"] == start + timedelta(minutes=30)
    assert (row["window_start"], row["window_end"]) == (start, start + timedelta(hours=1.5))
    assert "narrow" in await floor.timers(yes.callback)


async def test_a_window_takes_whatever_place_is_left_in_it_and_is_refused_when_none_is(floor: Floor):
    await floor.agent("kim", await floor.queue(policy=POLICY | {"prior_handling": 1700}))
    start = next_slot(await floor.now(), ahead=14)
    taken = {(await floor.callback((await booked(floor, between(start, 1))).callback))["slot_start"] for _ in range(2)}
    assert taken == {start, start + timedelta(minutes=30)}
    no = await ask(floor, request(when=between(start, 1)))
    assert isinstance(no, CallbackRefused) and no.id == "slot-taken"


async def test_as_it_comes_a_window_is_narrowed_and_told_and_the_promise_stays(floor: Floor):
    await floor.agent("kim", await floor.queue(policy=POLICY))
    start = next_slot(await floor.now(), ahead=14)
    yes = await booked(floor, between(start, 2))
    await fire(floor)
    told = floor.last(CallbackChanged)
    assert (told.why, told.moved, told.promise.window) == ("narrow", False, yes.promise.window)
    assert told.promise.estimate is not None
    assert (told.promise.estimate.p10, told.promise.estimate.p90) == (start, start + timedelta(minutes=30))
    (promise,) = await floor.promises(yes.callback)
    assert promise["result"] == "open" and promise["estimate_p10"] is None, "a plan is no estimate that is scored"
    assert (await floor.decisions(yes.callback))[-1] == "narrowed"


async def test_a_moment_that_filled_up_meanwhile_gives_way_to_a_better_one(floor: Floor):
    await floor.agent("kim", await floor.queue(policy=POLICY))
    start = next_slot(await floor.now(), ahead=14)
    yes = await booked(floor, between(start, 2))
    await booked(floor, slot_when(start))
    await fire(floor)
    row = await floor.callback(yes.callback)
    assert row["slot_start"] == row["ready_at"] == start + timedelta(minutes=30)
    counts = {each["starts_at"]: each["booked"] for each in await floor.sql("SELECT starts_at, booked FROM slot")}
    assert counts == {start: 1, start + timedelta(minutes=30): 1}
    told = floor.last(CallbackChanged)
    assert told.promise.estimate is not None and told.promise.estimate.p10 == start + timedelta(minutes=30)


async def test_nobody_is_rung_before_the_moment_though_the_window_has_begun(floor: Floor):
    await floor.agent("kim", await floor.queue(policy=POLICY))
    start = next_slot(await floor.now(), ahead=1)
    await booked(floor, slot_when(start))
    yes = await booked(floor, between(start, 2))
    ahead = (await floor.callback(yes.callback))["ready_at"] - await floor.now()
    floor.databases.interactions.shift(ahead - timedelta(seconds=120))
    await floor.sql("UPDATE due SET due_at = now() WHERE kind = 'work'")
    await floor.settle()
    assert all(each.callback != yes.callback for each in floor.directions if isinstance(each, PerformCallback))
    floor.databases.interactions.shift(timedelta(seconds=121))
    await floor.sql("UPDATE agent_state SET state = 'available', callback = NULL, attempt = NULL, until = NULL")
    await floor.sql("UPDATE assignment SET state = 'ended', ended_at = now(), ended_why = 'x' WHERE state = 'live'")
    await floor.sql("UPDATE due SET due_at = now() WHERE kind = 'work'")
    await floor.settle()
    assert any(each.callback == yes.callback for each in floor.directions if isinstance(each, PerformCallback))
