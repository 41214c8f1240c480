"""End a callback for good: the promise judged, the gate shut, timers and holds put away, the customer's server told."""

from __future__ import annotations

from dataclasses import replace

from ringback.domain.errors import NotFound
from ringback.domain.events import CallbackFinished
from ringback.domain.ids import BusinessId
from ringback.domain.status import AgentState, CallbackState, Outcome, Server
from ringback.interaction_manager.agents import held_for, lock_agent
from ringback.interaction_manager.assignment import read_queue, wake_queue
from ringback.interaction_manager.callbacks import CallbackRow, give_slot_back, save_callback
from ringback.interaction_manager.ledger import record_decision, settle_last
from ringback.interaction_manager.rules.callback_states import CallbackEvent, next_state
from ringback.interaction_manager.rules.ledger import Ending
from ringback.interaction_manager.workflows.hold_agent import release_agent
from ringback.interaction_manager.workflows.tell_places import tell_line
from ringback.postgres.database import Transaction
from ringback.postgres.gate import close_gate
from ringback.postgres.messages import send
from ringback.postgres.timers import cancel_timer

_EVENTS = {
    CallbackState.DONE: CallbackEvent.FINISH,
    CallbackState.CANCELLED: CallbackEvent.CANCEL,
    CallbackState.CLOSED: CallbackEvent.CLOSE,
}


async def finish_callback(
    tx: Transaction,
    business: BusinessId,
    callback: CallbackRow,
    state: CallbackState,
    *,
    reason: str,
    verdict: str,
    ending: Ending,
    by: str = "interaction_manager",
    outcome: Outcome | None = None,
    talked_for: float | None = None,
) -> CallbackRow:
    """End a callback whose row (and slot) is held. `reason`: the code the customer's server gets; `verdict`: one line for people.

    No attempt of it may be live any more, other than one that the shut gate keeps from ringing anybody.
    """
    await close_gate(tx, business, callback.id)
    finished = await give_slot_back(tx, business, callback)
    finished = replace(
        finished,
        state=next_state(callback.state, _EVENTS[state]),
        reason=verdict,
        attempt=None,
        pending=None,
        outcome=outcome or callback.outcome,
        finished_at=tx.now,
    )
    await save_callback(tx, business, finished)
    await settle_last(tx, business, callback.id, ending)
    await record_decision(
        tx,
        business,
        kind=state.value,
        verdict=verdict,
        callback=callback.id,
        queue=callback.queue,
        by=by,
        reason=reason,
    )
    await let_go(tx, business, callback)
    await cancel_timer(tx, business, "asking", callback.id)
    await wake_queue(tx, business, callback.queue)
    if callback.state is CallbackState.WAITING and callback.early_is_fine:
        await tell_line(tx, business, await read_queue(tx, business, callback.queue))
    rate = finished.state is CallbackState.DONE and (await read_queue(tx, business, callback.queue)).policy.ask_rating
    await send(
        tx,
        business,
        Server.APPLICATION,
        callback.id,
        CallbackFinished(
            callback=callback.id,
            state=finished.state,
            reason=reason,
            detail=verdict,
            talked_for=talked_for,
            rate=rate,
        ),
    )
    return finished


async def let_go(tx: Transaction, business: BusinessId, callback: CallbackRow) -> None:
    """Release an agent who is held for a callback and has no attempt of it."""
    agent_id = await held_for(tx, business, callback.id)
    if agent_id is None:
        return
    try:
        agent = await lock_agent(tx, business, agent_id)
    except NotFound:
        return
    if agent.state is AgentState.HELD and agent.works_for(callback.id) and agent.attempt is None:
        await release_agent(tx, business, agent)
