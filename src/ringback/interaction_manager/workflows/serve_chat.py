"""A chat waits for a person, is taken by an agent who has room for it, and ends; whom nobody takes is offered a call instead."""

from __future__ import annotations

from dataclasses import replace

from ringback.domain.errors import Conflict, NotFound, Refused
from ringback.domain.ids import BusinessId, ChatId
from ringback.domain.live_chat import AskPerson, ChatLeft, ChatTaken, EndChat, NobodyCame, TakeChat
from ringback.domain.status import AgentState, Server
from ringback.interaction_manager.agents import agent_serves, lock_agent, move_agent, queues_of
from ringback.interaction_manager.assignment import read_queue, wake_queues
from ringback.interaction_manager.live_chats import (
    close_live_chat,
    find_queue,
    give_to,
    keep_waiting,
    open_live_chat,
    room_of,
)
from ringback.interaction_manager.rules.agent_states import FREE, AgentEvent
from ringback.postgres.database import Transaction
from ringback.postgres.messages import answer, send
from ringback.postgres.timers import Timer


async def ask_person(tx: Transaction, business: BusinessId, command: AskPerson) -> None:
    """Apply AskPerson: it waits where people chat and somebody is on duty; else nobody comes."""
    found = await find_queue(tx, business, command.queue)
    wait = None
    if found is not None:
        queue, on_duty = found
        policy = (await read_queue(tx, business, queue)).policy
        wait = policy.live_chat_wait if on_duty else None
        await keep_waiting(tx, business, command.chat, queue, seq=command.seq, wait=wait)
    if wait is None:
        await send(tx, business, Server.APPLICATION, command.chat, NobodyCame(chat=command.chat, seq=command.seq))


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
    left = replace(agent, chats=agent.chats - 1)
    if left.state is AgentState.IN_CHATS and left.chats == 0:
        await move_agent(tx, business, left, AgentEvent.END_CHATS)
        await wake_queues(tx, business, await queues_of(tx, business, agent.agent))
    gone = ChatLeft(chat=live.chat, agent_name=agent.name, waits=False)
    await send(tx, business, Server.APPLICATION, live.chat, gone)
    await answer(tx, business, command.command)
