"""An agent whose page is gone is offline: nobody is offered a callback that cannot ring. One who is being rung or talks is left alone."""

from __future__ import annotations

from datetime import timedelta

from ringback.domain.ids import BusinessId
from ringback.domain.status import AgentState
from ringback.interaction_manager.agents import gone_agents, lock_agents
from ringback.interaction_manager.workflows.set_agent_state import leave
from ringback.postgres.database import Transaction

WATCHED = frozenset(
    {
        AgentState.AVAILABLE,
        AgentState.IN_CHATS,
        AgentState.HELD,
        AgentState.PAUSED,
        AgentState.NOT_RESPONDING,
    }
)


async def watch_presence(tx: Transaction, business: BusinessId, *, timeout: float) -> int:
    """Take those off duty whose pages have been gone for `timeout` seconds; return how many."""
    seen_after = tx.now - timedelta(seconds=timeout)
    gone = await gone_agents(tx, business, seen_after=seen_after)
    agents = await lock_agents(tx, business, gone) if gone else {}
    # One who came back while we waited for the locks stays.
    still = set(await gone_agents(tx, business, seen_after=seen_after)) if agents else set()
    left = 0
    for agent in agents.values():
        directed = agent.state is AgentState.HELD and agent.attempt is not None
        if agent.agent in still and agent.state in WATCHED and not directed:
            await leave(tx, business, agent, why="The page is gone")
            left += 1
    return left
