"""A chat waits for a person, is taken by an agent who has room for it, and ends; whom nobody takes is offered a call instead."""

from __future__ import annotations

from dataclasses import replace

from ringback.domain.errors import Conflict, NotFound, Refused
from ringback.domain.ids import BusinessId, ChatId, QueueId
from ringback.domain.live_chat import AskPerson, ChatLeft, ChatTaken, EndChat, LeaveChat, NobodyCame, PassChat, TakeChat
from ringback.domain.status import AgentState, Server
from ringback.interaction_manager.agents import AgentRow, agent_serves, lock_agent, lock_agents, move_agent, queues_of
from ringback.interaction_manager.assignment import read_queue, wake_queues
from ringback.interaction_manager.live_chats import (
    LIVE_CHAT,
    ChatQueue,
    LiveChat,
    agent_of,
    close_live_chat,
    find_queue,
    give_to,
    keep_waiting,
    open_live_chat,
    pass_back,
    pass_to,
    room_of,
)
from ringback.interaction_manager.rules.agent_states import FREE, AgentEvent
from ringback.postgres.database import Transaction
from ringback.postgres.messages import answer, send
from ringback.postgres.timers import Timer, cancel_timer


async def ask_person(tx: Transaction, business: BusinessId, command: AskPerson) -> None:
    """Apply AskPerson: it waits where people chat and somebody is on duty; else nobody comes."""
    found = await find_queue(tx, business, slug=command.queue)
    wait = None
    if found is not None:
        wait = await _wait_in(tx, business, found)
        await keep_waiting(tx, business, command, found.id, wait=wait)
    if wait is None:
        await send(tx, business, Server.APPLICATION, command.chat, NobodyCame(chat=command.chat, seq=command.seq))


async def _wait_in(tx: Transaction, business: BusinessId, queue: ChatQueue) -> float | None:
    """Return for how many seconds a chat waits in a queue; None where nobody would come."""
    return (await read_queue(tx, business, queue.id)).policy.live_chat_wait if queue.on_duty else None


async def nobody_came(tx: Transaction, timer: Timer) -> None:
    """Timer `live_chat`: it waited long enough; the chat offers a call."""
    live = await open_live_chat(tx, timer.business, ChatId(timer.subject))
    if live is None or live.agent is not None:
        return
    await close_live_chat(tx, timer.business, live)
    await send(tx, timer.business, Server.APPLICATION, live.chat, NobodyCame(chat=live.chat, seq=live.seq))


async def take_chat(tx: Transaction, business: BusinessId, command: TakeChat) -> None:
    """Apply TakeChat: one agent gets it, and only below their capacity."""
    try:
        await _take(tx, business, command)
    except Refused as refusal:
        await answer(tx, business, command.command, problem=refusal.id, detail=refusal.detail)
        return
    await answer(tx, business, command.command)


async def _take(tx: Transaction, business: BusinessId, command: TakeChat) -> None:
    agent = await lock_agent(tx, business, command.agent)
    live = await open_live_chat(tx, business, command.chat)
    if live is None or await agent_serves(tx, business, agent.agent, live.queue) is None:
        raise NotFound("This chat waits for nobody.", id="chat-not-waiting")
    if live.agent == agent.agent:
        return
    if live.agent is not None:
        raise Conflict("Somebody else has taken it.", id="chat-taken")
    if agent.state not in FREE:
        raise Conflict("Become available first.", id="agent-not-available")
    if agent.chats >= await room_of(tx, business, agent.agent):
        raise Conflict("You have as many chats as you can take. End one first.", id="chats-full")
    if agent.state is AgentState.AVAILABLE:
        await move_agent(tx, business, agent, AgentEvent.TAKE_CHATS)
    await give_to(tx, business, live, agent.agent)
    taken = ChatTaken(chat=live.chat, agent_name=agent.name, provider=f"{live.provider}/a:{agent.slug}")
    await send(tx, business, Server.APPLICATION, live.chat, taken)


async def end_chat(tx: Transaction, business: BusinessId, command: EndChat) -> None:
    """Apply EndChat: only its own agent ends it; the same again changes nothing."""
    agent = await lock_agent(tx, business, command.agent)
    live = await open_live_chat(tx, business, command.chat)
    if live is None or live.agent != agent.agent:
        await answer(tx, business, command.command, problem="chat-not-yours", detail="This chat is not yours any more.")
        return
    await close_live_chat(tx, business, live)
    await _has_one_less(tx, business, agent)
    gone = ChatLeft(chat=live.chat, agent_name=agent.name, waits=False)
    await send(tx, business, Server.APPLICATION, live.chat, gone)
    await answer(tx, business, command.command)


async def leave_chat(tx: Transaction, business: BusinessId, command: LeaveChat) -> None:
    """Apply LeaveChat: it waits for nobody any more, and its agent has room for another one."""
    with_agent = await agent_of(tx, business, command.chat)
    held = await lock_agents(tx, business, {with_agent} if with_agent is not None else ())
    live = await open_live_chat(tx, business, command.chat)
    if live is None:
        return
    if live.agent is not None and live.agent not in held:  # it was given to somebody else in between
        held = await lock_agents(tx, business, {live.agent})
    await close_live_chat(tx, business, live)
    if live.agent is None:
        await cancel_timer(tx, business, LIVE_CHAT, live.chat)
    else:
        await _has_one_less(tx, business, held[live.agent])


async def _has_one_less(tx: Transaction, business: BusinessId, agent: AgentRow) -> None:
    left = replace(agent, chats=agent.chats - 1)
    if left.state is AgentState.IN_CHATS and left.chats == 0:
        await move_agent(tx, business, left, AgentEvent.END_CHATS)
        await wake_queues(tx, business, await queues_of(tx, business, agent.agent))


async def pass_chat(tx: Transaction, business: BusinessId, command: PassChat) -> None:
    """Apply PassChat: another agent with room for it goes on, or it waits in another queue; refused, it stays where it is."""
    try:
        await _pass(tx, business, command)
    except Refused as refusal:
        await answer(tx, business, command.command, problem=refusal.id, detail=refusal.detail, next=refusal.next)
        return
    await answer(tx, business, command.command)


async def _pass(tx: Transaction, business: BusinessId, command: PassChat) -> None:
    held = await lock_agents(tx, business, {command.agent, command.to_agent or command.agent})
    live = await open_live_chat(tx, business, command.chat)
    giver = held.get(command.agent)
    if giver is None or live is None or live.agent != giver.agent:
        raise NotFound("This chat is not yours any more.", id="chat-not-yours")
    if command.to_agent is not None:
        taker = held.get(command.to_agent)
        if taker is None:
            raise NotFound("There is no such agent.")
        await _pass_to_agent(tx, business, live, giver, taker)
    elif command.to_queue is not None:
        await _pass_to_queue(tx, business, live, giver, command.to_queue)
    await _has_one_less(tx, business, giver)


async def _pass_to_agent(
    tx: Transaction, business: BusinessId, live: LiveChat, giver: AgentRow, taker: AgentRow
) -> None:
    if taker.agent == giver.agent:
        raise Conflict("It is with you already.", id="chat-taken")
    if taker.state not in FREE or taker.chats >= await room_of(tx, business, taker.agent):
        raise Conflict(f"{taker.name} cannot take a chat now.", id="agent-not-available", next="Hand it to a queue.")
    serves = await queues_of(tx, business, taker.agent)
    queue = await find_queue(tx, business, id=live.queue if live.queue in serves else next(iter(serves), None))
    if queue is None:
        raise Conflict(f"{taker.name} serves no queue.", id="agent-not-available", next="Hand it to a queue.")
    if taker.state is AgentState.AVAILABLE:
        await move_agent(tx, business, taker, AgentEvent.TAKE_CHATS)
    await pass_to(tx, business, live, queue.id, taker.agent)
    left = ChatLeft(chat=live.chat, agent_name=giver.name, waits=False, to=taker.name)
    taken = ChatTaken(chat=live.chat, agent_name=taker.name, provider=f"{queue.provider}/a:{taker.slug}")
    for said in (left, taken):
        await send(tx, business, Server.APPLICATION, live.chat, said)


async def _pass_to_queue(
    tx: Transaction, business: BusinessId, live: LiveChat, giver: AgentRow, to_queue: QueueId
) -> None:
    queue = await find_queue(tx, business, id=to_queue)
    wait = None if queue is None else await _wait_in(tx, business, queue)
    if queue is None or wait is None:
        name = "that queue" if queue is None else queue.name
        raise Conflict(f"Nobody of {name} writes in chats now.", id="nobody-chats", next="Offer a call instead.")
    await pass_back(tx, business, live, queue.id, wait=wait)
    left = ChatLeft(chat=live.chat, agent_name=giver.name, waits=True, to=queue.name, provider=queue.provider)
    await send(tx, business, Server.APPLICATION, live.chat, left)
