"""A business's settings as the rules want them, read once and kept until anything of them is written."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime

import asyncpg

from ringback.domain.errors import NotFound
from ringback.domain.ids import AgentId, BusinessId, QueueId
from ringback.domain.status import AgentState
from ringback.domain.times import TimeWindow
from ringback.interaction_manager.learning import Models
from ringback.interaction_manager.rules.hours import hours_of
from ringback.interaction_manager.rules.levers import Levers, levers_of
from ringback.interaction_manager.rules.policy import policy_of
from ringback.interaction_manager.rules.shifts import Shifts, shifts_of
from ringback.interaction_manager.rules.snapshot import Agent, Queue, Rates, Snapshot
from ringback.interaction_manager.rules.structure import Structure
from ringback.interaction_manager.shifts import planned_agents
from ringback.postgres.database import Transaction
from ringback.postgres.sql import load_sql

SQL = load_sql(__file__, "configuration.sql")


@dataclass(frozen=True, slots=True, kw_only=True)
class Settings:
    """One business with its queues and agents; retired ones are left out. Agents are as if offline."""

    fingerprint: str
    slug: str
    name: str
    zone: str
    queues: Mapping[QueueId, Queue]
    agents: Mapping[AgentId, Agent]
    structure: Structure = field(repr=False, compare=False)

    def snapshot(self, states: Mapping[AgentId, asyncpg.Record]) -> Snapshot:
        """Return a snapshot with what agents are doing, and nothing waiting yet."""
        return Snapshot(
            business=self.slug,
            zone=self.zone,
            queues=self.queues,
            agents={
                **self.agents,
                **{id: _as_they_are(self.agents[id], states[id]) for id in states if id in self.agents},
            },
            structure=self.structure,
        )


@dataclass(slots=True)
class SettingsCache:
    """Settings and rates of businesses, in this process. The database says whether settings are still true."""

    settings: dict[BusinessId, Settings] = field(default_factory=dict)
    rates: dict[tuple[BusinessId, QueueId], tuple[datetime, Rates]] = field(default_factory=dict)
    models: Models = field(default_factory=dict)


def _as_they_are(agent: Agent, row: asyncpg.Record) -> Agent:
    return replace(agent, state=AgentState(row["state"]), since=row["since"], until=row["until"])


def _queue(row: asyncpg.Record, business_policy: Mapping[str, object]) -> Queue:
    queue = Queue(
        id=row["id"],
        slug=row["slug"],
        name=row["name"],
        is_default=row["is_default"],
        skills=tuple(row["skills"]),
        topics=tuple(row["topics"]),
        hours=hours_of(row["hours"]),
        policy=policy_of(business_policy, row["policy"]),
    )
    return _with_levers(queue, levers_of(row))


def _with_levers(queue: Queue, levers: Levers) -> Queue:
    return replace(
        queue,
        hours=levers.hours(queue.hours),
        offering=levers.offering,
        dialling=levers.dialling,
        backlog_cap=levers.backlog_cap,
        wait_cap=levers.wait_cap,
        waitlist=levers.waitlist,
        incident=levers.incident,
    )


def _out(shifts: Shifts, row: asyncpg.Record) -> Shifts:
    if row["away_from"] is None:
        return shifts
    return replace(shifts, out=TimeWindow(start=row["away_from"], end=row["away_until"]))


def _agent(row: asyncpg.Record, zone: str, queues: Mapping[QueueId, Queue]) -> Agent:
    return Agent(
        id=row["id"],
        slug=row["slug"],
        name=row["name"],
        home_queue=row["home_queue"],
        queues=frozenset(queue for queue in row["queues"] if queue in queues),
        skills=row["skills"],
        shifts=_out(shifts_of(row["shifts"], zone=zone), row),
    )


async def load_settings(tx: Transaction, business: BusinessId, cache: SettingsCache) -> Settings:
    """Return a business's settings; raise NotFound when there is no such business."""
    fingerprint = await tx.value(SQL["fingerprint"], business=business)
    if fingerprint is None:
        raise NotFound("There is no such business.")
    known = cache.settings.get(business)
    if known is not None and known.fingerprint == fingerprint:
        return known
    head = await tx.row(SQL["read_business"], business=business)
    assert head is not None, "its fingerprint was read"
    queue_rows = await tx.rows(SQL["read_queues"], business=business)
    queues = {row["id"]: _queue(row, head["policy"]) for row in queue_rows if row["retired_at"] is None}
    agent_rows = await tx.rows(SQL["read_agents"], business=business)
    agents = {row["id"]: _agent(row, head["zone"], queues) for row in agent_rows if row["retired_at"] is None}
    agents = await planned_agents(tx, business, agents, queues)
    settings = Settings(
        fingerprint=fingerprint,
        slug=head["slug"],
        name=head["name"],
        zone=head["zone"],
        queues=queues,
        agents=agents,
        structure=Structure(queues, agents),
    )
    cache.settings[business] = settings
    return settings


async def load_agents(
    tx: Transaction, business: BusinessId, settings: Settings, queues: frozenset[QueueId] | None = None
) -> Snapshot:
    """Return the settings with what agents are doing now: those who serve some queues, where these are given; others are as if offline."""
    if queues is None:
        rows = await tx.rows(SQL["read_agent_states"], business=business)
    else:
        rows = await tx.rows(SQL["read_states_of"], business=business, agents=settings.structure.agents_of(queues))
    return settings.snapshot({row["agent"]: row for row in rows})


async def lock_queues(
    tx: Transaction, business: BusinessId, snapshot: Snapshot, queues: frozenset[QueueId]
) -> Snapshot:
    """Hold some queues and return the snapshot with their levers as they are under the lock; queues retired meanwhile are gone."""
    rows = await tx.rows(SQL["lock_queues"], business=business, queues=sorted(queues))
    held: dict[QueueId, Queue] = dict(snapshot.queues)
    for row in rows:
        if row["retired_at"] is not None:
            held.pop(row["id"], None)
        elif row["id"] in held:
            held[row["id"]] = _with_levers(held[row["id"]], levers_of(row))
    return replace(snapshot, queues=held)


async def lock_levers(tx: Transaction, business: BusinessId, slug: str) -> asyncpg.Record:
    """Hold a queue and return its row with its levers; raise NotFound when there is none of this short name."""
    row = await tx.row(SQL["lock_levers"], business=business, slug=slug)
    if row is None:
        raise NotFound(f"There is no queue {slug}.", field="queue")
    return row


async def save_levers(tx: Transaction, business: BusinessId, queue: QueueId, levers: Levers) -> None:
    """Store a queue's levers; its row is held."""
    await tx.run(
        SQL["save_levers"],
        business=business,
        queue=queue,
        offering=levers.offering,
        dialling=levers.dialling,
        backlog_cap=levers.backlog_cap,
        wait_cap=None if levers.wait_cap is None else round(levers.wait_cap),
        waitlist=levers.waitlist,
        shut_from=levers.shut.start if levers.shut else None,
        shut_until=levers.shut.end if levers.shut else None,
        shut_why=levers.shut_why,
        incident=levers.incident,
        incident_at=levers.incident_at,
    )
