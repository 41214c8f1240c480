"""An attempt is over, with evidence: release the gate, judge the promise, free the agent, and do what the outcome's rule says."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime, timedelta

from ringback.domain.events import AttemptEnded, AttemptMissed
from ringback.domain.ids import BusinessId
from ringback.domain.status import AgentState, CallbackState, Outcome, Server
from ringback.interaction_manager import dialled_first
from ringback.interaction_manager.agents import AgentRow, lock_agent, move_agent, queues_of
from ringback.interaction_manager.assignment import (
    LiveAssignment,
    QueueRow,
    end_assignment,
    live_assignment,
    read_queue,
    wake_queue,
    wake_queues,
)
from ringback.interaction_manager.callbacks import (
    CallbackRow,
    count_outcome,
    give_slot_back,
    lock_with_slot,
    save_callback,
)
from ringback.interaction_manager.guarding import list_number, must_ask
from ringback.interaction_manager.ledger import add_facts, count_joins, end_talk, record_decision, settle_last
from ringback.interaction_manager.rules.agent_states import AgentEvent
from ringback.interaction_manager.rules.callback_states import CallbackEvent, next_state
from ringback.interaction_manager.rules.ledger import Ending
from ringback.interaction_manager.rules.retries import (
    NEVER,
    AskCustomer,
    AttemptFacts,
    BackInLine,
    CloseWithMessage,
    Finished,
    TakenBack,
    TryAgain,
    WhatFollows,
    ask_when,
    counts,
    what_follows,
)
from ringback.interaction_manager.workflows.complete_withdrawal import complete_withdrawal
from ringback.interaction_manager.workflows.decide_retry import promise_retry
from ringback.interaction_manager.workflows.finish_callback import finish_callback
from ringback.postgres.database import Transaction
from ringback.postgres.gate import release
from ringback.postgres.messages import send
from ringback.postgres.timers import set_timer


async def end_attempt(tx: Transaction, business: BusinessId, event: AttemptEnded) -> None:
    """Apply AttemptEnded; a second one changes nothing."""
    callback = await lock_with_slot(tx, business, event.callback)
    await release(tx, business, event.callback, attempt=event.attempt)
    await dialled_first.over(
        tx,
        business,
        event.attempt,
        at=event.at,
        ready_at=event.answered_at,
        joined_at=event.joined_at,
        machine=event.outcome is Outcome.MACHINE,
    )
    if callback.attempt != event.attempt:
        return  # it was over for us before: cancelled while nothing rang, or told twice
    queue = await read_queue(tx, business, callback.queue)
    if not callback.moves:
        await add_facts(
            tx,
            business,
            callback.id,
            first_ring_at=event.rang_at,
            answered_at=event.answered_at if event.outcome is not Outcome.MACHINE else None,
            joined_at=event.joined_at,
        )
    await record_decision(
        tx,
        business,
        kind="attempt_ended",
        verdict=f"Attempt {event.number}: {event.outcome.value.replace('_', ' ')}",
        callback=callback.id,
        queue=callback.queue,
        by="session_management_server",
        outcome=event.outcome.value,
        attempt=event.attempt,
        ended_by=event.ended_by.value if event.ended_by else None,
        said=event.detail,
    )
    follows = await _what_follows(tx, business, event, callback, queue)
    over = replace(
        callback,
        attempt=None,
        outcome=event.outcome,
        customer_attempts=_spent(callback, event),
    )
    assignment = await live_assignment(tx, business, callback.id)
    if assignment is not None and assignment.attempt == event.attempt:
        await _free_agent(tx, business, event, assignment, queue, at_once=isinstance(follows, TryAgain))
    elif event.joined_at is not None:
        await end_talk(tx, business, event.attempt, at=event.at, wrapped_at=tx.now)  # whoever talked was let go before
    await _follow(tx, business, event, over, queue, follows)
    tx.hint("console", business)


def _spent(callback: CallbackRow, event: AttemptEnded) -> int:
    return callback.customer_attempts + int(counts(event.outcome, may_have_rung=event.may_have_rung))


async def _what_follows(
    tx: Transaction, business: BusinessId, event: AttemptEnded, callback: CallbackRow, queue: QueueRow
) -> WhatFollows:
    if callback.pending is not None and not (callback.gets_through and event.outcome is Outcome.UNKNOWN):
        return TakenBack()
    follows = what_follows(
        AttemptFacts(
            outcome=event.outcome,
            now=tx.now,
            customer_attempts=_spent(callback, event),
            nth=await count_outcome(tx, business, callback.id, event.outcome),
            earlier_joins=await count_joins(tx, business, callback.id, before=event.attempt),
            may_have_rung=event.may_have_rung,
            cause=event.detail,
        ),
        queue.policy,
    )
    if isinstance(follows, TryAgain) and follows.we_chose and must_ask(callback.destination, queue.policy, tx.now):
        follows = ask_when(follows, tx.now, queue.policy)
    if callback.state is CallbackState.TALKING and isinstance(follows, BackInLine):
        return Finished()  # the two were joined: whatever ended it, they talked
    return follows


async def _free_agent(
    tx: Transaction,
    business: BusinessId,
    event: AttemptEnded,
    assignment: LiveAssignment,
    queue: QueueRow,
    *,
    at_once: bool,
) -> None:
    """Begin the wrap-up after a talk; else the agent is free again. `at_once`: the call broke, and they are wanted again."""
    await end_assignment(
        tx,
        business,
        callback=event.callback,
        attempt=event.attempt,
        agent=assignment.agent,
        why=event.outcome.value,
    )
    agent = await lock_agent(tx, business, assignment.agent)
    talked = event.joined_at is not None
    wrap_up = talked and not at_once and queue.policy.wrap_up > 0
    if talked:
        await end_talk(tx, business, event.attempt, at=event.at, wrapped_at=None if wrap_up else tx.now)
    if not agent.works_for(event.callback, event.attempt):
        return
    if wrap_up and agent.state is AgentState.ON_A_CALL:
        await _begin_wrap_up(tx, business, event, agent, until=tx.now + timedelta(seconds=queue.policy.wrap_up))
    elif agent.state is not AgentState.WRAP_UP:
        await move_agent(tx, business, agent, AgentEvent.RELEASE)
        await wake_queues(tx, business, await queues_of(tx, business, agent.agent))


async def _begin_wrap_up(
    tx: Transaction, business: BusinessId, event: AttemptEnded, agent: AgentRow, *, until: datetime
) -> None:
    await move_agent(
        tx, business, agent, AgentEvent.END_CALL, callback=event.callback, attempt=event.attempt, until=until
    )
    await set_timer(tx, business, Server.INTERACTIONS, "wrap_up", agent.agent, at=until)


async def _follow(
    tx: Transaction,
    business: BusinessId,
    event: AttemptEnded,
    callback: CallbackRow,
    queue: QueueRow,
    follows: WhatFollows,
) -> None:
    ending = Ending(unknown=event.outcome is Outcome.UNKNOWN)
    match follows:
        case TakenBack():
            await complete_withdrawal(tx, business, callback, queue, event)
        case Finished():
            await finish_callback(
                tx,
                business,
                callback,
                CallbackState.DONE,
                reason="talked",
                verdict="They talked",
                ending=ending,
                outcome=event.outcome,
                talked_for=(event.at - event.joined_at).total_seconds() if event.joined_at else None,
            )
        case BackInLine():
            await _back_in_line(tx, business, callback, follows)
        case TryAgain():
            await promise_retry(
                tx,
                business,
                callback,
                queue,
                follows,
                attempt=event.attempt,
                number=event.number,
                outcome=event.outcome,
            )
        case AskCustomer():
            await _ask(tx, business, event, callback, follows, ending)
        case CloseWithMessage():
            if event.outcome is Outcome.DECLINED and event.detail == NEVER:
                await list_number(tx, business, callback.destination.address, by="customer")
            await _missed(tx, business, event)
            await finish_callback(
                tx,
                business,
                callback,
                CallbackState.CLOSED,
                reason=follows.reason,
                verdict=follows.why,
                ending=ending,
                outcome=event.outcome,
            )


async def _back_in_line(tx: Transaction, business: BusinessId, callback: CallbackRow, follows: BackInLine) -> None:
    """Give it its place back; the promise goes on, or is judged now when its window ended meanwhile."""
    if tx.now >= callback.window.end:
        await settle_last(tx, business, callback.id, Ending())
    ready_at = max(callback.ready_at, follows.not_before) if follows.not_before else callback.ready_at
    await save_callback(
        tx,
        business,
        replace(
            callback,
            state=next_state(callback.state, CallbackEvent.RETURN),
            reason=follows.why[0].upper() + follows.why[1:],
            ready_at=ready_at,
        ),
    )
    await wake_queue(tx, business, callback.queue)


async def _ask(
    tx: Transaction,
    business: BusinessId,
    event: AttemptEnded,
    callback: CallbackRow,
    follows: AskCustomer,
    ending: Ending,
) -> None:
    callback = await give_slot_back(tx, business, callback)
    await save_callback(
        tx,
        business,
        replace(
            callback,
            state=next_state(callback.state, CallbackEvent.ASK),
            pending=None,
            reason=f"{follows.why[0].upper()}{follows.why[1:]}: the chat asks",
        ),
    )
    await settle_last(tx, business, callback.id, ending)
    await set_timer(tx, business, Server.INTERACTIONS, "asking", callback.id, at=follows.until)
    await _missed(tx, business, event, question=follows.question)


async def _missed(tx: Transaction, business: BusinessId, event: AttemptEnded, *, question: str | None = None) -> None:
    await send(
        tx,
        business,
        Server.APPLICATION,
        event.callback,
        AttemptMissed(
            callback=event.callback,
            attempt=event.attempt,
            number=event.number,
            outcome=event.outcome,
            at=event.at,
            next_window=None,
            question=question,
        ),
    )
