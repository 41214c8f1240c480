"""An agent is let go while the attempt goes on: a machine hears our message, or the customer talks with somebody else."""

from __future__ import annotations

from datetime import timedelta

from ringback.domain.events import AgentFreed
from ringback.domain.ids import BusinessId
from ringback.domain.status import AgentState, CallbackState, Server
from ringback.interaction_manager.agents import lock_agent, move_agent, queues_of
from ringback.interaction_manager.assignment import end_assignment, read_queue, wake_queues
from ringback.interaction_manager.callbacks import lock_callback
from ringback.interaction_manager.ledger import end_talk
from ringback.interaction_manager.rules.agent_states import AgentEvent
from ringback.postgres.database import Transaction
from ringback.postgres.timers import set_timer

TRANSFERRED = "transferred"


async def free_agent(tx: Transaction, business: BusinessId, event: AgentFreed) -> None:
    """Apply AgentFreed: whoever handed a customer over has a wrap-up, whoever met a machine is free at once."""
    callback = await lock_callback(tx, business, event.callback)
    if callback.attempt != event.attempt:
        return
    await end_assignment(tx, business, callback=callback.id, attempt=event.attempt, agent=event.agent, why=event.why)
    talked = callback.state is CallbackState.TALKING
    handed_over = event.why == TRANSFERRED
    if talked and not handed_over:
        await end_talk(tx, business, event.attempt, at=event.at, wrapped_at=tx.now)
    agent = await lock_agent(tx, business, event.agent)
    if not agent.works_for(callback.id, event.attempt):
        return
    policy = (await read_queue(tx, business, callback.queue)).policy
    if handed_over and policy.wrap_up > 0 and agent.state is AgentState.ON_A_CALL:
        until = tx.now + timedelta(seconds=policy.wrap_up)
        await move_agent(
            tx, business, agent, AgentEvent.END_CALL, callback=callback.id, attempt=event.attempt, until=until
        )
        await set_timer(tx, business, Server.INTERACTIONS, "wrap_up", agent.agent, at=until)
    elif agent.state is not AgentState.WRAP_UP:
        await move_agent(tx, business, agent, AgentEvent.RELEASE)
        await wake_queues(tx, business, await queues_of(tx, business, agent.agent))
