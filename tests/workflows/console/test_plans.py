"""What is read many times a minute is found by an index, however many callbacks are over."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from ringback.console.statements import API
from ringback.console.views import SQL
from tests.workflows.console.office import House, Office

FINISHED = """
    INSERT INTO callback (business, id, queue, provider, routed_why, channel, person, destination, address, when_kind, zone, state,
                          accepted_at, ready_at, window_start, window_end, early_is_fine, outcome, finished_at)
    SELECT $1, gen_random_uuid(), $2, 'biz:acme', 'it is', 'web', gen_random_uuid(), 'browser', 'x', 'asap', 'UTC', 'done',
           t, t, t, t + interval '5 minutes', true, 'talked', t + interval '4 minutes'
    FROM (SELECT now() - (n || ' minutes')::interval AS t FROM generate_series(2000, 22000) AS n) AS times RETURNING 1
"""


@pytest.fixture
async def old_house(office: Office, acme: House) -> House:
    """A business with twenty thousand callbacks behind it."""
    await office.rows(FINISHED, acme.id, acme.queues["billing"])
    await office.rows(
        "INSERT INTO promise (business, id, callback, n, kind, queue, channel, provider, made_at, window_start, window_end, early_is_fine, result, settled_at)"
        " SELECT business, gen_random_uuid(), id, 1, 'first', queue, channel, provider, accepted_at, window_start, window_end, true, 'kept', finished_at"
        " FROM callback RETURNING 1"
    )
    async with office.databases.administrator() as connection:
        await connection.execute("ANALYZE callback, promise, queue, agent")
    return acme


async def test_views_do_not_read_what_is_over(office: Office, old_house: House):
    now = datetime.now(UTC)
    house, kim = old_house.id, old_house.agents["kim"]
    looks: list[tuple[Any, dict[str, Any]]] = [
        (SQL["console_open"], {"business": house}),
        (SQL["console_done"], {"business": house, "day_start": now - timedelta(hours=12)}),
        (SQL["console_queues"], {"business": house, "now": now}),
        (
            SQL["console_promises"],
            {"business": house, "day_start": now - timedelta(hours=12), "now": now, "zone": "Europe/London"},
        ),
        (SQL["desk_next"], {"business": house, "agent": kim, "held": None, "queues": list(old_house.queues.values())}),
        (SQL["desk_done"], {"business": house, "agent": kim, "day_start": now - timedelta(hours=12)}),
        (API["get_callback"], {"business": house, "id": kim}),
    ]
    for statement, parameters in looks:
        async with office.databases.read.connection() as connection, connection.transaction():
            await connection.execute("SELECT set_config('ringback.tenants', $1, true)", "{" + str(house) + "}")
            rows = await connection.fetch(f"EXPLAIN (FORMAT JSON) {statement.text}", *statement.arguments(parameters))
        plan = json.loads(rows[0][0])[0]["Plan"]
        scans = [node for node in nodes(plan) if node["Node Type"] == "Seq Scan"]
        large = {node["Relation Name"] for node in scans} & {"callback", "promise"}
        assert not large, f"{statement.name} reads all of {large}"


def nodes(plan: dict[str, Any]) -> list[dict[str, Any]]:
    """Return every node of a plan."""
    return [plan, *(found for child in plan.get("Plans", ()) for found in nodes(child))]
