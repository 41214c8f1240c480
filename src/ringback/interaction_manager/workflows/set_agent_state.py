"""An agent becomes available, paused or offline: at once, or when what keeps them is over."""

from __future__ import annotations

from dataclasses import replace

from ringback.domain.commands import SetAgentState
from ringback.domain.errors import Invalid, Refused
from ringback.domain.ids import BusinessId
from ringback.domain.status import AgentState
from ringback.interaction_manager.agents import AgentRow, lock_agent, move_agent, queues_of, save_agent
from ringback.interaction_manager.assignment import wake_queues
from ringback.interaction_manager.rules.agent_states import BUSY, FREE, WISHES, AgentEvent
from ringback.postgres.database import Transaction
from ringback.postgres.messages import answer


async def set_agent_state(tx: Transaction, business: BusinessId, command: SetAgentState) -> None:
    """Apply SetAgentState and leave its answer."""
    try:
        agent = await _set(tx, business, command)
    except Refused as refusal:
        await answer(tx, business, command.command, problem=refusal.id, detail=refusal.detail, field=refusal.field)
        return
    await answer(tx, business, command.command, state=agent.state, then_state=agent.then_state)


async def _set(tx: Transaction, business: BusinessId, command: SetAgentState) -> AgentRow:
    wish = WISHES.get(command.state)
    if wish is None:
        raise Invalid(f"{command.state!r} is not one of {', '.join(WISHES)}.", field="state")
    if wish is AgentEvent.PAUSE and not command.reason:
        raise Invalid("Say why you pause.", id="reason-needed", field="reason")
    agent = await lock_agent(tx, business, command.agent)
    if agent.state in BUSY:
        later = None if wish is AgentEvent.GO_AVAILABLE else command.state
        return await save_agent(
            tx,
            business,
            agent,
            replace(agent, then_state=later, reason=command.reason if later else None),
        )
    agent = await move_agent(tx, business, agent, wish, reason=command.reason)
    if agent.state in FREE:
        await wake_queues(tx, business, await queues_of(tx, business, agent.agent))
    return agent


async def leave(tx: Transaction, business: BusinessId, agent: AgentRow, *, why: str) -> AgentRow:
    """Take an agent off duty whose page is gone; their state is held."""
    if agent.state is AgentState.HELD:
        queues = await queues_of(tx, business, agent.agent)
        agent = await move_agent(tx, business, replace(agent, then_state=None), AgentEvent.LEAVE, reason=why)
        await wake_queues(tx, business, queues)  # another agent must be kept free in their place
        return agent
    return await move_agent(tx, business, agent, AgentEvent.LEAVE, reason=why)
