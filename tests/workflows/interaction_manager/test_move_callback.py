"""Moving: the old place is kept until the new one is certain, and nothing of the old attempt rings for the new promise."""

from datetime import timedelta

from ringback.domain.commands import EndAttempt, MoveCallback, PerformCallback
from ringback.domain.errors import GateShut
from ringback.domain.events import CallbackAccepted, CallbackChanged
from ringback.domain.ids import CallbackId, PersonId, new_id
from ringback.domain.status import Outcome
from ringback.domain.times import When, WhenKind
from ringback.postgres.gate import fence
from tests.workflows.interaction_manager.desk import ask, next_slot, request, slot_when
from tests.workflows.interaction_manager.floor import Floor, new_command

POLICY = {"slot_length": 1800, "callbacks_share": 1.0, "shrinkage": 0.0, "refuse_above": 1.0, "prior_handling": 600}
ASAP = When(kind=WhenKind.ASAP, zone="Europe/London")


def move(callback: CallbackId, when: When, *, by: str = "chat:1", **more) -> MoveCallback:
    return MoveCallback(command=new_command(), callback=callback, when=when, by=by, **more)


async def slots(floor: Floor) -> dict:
    return {row["starts_at"]: row["booked"] for row in await floor.sql("SELECT starts_at, booked FROM slot")}


async def booked(floor: Floor, *, ahead: int = 3, **more) -> CallbackAccepted:
    yes = await ask(floor, request(when=slot_when(next_slot(await floor.now(), ahead=ahead)), **more))
    assert isinstance(yes, CallbackAccepted)
    return yes


async def test_a_moved_callback_has_the_new_place_and_gives_the_old_one_back(floor: Floor):
    await floor.agent("kim", await floor.queue(policy=POLICY))
    yes = await booked(floor)
    old, new = yes.promise.window.start, yes.promise.window.start + timedelta(hours=1)
    answer = await floor.command(yes.callback, move(yes.callback, slot_when(new)))
    assert answer.problem is None and answer.body["state"] == "waiting"
    assert await slots(floor) == {old: 0, new: 1}
    row = await floor.callback(yes.callback)
    assert (row["window_start"], row["slot_start"], row["due_version"]) == (new, new, 2)
    first, second = await floor.promises(yes.callback)
    assert (first["result"], second["kind"], second["result"]) == ("withdrawn", "moved", "open")
    assert (await floor.gate(yes.callback))["due_version"] == 2
    told = floor.last(CallbackChanged)
    assert told.moved and told.promise.window.start == new
    assert await floor.timers(yes.callback) == {"promise", "risk", "reminder", "page"}


async def test_a_move_that_is_refused_changes_nothing(floor: Floor):
    await floor.agent(
        "kim", await floor.queue(policy=POLICY | {"calling_hours": {"start": "00:00", "end": "23:59:59"}})
    )
    yes = await booked(floor)
    full = await booked(floor, ahead=5)
    await booked(floor, ahead=5)
    before = await floor.callback(yes.callback)
    wanted = slot_when(full.promise.window.start)
    answer = await floor.command(yes.callback, move(yes.callback, wanted))
    assert answer.problem == "slot-taken"
    past = await floor.command(
        yes.callback, move(yes.callback, slot_when(yes.promise.window.start - timedelta(days=1)))
    )
    assert past.problem == "past-time"
    unknown = await floor.command(yes.callback, move(yes.callback, wanted, provider="biz:acme/q:none"))
    assert unknown.problem == "unknown-provider"
    assert dict(await floor.callback(yes.callback)) == dict(before)
    assert len(await floor.promises(yes.callback)) == 1 and (await slots(floor))[yes.promise.window.start] == 1


async def test_a_full_slot_has_room_for_the_one_that_moves_inside_it(floor: Floor):
    await floor.agent("kim", await floor.queue(policy=POLICY))
    yes = await booked(floor)
    await booked(floor)
    at = yes.promise.window.start + timedelta(minutes=10)
    answer = await floor.command(yes.callback, move(yes.callback, When(kind=WhenKind.INSTANT, zone="UTC", start=at)))
    assert answer.problem is None and await slots(floor) == {yes.promise.window.start: 2}
    assert (await floor.callback(yes.callback))["window_start"] == at


async def test_a_move_by_us_breaks_the_promise_and_one_by_the_customer_withdraws_it(floor: Floor):
    await floor.agent(
        "kim", await floor.queue(policy=POLICY | {"calling_hours": {"start": "00:00", "end": "23:59:59"}})
    )
    yes = await booked(floor)
    later = slot_when(yes.promise.window.start + timedelta(hours=1))
    answer = await floor.command(yes.callback, move(yes.callback, later, by="user:1", reason="short of people"))
    assert answer.problem is None
    (first, _) = await floor.promises(yes.callback)
    assert (first["result"], first["cause"]) == ("broken", "closed_by_us")
    assert (await floor.callback(yes.callback))["reason"] == "Moved by the business: short of people"


async def test_a_booked_callback_can_become_as_soon_as_possible_and_change_its_department(floor: Floor):
    first, second = await floor.queue(policy=POLICY), await floor.queue("support", policy=POLICY)
    await floor.agent("kim", first)
    await floor.agent("lee", second)
    yes = await booked(floor)
    answer = await floor.command(yes.callback, move(yes.callback, ASAP, provider="biz:acme/q:support"))
    assert answer.problem is None and answer.body["provider"] == "biz:acme/q:support"
    row = await floor.callback(yes.callback)
    assert row["queue"] == second and row["early_is_fine"] and row["slot_start"] is None and row["when_kind"] == "asap"
    assert await slots(floor) == {yes.promise.window.start: 0}
    perform = floor.last(PerformCallback)
    assert perform.callback == yes.callback and perform.due_version == 2 and perform.queue_name == "Support"


async def test_while_an_attempt_is_under_way_a_move_shuts_its_fences_first(floor: Floor):
    await floor.agent("kim", await floor.queue(policy=POLICY))
    yes = await ask(floor, request())
    await floor.settle()
    perform = floor.last(PerformCallback)
    epoch = await floor.agent_rings(perform)
    later = slot_when(next_slot(await floor.now(), ahead=4))
    answer = await floor.command(yes.callback, move(yes.callback, later))
    assert answer.problem is None and answer.body["state"] == "calling"
    stop = floor.last(EndAttempt)
    assert (stop.attempt, stop.reason) == (perform.attempt, "moved")
    async with floor.databases.sessions.transaction(floor.business, name="late") as tx:
        try:
            await fence(
                tx, floor.business, yes.callback, attempt=perform.attempt, epoch=epoch, due_version=perform.due_version, token=new_id()
            )  # fmt: skip
            raise AssertionError("the customer of a moved callback was let through")
        except GateShut:
            pass
    directions = floor.count(PerformCallback)
    await floor.ends(perform, Outcome.WITHDRAWN)
    row = await floor.callback(yes.callback)
    assert (row["state"], row["pending"], row["attempt"], row["window_start"]) == ("waiting", None, None, later.start)
    assert floor.count(PerformCallback) == directions, "it waits for its new time"
    assert [each["result"] for each in await floor.promises(yes.callback)] == ["withdrawn", "open"]


async def test_who_is_connected_or_finished_is_not_moved(floor: Floor):
    await floor.agent("kim", await floor.queue(policy=POLICY))
    yes = await ask(floor, request())
    await floor.settle()
    perform = floor.last(PerformCallback)
    epoch = await floor.agent_rings(perform)
    await floor.agent_accepts(perform)
    await floor.customer_rings(perform)
    await floor.joins(perform, epoch)
    later = slot_when(next_slot(await floor.now(), ahead=4))
    assert (await floor.command(yes.callback, move(yes.callback, later))).problem == "connected"
    await floor.ends(perform, Outcome.TALKED, may_have_rung=True)
    assert (await floor.command(yes.callback, move(yes.callback, later))).problem == "already-over"
    stray = CallbackId(new_id())
    assert (await floor.command(stray, move(stray, later))).problem == "not-found"


async def test_a_move_onto_another_callback_of_the_same_person_is_refused(floor: Floor):
    queue, other = await floor.queue(policy=POLICY), await floor.queue("support", policy=POLICY)
    await floor.agent("kim", queue, other)
    person = PersonId(new_id())
    one = await booked(floor, person=person)
    two = await booked(floor, ahead=6, provider="biz:acme/q:support", person=person)
    clash = await floor.command(one.callback, move(one.callback, slot_when(two.promise.window.start)))
    assert clash.problem == "overlaps"
    same = slot_when(two.promise.window.start + timedelta(hours=2))
    taken = await floor.command(one.callback, move(one.callback, same, provider="biz:acme/q:support"))
    assert taken.problem == "one-is-open"
