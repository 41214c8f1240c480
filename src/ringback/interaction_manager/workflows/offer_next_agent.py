"""The agent did not take it: they are put aside, and the attempt gets the next agent, or ends without having cost the customer anything."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

from ringback.domain.commands import EndAttempt, OfferAgent
from ringback.domain.events import AgentNeeded
from ringback.domain.ids import AgentId, AttemptId, BusinessId
from ringback.domain.offers import Reason
from ringback.domain.status import AgentState, CallbackState, DialOrder, Server
from ringback.interaction_manager import dialled_first
from ringback.interaction_manager.agents import AgentRow, lock_agents, move_agent, queues_of
from ringback.interaction_manager.assignment import (
    QueueRow,
    agents_tried,
    candidates,
    end_assignment,
    insert_assignment,
    last_spoke,
    read_queue,
    refusals,
    repeats,
    wake_queue,
    wake_queues,
)
from ringback.interaction_manager.callbacks import CallbackRow, lock_callback, save_callback
from ringback.interaction_manager.ledger import record_decision
from ringback.interaction_manager.rules.agent_states import FREE, AgentEvent
from ringback.interaction_manager.rules.selection import Chosen, Nobody, Wanted, choose
from ringback.postgres.database import Transaction
from ringback.postgres.messages import send

WORDS = {"declined": "declined", "no_answer": "did not answer", "unreachable": "could not be reached"}


async def offer_next_agent(tx: Transaction, business: BusinessId, event: AgentNeeded) -> None:
    """Answer AgentNeeded with OfferAgent or EndAttempt; a customer who was dialled on-deck waits for whoever frees up next."""
    callback = await lock_callback(tx, business, event.callback)
    if callback.attempt != event.attempt:
        return
    queue = await read_queue(tx, business, callback.queue)
    helpers = await candidates(tx, business, queue)
    free = [h.candidate.agent for h in helpers if h.candidate.state in FREE and h.candidate.present]
    agents = await lock_agents(tx, business, [event.agent, *free])
    refusing = agents[event.agent]
    await _put_aside(tx, business, event, callback, refusing)
    callback = replace(callback, declined_by=tuple(dict.fromkeys((*callback.declined_by, event.agent))))
    if callback.state not in (CallbackState.CALLING, CallbackState.TALKING):  # talking: a customer is handed over
        await save_callback(tx, business, callback)
        return  # it is being withdrawn: the end of the attempt is on its way already
    choice = await choose_agent(tx, business, queue, callback, event.attempt, agents, without=event.agent)
    if isinstance(choice, Nobody):
        verdict = f"{refusing.name} {WORDS.get(event.why, event.why)}; {choice.reason.verdict[0].lower()}{choice.reason.verdict[1:]}"
        await save_callback(tx, business, replace(callback, reason=verdict))
        await record_decision(
            tx, business, kind="no_agent", verdict=verdict, callback=callback.id, queue=queue.id,
            attempt=event.attempt, detail=choice.reason.detail,
        )  # fmt: skip
        if queue.policy.dial_order is DialOrder.ON_DECK and await dialled_first.give(tx, business, event.attempt, None):
            await wake_queue(tx, business, queue.id)
            return
        await send(
            tx,
            business,
            Server.SESSIONS,
            callback.id,
            EndAttempt(callback=callback.id, attempt=event.attempt, reason="no_agent"),
        )
        return
    await offer_agent(tx, business, callback, agents[choice.agent], choice.reason, event.attempt)
    await dialled_first.give(tx, business, event.attempt, choice.agent)


async def _put_aside(
    tx: Transaction, business: BusinessId, event: AgentNeeded, callback: CallbackRow, agent: AgentRow
) -> None:
    """End the assignment. Whoever declined is available again; whoever did not answer comes back by their own act."""
    await end_assignment(tx, business, callback=callback.id, attempt=event.attempt, agent=event.agent, why=event.why)
    await record_decision(
        tx, business, kind="passed_over", verdict=f"{agent.name} {WORDS.get(event.why, event.why)}",
        callback=callback.id, queue=callback.queue, by=f"agent:{event.agent}", words=event.reason,
    )  # fmt: skip
    if not agent.works_for(callback.id, event.attempt):
        return
    if event.why == "declined":
        await move_agent(tx, business, agent, AgentEvent.RELEASE)
        await wake_queues(tx, business, await queues_of(tx, business, agent.agent))
    elif agent.state in (AgentState.HELD, AgentState.RESERVED):
        await move_agent(tx, business, agent, AgentEvent.MISS, reason="Did not answer the last offer")
    else:
        await move_agent(tx, business, agent, AgentEvent.RELEASE)


async def choose_agent(
    tx: Transaction,
    business: BusinessId,
    queue: QueueRow,
    callback: CallbackRow,
    attempt: AttemptId,
    agents: Mapping[AgentId, AgentRow],
    *,
    without: AgentId | None = None,
) -> Chosen | Nobody:
    """Choose who comes for an attempt under way, among agents whose states are held, without whom it was just offered to."""
    tried = await agents_tried(tx, business, callback.id, attempt)
    if len(tried) >= queue.policy.agents_per_attempt:
        return Nobody(reason=Reason(verdict=f"{len(tried)} agents were tried", detail={"tried": len(tried)}))
    helpers = await candidates(tx, business, queue)  # their states as this transaction left them
    spoke = await last_spoke(tx, business, [callback.person])
    refused = (await refusals(tx, business, [callback])).get(callback.id, {})
    again = await repeats(tx, business, [callback.id])
    wanted = Wanted(
        skills=queue.skills,
        language=callback.language,
        ready_at=callback.ready_at,
        window=callback.window,
        named=callback.named_agent,
        last_spoke_with=spoke.get(callback.person),
        repeats=callback.id in again,
        refused={**refused, without: tx.now} if without is not None else refused,
    )
    # One who became free since, and whose state is not held, is left to the line. Whoever did not take it is not asked again in this attempt.
    pool = [
        h.candidate
        for h in helpers
        if h.candidate.agent not in tried and (h.candidate.agent in agents or h.candidate.state not in FREE)
    ]
    return choose(wanted, pool, queue.policy, tx.now)


async def offer_agent(
    tx: Transaction,
    business: BusinessId,
    callback: CallbackRow,
    agent: AgentRow,
    reason: Reason,
    attempt: AttemptId,
) -> None:
    """Name an agent for an attempt under way."""
    await move_agent(tx, business, agent, AgentEvent.RESERVE, callback=callback.id, attempt=attempt)
    await insert_assignment(tx, business, callback=callback.id, attempt=attempt, agent=agent.agent, reason=reason)
    await save_callback(tx, business, replace(callback, reason=f"{agent.name} is asked next"))
    await record_decision(
        tx, business, kind="chosen", verdict=f"{agent.name}: {reason.verdict}", callback=callback.id,
        queue=callback.queue, agent=agent.agent, attempt=attempt, detail=reason.detail,
    )  # fmt: skip
    await send(
        tx,
        business,
        Server.SESSIONS,
        callback.id,
        OfferAgent(
            callback=callback.id,
            attempt=attempt,
            agent=agent.agent,
            agent_name=agent.name,
            agent_address=agent.address,
            agent_carrier=agent.carrier,
        ),
    )
