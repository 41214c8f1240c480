"""What the customer said when the chat asked, or that they said nothing."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from ringback.domain.commands import AnswerQuestion, ReassignCallback
from ringback.domain.events import CallbackChanged
from ringback.domain.ids import BusinessId, CallbackId, CommandId, new_id
from ringback.domain.status import CallbackState, Outcome, PromiseKind, Server
from ringback.interaction_manager.assignment import QueueRow, read_queue, wake_queue
from ringback.interaction_manager.callbacks import CallbackRow, count_outcome, lock_with_slot, save_callback
from ringback.interaction_manager.guarding import person_zones
from ringback.interaction_manager.ledger import record_decision
from ringback.interaction_manager.rules.callback_states import CallbackEvent
from ringback.interaction_manager.rules.end_of_day import CloseIt, put_at
from ringback.interaction_manager.rules.ledger import Ending
from ringback.interaction_manager.rules.retries import AttemptFacts, TryAgain, what_follows
from ringback.interaction_manager.workflows.decide_retry import renew_promise
from ringback.interaction_manager.workflows.finish_callback import finish_callback
from ringback.postgres.database import Transaction
from ringback.postgres.messages import send
from ringback.postgres.timers import Timer, cancel_timer


async def answer_question(tx: Transaction, business: BusinessId, command: AnswerQuestion) -> None:
    """Apply AnswerQuestion; an answer to a question that is not open any more changes nothing."""
    callback = await lock_with_slot(tx, business, command.callback)
    await record_decision(
        tx, business, kind="answered", verdict=f"Asked “{command.question}”, the customer said “{command.answer}”",
        callback=callback.id, queue=callback.queue, by="customer",
    )  # fmt: skip
    if (command.question, command.answer) == ("agent_away", "anyone") and callback.state is CallbackState.WAITING:
        await _anyone(tx, business, callback)
    cut_off = callback.state is CallbackState.WAITING and callback.outcome is Outcome.DROPPED
    if (command.question, command.answer) == ("declined", "again") and cut_off:
        await _at_once(tx, business, callback)
    if callback.state is not CallbackState.ASKING:
        return
    queue = await read_queue(tx, business, callback.queue)
    match command.question, command.answer:
        case ("unknown", "did_not_ring") | ("declined", "again"):
            await _call_at(
                tx, business, callback, queue, tx.now, why="The customer asked to be called again", we_chose=False
            )
        case ("unknown", "rang"):
            await _it_rang(tx, business, callback, queue)
        case ("declined" | "unknown", "close"):
            await finish_callback(
                tx, business, callback, CallbackState.CANCELLED, reason="closed_by_customer",
                verdict="The customer does not want to be called again", ending=Ending(withdrawn_at=tx.now), by="customer",
            )  # fmt: skip


async def _anyone(tx: Transaction, business: BusinessId, callback: CallbackRow) -> None:
    """Whom they asked for is away, and anybody may call: the promise stays."""
    order = ReassignCallback(
        command=CommandId(new_id()), callback=callback.id, agent=None, by="customer", reason="the customer agreed"
    )
    await send(tx, business, Server.INTERACTIONS, callback.id, order)


async def _at_once(tx: Transaction, business: BusinessId, callback: CallbackRow) -> None:
    """The call was cut off, and the customer wants it back without waiting for the attempt that comes by itself."""
    if callback.attempt is not None or callback.ready_at <= tx.now:
        return
    await save_callback(
        tx,
        business,
        replace(callback, ready_at=tx.now, early_is_fine=True, reason="The customer asked to be called back at once"),
    )
    await wake_queue(tx, business, callback.queue)


async def _it_rang(tx: Transaction, business: BusinessId, callback: CallbackRow, queue: QueueRow) -> None:
    """Treat it as a call nobody answered: it spent an attempt, and the rule for that applies."""
    nth = 1 + await count_outcome(tx, business, callback.id, Outcome.NO_ANSWER)
    follows = what_follows(
        AttemptFacts(
            outcome=Outcome.NO_ANSWER,
            now=tx.now,
            customer_attempts=callback.customer_attempts,
            nth=nth,
        ),
        queue.policy,
    )
    if isinstance(follows, TryAgain):
        await _call_at(tx, business, callback, queue, follows.at, why="It rang, and nobody answered", we_chose=True)
        return
    await finish_callback(
        tx, business, callback, CallbackState.CLOSED, reason="attempts_used",
        verdict=f"It rang; {callback.customer_attempts} attempts were made", ending=Ending(),
    )  # fmt: skip


async def _call_at(
    tx: Transaction,
    business: BusinessId,
    callback: CallbackRow,
    queue: QueueRow,
    at: datetime,
    *,
    why: str,
    we_chose: bool,
) -> None:
    put = put_at(
        at,
        timedelta(seconds=queue.policy.retry_width),
        hours=queue.hours,
        policy=queue.policy,
        zone=ZoneInfo(callback.zone),
        ready_at=callback.ready_at,
        we_chose=we_chose,
        also=person_zones(callback.destination, callback.zone, queue.policy, tx.now)[1:],
    )
    if isinstance(put, CloseIt):
        await finish_callback(
            tx, business, callback, CallbackState.CLOSED, reason="end_of_day", verdict=put.why, ending=Ending()
        )
        return
    await cancel_timer(tx, business, "asking", callback.id)
    renewed = await renew_promise(
        tx,
        business,
        callback,
        put.window,
        kind=PromiseKind.RETRY,
        event=CallbackEvent.RETRY,
        ending=Ending(),
        why=f"{why}: {put.why}",
        priority=callback.priority + (queue.policy.next_day_priority if put.next_day else 0),
        decision="retried",
        policy=queue.policy,
        named_time=not we_chose and not put.next_day,
        by="customer",
    )
    await send(
        tx,
        business,
        Server.APPLICATION,
        callback.id,
        CallbackChanged(callback=callback.id, state=renewed.state, promise=renewed.promise, why=renewed.reason),
    )


async def nobody_answered(tx: Transaction, timer: Timer) -> None:
    """Timer `asking`: half an hour without an answer; closed with a message."""
    callback = await lock_with_slot(tx, timer.business, CallbackId(timer.subject))
    if callback.state is not CallbackState.ASKING:
        return
    await finish_callback(
        tx, timer.business, callback, CallbackState.CLOSED, reason="no_reply",
        verdict="The customer did not answer the question in the chat", ending=Ending(unknown=callback.outcome is Outcome.UNKNOWN),
    )  # fmt: skip
