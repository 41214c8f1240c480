"""Name another agent for a callback that still waits, or open it to everyone of its queue."""

from __future__ import annotations

from dataclasses import replace

from ringback.domain.commands import ReassignCallback
from ringback.domain.errors import Conflict, Refused
from ringback.domain.events import CallbackChanged
from ringback.domain.ids import BusinessId
from ringback.domain.status import CallbackState, Server
from ringback.interaction_manager.agents import agent_serves, held_for
from ringback.interaction_manager.assignment import wake_queue
from ringback.interaction_manager.callbacks import lock_callback, save_callback
from ringback.interaction_manager.ledger import record_decision
from ringback.interaction_manager.workflows.finish_callback import let_go
from ringback.postgres.database import Transaction
from ringback.postgres.messages import answer, send


async def reassign_callback(tx: Transaction, business: BusinessId, command: ReassignCallback) -> None:
    """Apply ReassignCallback and leave its answer."""
    try:
        name = await _reassign(tx, business, command)
    except Refused as refusal:
        await answer(
            tx, business, command.command, problem=refusal.id, detail=refusal.detail, next=refusal.next, field=refusal.field
        )  # fmt: skip
        return
    await answer(tx, business, command.command, agent_name=name)


async def _reassign(tx: Transaction, business: BusinessId, command: ReassignCallback) -> str | None:
    callback = await lock_callback(tx, business, command.callback)
    if not callback.is_open:
        raise Conflict("This callback is over already.", id="already-over")
    if callback.state is not CallbackState.WAITING:
        raise Conflict("It is being called just now.", id="being-called", next="Try again when the call has ended.")
    name = None
    if command.agent is not None:
        name = await agent_serves(tx, business, command.agent, callback.queue)
        if name is None:
            raise Conflict("This agent does not serve the callback's queue.", id="agent-not-in-queue", field="agent")
        if callback.is_given_to(command.agent):
            return name
    reassigned = replace(
        callback,
        named_agent=command.agent,
        # Whoever is asked for by name is asked, whatever they said before.
        declined_by=tuple(each for each in callback.declined_by if each != command.agent),
        reason=f"Given to {name}" if name else "Given to anyone of the queue",
    )
    await save_callback(tx, business, reassigned)
    await record_decision(
        tx, business, kind="reassigned", verdict=f"{reassigned.reason}: {command.reason}", callback=callback.id,
        queue=callback.queue, by=command.by, agent=command.agent, before=callback.named_agent,
    )  # fmt: skip
    if await held_for(tx, business, callback.id) != command.agent:
        await let_go(tx, business, callback)
    await wake_queue(tx, business, callback.queue)
    await send(
        tx,
        business,
        Server.APPLICATION,
        callback.id,
        CallbackChanged(
            callback=callback.id,
            state=callback.state,
            promise=callback.promise,
            agent_name=name,
            why=reassigned.reason,
        ),
    )
    tx.hint("console", business)
    return name
