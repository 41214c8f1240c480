"""Agents as they are now: each change is a compare-and-set, and closes a stretch of the agent's time."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import datetime

import asyncpg

from ringback.domain.errors import Conflict, NotFound
from ringback.domain.ids import AgentId, AttemptId, BusinessId, CallbackId, QueueId
from ringback.domain.status import AgentState
from ringback.interaction_manager.live_chats import give_back
from ringback.interaction_manager.rules.agent_states import BUSY, FREE, AgentEvent, freed_state
from ringback.postgres.database import Transaction
from ringback.postgres.sql import load_sql

SQL = load_sql(__file__, "agents.sql")


@dataclass(frozen=True, slots=True, kw_only=True)
class AgentRow:
    """One agent's state, and where they are rung."""

    agent: AgentId
    name: str
    slug: str
    carrier: str
    address: str
    state: AgentState
    since: datetime
    reason: str | None
    idle_since: datetime | None
    callback: CallbackId | None
    attempt: AttemptId | None
    until: datetime | None
    more_time: bool
    then_state: str | None
    epoch: int
    chats: int = 0  # live ones

    def works_for(self, callback: CallbackId, attempt: AttemptId | None = None) -> bool:
        """Tell whether the agent is kept by this callback (and, where named, by this attempt of it)."""
        return self.state in BUSY and self.callback == callback and (attempt is None or self.attempt == attempt)


def _agent(row: asyncpg.Record) -> AgentRow:
    return AgentRow(
        agent=row["agent"],
        name=row["name"],
        slug=row["slug"],
        carrier=row["carrier"],
        address=row["address"],
        state=AgentState(row["state"]),
        since=row["since"],
        reason=row["reason"],
        idle_since=row["idle_since"],
        callback=row["callback"],
        attempt=row["attempt"],
        until=row["until"],
        more_time=row["more_time"],
        then_state=row["then_state"],
        epoch=row["epoch"],
        chats=row["chats"],
    )


async def lock_agent(tx: Transaction, business: BusinessId, agent: AgentId) -> AgentRow:
    """Return an agent and hold their state; raise NotFound when the business has none such."""
    row = await tx.row(SQL["lock_agent"], business=business, agent=agent)
    if row is None:
        raise NotFound("There is no such agent.")
    return _agent(row)


async def lock_agents(tx: Transaction, business: BusinessId, agents: Iterable[AgentId]) -> dict[AgentId, AgentRow]:
    """Return several agents and hold their states."""
    rows = await tx.rows(SQL["lock_agents"], business=business, agents=sorted(set(agents)))
    return {row["agent"]: _agent(row) for row in rows}


async def save_agent(tx: Transaction, business: BusinessId, before: AgentRow, after: AgentRow) -> AgentRow:
    """Save a changed state by compare-and-set, and close the stretch of time that it ends. Raise Conflict when somebody was faster."""
    changed = await tx.run(
        SQL["save_agent_state"],
        business=business,
        agent=before.agent,
        epoch=before.epoch,
        state=after.state.value,
        since=after.since,
        reason=after.reason,
        idle_since=after.idle_since,
        callback=after.callback,
        attempt=after.attempt,
        until=after.until,
        more_time=after.more_time,
        then_state=after.then_state,
    )
    if not changed:
        raise Conflict("The agent's state changed meanwhile.")
    if after.state is not before.state and before.since < after.since:
        await tx.run(
            SQL["close_agent_time"],
            business=business,
            agent=before.agent,
            state=before.state.value,
            began_at=before.since,
            ended_at=after.since,
        )
    tx.hint("agent", before.agent)
    tx.hint("console", business)
    return replace(after, epoch=before.epoch + 1)


async def move_agent(
    tx: Transaction,
    business: BusinessId,
    agent: AgentRow,
    event: AgentEvent,
    *,
    callback: CallbackId | None = None,
    attempt: AttemptId | None = None,
    until: datetime | None = None,
    reason: str | None = None,
) -> AgentRow:
    """Let something happen to an agent whose state is held; what they asked for while busy follows when they are free."""
    state = freed_state(agent.state, event, agent.then_state, chats=agent.chats)
    if state is AgentState.OFFLINE and agent.chats:
        await give_back(tx, business, agent.agent, agent.name)
    free_now = state in FREE and agent.state not in FREE
    if state in BUSY or (agent.then_state is not None and agent.state in BUSY):
        reason = agent.reason  # the words that came with the wish for what follows
    after = replace(
        agent,
        state=state,
        since=agent.since if state is agent.state else tx.now,
        reason=None if state in FREE else reason,
        idle_since=tx.now if free_now else agent.idle_since if state in FREE | {AgentState.HELD} else None,
        callback=callback if state in BUSY else None,
        attempt=attempt if state in BUSY else None,
        until=until if state in BUSY else None,
        more_time=False,
        then_state=agent.then_state if state in BUSY else None,
    )
    return await save_agent(tx, business, agent, after)


async def held_for(tx: Transaction, business: BusinessId, callback: CallbackId) -> AgentId | None:
    """Return the agent who is held for a callback that nobody was directed to make yet."""
    agent: AgentId | None = await tx.value(SQL["held_for"], business=business, callback=callback)
    return agent


async def queues_of(tx: Transaction, business: BusinessId, agent: AgentId) -> list[QueueId]:
    """Return the queues an agent serves, in the order of their ids."""
    return [QueueId(row["queue"]) for row in await tx.rows(SQL["queues_of_agent"], business=business, agent=agent)]


async def agent_serves(tx: Transaction, business: BusinessId, agent: AgentId, queue: QueueId) -> str | None:
    """Return the name of an agent who serves the queue; None for any other."""
    name: str | None = await tx.value(SQL["agent_serves"], business=business, agent=agent, queue=queue)
    return name


async def gone_agents(tx: Transaction, business: BusinessId, *, seen_after: datetime) -> list[AgentId]:
    """Return agents whose pages have been gone since, and who are not on the telephone."""
    return [
        AgentId(row["agent"]) for row in await tx.rows(SQL["gone_agents"], business=business, seen_after=seen_after)
    ]


async def agent_is_present(tx: Transaction, business: BusinessId, agent: AgentId, *, seen_after: datetime) -> bool:
    """Tell whether the agent can be reached now."""
    return bool(await tx.value(SQL["agent_is_present"], business=business, agent=agent, seen_after=seen_after))
