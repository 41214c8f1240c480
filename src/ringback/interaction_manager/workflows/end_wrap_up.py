"""End an agent's wrap-up: with a disposition and what it does, when its time is over, or later, once."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

from ringback.domain.commands import EndWrapUp, ExtendWrapUp, RequestCallback
from ringback.domain.destinations import DestinationKind
from ringback.domain.errors import Conflict, Refused
from ringback.domain.ids import AgentId, BusinessId, CallbackId, new_id
from ringback.domain.status import AgentState, Server
from ringback.domain.times import When, WhenKind
from ringback.interaction_manager.agents import AgentRow, lock_agent, move_agent, queues_of, save_agent
from ringback.interaction_manager.assignment import QueueRow, read_queue, wake_queues
from ringback.interaction_manager.callbacks import CallbackRow, keep_disposition, lock_callback
from ringback.interaction_manager.guarding import list_number
from ringback.interaction_manager.ledger import end_handling, record_decision
from ringback.interaction_manager.rules.agent_states import AgentEvent
from ringback.interaction_manager.rules.dispositions import Consequence, consequence
from ringback.postgres.database import Transaction
from ringback.postgres.messages import answer, send
from ringback.postgres.timers import Timer, cancel_timer, set_timer


async def end_wrap_up(tx: Transaction, business: BusinessId, command: EndWrapUp) -> None:
    """Apply EndWrapUp: a disposition counts also when the time was over before it came."""
    try:
        again = await _end(tx, business, command)
    except Refused as refusal:
        await answer(tx, business, command.command, problem=refusal.id, detail=refusal.detail, field=refusal.field)
        return
    await answer(tx, business, command.command, call_again=again)


async def _end(tx: Transaction, business: BusinessId, command: EndWrapUp) -> CallbackId | None:
    callback = await lock_callback(tx, business, command.callback)
    queue = await read_queue(tx, business, callback.queue)
    follows = consequence(command.code, command.call_again_at, queue.policy, tx.now)
    agent = await lock_agent(tx, business, command.agent)
    if agent.works_for(callback.id, command.attempt) and agent.state is not AgentState.WRAP_UP:
        raise Conflict("The call is not over yet.", id="still-talking")
    await keep_disposition(tx, business, callback.id, disposition=command.code, note=command.note)
    await record_decision(
        tx, business, kind="disposition", verdict=follows.verdict, callback=callback.id, queue=queue.id,
        by=f"agent:{command.agent}", code=command.code, block=follows.block, follow_up=follows.follow_up,
        call_again_at=follows.call_again_at,
    )  # fmt: skip
    if follows.block and callback.destination.kind is DestinationKind.PHONE:
        await list_number(tx, business, callback.destination.address, by=f"agent:{command.agent}")
    if agent.works_for(callback.id, command.attempt):
        await _free(tx, business, agent)
    if follows.call_again_at is None:
        return None
    return await _call_again(tx, business, callback, queue, command.agent, follows)


async def _free(tx: Transaction, business: BusinessId, agent: AgentRow) -> None:
    assert agent.attempt is not None, "a wrap-up belongs to an attempt"
    await end_handling(tx, business, agent.attempt)
    await move_agent(tx, business, agent, AgentEvent.END_WRAP_UP)
    await cancel_timer(tx, business, "wrap_up", agent.agent)
    await wake_queues(tx, business, await queues_of(tx, business, agent.agent))


async def _call_again(
    tx: Transaction,
    business: BusinessId,
    callback: CallbackRow,
    queue: QueueRow,
    agent: AgentId,
    follows: Consequence,
) -> CallbackId:
    """Ask for a new callback at that time, under the rules of every other request; the one that is over stays over."""
    again = CallbackId(new_id())
    slug = (await lock_agent(tx, business, agent)).slug
    await send(
        tx,
        business,
        Server.APPLICATION,  # whose requests they are: it tells the chat, and asks us
        again,
        RequestCallback(
            callback=again,
            provider=f"biz:{queue.business_slug}/q:{queue.slug}/a:{slug}",
            when=When(kind=WhenKind.INSTANT, zone=callback.zone, start=follows.call_again_at),
            destination=callback.destination,
            person=callback.person,
            person_name=callback.person_name,
            chat=callback.chat,
            channel=callback.channel,
            language=callback.language,
            topic=callback.topic,
            consent=callback.consent,
            created_by=f"agent:{agent}",
            priority=callback.priority,
        ),
    )
    return again


async def extend_wrap_up(tx: Transaction, business: BusinessId, command: ExtendWrapUp) -> None:
    """Apply ExtendWrapUp: more time, once."""
    try:
        until = await _extend(tx, business, command)
    except Refused as refusal:
        await answer(tx, business, command.command, problem=refusal.id, detail=refusal.detail)
        return
    await answer(tx, business, command.command, until=until)


async def _extend(tx: Transaction, business: BusinessId, command: ExtendWrapUp) -> str:
    callback = await lock_callback(tx, business, command.callback)
    policy = (await read_queue(tx, business, callback.queue)).policy
    agent = await lock_agent(tx, business, command.agent)
    if agent.state is not AgentState.WRAP_UP or not agent.works_for(callback.id, command.attempt):
        raise Conflict("The wrap-up is over already.", id="not-in-wrap-up")
    if agent.more_time:
        raise Conflict("More time was given once already.", id="more-time-used")
    until = max(agent.until or tx.now, tx.now) + timedelta(seconds=policy.more_time)
    await save_agent(tx, business, agent, replace(agent, until=until, more_time=True))
    await set_timer(tx, business, Server.INTERACTIONS, "wrap_up", agent.agent, at=until)
    return until.isoformat()


async def wrap_up_is_over(tx: Transaction, timer: Timer) -> None:
    """Timer `wrap_up`: the agent said nothing more; they are free again."""
    agent = await lock_agent(tx, timer.business, AgentId(timer.subject))
    if agent.state is AgentState.WRAP_UP and (agent.until is None or agent.until <= tx.now):
        await _free(tx, timer.business, agent)
