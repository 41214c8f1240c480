"""Keep an agent free for a booked callback, or let them go again."""

from __future__ import annotations

from ringback.domain.ids import BusinessId
from ringback.domain.offers import Reason
from ringback.interaction_manager.agents import AgentRow, move_agent, queues_of
from ringback.interaction_manager.assignment import wake_queues
from ringback.interaction_manager.callbacks import CallbackRow
from ringback.interaction_manager.ledger import record_decision
from ringback.interaction_manager.rules.agent_states import AgentEvent
from ringback.postgres.database import Transaction


async def hold_agent(
    tx: Transaction, business: BusinessId, callback: CallbackRow, agent: AgentRow, reason: Reason
) -> AgentRow:
    """Hold an agent whose state is locked until the callback's window begins."""
    held = await move_agent(tx, business, agent, AgentEvent.HOLD, callback=callback.id, until=callback.planned_at)
    await record_decision(
        tx,
        business,
        kind="held",
        verdict=f"{agent.name} is kept free: {reason.verdict}",
        callback=callback.id,
        queue=callback.queue,
        agent=agent.agent,
        until=callback.planned_at,
        detail=reason.detail,
    )
    return held


async def release_agent(tx: Transaction, business: BusinessId, agent: AgentRow) -> AgentRow:
    """Let an agent go who was held or rung for nothing, and have their queues look for work."""
    free = await move_agent(tx, business, agent, AgentEvent.RELEASE)
    await wake_queues(tx, business, await queues_of(tx, business, agent.agent))
    return free
