"""The sweep behind the invariant that an open callback always has a timer, a live attempt or a question: what it finds is mended and counted."""

from __future__ import annotations

from dataclasses import replace

from ringback.domain.ids import BusinessId
from ringback.domain.status import AgentState, CallbackState, Server
from ringback.interaction_manager.agents import lock_agents
from ringback.interaction_manager.assignment import end_assignment, live_assignment, read_queue, wake_queue
from ringback.interaction_manager.callbacks import CallbackRow, lock_with_slot, save_callback
from ringback.interaction_manager.ledger import last_promise, record_decision, settle_last
from ringback.interaction_manager.rules.callback_states import CallbackEvent, next_state
from ringback.interaction_manager.rules.ledger import Ending
from ringback.interaction_manager.strays import Stray, lone_holds, lone_wrap_ups
from ringback.interaction_manager.workflows.book_callback import set_promise_timers
from ringback.interaction_manager.workflows.finish_callback import finish_callback
from ringback.interaction_manager.workflows.hold_agent import release_agent
from ringback.postgres.database import Transaction
from ringback.postgres.gate import read_gate
from ringback.postgres.timers import set_timer


async def mend_stray(tx: Transaction, business: BusinessId, stray: Stray) -> bool:
    """Put one stray back on its way; False when it was on it by the time its row was held."""
    callback = await lock_with_slot(tx, business, stray.callback)
    gate = await read_gate(tx, business, callback.id, lock=True)
    if callback.state is not stray.state or gate.attempt is not None:
        return False
    await record_decision(
        tx, business, kind="stray", verdict=f"Found {callback.state} with nothing to wake it; mended",
        callback=callback.id, queue=callback.queue,
    )  # fmt: skip
    match callback.state:
        case CallbackState.WAITING:
            await _watch_promise(tx, business, callback)
            await wake_queue(tx, business, callback.queue)
        case CallbackState.ASKING:
            await set_timer(tx, business, Server.INTERACTIONS, "asking", callback.id, at=tx.now)
        case CallbackState.CANCELLING:
            await finish_callback(
                tx, business, callback, CallbackState.CANCELLED, reason="cancelled",
                verdict="Cancelled", ending=Ending(withdrawn_at=tx.now),
            )  # fmt: skip
        case CallbackState.TALKING:
            await finish_callback(
                tx, business, callback, CallbackState.DONE, reason="talked", verdict="They talked", ending=Ending()
            )
        case _:
            await _back(tx, business, callback)
    return True


async def _watch_promise(tx: Transaction, business: BusinessId, callback: CallbackRow) -> None:
    """Judge a promise whose window ended while nothing watched it, and give one that is still open its timers back."""
    if tx.now >= callback.window.end:
        await settle_last(tx, business, callback.id, Ending(strayed=True))
        return
    if (await last_promise(tx, business, callback.id)).is_open:
        policy = (await read_queue(tx, business, callback.queue)).policy
        await set_promise_timers(tx, business, callback.id, callback.window, policy)


async def _back(tx: Transaction, business: BusinessId, callback: CallbackRow) -> None:
    assignment = await live_assignment(tx, business, callback.id)
    if assignment is not None:
        await end_assignment(
            tx, business, callback=callback.id, attempt=assignment.attempt, agent=assignment.agent, why="stray"
        )
    await save_callback(
        tx,
        business,
        replace(
            callback,
            state=next_state(callback.state, CallbackEvent.RETURN),
            attempt=None,
            reason="Back in line: its attempt was gone",
        ),
    )
    await wake_queue(tx, business, callback.queue)


async def mend_agents(tx: Transaction, business: BusinessId) -> int:
    """Free agents who are kept for nothing, and end wrap-ups that no timer ends; return how many."""
    holds = await lone_holds(tx, business)
    mended = 0
    if holds:
        agents = await lock_agents(tx, business, holds)
        still = set(await lone_holds(tx, business))
        for agent in agents.values():
            if agent.agent not in still or agent.state not in (
                AgentState.HELD,
                AgentState.RESERVED,
                AgentState.ON_A_CALL,
            ):
                continue
            if agent.callback is not None and agent.attempt is not None:
                await end_assignment(
                    tx,
                    business,
                    callback=agent.callback,
                    attempt=agent.attempt,
                    agent=agent.agent,
                    why="withdrawn",
                )
            await release_agent(tx, business, agent)
            mended += 1
    for agent_id in await lone_wrap_ups(tx, business):
        await set_timer(tx, business, Server.INTERACTIONS, "wrap_up", agent_id, at=tx.now)
        mended += 1
    return mended
