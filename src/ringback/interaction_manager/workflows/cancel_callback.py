"""Take a callback back. The gate decides: open, and no phone will ring; dialling, and we say so once that is true; joined, and it is too late."""

from __future__ import annotations

from dataclasses import replace

from ringback.domain.commands import CancelCallback, EndAttempt
from ringback.domain.errors import GateShut, NotFound
from ringback.domain.events import CallbackChanged
from ringback.domain.ids import BusinessId
from ringback.domain.status import CallbackState, Server
from ringback.interaction_manager.agents import lock_agent
from ringback.interaction_manager.assignment import end_assignment, live_assignment
from ringback.interaction_manager.callbacks import CallbackRow, lock_with_slot, save_callback
from ringback.interaction_manager.ledger import record_decision
from ringback.interaction_manager.rules.callback_states import CallbackEvent, next_state
from ringback.interaction_manager.rules.ledger import Ending
from ringback.interaction_manager.workflows.finish_callback import finish_callback
from ringback.interaction_manager.workflows.hold_agent import release_agent
from ringback.postgres.database import Transaction
from ringback.postgres.gate import GateRow, GateState, try_cancel
from ringback.postgres.messages import answer, send

CONNECTED = "You are connected. Hang up to end the call."
NOTHING_RINGS = "Cancelled. No phone will ring."


def is_customer(by: str) -> bool:
    """Tell whether a principal is the customer: then the promise is withdrawn; else it is we who take it back."""
    return by == "customer" or by.startswith("chat:")


async def cancel_callback(tx: Transaction, business: BusinessId, command: CancelCallback) -> None:
    """Apply CancelCallback and leave its answer."""
    try:
        callback = await lock_with_slot(tx, business, command.callback)
    except NotFound as error:
        await answer(tx, business, command.command, problem=error.id, detail=error.detail)
        return
    if not callback.is_open:
        await _answer_over(tx, business, command, callback)
        return
    if callback.state is CallbackState.CANCELLING:
        await answer(tx, business, command.command, state=callback.state, detail="It is being cancelled.")
        return
    try:
        before = await try_cancel(tx, business, callback.id)
    except GateShut:
        await answer(tx, business, command.command, problem="connected", detail=CONNECTED, next=CONNECTED)
        return
    if before.state is GateState.DIALLING:
        await _withdraw(tx, business, command, callback, before)
        return
    await _cancel_at_once(tx, business, command, callback, before)


async def _answer_over(tx: Transaction, business: BusinessId, command: CancelCallback, callback: CallbackRow) -> None:
    if callback.state is CallbackState.CANCELLED:
        await answer(tx, business, command.command, state=callback.state, detail=NOTHING_RINGS)
        return
    await answer(
        tx,
        business,
        command.command,
        problem="already-over",
        detail="This callback is over already.",
        state=callback.state,
    )


def _verdict(command: CancelCallback) -> str:
    who = "The customer cancelled" if is_customer(command.by) else "Cancelled by the business"
    return f"{who}: {command.reason}" if command.reason else who


async def _cancel_at_once(
    tx: Transaction, business: BusinessId, command: CancelCallback, callback: CallbackRow, before: GateRow
) -> None:
    """Nothing was let through the gate, and nothing will be: an attempt that was directed can only end."""
    if before.attempt is not None:
        await _stop_attempt(tx, business, callback, before)
    by_customer = is_customer(command.by)
    finished = await finish_callback(
        tx,
        business,
        callback,
        CallbackState.CANCELLED if by_customer else CallbackState.CLOSED,
        reason="cancelled" if by_customer else "closed_by_operator",
        verdict=_verdict(command),
        ending=Ending(withdrawn_at=tx.now if by_customer else None, closed_by_us=not by_customer),
        by=command.by,
    )
    await answer(tx, business, command.command, state=finished.state, detail=NOTHING_RINGS)


async def _stop_attempt(tx: Transaction, business: BusinessId, callback: CallbackRow, before: GateRow) -> None:
    assert before.attempt is not None
    assignment = await live_assignment(tx, business, callback.id)
    if assignment is not None:
        await end_assignment(
            tx,
            business,
            callback=callback.id,
            attempt=assignment.attempt,
            agent=assignment.agent,
            why="withdrawn",
        )
        agent = await lock_agent(tx, business, assignment.agent)
        if agent.works_for(callback.id, before.attempt):
            await release_agent(tx, business, agent)
    await send(
        tx,
        business,
        Server.SESSIONS,
        callback.id,
        EndAttempt(callback=callback.id, attempt=before.attempt, reason="cancelled"),
    )


async def _withdraw(
    tx: Transaction, business: BusinessId, command: CancelCallback, callback: CallbackRow, before: GateRow
) -> None:
    """A leg may ring: stop it, and say "cancelled" when there is evidence that none does."""
    assert before.attempt is not None, "a dialling gate has an attempt"
    verdict = _verdict(command)
    withdrawing = replace(
        callback,
        state=next_state(callback.state, CallbackEvent.WITHDRAW),
        reason=f"{verdict}; a call under way is being stopped",
        pending={
            "kind": "cancel" if is_customer(command.by) else "close",
            "command": str(command.command),
            "by": command.by,
            "at": tx.now.isoformat(),
            "verdict": verdict,
        },
    )
    await save_callback(tx, business, withdrawing)
    await record_decision(
        tx, business, kind="cancelling", verdict=withdrawing.reason or verdict, callback=callback.id,
        queue=callback.queue, by=command.by,
    )  # fmt: skip
    await send(
        tx,
        business,
        Server.SESSIONS,
        callback.id,
        EndAttempt(callback=callback.id, attempt=before.attempt, reason="cancelled"),
    )
    await send(
        tx,
        business,
        Server.APPLICATION,
        callback.id,
        CallbackChanged(
            callback=callback.id, state=withdrawing.state, promise=callback.promise, why=withdrawing.reason
        ),
    )
    tx.hint("console", business)
    await answer(tx, business, command.command, state=withdrawing.state, detail="We are stopping the call.")
