"""The outside contact centre as it is kept: sources, their interactions and agents, and what of that is still believed."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from uuid import UUID

import asyncpg

from ringback.domain.ids import AgentId, BusinessId, CallbackId, QueueId, new_id
from ringback.domain.outside import Caller, OutsideAgentState, OutsideMedia
from ringback.interaction_manager.rules import outside as rules
from ringback.interaction_manager.rules.getting_through import Open, Through
from ringback.interaction_manager.rules.outside import BELIEVED_FOR, EndedWhy, Feed, Interaction, Stage
from ringback.interaction_manager.rules.policy import policy_of
from ringback.interaction_manager.rules.snapshot import Agent, Snapshot, Waiting
from ringback.interaction_manager.rules.staffing import on_duty
from ringback.postgres.database import Transaction
from ringback.postgres.sql import load_sql

SQL = load_sql(__file__, "outside.sql")

KEPT_FOR = timedelta(days=2)
THROUGH = "through"  # the timer of an open callback whose person is with us by another way, by the callback's id


@dataclass(frozen=True, slots=True, kw_only=True)
class Source:
    """One source and how far it was heard. `snapshot_at` and `last_at` are by its own clock."""

    id: UUID
    seq: int
    snapshot_at: datetime | None
    gap_at: datetime | None
    last_at: datetime | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Names:
    """Queues and agents by their short names; what is not ours is not in it."""

    queues: Mapping[str, QueueId]
    agents: Mapping[str, AgentId]


async def lock_source(tx: Transaction, business: BusinessId, slug: str) -> Source:
    """Return a source and hold it; one not heard before is made."""
    await tx.run(SQL["make_source"], business=business, id=new_id(), slug=slug)
    row = await tx.row(SQL["lock_source"], business=business, slug=slug)
    assert row is not None, "it was made where it was missing"
    return Source(
        id=row["id"], seq=row["seq"], snapshot_at=row["snapshot_at"], gap_at=row["gap_at"], last_at=row["last_at"]
    )


async def save_source(tx: Transaction, business: BusinessId, source: Source) -> None:
    """Save how far a source was heard: just now."""
    await tx.run(
        SQL["save_source"],
        business=business,
        source=source.id,
        seq=source.seq,
        snapshot_at=source.snapshot_at,
        gap_at=source.gap_at,
        last_at=source.last_at,
        now=tx.now,
    )


async def find_names(tx: Transaction, business: BusinessId, slugs: Iterable[str]) -> Names:
    """Look short names up."""
    rows = await tx.rows(SQL["names"], business=business, slugs=sorted(set(slugs)))
    return Names(
        queues={row["slug"]: row["id"] for row in rows if row["kind"] == "queue"},
        agents={row["slug"]: row["id"] for row in rows if row["kind"] == "agent"},
    )


async def speak_for(
    tx: Transaction, business: BusinessId, source: UUID, queues: Iterable[QueueId], *, only: bool = False
) -> None:
    """Note the queues a source reports; `only`: and no others."""
    ids = sorted(set(queues))
    await tx.run(SQL["speak_for"], business=business, source=source, queues=ids)
    if only:
        await tx.run(SQL["speak_no_more_for"], business=business, source=source, queues=ids)


def _interaction(row: asyncpg.Record) -> Interaction:
    return Interaction(
        ref=row["ref"],
        queue=row["queue"],
        arrived_at=row["arrived_at"],
        media=OutsideMedia(row["media"]),
        stage=Stage(row["state"]),
        priority=row["priority"],
        answered_at=row["answered_at"],
        ended_at=row["ended_at"],
        ended_why=EndedWhy(row["ended_why"]) if row["ended_why"] else None,
        agent=row["agent"],
        callback=row["callback"],
    )


async def interactions(
    tx: Transaction, business: BusinessId, source: UUID, refs: Iterable[str]
) -> dict[str, Interaction]:
    """Return some interactions of a source by their names there."""
    rows = await tx.rows(SQL["interactions"], business=business, source=source, refs=sorted(set(refs)))
    return {row["ref"]: _interaction(row) for row in rows}


async def live_interactions(tx: Transaction, business: BusinessId, source: UUID) -> dict[str, Interaction]:
    """Return the interactions of a source that are not over."""
    rows = await tx.rows(SQL["live_interactions"], business=business, source=source)
    return {row["ref"]: _interaction(row) for row in rows}


async def save_interactions(
    tx: Transaction, business: BusinessId, source: UUID, changed: Iterable[Interaction]
) -> None:
    """Save interactions as they stand."""
    await tx.run_many(
        SQL["save_interaction"],
        (
            {
                "business": business,
                "source": source,
                "ref": each.ref,
                "queue": each.queue,
                "media": each.media.value,
                "state": each.stage.value,
                "priority": each.priority,
                "arrived_at": each.arrived_at,
                "answered_at": each.answered_at,
                "ended_at": each.ended_at,
                "ended_why": each.ended_why.value if each.ended_why else None,
                "agent": each.agent,
                "callback": each.callback,
            }
            for each in changed
        ),
    )


async def save_agents(
    tx: Transaction,
    business: BusinessId,
    source: UUID,
    states: Mapping[AgentId, tuple[OutsideAgentState, datetime]],
    *,
    only: bool = False,
) -> None:
    """Save what agents do there; `only`: there are no others."""
    if only:
        await tx.run(SQL["forget_agents"], business=business, source=source, agents=sorted(states))
    await tx.run_many(
        SQL["save_agent"],
        (
            {"business": business, "source": source, "agent": agent, "state": state.value, "since": since}
            for agent, (state, since) in sorted(states.items())
        ),
    )


# ------------------------------------------------------------------ what offers, the line and the choice of an agent rest on


async def load_outside(
    tx: Transaction, business: BusinessId, snapshot: Snapshot, queues: Iterable[QueueId]
) -> Snapshot:
    """Add who waits in these queues over there, what agents do there, and how old that news is."""
    feeds = await feeds_of(tx, business)
    if not feeds:
        return snapshot
    rows = await tx.rows(SQL["callers"], business=business, queues=sorted(queues), believed=tx.now - BELIEVED_FOR)
    waiting = tuple(
        Waiting(queue=row["queue"], ready_at=min(row["arrived_at"], tx.now), priority=row["priority"], outside=True)
        for row in rows
    )
    there = await agents_there(tx, business)
    strangers = await tx.rows(
        SQL["strangers"], business=business, queues=sorted(queues), believed=tx.now - BELIEVED_FOR
    )
    return replace(
        snapshot,
        waiting=snapshot.waiting + waiting,
        agents=_as_seen(snapshot.agents, there),
        feeds=feeds,
        elsewhere=_elsewhere(snapshot.agents, there, {row["queue"]: row["talking"] for row in strangers}),
    )


async def feeds_of(tx: Transaction, business: BusinessId) -> dict[QueueId, Feed]:
    """Return how old the news of each queue is whose live status comes from outside."""
    heard: dict[QueueId, list[Feed]] = {}
    for row in await tx.rows(SQL["feeds"], business=business):
        heard.setdefault(row["queue"], []).append(Feed(heard_at=row["heard_at"], gap_at=row["gap_at"]))
    return {queue: rules.worst(each) for queue, each in heard.items()}


async def agents_there(tx: Transaction, business: BusinessId) -> dict[AgentId, tuple[OutsideAgentState, datetime]]:
    """Return what agents do there, and since when."""
    rows = await tx.rows(SQL["agents_there"], business=business, believed=tx.now - BELIEVED_FOR)
    return {row["agent"]: (OutsideAgentState(row["state"]), row["since"]) for row in rows}


def _as_seen(
    agents: Mapping[AgentId, Agent], there: Mapping[AgentId, tuple[OutsideAgentState, datetime]]
) -> Mapping[AgentId, Agent]:
    seen = dict(agents)
    for id, (outside, since) in there.items():
        agent = seen.get(id)
        if agent is None:
            continue
        state = rules.seen_outside(agent.state, outside)
        if state is not agent.state:
            seen[id] = replace(agent, state=state, since=since, until=None)
    return seen


def _elsewhere(
    agents: Mapping[AgentId, Agent],
    there: Mapping[AgentId, tuple[OutsideAgentState, datetime]],
    strangers: Mapping[QueueId, int],
) -> dict[QueueId, int]:
    """Count, by queue, who takes callers there and no callbacks here: our agents who are not on duty here, and talks of agents not ours."""
    found = dict(strangers)
    for id, (outside, _) in there.items():
        agent = agents.get(id)
        if agent is not None and outside in rules.AT_WORK and not on_duty(agent):
            for queue in agent.queues:
                found[queue] = found.get(queue, 0) + 1
    return found


async def callers(tx: Transaction, business: BusinessId, queue: QueueId) -> list[rules.Caller]:
    """Return who waits in a queue over there."""
    rows = await tx.rows(SQL["callers"], business=business, queues=[queue], believed=tx.now - BELIEVED_FOR)
    return [rules.Caller(arrived_at=row["arrived_at"], priority=row["priority"]) for row in rows]


async def forget_interactions(tx: Transaction, business: BusinessId) -> int:
    """Remove interactions long over."""
    return await tx.run(SQL["forget_interactions"], business=business, before=tx.now - KEPT_FOR)


# ------------------------------------------------------------------ who got through


async def callbacks_of(tx: Transaction, business: BusinessId, queue: QueueId, caller: Caller) -> list[Open]:
    """Return the open callbacks of a caller, as far as it is proved who they are: their network's word counts where the policy says so."""
    number = caller.number
    if number is not None:
        row = await tx.row(SQL["trusts_caller_id"], business=business, queue=queue)
        if row is None or not policy_of(row["business_policy"], row["policy"]).outside_trusts_caller_id:
            number = None
    if number is None and caller.identity is None:
        return []
    rows = await tx.rows(SQL["caller_callbacks"], business=business, number=number, identity=caller.identity)
    return [Open(callback=row["callback"], queue=row["queue"], ready_at=row["ready_at"]) for row in rows]


async def joined_interactions(tx: Transaction, business: BusinessId, callback: CallbackId) -> list[Through]:
    """Return the interactions joined to a callback whose consequences are not done."""
    rows = await tx.rows(SQL["joined_interactions"], business=business, callback=callback, now=tx.now)
    return [Through(interaction=_interaction(row), heard_at=row["heard_at"]) for row in rows]


async def settle_interactions(tx: Transaction, business: BusinessId, callback: CallbackId) -> None:
    """Note that what follows for a callback is done."""
    await tx.run(SQL["settle_interactions"], business=business, callback=callback, now=tx.now)


async def set_through(tx: Transaction, business: BusinessId, callback: CallbackId, since: datetime | None) -> None:
    """Say since when a callback's person is with us by another way, or that they are not any more; its row is held."""
    await tx.run(SQL["set_through"], business=business, callback=callback, since=since)
