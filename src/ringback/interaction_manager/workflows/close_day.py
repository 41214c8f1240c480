"""The queue is closed, and somebody still waits: finished late, moved to the next opening and told so, or closed with a message."""

from __future__ import annotations

from bisect import insort
from collections.abc import Sequence
from zoneinfo import ZoneInfo

from ringback.domain.events import CallbackChanged
from ringback.domain.ids import BusinessId, QueueId
from ringback.domain.status import CallbackState, PromiseKind, Server
from ringback.interaction_manager.assignment import QueueRow, candidates, head_of_line, lock_queue
from ringback.interaction_manager.callbacks import CallbackRow, lock_callbacks, lock_slots
from ringback.interaction_manager.operators import promised_later
from ringback.interaction_manager.rules.callback_states import CallbackEvent
from ringback.interaction_manager.rules.end_of_day import CloseIt, Put, at_closing
from ringback.interaction_manager.rules.ledger import Ending
from ringback.interaction_manager.workflows.decide_retry import renew_promise
from ringback.interaction_manager.workflows.finish_callback import finish_callback
from ringback.postgres.database import Transaction
from ringback.postgres.messages import send

BATCH = 100


async def close_day(tx: Transaction, business: BusinessId, queue_id: QueueId) -> int:
    """Apply the end-of-day rule to those who are ready and wait in a closed queue; return how many it moved or closed."""
    queue = await lock_queue(tx, business, queue_id)
    if queue is None or queue.hours.is_open(tx.now):
        return 0
    waiting = await head_of_line(tx, business, queue, horizon=tx.now, most=BATCH)
    if not waiting:
        return 0
    await lock_slots(tx, business, queue.id, [row.slot_start for row in waiting])
    locked = await lock_callbacks(tx, business, [row.id for row in waiting])
    rows = [locked[row.id] for row in waiting if locked.get(row.id) == row]
    agents = len(await candidates(tx, business, queue))
    return await _apply(tx, business, queue, rows, agents)


async def _apply(
    tx: Transaction, business: BusinessId, queue: QueueRow, rows: Sequence[CallbackRow], agents: int
) -> int:
    changed = 0
    taken = await promised_later(tx, business, queue.id)
    for callback in rows:
        rule = at_closing(
            tx.now,
            ready_at=callback.ready_at,
            hours=queue.hours,
            policy=queue.policy,
            zone=ZoneInfo(callback.zone),
            agents=max(1, agents),
            taken=taken,
        )
        if rule is None:
            continue  # the people on duty finish it
        changed += 1
        if isinstance(rule, CloseIt):
            await finish_callback(
                tx, business, callback, CallbackState.CLOSED, reason="end_of_day", verdict=rule.why,
                ending=Ending(closed_by_us=True),
            )  # fmt: skip
        else:
            insort(taken, rule.window.start)
            await _move(tx, business, queue, callback, rule)
    return changed


async def _move(tx: Transaction, business: BusinessId, queue: QueueRow, callback: CallbackRow, put: Put) -> None:
    moved = await renew_promise(
        tx,
        business,
        callback,
        put.window,
        kind=PromiseKind.MOVED,
        event=CallbackEvent.MOVE,
        ending=Ending(closed_by_us=tx.now < callback.window.end),
        why="We could not reach you before closing: moved to the next opening",
        priority=callback.priority + queue.policy.next_day_priority,
        decision="moved",
        policy=queue.policy,
    )
    await send(
        tx,
        business,
        Server.APPLICATION,
        callback.id,
        CallbackChanged(callback=callback.id, state=moved.state, promise=moved.promise, why=moved.reason, moved=True),
    )
