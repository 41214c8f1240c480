"""Keep the books of an attempt under way: what rang, who answered, that the two were joined.

The join was made before we hear of it; books follow. A message of an attempt that is not the callback's any more changes nothing.
"""

from __future__ import annotations

from dataclasses import replace

from ringback.domain.events import (
    AgentAccepted,
    AgentRings,
    CustomerAnswered,
    CustomerDialled,
    CustomerRings,
    Joined,
)
from ringback.domain.ids import AgentId, AttemptId, BusinessId, CallbackId
from ringback.domain.status import AgentState, CallbackState
from ringback.interaction_manager import dialled_first
from ringback.interaction_manager.agents import AgentRow, lock_agent, move_agent
from ringback.interaction_manager.assignment import accept_assignment, live_assignment, wake_queue
from ringback.interaction_manager.callbacks import CallbackRow, lock_callback, save_callback
from ringback.interaction_manager.ledger import add_facts, begin_talk, settle_last
from ringback.interaction_manager.rules.agent_states import AgentEvent
from ringback.interaction_manager.rules.callback_states import CallbackEvent, next_state
from ringback.interaction_manager.rules.ledger import Ending
from ringback.postgres.database import Transaction


async def _current(
    tx: Transaction, business: BusinessId, callback: CallbackId, attempt: AttemptId
) -> CallbackRow | None:
    """Hold the callback and return it, if this is its attempt."""
    row = await lock_callback(tx, business, callback)
    return row if row.attempt == attempt else None


async def _agent_of(
    tx: Transaction, business: BusinessId, agent: AgentId, callback: CallbackId, attempt: AttemptId
) -> AgentRow | None:
    """Hold the agent's state and return it, if they work for this attempt."""
    row = await lock_agent(tx, business, agent)
    return row if row.works_for(callback, attempt) else None


async def agent_rings(tx: Transaction, business: BusinessId, event: AgentRings) -> None:
    """The agent's device rings: held becomes reserved."""
    callback = await _current(tx, business, event.callback, event.attempt)
    if callback is None:
        return
    agent = await _agent_of(tx, business, event.agent, event.callback, event.attempt)
    if agent is not None and agent.state is AgentState.HELD:
        await move_agent(tx, business, agent, AgentEvent.RESERVE, callback=callback.id, attempt=event.attempt)
    await save_callback(tx, business, replace(callback, reason=f"{event.agent_name} is being rung"))
    tx.hint("console", business)


async def agent_accepted(tx: Transaction, business: BusinessId, event: AgentAccepted) -> None:
    """The agent took it."""
    callback = await _current(tx, business, event.callback, event.attempt)
    if callback is None:
        return
    await accept_assignment(
        tx, business, callback=event.callback, attempt=event.attempt, agent=event.agent, at=event.at
    )
    agent = await _agent_of(tx, business, event.agent, event.callback, event.attempt)
    if agent is not None:
        await _on_a_call(tx, business, agent, callback)
        await save_callback(tx, business, replace(callback, reason=f"{agent.name} took it; the customer is rung"))


async def _on_a_call(tx: Transaction, business: BusinessId, agent: AgentRow, callback: CallbackRow) -> None:
    if agent.state is AgentState.HELD:
        agent = await move_agent(
            tx, business, agent, AgentEvent.RESERVE, callback=callback.id, attempt=callback.attempt
        )
    if agent.state is AgentState.RESERVED:
        await move_agent(tx, business, agent, AgentEvent.ACCEPT, callback=callback.id, attempt=callback.attempt)


async def customer_dialled(tx: Transaction, business: BusinessId, event: CustomerDialled) -> None:
    """The customer's device may ring from now on."""
    callback = await _current(tx, business, event.callback, event.attempt)
    if callback is not None and not callback.moves:
        await add_facts(tx, business, event.callback, dialled_at=event.at)
        tx.hint("console", business)


async def customer_rings(tx: Transaction, business: BusinessId, event: CustomerRings) -> None:
    """First evidence that it rang: what the promise is judged by."""
    callback = await _current(tx, business, event.callback, event.attempt)
    if callback is not None and not callback.moves:
        await add_facts(tx, business, event.callback, first_ring_at=event.at)
        tx.hint("console", business)


async def customer_answered(tx: Transaction, business: BusinessId, event: CustomerAnswered) -> None:
    """The customer is there."""
    callback = await _current(tx, business, event.callback, event.attempt)
    if callback is not None and not callback.moves:
        await add_facts(tx, business, event.callback, answered_at=event.at)
    if callback is not None:
        queue = await dialled_first.ready(tx, business, event.attempt, event.at)
        if queue is not None:
            await wake_queue(tx, business, queue)


async def joined(tx: Transaction, business: BusinessId, event: Joined) -> None:
    """The two talk: the promise is judged, the talk begins."""
    callback = await _current(tx, business, event.callback, event.attempt)
    if callback is None:
        return
    assignment = await live_assignment(tx, business, event.callback)
    await dialled_first.joined(tx, business, event.attempt, event.at)
    if not callback.moves:
        await add_facts(tx, business, event.callback, joined_at=event.at)
        await settle_last(tx, business, event.callback, Ending())
    await begin_talk(
        tx,
        business,
        callback,
        attempt=event.attempt,
        agent=event.agent,
        accepted_at=(assignment.accepted_at if assignment else None) or event.at,
        joined_at=event.at,
    )
    if callback.state is CallbackState.CALLING:
        await save_callback(
            tx,
            business,
            replace(
                callback,
                state=next_state(callback.state, CallbackEvent.JOIN),
                reason=f"Talks with {event.agent_name}",
            ),
        )
    agent = await _agent_of(tx, business, event.agent, event.callback, event.attempt)
    if agent is not None:
        await _on_a_call(tx, business, agent, callback)
    tx.hint("console", business)
