"""Imported shifts and headcounts as they are kept, and agents as they are planned with them."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, datetime, timedelta

from ringback.domain.ids import AgentId, BusinessId, QueueId
from ringback.domain.times import TimeWindow
from ringback.interaction_manager.rules.headcount import with_headcount, with_shifts
from ringback.interaction_manager.rules.reading import Reader
from ringback.interaction_manager.rules.shift_import import Headcount
from ringback.interaction_manager.rules.snapshot import Agent, Queue
from ringback.interaction_manager.rules.wall_clock import ClockSpan, read_spans
from ringback.postgres.database import Transaction
from ringback.postgres.sql import load_sql

SQL = load_sql(__file__, "shifts.sql")

LOOK_BACK = timedelta(days=2)  # a shift of yesterday may still run
KEPT_FOR = timedelta(days=400)


async def planned_agents(
    tx: Transaction, business: BusinessId, agents: Mapping[AgentId, Agent], queues: Mapping[QueueId, Queue]
) -> dict[AgentId, Agent]:
    """Return agents with the shifts and within the headcounts that were imported."""
    since = tx.now - LOOK_BACK
    days: dict[AgentId, dict[date, tuple[ClockSpan, ...]]] = {}
    for (agent, day), spans in (await imported_days(tx, business, since.date())).items():
        days.setdefault(agent, {})[day] = read_spans(Reader(), list(spans), "imported")
    planned = {id: with_shifts(agent, days.get(id, {})) for id, agent in agents.items()}
    found = await headcounts(tx, business, since)
    return with_headcount(planned, queues, found) if found else planned


async def imported_days(
    tx: Transaction, business: BusinessId, since: date
) -> dict[tuple[AgentId, date], tuple[str, ...]]:
    """Return the days that planning gave agents."""
    rows = await tx.rows(SQL["imported_shifts"], business=business, since=since)
    return {(row["agent"], row["day"]): tuple(row["spans"]) for row in rows}


async def headcounts(tx: Transaction, business: BusinessId, since: datetime) -> list[Headcount]:
    """Return how many of each skill are planned, from then on."""
    rows = await tx.rows(SQL["headcounts"], business=business, since=since)
    return [
        Headcount(skill=row["skill"], span=TimeWindow(start=row["starts_at"], end=row["ends_at"]), agents=row["agents"])
        for row in rows
    ]
