"""Booking, against a real database: what is accepted, what is refused and why, and that no crowd can overbook."""

import asyncio
from dataclasses import replace
from datetime import datetime, timedelta

import pytest

from ringback.domain.events import CallbackAccepted, CallbackRefused
from ringback.domain.ids import PersonId, new_id
from ringback.domain.status import Server
from ringback.domain.times import When, WhenKind
from ringback.postgres.messages import send
from tests.support.waiting import eventually
from tests.workflows.interaction_manager.desk import ask, ask_at_once, next_slot, request, shared_commits, slot_when
from tests.workflows.interaction_manager.floor import ALWAYS, NEVER, Floor

POLICY = {"slot_length": 1800, "callbacks_share": 1.0, "shrinkage": 0.0, "refuse_above": 1.0, "prior_handling": 600}


async def test_an_accepted_request_leaves_everything_behind_that_keeps_its_promise(floor: Floor):
    queue = await floor.queue()
    await floor.agent("kim", queue)
    yes = await ask(floor, request(topic="my bill", language="en"))
    assert isinstance(yes, CallbackAccepted) and yes.queue_name == "Billing" and (yes.place, yes.line) == (1, 1)
    assert yes.promise.early_is_fine and yes.promise.estimate is not None
    row = await floor.callback(yes.callback)
    assert row["state"] == "waiting" and row["routed_why"] == "Billing was asked for" and row["due_version"] == 1
    (promise,) = await floor.promises(yes.callback)
    assert (promise["kind"], promise["result"]) == ("first", "open")
    assert (promise["window_start"], promise["window_end"]) == (yes.promise.window.start, yes.promise.window.end)
    assert promise["window_end"] - promise["window_start"] >= timedelta(minutes=5)
    assert (await floor.gate(yes.callback))["state"] == "open"
    assert await floor.timers(yes.callback) == {"promise", "risk"} and await floor.timers(queue) == {"work"}
    assert await floor.decisions(yes.callback) == ["accepted"]


async def test_a_booked_time_takes_a_place_and_is_reminded_of(floor: Floor):
    queue = await floor.queue(policy=POLICY)
    await floor.agent("kim", queue)
    start = next_slot(await floor.now(), ahead=3)
    yes = await ask(floor, request(when=slot_when(start)))
    assert isinstance(yes, CallbackAccepted) and not yes.promise.early_is_fine and yes.place is None
    assert (yes.promise.window.start, yes.promise.window.end) == (start, start + timedelta(minutes=30))
    assert await floor.timers(yes.callback) == {"promise", "risk", "reminder", "page"}
    (slot,) = await floor.sql("SELECT * FROM slot")
    assert (slot["starts_at"], slot["booked"], slot["capacity"]) == (start, 1, 2)


async def test_a_booking_far_ahead_has_its_queue_looked_at_when_an_agent_is_to_be_held_and_no_later_than_the_others(
    floor: Floor,
):
    queue = await floor.queue(policy=POLICY | {"hold_before": 90})
    await floor.agent("kim", queue)

    async def looks() -> list[datetime]:
        return [
            row["due_at"] for row in await floor.sql("SELECT due_at FROM due WHERE subject = $1 ORDER BY due_at", queue)
        ]

    hold = timedelta(seconds=90)
    now = await floor.now()
    second, first, third = (next_slot(now, ahead=n) for n in (6, 3, 9))
    for start, expected in ((second, second), (first, first), (third, first)):
        assert isinstance(await ask(floor, request(when=slot_when(start))), CallbackAccepted)
        assert await looks() == [expected - hold]
    soon = await ask(floor, request())
    assert isinstance(soon, CallbackAccepted)
    assert [at <= await floor.now() for at in await looks()] == [True, False], "who asks for now is looked at now"


async def test_an_instant_is_never_early_and_ten_minutes_wide(floor: Floor):
    queue = await floor.queue(policy=POLICY)
    await floor.agent("kim", queue)
    at = (await floor.now() + timedelta(minutes=90)).replace(second=0, microsecond=0)
    yes = await ask(floor, request(when=When(kind=WhenKind.INSTANT, zone="Europe/London", start=at)))
    assert isinstance(yes, CallbackAccepted)
    assert (yes.promise.window.start, yes.promise.window.length) == (at, timedelta(minutes=10))


async def test_the_same_request_again_is_the_same_callback(floor: Floor):
    queue = await floor.queue()
    await floor.agent("kim", queue)
    wanted = request()
    first, second = await ask(floor, wanted), await ask(floor, wanted)
    assert isinstance(first, CallbackAccepted) and isinstance(second, CallbackAccepted)
    assert first.promise == second.promise
    assert len(await floor.promises(wanted.callback)) == 1


async def refused(floor: Floor, wanted) -> CallbackRefused:
    no = await ask(floor, wanted)
    assert isinstance(no, CallbackRefused) and no.detail, no
    assert await floor.sql("SELECT 1 FROM callback WHERE id = $1", wanted.callback) == []
    assert await floor.timers(wanted.callback) == set()
    assert await floor.decisions(wanted.callback) == ["refused"]
    return no


@pytest.mark.parametrize("provider", ["biz:acme/q:nothing", "biz:acme/a:nobody", "biz:else", "nonsense"])
async def test_an_unknown_provider_is_refused(floor: Floor, provider: str):
    await floor.agent("kim", await floor.queue())
    assert (await refused(floor, request(provider))).id == "unknown-provider"


async def test_past_closed_and_impossible_times_are_refused(floor: Floor):
    now = await floor.now()
    await floor.agent("kim", await floor.queue())
    holiday = {"day": (now + timedelta(days=2)).date().isoformat(), "name": "Stock-taking"}
    await floor.agent("lee", await floor.queue("support", hours={**ALWAYS, "closed_days": [holiday]}))
    await floor.agent("ana", await floor.queue("sales", hours=NEVER))
    hour, day = timedelta(hours=1), timedelta(days=1)
    past = await refused(floor, request(when=slot_when(next_slot(now) - hour)))
    assert past.id == "past-time" and "has passed" in past.detail
    noon = (now + 2 * day).replace(hour=12, minute=0, second=0, microsecond=0)
    closed = await refused(floor, request("biz:acme/q:support", when=slot_when(noon)))
    assert closed.id == "closed" and "Stock-taking" in closed.detail and closed.next is not None
    assert (await refused(floor, request("biz:acme/q:sales"))).id == "closed"
    assert (await refused(floor, request(when=slot_when(noon + 30 * day)))).id == "too-far-ahead"
    lost = When(kind=WhenKind.ASAP, zone="Europe/Atlantis")
    assert (await refused(floor, request(when=lost))).id == "time-invalid"
    backwards = When(kind=WhenKind.WINDOW, zone="UTC", start=noon, end=noon - hour)
    assert (await refused(floor, request(when=backwards))).id == "time-invalid"


async def test_a_time_that_we_chose_keeps_to_the_persons_calling_hours(floor: Floor):
    await floor.agent("kim", await floor.queue(policy={"calling_hours": {"start": "08:00", "end": "21:00"}}))
    night = (await floor.now() + timedelta(days=1)).replace(hour=3, minute=0, second=0, microsecond=0)
    ours = request(when=slot_when(night, zone="UTC"), named_time=False)
    assert (await refused(floor, ours)).id == "outside-calling-hours"
    assert isinstance(await ask(floor, request(when=slot_when(night, zone="UTC"))), CallbackAccepted)


async def test_nobody_on_duty_a_stopped_queue_and_a_full_backlog_are_refused(floor: Floor):
    queue = await floor.queue()
    agent = await floor.agent("kim", queue, state="offline")
    assert (await refused(floor, request())).id == "no-staff"
    assert (await refused(floor, request("biz:acme/a:kim"))).id == "agent-away"
    await floor.sql("UPDATE agent_state SET state = 'available' WHERE agent = $1", agent)
    await floor.sql("UPDATE queue SET backlog_cap = 1")
    assert isinstance(await ask(floor, request()), CallbackAccepted)
    assert (await refused(floor, request())).id == "backlog-full"
    await floor.sql("UPDATE queue SET offering = false")
    assert (await refused(floor, request())).id == "offering-stopped"


async def test_a_second_callback_while_one_is_open_shows_the_first(floor: Floor):
    first, second, third = [await floor.queue(slug, policy=POLICY) for slug in ("billing", "support", "sales")]
    for name in ("kim", "lee", "ana"):
        await floor.agent(name, first, second, third)
    person, now = PersonId(new_id()), await floor.now()
    one = await ask(floor, request(person=person))
    again = await refused(floor, request(person=person))
    assert (
        again.id == "one-is-open" and again.open_callback == one.callback and "You have a callback by" in again.detail
    )
    assert (await refused(floor, request("biz:acme/q:support", person=person))).id == "overlaps"
    later = slot_when(next_slot(now, ahead=4))
    assert isinstance(await ask(floor, request("biz:acme/q:support", person=person, when=later)), CallbackAccepted)
    more = slot_when(next_slot(now, ahead=8))
    assert (await refused(floor, request("biz:acme/q:sales", person=person, when=more))).id == "too-many-open"


async def test_one_number_has_one_callback_whoever_asks(floor: Floor):
    await floor.agent("kim", await floor.queue())
    one = await ask(floor, request(number="+442079460123"))
    assert isinstance(one, CallbackAccepted)
    again = await refused(floor, request(number="+442079460123"))
    assert again.id == "one-is-open" and again.open_callback == one.callback


async def test_the_first_reason_is_the_one_that_is_said(floor: Floor):
    """Who asks comes before what is asked, and what never works before what does not work now."""
    queue = await floor.queue(hours=NEVER)
    await floor.agent("kim", queue, state="offline")
    await floor.sql("UPDATE queue SET offering = false")
    assert (await refused(floor, request("biz:acme/q:none"))).id == "unknown-provider"
    assert (await refused(floor, request())).id == "offering-stopped"
    await floor.sql("UPDATE queue SET offering = true")
    assert (await refused(floor, request())).id == "closed"


async def test_whom_an_agent_blocked_is_not_booked(floor: Floor):
    await floor.agent("kim", await floor.queue())
    person = PersonId(new_id())
    yes = await ask(floor, request(person=person))
    await floor.sql(
        "INSERT INTO decision (business, id, callback, kind, at, verdict, detail) VALUES ($1, $2, $3, 'disposition', now(), 'x', '{\"block\": true}')",
        floor.business, new_id(), yes.callback,
    )  # fmt: skip
    assert (await refused(floor, request(person=person))).id == "contact-stopped"


# ------------------------------------------------------------------ crowds


async def recounted(floor: Floor) -> None:
    """The counters of slots agree with the callbacks that hold places, and no slot has more than it can carry."""
    rows = await floor.sql(
        """SELECT s.booked, s.capacity, (SELECT count(*) FROM callback c WHERE c.queue = s.queue AND c.slot_start = s.starts_at
           AND c.state NOT IN ('done', 'cancelled', 'closed')) AS held FROM slot s"""
    )
    assert all(row["booked"] == row["held"] <= row["capacity"] for row in rows), [dict(row) for row in rows]


async def test_sixty_four_callers_cannot_overbook_one_slot(floor: Floor):
    queue = await floor.queue(policy=POLICY)
    for name in ("kim", "lee", "ana"):
        await floor.agent(name, queue)
    start = next_slot(await floor.now(), ahead=3)
    crowd = [request(when=slot_when(start)) for _ in range(64)]
    await ask_at_once(floor.databases, floor.business, crowd)
    await floor.settle()
    accepted, no = floor.count(CallbackAccepted), [each for each in floor.told if isinstance(each, CallbackRefused)]
    assert accepted == 6 and len(no) == 58, "three agents do two each in half an hour"
    assert {each.id for each in no} == {"slot-taken"}
    await recounted(floor)


async def test_those_who_ask_at_once_share_commits_each_sees_those_before_and_one_that_fails_fails_alone(floor: Floor):
    await floor.agent("kim", await floor.queue(policy=POLICY))
    person, start = PersonId(new_id()), next_slot(await floor.now(), ahead=20)
    crowd = [request() for _ in range(20)] + [request(person=person) for _ in range(2)]
    crowd += [request("biz:acme/q:nowhere"), request(when=When(kind=WhenKind.ASAP, zone="Mars/Olympus"))]
    crowd += [request(when=slot_when(start)) for _ in range(4)]
    writer = shared_commits(floor.databases, floor.business)
    await asyncio.gather(*map(writer.submit, crowd))
    worst, more = request(person_name="\0"), [request() for _ in range(40)]
    errors = await asyncio.gather(*map(writer.submit, [*more, worst]), return_exceptions=True)
    assert [error is None for error in errors] == [True] * 40 + [False], "what no table takes fails for its own caller"
    await floor.settle()
    answers = {each.callback: each for each in floor.told if isinstance(each, CallbackAccepted | CallbackRefused)}
    verdicts = [answers[each.callback] for each in crowd]
    assert [getattr(each, "place", None) for each in verdicts[:21]] == list(range(1, 22)), "each has its own place"
    assert [getattr(each, "id", None) for each in verdicts[21:]] == [
        "one-is-open", "unknown-provider", "time-invalid", None, None, "slot-taken", "slot-taken",
    ]  # fmt: skip
    rows = await floor.sql("SELECT accepted_at FROM callback WHERE id = ANY ($1)", [each.callback for each in crowd])
    assert len(rows) == 23 and len({row["accepted_at"] for row in rows}) <= 2, "a commit or two for all of them"
    await recounted(floor)


async def test_requests_that_wait_for_the_manager_are_booked_in_shared_commits(floor: Floor):
    await floor.agent("kim", await floor.queue(policy=POLICY))
    crowd = [request() for _ in range(30)]
    async with floor.databases.application.transaction(floor.business, name="request") as tx:
        for each in crowd:
            await send(tx, floor.business, Server.INTERACTIONS, each.callback, each)
    running = asyncio.create_task(floor.manager.messages.run())
    await eventually(lambda: floor.sql("SELECT 1 FROM callback OFFSET 29"))
    running.cancel()
    await asyncio.gather(running, return_exceptions=True)
    rows = await floor.sql("SELECT id, accepted_at FROM callback")
    assert {row["id"] for row in rows} == {each.callback for each in crowd}
    assert len({row["accepted_at"] for row in rows}) < 5, "a commit for all that waited"
    assert await floor.sql("SELECT 1 FROM message WHERE recipient = 'interactions'") == []


async def test_one_person_asking_from_many_tabs_at_once_gets_one_callback(floor: Floor):
    queues = [await floor.queue(slug) for slug in ("billing", "support", "sales")]
    await floor.agent("kim", *queues)
    person = PersonId(new_id())
    crowd = [
        request(f"biz:acme/q:{slug}", person=person) for slug in ("billing", "support", "sales") for _ in range(10)
    ]
    await ask_at_once(floor.databases, floor.business, crowd)
    assert len(await floor.sql("SELECT 1 FROM callback")) == 1


async def test_the_same_request_delivered_many_times_at_once_is_one_callback(floor: Floor):
    await floor.agent("kim", await floor.queue())
    wanted = request()
    await ask_at_once(floor.databases, floor.business, [replace(wanted) for _ in range(16)])
    assert len(await floor.sql("SELECT 1 FROM callback")) == 1
    await floor.settle()
    assert floor.count(CallbackAccepted) == 16 and floor.count(CallbackRefused) == 0


async def test_an_instant_at_the_start_of_a_slot_sees_who_is_booked_in_it(floor: Floor):
    queue = await floor.queue()
    await floor.agent("kim", queue)
    await floor.agent("lee", queue)
    at = When(kind=WhenKind.INSTANT, zone="Europe/London", start=next_slot(await floor.now(), ahead=48))
    for provider in ("biz:acme/q:billing/a:kim", "biz:acme/q:billing"):
        assert isinstance(await ask(floor, request(provider=provider, when=at)), CallbackAccepted)
