"""A contact centre for benchmarks, filled by SQL as an administrator: queues, agents, and callbacks of years."""

from __future__ import annotations

import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

import asyncpg

from ringback.domain.ids import BusinessId, new_id
from ringback.postgres.address import ServerAddress

DAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
ALWAYS = {"zone": "UTC", "week": {day: ["00:00-24:00"] for day in DAYS}}
OFFICE = {"zone": "Europe/London", "week": {day: ["08:00-18:00"] for day in DAYS}}
# Short work and no quota: what is measured is how fast places are taken, so slots must not be full before that.
ROOMY = {
    "callbacks_share": 1.0,
    "shrinkage": 0.0,
    "refuse_above": 1.0,
    "hold_share": 1.0,
    "holds_per_agent": None,
    "agent_ring": 1,
    "customer_ring": 1,
    "prior_handling": 10,
    "calling_hours": {"start": "00:00", "end": "23:59:59"},
}


@asynccontextmanager
async def administrator(address: ServerAddress) -> AsyncIterator[Any]:
    """Open a connection that row-level security does not bind."""
    connection = await asyncpg.connect(
        host=address.host, port=address.port, user=address.user, password=address.password, database=address.database
    )
    try:
        await connection.execute("SET search_path = ringback")
        yield connection
    finally:
        await connection.close()


async def make_business(admin: Any, slug: str) -> BusinessId:
    """Insert a business."""
    business = BusinessId(new_id())
    await admin.execute("INSERT INTO business (id, slug, name, zone) VALUES ($1, $2, $2, 'UTC')", business, slug)
    return business


async def make_queue(
    admin: Any, business: BusinessId, slug: str, *, agents: int, hours: dict[str, Any], policy: dict[str, Any]
) -> None:
    """Insert a queue with agents of its own, all of them available."""
    queue = new_id()
    await admin.execute(
        "INSERT INTO queue (business, id, slug, name, hours, policy) VALUES ($1, $2, $3, $3, $4, $5)",
        business, queue, slug, json.dumps(hours), json.dumps(policy),
    )  # fmt: skip
    await _make_agents(admin, business, "SELECT $2::uuid AS id, $3::text AS slug", agents, queue, slug)


async def make_queues(
    admin: Any, business: BusinessId, *, queues: int, agents: int, hours: dict[str, Any] = OFFICE
) -> None:
    """Insert many queues with so many agents each, who work in them alone."""
    await admin.execute(
        "INSERT INTO queue (business, id, slug, name, hours) "
        "SELECT $1, gen_random_uuid(), 'q' || n, 'Queue ' || n, $2 FROM generate_series(1, $3::int) AS n",
        business, json.dumps(hours), queues,
    )  # fmt: skip
    await _make_agents(admin, business, "SELECT id, slug FROM queue WHERE business = $1", agents)


async def _make_agents(admin: Any, business: BusinessId, queues: str, agents: int, *more: Any) -> None:
    await admin.execute(
        f"INSERT INTO agent (business, id, slug, name, home_queue, carrier) "
        f"SELECT $1, gen_random_uuid(), q.slug || '-' || n, 'Agent ' || n, q.id, 'simulated' "
        f"FROM ({queues}) AS q, generate_series(1, {agents}) AS n",
        business, *more,
    )  # fmt: skip
    await admin.execute(
        "INSERT INTO agent_queue SELECT business, id, home_queue FROM agent WHERE business = $1 ON CONFLICT DO NOTHING",
        business,
    )
    await admin.execute(
        "INSERT INTO agent_state (business, agent, state, since, idle_since) "
        "SELECT business, id, 'available', now(), now() FROM agent WHERE business = $1 ON CONFLICT DO NOTHING",
        business,
    )


CALLBACKS = """
INSERT INTO callback (business, id, queue, provider, routed_why, channel, person, destination, address, when_kind, zone, state,
                      accepted_at, ready_at, window_start, window_end, early_is_fine, slot_start, finished_at)
SELECT $1, gen_random_uuid(), q.id, 'biz:big', 'x', 'web', gen_random_uuid(), 'browser', 'x', 'asap', 'UTC', $3::text,
       now() - n * $5::interval, now() - n * $5::interval, now() - n * $5::interval, now() - n * $5::interval + interval '10 minutes', true,
       NULL, CASE WHEN $3 = 'done' THEN now() - n * $5::interval END
FROM (SELECT id, row_number() OVER (ORDER BY id) AS r FROM queue WHERE business = $1) AS q, generate_series(1, $2::int) AS n
WHERE $4 = $1
"""
PROMISES = """
INSERT INTO promise (business, id, callback, n, kind, queue, channel, provider, made_at, window_start, window_end, early_is_fine,
                     result, settled_at)
SELECT c.business, gen_random_uuid(), c.id, 1, 'first', c.queue, 'web', 'biz:big', c.accepted_at, c.window_start, c.window_end, true,
       CASE WHEN c.state = 'done' THEN 'kept' ELSE 'open' END, c.finished_at
FROM callback c WHERE c.business = $1 AND NOT EXISTS (SELECT 1 FROM promise p WHERE p.business = c.business AND p.callback = c.id)
"""


async def add_callbacks(
    admin: Any, business: BusinessId, *, each: int, state: str, apart: str, analyse: bool = True
) -> None:
    """Give every queue so many callbacks, `apart` from each other into the past, with their promises."""
    await admin.execute(CALLBACKS, business, each, state, business, _interval(apart), timeout=600)
    await admin.execute(PROMISES, business, timeout=600)
    if analyse:
        await admin.execute("VACUUM ANALYZE callback, promise", timeout=600)


def _interval(text: str) -> Any:
    from datetime import timedelta

    number, unit = text.split()
    return timedelta(**{unit: float(number)})
