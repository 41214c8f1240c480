"""The queries that run at every turn read what they need and no more, however much has been finished."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import timedelta
from typing import Any

import pytest

from ringback.interaction_manager import (
    agents,
    alerts,
    assignment,
    callbacks,
    ledger,
    live_chats,
    outside,
    report,
    strays,
)
from ringback.postgres.sql import Statement
from tests.workflows.interaction_manager.floor import Floor

FILL = """
INSERT INTO callback (business, id, queue, provider, routed_why, channel, person, destination, address, when_kind, zone, state,
                      accepted_at, ready_at, window_start, window_end, early_is_fine, finished_at)
SELECT $1, gen_random_uuid(), $2, 'biz:acme', 'x', 'web', gen_random_uuid(), 'browser', 'x', 'asap', 'UTC', 'done',
       now(), now(), now(), now(), true, now() FROM generate_series(1, 20000)
"""


@pytest.fixture
async def full(floor: Floor) -> tuple[Floor, Any]:
    queue = await floor.queue()
    for n in range(30):
        await floor.agent(f"agent-{n}", queue)
    await floor.book()
    await floor.sql(FILL, floor.business, queue)
    await floor.sql(
        "INSERT INTO promise (business, id, callback, n, kind, queue, channel, provider, made_at, window_start, window_end, "
        "early_is_fine, result, settled_at) SELECT business, gen_random_uuid(), id, 1, 'first', queue, 'web', 'x', now(), now(), "
        "now(), true, 'kept', now() FROM callback WHERE state = 'done'"
    )
    await floor.sql(
        "INSERT INTO decision (business, id, callback, queue, kind, at, verdict) "
        "SELECT business, gen_random_uuid(), id, queue, 'accepted', now(), 'x' FROM callback"
    )
    await floor.sql(
        "INSERT INTO assignment (business, id, callback, attempt, agent, state, reasons, made_at, ended_at, ended_why) "
        "SELECT c.business, gen_random_uuid(), c.id, gen_random_uuid(), a.id, 'ended', '{}', now(), now(), 'talked' "
        "FROM callback c, (SELECT id FROM agent LIMIT 1) AS a WHERE c.state = 'done'"
    )
    await floor.sql("ANALYZE")
    return floor, queue


async def plan_of(floor: Floor, statement: Statement, values: Mapping[str, Any]) -> str:
    rows = await floor.sql(f"EXPLAIN {statement.text}", *statement.arguments(values))
    return "\n".join(row[0] for row in rows)


async def test_no_hot_query_reads_what_is_finished(full: tuple[Floor, Any]) -> None:
    floor, queue = full
    now = await floor.now()
    some = (await floor.sql("SELECT id FROM callback LIMIT 1"))[0]["id"]
    agent = (await floor.sql("SELECT agent FROM agent_state LIMIT 1"))[0]["agent"]
    key = {"business": floor.business}
    one = {**key, "callback": some}
    hot: list[tuple[Statement, dict[str, Any]]] = [
        (
            assignment.SQL["head_of_line"],
            {**key, "queue": queue, "now": now, "horizon": now, "lead": 40.0, "ages_every": 900.0, "most": 100},
        ),
        (assignment.SQL["next_ready"], {**key, "queue": queue, "horizon": now}),
        (
            assignment.SQL["candidates"],
            {**key, "queue": queue, "seen_after": now - timedelta(seconds=15), "believed": now - timedelta(minutes=5)},
        ),
        (assignment.SQL["last_spoke"], {**key, "persons": [some]}),
        (assignment.SQL["refusals"], {**key, "callbacks": [some]}),
        (assignment.SQL["live_assignment"], one),
        (assignment.SQL["queues_with_work"], key),
        (callbacks.SQL["lock_callback"], one),
        (callbacks.SQL["lock_callbacks"], {**key, "callbacks": [some]}),
        (callbacks.SQL["count_outcome"], {**one, "outcome": "busy"}),
        (ledger.SQL["lock_last_promise"], one),
        (ledger.SQL["count_joins"], {**one, "attempt": some}),
        (agents.SQL["lock_agents"], {**key, "agents": [agent]}),
        (agents.SQL["held_for"], one),
        (strays.SQL["strays"], key),
        (outside.SQL["caller_callbacks"], {**key, "number": "+442079460123", "identity": None}),
        (outside.SQL["joined_interactions"], {**one, "now": now}),
        (live_chats.SQL["open_callbacks_of"], {**key, "person": some}),
        (alerts.SQL["look_at_queues"], {**key, "now": now, "serving": ["available"]}),
    ]
    for statement, values in hot:
        plan = await plan_of(floor, statement, values)
        for table in ("callback", "promise", "decision", "assignment"):
            assert f"Seq Scan on {table} " not in plan, f"{statement.name}\n{plan}"


async def test_what_pages_count_often_and_the_report_of_an_hour_read_no_other_days(full: tuple[Floor, Any]) -> None:
    floor, _ = full
    now = await floor.now()
    await floor.sql("UPDATE promise SET window_end = window_end - interval '40 days' WHERE result = 'kept'")
    await floor.sql("ANALYZE")
    hour = {"business": floor.business, "begins": now - timedelta(hours=1), "ends": now, "queue": None}
    for name in ("callbacks_open", "callbacks_ended", "promises_ended", "handlings"):
        plan = await plan_of(floor, report.SQL[name], hour)
        for table in ("callback", "promise", "assignment"):
            assert f"Seq Scan on {table} " not in plan, f"{name}\n{plan}"
