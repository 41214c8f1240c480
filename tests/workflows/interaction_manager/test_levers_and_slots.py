"""Levers, the minute's recount, reminders, and the plans of the queries that a crowd runs."""

import json
from datetime import timedelta

import pytest

from ringback.domain.commands import PerformCallback, SetLevers
from ringback.domain.destinations import Destination, DestinationKind
from ringback.domain.events import CallbackAccepted, CallbackChanged, CallbackRefused
from ringback.domain.ids import new_id
from ringback.interaction_manager import asking, booking, learning
from ringback.interaction_manager.configuration import SettingsCache
from ringback.interaction_manager.workflows.forget_ledger import forget_ledger
from ringback.interaction_manager.workflows.refresh_slots import refresh_slots
from tests.workflows.interaction_manager.desk import ask, next_slot, request, slot_when
from tests.workflows.interaction_manager.floor import Floor, new_command

POLICY = {
    "slot_length": 1800,
    "callbacks_share": 1.0,
    "shrinkage": 0.0,
    "refuse_above": 1.0,
    "prior_handling": 600,
    "late_grace": 0,
}


async def pull(floor: Floor, queue, reason: str = "too much", **levers):
    return await floor.command(
        queue, SetLevers(command=new_command(), queue="billing", by="user:1", reason=reason, **levers)
    )


async def test_levers_take_effect_at_once_and_say_who_and_why(floor: Floor):
    queue = await floor.queue()
    await floor.agent("kim", queue)
    stopped = await pull(floor, queue, offering=False, dialling=False)
    assert stopped.problem is None
    assert [stopped.body[each] for each in ("offering", "dialling", "backlog_cap")] == [False, False, None]
    no = await ask(floor, request())
    assert isinstance(no, CallbackRefused) and no.id == "offering-stopped"
    await pull(floor, queue, offering=True)
    no = await ask(floor, request())
    assert isinstance(no, CallbackRefused) and no.id == "dialling-stopped"
    capped = await pull(floor, queue, dialling=True, backlog_cap=0)
    assert [capped.body[each] for each in ("offering", "dialling", "backlog_cap")] == [True, True, 0]
    no = await ask(floor, request())
    assert isinstance(no, CallbackRefused) and no.id == "backlog-full"
    assert (await pull(floor, queue, backlog_cap=-1)).body["backlog_cap"] is None
    verdicts = [
        row["verdict"] for row in await floor.sql("SELECT verdict FROM decision WHERE kind = 'levers' ORDER BY at")
    ]
    assert verdicts[0] == "Billing: offering stopped, dialling stopped: too much"


async def test_levers_need_a_reason_and_a_queue(floor: Floor):
    queue = await floor.queue()
    assert (await pull(floor, queue, reason=" ")).problem == "invalid"
    wrong = SetLevers(command=new_command(), queue="nothing", by="user:1", reason="x", offering=False)
    assert (await floor.command(queue, wrong)).problem == "not-found"


async def test_dialling_resumed_wakes_the_queue(floor: Floor):
    queue = await floor.queue()
    await floor.agent("kim", queue)
    yes = await ask(floor, request())
    await floor.sql("UPDATE queue SET dialling = false")
    await floor.settle()
    assert floor.count(PerformCallback) == 0
    await pull(floor, queue, dialling=True)
    assert floor.last(PerformCallback).callback == yes.callback


async def recount(floor: Floor) -> int:
    async with floor.databases.interactions.transaction(floor.business, name="refresh_slots") as tx:
        return await refresh_slots(SettingsCache(), tx, floor.business)


async def test_who_did_not_come_leaves_a_slot_short_and_names_who_is_affected(floor: Floor):
    queue = await floor.queue(policy=POLICY)
    kim, lee = await floor.agent("kim", queue), await floor.agent("lee", queue)
    start = next_slot(await floor.now())
    booked = [await ask(floor, request(when=slot_when(start))) for _ in range(4)]
    assert all(isinstance(each, CallbackAccepted) for each in booked)
    assert await recount(floor) == 0
    rows = await floor.sql("SELECT * FROM slot ORDER BY starts_at")
    assert len(rows) == 8 and {row["capacity"] for row in rows} == {4} and [row["booked"] for row in rows][0] == 4
    await floor.sql("UPDATE agent_state SET state = 'offline', idle_since = NULL WHERE agent = $1", lee)
    assert await recount(floor) == 1
    (short,) = await floor.sql("SELECT * FROM decision WHERE kind = 'short'")
    assert short["verdict"] == "Short by 2: 4 promised, room for 2"
    assert json.loads(short["detail"])["affected"] == [str(each.callback) for each in reversed(booked)]
    assert await recount(floor) == 1 and len(await floor.sql("SELECT 1 FROM decision WHERE kind = 'short'")) == 1
    await floor.sql("UPDATE agent_state SET state = 'available' WHERE agent = $1", lee)
    assert await recount(floor) == 0
    assert floor.count(CallbackChanged) == 0, (
        "a shortfall is for the console; customers hear when their promise is at risk"
    )
    assert kim != lee


async def test_a_reminder_is_told_once_before_the_time(floor: Floor):
    queue = await floor.queue(policy=POLICY | {"reminder": 1800, "reminder_if_ahead": 1800})
    await floor.agent("kim", queue)
    yes = await ask(floor, request(when=slot_when(next_slot(await floor.now(), ahead=3))))
    await floor.sql("UPDATE due SET due_at = now() WHERE kind = 'reminder'")
    await floor.settle()
    told = floor.last(CallbackChanged)
    assert told.callback == yes.callback and told.why == "reminder" and not told.moved
    assert "reminder" not in await floor.timers(yes.callback)


async def test_a_page_is_looked_for_before_a_call_that_rings_there(floor: Floor):
    """Who is there hears nothing; who is not is told, and so are those who ask why."""
    queue = await floor.queue(policy=POLICY)
    await floor.agent("kim", queue)
    chats = [new_id(), new_id()]
    yes = [
        await ask(
            floor,
            request(
                when=slot_when(next_slot(await floor.now(), ahead=3)),
                destination=Destination(kind=DestinationKind.BROWSER, address=str(chat), proved=True),
                chat=chat,
            ),
        )
        for chat in chats
    ]
    seen = "INSERT INTO presence (business, subject, page, seen_at) VALUES ($1, $2, $2, now()) RETURNING 1"
    await floor.sql(seen, floor.business, chats[0])
    await floor.sql("UPDATE due SET due_at = now() WHERE kind = 'page'")
    await floor.settle()
    told = floor.last(CallbackChanged)
    assert floor.count(CallbackChanged) == 1 and told.callback == yes[1].callback and told.why == "page_absent"
    why = await floor.sql("SELECT callback, verdict FROM decision WHERE kind = 'page_absent'")
    assert [row["callback"] for row in why] == [yes[1].callback]
    assert "page" not in await floor.timers(yes[1].callback)


async def test_a_promise_is_forgotten_when_the_ledger_need_not_prove_it_any_more(floor: Floor):
    billing = await floor.queue()
    await floor.agent("kim", billing)
    old, recent, still_open = [await floor.book() for _ in range(3)]
    await floor.sql("UPDATE promise SET result = 'kept', settled_at = window_end WHERE callback <> $1", still_open)
    for each in (old, still_open):
        await floor.sql(
            "UPDATE promise SET window_end = now() - interval '1826 days', window_start = now() - interval '1827 days' WHERE callback = $1",
            each,
        )
    await floor.sql("UPDATE decision SET at = at - interval '1827 days' WHERE callback = $1", old)
    async with floor.databases.interactions.transaction(floor.business, name="forget_ledger") as tx:
        assert await forget_ledger(tx, floor.business) == 1
        assert await forget_ledger(tx, floor.business) == 0
    left = {row["callback"] for row in await floor.sql("SELECT callback FROM promise")}
    assert left == {recent, still_open}
    assert not await floor.sql("SELECT 1 FROM decision WHERE callback = $1", old)
    assert await floor.sql("SELECT 1 FROM decision WHERE callback = $1", recent)


# ------------------------------------------------------------------ plans

HOT = {
    "waiting": ("callback_line",),
    "places": ("callback_named_slots",),
    "open_callbacks": ("callback_person", "callback_open_person"),  # one or the other, by the version of the planner
    "handled_between": ("handled_recent",),
    "affected": ("callback_slots",),
}


@pytest.mark.parametrize("name", HOT)
async def test_hot_queries_read_an_index_and_never_the_whole_table(floor: Floor, name: str):
    queue = await floor.queue(policy=POLICY)
    await floor.sql(
        """INSERT INTO callback (business, id, queue, provider, routed_why, channel, person, destination, address, when_kind, zone,
                                 state, accepted_at, ready_at, window_start, window_end, early_is_fine, slot_start, finished_at)
           SELECT $1, gen_random_uuid(), $2, 'p', 'w', 'web', gen_random_uuid(), 'browser', 'x', 'slot', 'UTC',
                  CASE WHEN n % 50 = 0 THEN 'waiting' ELSE 'done' END, now(), now() + n * interval '1 minute', now(), now(), n % 2 = 0,
                  date_trunc('hour', now()) + (n % 200) * interval '30 minutes', CASE WHEN n % 50 = 0 THEN NULL ELSE now() END
           FROM generate_series(1, 20000) AS n""",
        floor.business, queue,
    )  # fmt: skip
    await floor.sql(
        """INSERT INTO handled (business, queue, callback, attempt, agent, accepted_at, wrapped_at)
           SELECT $1, $2, gen_random_uuid(), gen_random_uuid(), gen_random_uuid(), now() - n * interval '1 minute', now() - n * interval '1 minute'
           FROM generate_series(1, 20000) AS n""",
        floor.business, queue,
    )  # fmt: skip
    await floor.sql("ANALYZE callback")
    await floor.sql("ANALYZE handled")
    now = await floor.now()
    given = {
        "business": floor.business, "queue": queue, "queues": [queue], "now": now, "soon": now + timedelta(hours=4), "moving": new_id(),
        "begins": [now], "ends": [now + timedelta(hours=4)], "persons": [new_id()], "number": "+442079460000",
        "since": now - timedelta(hours=2), "until": now, "slot_start": now, "chats": [new_id()],
    }  # fmt: skip
    statement = {**booking.SQL, **asking.SQL, **learning.SQL}[name]
    arguments = [given[parameter] for parameter in statement.parameters]
    async with floor.databases.administrator() as connection:
        rows = await connection.fetch(f"EXPLAIN (COSTS off) {statement.text}", *arguments)
    plan = "\n".join(row[0] for row in rows)
    assert any(f"using {index} " in plan or f"on {index}" in plan for index in HOT[name]), plan
    assert "Seq Scan on callback" not in plan and "Seq Scan on handled" not in plan, plan
