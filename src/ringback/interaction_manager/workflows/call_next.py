"""Put a callback before all others of its queue, with a reason; the places that costs are recorded when it is called."""

from __future__ import annotations

from dataclasses import replace

from ringback.domain.commands import CallNext
from ringback.domain.errors import Conflict, Refused
from ringback.domain.ids import BusinessId
from ringback.domain.status import CallbackState
from ringback.interaction_manager.agents import agent_serves
from ringback.interaction_manager.assignment import head_of_line, lock_queue, wake_queue
from ringback.interaction_manager.callbacks import lock_callback, place_of, read_callback, save_callback
from ringback.interaction_manager.ledger import record_decision
from ringback.interaction_manager.rules.line import aged_priority
from ringback.postgres.database import Transaction
from ringback.postgres.messages import answer


async def call_next(tx: Transaction, business: BusinessId, command: CallNext) -> None:
    """Apply CallNext and leave its answer."""
    try:
        await _call_next(tx, business, command)
    except Refused as refusal:
        await answer(
            tx, business, command.command, problem=refusal.id, detail=refusal.detail, next=refusal.next, field=refusal.field
        )  # fmt: skip
        return
    await answer(tx, business, command.command)


async def _call_next(tx: Transaction, business: BusinessId, command: CallNext) -> None:
    queue_id = (await read_callback(tx, business, command.callback)).queue
    queue = await lock_queue(tx, business, queue_id)
    callback = await lock_callback(tx, business, command.callback)
    if queue is None or callback.queue != queue_id:
        raise Conflict("It was moved to another queue just now.", next="Try again.")
    if not callback.is_open:
        raise Conflict("This callback is over already.", id="already-over")
    if callback.state is not CallbackState.WAITING or callback.attempt is not None:
        raise Conflict("It is being called just now.", id="being-called")
    if callback.ready_at > tx.now:
        raise Conflict(
            "Its time has not come: the customer was promised not to be called before it.",
            id="not-yet",
            next="Move it to an earlier time, if the customer agrees.",
        )
    if command.agent is not None and await agent_serves(tx, business, command.agent, queue_id) is None:
        raise Conflict("This agent does not serve the callback's queue.", id="agent-not-in-queue", field="agent")
    first = await head_of_line(tx, business, queue, horizon=tx.now, most=1)
    ages_every = queue.policy.priority_ages_every
    highest = max(
        (
            aged_priority(place_of(each, agent_ring=queue.policy.agent_ring), tx.now, ages_every=ages_every)
            for each in first
        ),
        default=0,
    )
    own_age = (
        aged_priority(place_of(callback, agent_ring=queue.policy.agent_ring), tx.now, ages_every=ages_every)
        - callback.priority
    )
    await save_callback(
        tx,
        business,
        replace(
            callback,
            priority=max(callback.priority, highest + 1 - own_age),
            named_agent=command.agent or callback.named_agent,
            declined_by=tuple(each for each in callback.declined_by if each != command.agent),
            reason=f"Called next: {command.reason}",
        ),
    )
    await record_decision(
        tx, business, kind="called_next", verdict=f"Put first: {command.reason}", callback=callback.id,
        queue=queue_id, by=command.by, agent=command.agent, priority_before=callback.priority,
    )  # fmt: skip
    await wake_queue(tx, business, queue_id)
    tx.hint("console", business)
