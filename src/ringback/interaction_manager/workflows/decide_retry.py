"""Promise the customer another attempt, in the transaction of the outcome: never past closing unannounced."""

from __future__ import annotations

from dataclasses import replace
from zoneinfo import ZoneInfo

from ringback.domain.events import AttemptMissed
from ringback.domain.ids import AttemptId, BusinessId
from ringback.domain.status import CallbackState, Outcome, PromiseKind, Server
from ringback.domain.times import TimeWindow
from ringback.interaction_manager.assignment import QueueRow, wake_queue
from ringback.interaction_manager.callbacks import CallbackRow, give_slot_back, save_callback
from ringback.interaction_manager.guarding import person_zones
from ringback.interaction_manager.ledger import make_promise, record_decision, settle_last
from ringback.interaction_manager.rules.callback_states import CallbackEvent, next_state
from ringback.interaction_manager.rules.end_of_day import CloseIt, put_at
from ringback.interaction_manager.rules.ledger import Ending
from ringback.interaction_manager.rules.policy import Policy
from ringback.interaction_manager.rules.retries import TryAgain
from ringback.interaction_manager.workflows.book_callback import set_promise_timers
from ringback.interaction_manager.workflows.finish_callback import finish_callback, let_go
from ringback.interaction_manager.workflows.look_for_page import set_page_check
from ringback.postgres.database import Transaction
from ringback.postgres.gate import reschedule
from ringback.postgres.messages import send


async def promise_retry(
    tx: Transaction,
    business: BusinessId,
    callback: CallbackRow,
    queue: QueueRow,
    again: TryAgain,
    *,
    attempt: AttemptId,
    number: int,
    outcome: Outcome,
) -> None:
    """Judge the old promise, make the new one, and tell the customer; or close with a message where the day's end says so."""
    put = put_at(
        again.at,
        again.width,
        hours=queue.hours,
        policy=queue.policy,
        zone=ZoneInfo(callback.zone),
        ready_at=callback.ready_at,
        we_chose=again.we_chose,
        also=person_zones(callback.destination, callback.zone, queue.policy, tx.now)[1:],
    )
    missed = AttemptMissed(
        callback=callback.id,
        attempt=attempt,
        number=number,
        outcome=outcome,
        at=tx.now,
        next_window=None if isinstance(put, CloseIt) else put.window,
        next_try=callback.customer_attempts + 1,
        tries=queue.policy.customer_attempts,
    )
    await send(tx, business, Server.APPLICATION, callback.id, missed)
    if isinstance(put, CloseIt):
        await finish_callback(
            tx,
            business,
            callback,
            CallbackState.CLOSED,
            reason="end_of_day",
            verdict=f"{again.why}; {put.why}",
            ending=Ending(),
            outcome=outcome,
        )
        return
    await renew_promise(
        tx,
        business,
        callback,
        put.window,
        kind=PromiseKind.RETRY,
        event=CallbackEvent.RETRY,
        ending=Ending(),
        why=f"{again.why[0].upper()}{again.why[1:]}: try {callback.customer_attempts + 1} {put.why}",
        priority=callback.priority + (queue.policy.next_day_priority if put.next_day else 0),
        decision="retried",
        policy=queue.policy,
        named_time=not again.we_chose and not put.next_day,
    )


async def renew_promise(
    tx: Transaction,
    business: BusinessId,
    callback: CallbackRow,
    window: TimeWindow,
    *,
    kind: PromiseKind,
    event: CallbackEvent,
    ending: Ending,
    why: str,
    priority: int,
    decision: str,
    policy: Policy,
    named_time: bool = False,
    by: str = "interaction_manager",
) -> CallbackRow:
    """Put one promise in another's place: ledger, gate version, line, timers. The callback has no attempt under way."""
    await settle_last(tx, business, callback.id, ending)
    callback = await give_slot_back(tx, business, callback)
    renewed = replace(
        callback,
        state=next_state(callback.state, event),
        reason=why,
        window=window,
        early_is_fine=False,
        estimate=None,
        ready_at=window.start,
        named_time=named_time,
        priority=priority,
        notices=0,
        due_version=await reschedule(tx, business, callback.id),
    )
    await save_callback(tx, business, renewed)
    await make_promise(tx, business, renewed, kind=kind, window=window)
    await record_decision(
        tx,
        business,
        kind=decision,
        verdict=why,
        callback=callback.id,
        queue=callback.queue,
        by=by,
        window_start=window.start,
        window_end=window.end,
    )
    await let_go(tx, business, callback)
    await set_promise_timers(tx, business, callback.id, window, policy)
    await set_page_check(tx, business, renewed, policy)
    await wake_queue(tx, business, callback.queue)
    return renewed
