"""Timer `through`: the person of an open callback is with us by another way. Stop dialling, then withdraw, ask, or go on as promised."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime

from ringback.domain.commands import EndAttempt
from ringback.domain.errors import NotFound
from ringback.domain.events import GotThrough
from ringback.domain.ids import BusinessId, CallbackId
from ringback.domain.status import CallbackState, Server
from ringback.interaction_manager.assignment import QueueRow, read_queue, wake_queue
from ringback.interaction_manager.callbacks import CallbackRow, lock_with_slot, save_callback
from ringback.interaction_manager.ledger import record_decision
from ringback.interaction_manager.outside import THROUGH, joined_interactions, set_through, settle_interactions
from ringback.interaction_manager.rules.getting_through import ASK_FOR, LOOK_AGAIN, Consequence, Next, consequence
from ringback.interaction_manager.rules.ledger import Ending
from ringback.interaction_manager.workflows.finish_callback import finish_callback, let_go
from ringback.postgres.database import Transaction
from ringback.postgres.gate import GateState, read_gate, withdraw_for_move
from ringback.postgres.messages import send
from ringback.postgres.timers import Timer, set_timer

PENDING = "through"
# Whoever is talked with on the callback itself, or has taken it back, needs none of this.
_CONCERNED = frozenset({CallbackState.WAITING, CallbackState.CALLING, CallbackState.ASKING})


async def get_through(tx: Transaction, timer: Timer) -> None:
    """Look at what a callback's person does elsewhere, and do what follows."""
    business = timer.business
    try:
        callback = await lock_with_slot(tx, business, CallbackId(timer.subject))
    except NotFound:
        return
    joined = await joined_interactions(tx, business, callback.id)
    if callback.state not in _CONCERNED:
        await settle_interactions(tx, business, callback.id)
        return
    queue = await read_queue(tx, business, callback.queue)
    if not joined:
        await _go_on(tx, business, callback, "The chat asked whether the call is still needed; it stays promised")
        return
    found = consequence(joined, callback.queue, tx.now, enough=queue.policy.withdrawn_after_talk)
    match found.next:
        case Next.HOLD_OFF:
            await _hold_off(tx, business, callback, found)
        case Next.WITHDRAW:
            await _withdraw(tx, business, callback, queue, found)
        case Next.ASK:
            await _ask(tx, business, callback, queue, found)
        case Next.RESUME:
            await settle_interactions(tx, business, callback.id)
            await _go_on(tx, business, callback, "Nobody answered them there; the promise stands")


async def _hold_off(tx: Transaction, business: BusinessId, callback: CallbackRow, found: Consequence) -> None:
    """Nothing rings while they are with us: an attempt under way is stopped by the gate, and no other begins."""
    assert found.again_at is not None, "who is with us is looked at again"
    await set_timer(tx, business, Server.INTERACTIONS, THROUGH, callback.id, at=found.again_at)
    if callback.through_since is not None or callback.state is CallbackState.ASKING:
        return
    if callback.state is CallbackState.CALLING and not await _stop(tx, business, callback):
        return
    await set_through(tx, business, callback.id, found.since or tx.now)
    await record_decision(
        tx, business, kind="got_through", callback=callback.id, queue=callback.queue, since=found.since,
        verdict="They are with us by another way: not dialled meanwhile",
    )  # fmt: skip
    await let_go(tx, business, callback)
    await wake_queue(tx, business, callback.queue)
    tx.hint("console", business)


async def _stop(tx: Transaction, business: BusinessId, callback: CallbackRow) -> bool:
    """Shut the fences of the attempt under way; False when the two are joined already."""
    gate = await read_gate(tx, business, callback.id, lock=True)
    if gate.state in (GateState.JOINED, GateState.CLOSED) or gate.attempt is None or callback.pending is not None:
        return gate.state not in (GateState.JOINED, GateState.CLOSED)
    due_version = await withdraw_for_move(tx, business, callback.id)
    stopping = replace(
        callback,
        due_version=due_version,
        pending={"kind": PENDING, "at": tx.now.isoformat()},
        reason="They are with us by another way; the call under way is being stopped",
    )
    await save_callback(tx, business, stopping)
    await send(
        tx,
        business,
        Server.SESSIONS,
        callback.id,
        EndAttempt(callback=callback.id, attempt=gate.attempt, reason="got_through"),
    )
    return True


async def _withdraw(
    tx: Transaction, business: BusinessId, callback: CallbackRow, queue: QueueRow, found: Consequence
) -> None:
    """They talked for long enough about it: the callback is not needed. An attempt under way ends first, with evidence."""
    if callback.state is CallbackState.CALLING:
        if await _stop(tx, business, callback):
            await set_through(tx, business, callback.id, callback.through_since or tx.now)
            await set_timer(tx, business, Server.INTERACTIONS, THROUGH, callback.id, at=tx.now + LOOK_AGAIN)
        return
    assert found.talked_from is not None, "who talked was answered"
    await settle_interactions(tx, business, callback.id)
    await set_through(tx, business, callback.id, None)
    at = found.talked_from.astimezone(queue.business_zone)
    await finish_callback(
        tx, business, callback, CallbackState.CANCELLED, reason="got_through",
        verdict=f"They got through: answered at {at:%H:%M} by {queue.name}",
        ending=Ending(withdrawn_at=max(found.talked_from, callback.accepted_at)),
        talked_for=found.talked_for,
    )  # fmt: skip


async def _ask(
    tx: Transaction, business: BusinessId, callback: CallbackRow, queue: QueueRow, found: Consequence
) -> None:
    """They talked, but briefly or about something else: the chat asks, and the promise waits a moment for the answer."""
    if callback.state is CallbackState.CALLING:
        await set_timer(tx, business, Server.INTERACTIONS, THROUGH, callback.id, at=tx.now + LOOK_AGAIN)
        return
    await settle_interactions(tx, business, callback.id)
    await record_decision(
        tx, business, kind="got_through", callback=callback.id, queue=callback.queue,
        talked_for=found.talked_for, verdict=f"They {_did(found)}: the chat asks whether the call is still needed",
    )  # fmt: skip
    if callback.state is CallbackState.WAITING:
        await set_through(tx, business, callback.id, callback.through_since or tx.now)
        await set_timer(tx, business, Server.INTERACTIONS, THROUGH, callback.id, at=tx.now + ASK_FOR)
    await send(
        tx,
        business,
        Server.APPLICATION,
        callback.id,
        GotThrough(
            callback=callback.id,
            queue_name=queue.name,
            at=_instant(found, tx.now),
            talked_for=found.talked_for or 0.0,
            wrote=found.wrote,
        ),
    )


async def _go_on(tx: Transaction, business: BusinessId, callback: CallbackRow, why: str) -> None:
    """Nothing keeps the callback back any more: its place and its promise are what they were."""
    if callback.through_since is None:
        return
    await set_through(tx, business, callback.id, None)
    await record_decision(tx, business, kind="got_through", callback=callback.id, queue=callback.queue, verdict=why)
    await wake_queue(tx, business, callback.queue)
    tx.hint("console", business)


def _did(found: Consequence) -> str:
    return "wrote with us in a live chat" if found.wrote else "talked with us elsewhere, briefly"


def _instant(found: Consequence, now: datetime) -> datetime:
    return found.talked_from or now
