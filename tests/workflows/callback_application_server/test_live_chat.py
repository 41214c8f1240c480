"""Live chat through both servers: it waits, is taken below capacity, is written in, is given back, ends; and a call is offered when nobody comes."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any
from uuid import UUID

import pytest

from ringback.domain.commands import SetAgentState
from ringback.domain.ids import AgentId, CallbackId, ChatId, CommandId, new_id
from ringback.domain.live_chat import EndChat, PassChat, TakeChat, WriteAsAgent
from ringback.domain.status import Server
from ringback.postgres.messages import read_answer, send
from tests.workflows.callback_application_server.lobby import Lobby, Visitor
from tests.workflows.interaction_manager.floor import Floor

ASKS = "Can I talk to a person?"


@dataclass(frozen=True, slots=True)
class Room:
    """A queue whose people chat, the real interaction manager, and the chat page of a customer."""

    lobby: Lobby
    floor: Floor
    kim: AgentId

    async def settle(self) -> None:
        for _ in range(2):
            await self.floor.manager.drain()
            await self.lobby.server.messages.drain()
            await self.lobby.server.timers.drain()
            await self.lobby.server.replied()

    async def order(self, kind: type, visitor: Visitor, agent: AgentId, **more: Any) -> str | None:
        """Do as the desk does; return the problem, if there is one."""
        command = CommandId(new_id())
        async with self.lobby.databases.application.transaction(self.lobby.business, name="command") as tx:
            chat = ChatId(visitor.chat)
            message = kind(command=command, chat=chat, agent=agent, **more)
            await send(tx, self.lobby.business, Server.INTERACTIONS, chat, message)
        await self.settle()
        async with self.lobby.databases.application.transaction(self.lobby.business, name="answer") as tx:
            answer = await read_answer(tx, self.lobby.business, command)
        assert answer is not None
        return answer.problem

    async def write(self, visitor: Visitor, agent: AgentId, text: str) -> None:
        async with self.lobby.databases.application.transaction(self.lobby.business, name="command") as tx:
            chat = ChatId(visitor.chat)
            said = WriteAsAgent(
                command=CommandId(new_id()), chat=chat, agent=agent, agent_name="Kim", text=text, key=new_id()
            )
            await send(tx, self.lobby.business, Server.APPLICATION, chat, said)
        await self.settle()

    async def asking(self) -> Visitor:
        visitor = await self.lobby.visitor()
        await visitor.say(ASKS)
        await self.settle()
        return visitor

    async def asking_for_a_person_with_a_callback_open(self) -> tuple[Visitor, CallbackId]:
        """Promised, and nobody rings yet."""
        visitor = await self.lobby.visitor()
        await visitor.say("please call me as soon as possible")
        assert (await visitor.choose((await visitor.prompt())["submit"], consent=True)).status_code == 200
        await self.floor.manager.messages.drain()
        await self.floor.sql("UPDATE queue SET dialling = false")
        await self.settle()
        card = await visitor.card()
        assert card is not None
        await visitor.say(ASKS)
        await self.settle()
        return visitor, CallbackId(UUID(card["id"]))

    async def state(self, agent: AgentId) -> str:
        return str((await self.floor.agent_state(agent))["state"])


@pytest.fixture
async def room(lobby: Lobby) -> Room:
    floor = Floor(lobby.databases, lobby.business)
    lobby.manager = floor.manager  # type: ignore[assignment]  # the real one in place of the diary's
    lobby.diary.chat_agents = True
    billing = await floor.queue(policy={"live_chat_wait": 60})
    return Room(lobby, floor, await floor.agent("kim", billing))


async def test_a_customer_and_an_agent_write_in_the_same_chat_and_a_call_is_then_asked_from_that_agent(room: Room):
    visitor = await room.asking()
    assert "look for somebody from Billing" in (await visitor.texts())[-1]
    assert await room.order(TakeChat, visitor, room.kim) is None
    assert (await visitor.texts())[-1] == "Kim is in the chat now."
    assert await room.state(room.kim) == "in_chats"
    await visitor.say("My meter reads 4711 since tomorrow at 3.")
    await room.write(visitor, room.kim, "Thank you, I see it.")
    said = (await visitor.see())["messages"]
    assert [(each["author"], each["author_name"], each["text"]) for each in said[-1:]] == [
        ("agent", "Kim", "Thank you, I see it.")
    ]
    assert said[-2]["author"] == "customer", "nothing of ours between the two"
    await visitor.say("Please call me")
    await room.settle()
    assert room.lobby.diary.asked[-1].provider == "biz:acme/q:billing/a:kim"
    assert (await visitor.prompt())["kind"] == "when"
    assert await room.order(EndChat, visitor, room.kim) is None
    assert (await visitor.texts())[-1].startswith("Kim has left the chat.")
    assert await room.state(room.kim) == "available"
    await room.write(visitor, room.kim, "One more thing")
    assert "One more thing" not in await visitor.texts(), "it is not theirs any more"


@pytest.mark.parametrize(
    "goodbye", ["Thanks, that was all. Bye!", "Vielen Dank, das wars", "Gracias, eso es todo", "End chat"]
)
async def test_a_customer_who_says_goodbye_ends_it_and_the_agent_has_room_again(room: Room, goodbye: str):
    visitor = await room.asking()
    assert await room.order(TakeChat, visitor, room.kim) is None
    await visitor.say("thanks")
    await room.settle()
    assert await room.state(room.kim) == "in_chats", "thanks alone is no goodbye"
    await visitor.say(goodbye)
    await room.settle()
    assert (await visitor.texts())[-1] == "Write here whenever you need us."
    assert await room.state(room.kim) == "available"
    await room.write(visitor, room.kim, "One more thing")
    assert "One more thing" not in await visitor.texts()
    await visitor.say(ASKS)
    await room.settle()
    assert await room.order(TakeChat, visitor, room.kim) is None, "and may come back"


async def test_a_customer_who_says_goodbye_while_they_wait_is_offered_nothing_and_taken_by_nobody(room: Room):
    visitor = await room.asking()
    await visitor.say("bye")
    await room.settle()
    said = await visitor.texts()
    await room.floor.sql("UPDATE due SET due_at = now() WHERE kind = 'live_chat'")
    await room.settle()
    assert await visitor.texts() == said and said[-1] == "Write here whenever you need us."
    assert await room.order(TakeChat, visitor, room.kim) == "chat-not-waiting"


async def test_the_same_goodbye_delivered_twice_takes_one_chat_from_the_agent(room: Room):
    staying, leaving = await room.asking(), await room.asking()
    for each in (staying, leaving):
        assert await room.order(TakeChat, each, room.kim) is None
    for _ in range(2):
        await leaving.say("bye")
    await room.settle()
    assert await room.state(room.kim) == "in_chats"
    await staying.say("bye")
    await room.settle()
    assert await room.state(room.kim) == "available"


async def test_a_chat_that_nobody_takes_is_offered_a_call_once(room: Room):
    visitor = await room.asking()
    before = len(await visitor.texts())
    await room.floor.sql("UPDATE due SET due_at = now() WHERE kind = 'live_chat'")
    await room.settle()
    assert (await visitor.prompt())["kind"] == "when"
    assert len(await visitor.texts()) == before + 1
    assert await room.order(TakeChat, visitor, room.kim) == "chat-not-waiting"


async def test_where_nobody_is_on_duty_a_call_is_offered_at_once(room: Room):
    await room.floor.sql("UPDATE agent_state SET state = 'offline'")
    assert (await (await room.asking()).prompt())["kind"] == "when"


async def test_one_agent_gets_a_chat_and_none_more_than_they_have_room_for(room: Room):
    billing = (await room.floor.sql("SELECT id FROM queue"))[0]["id"]
    amir = await room.floor.agent("amir", billing)
    await room.floor.sql("UPDATE agent SET chat_capacity = 1")
    first, second = await room.asking(), await room.asking()
    assert await room.order(TakeChat, first, room.kim) is None
    assert await room.order(TakeChat, first, room.kim) is None, "the same again"
    assert await room.order(TakeChat, first, amir) == "chat-taken"
    assert await room.order(TakeChat, second, room.kim) == "chats-full"
    assert await room.order(EndChat, first, amir) == "chat-not-yours"
    await room.floor.sql("UPDATE agent_state SET state = 'paused' WHERE agent = $1", amir)
    assert await room.order(TakeChat, second, amir) == "agent-not-available"


async def test_the_chats_of_an_agent_who_leaves_wait_for_another(room: Room):
    visitor = await room.asking()
    assert await room.order(TakeChat, visitor, room.kim) is None
    leave = SetAgentState(command=CommandId(new_id()), agent=room.kim, state="offline", by="user:kim")
    await room.floor.order(room.kim, leave)
    await room.settle()
    assert await room.state(room.kim) == "offline"
    assert (await visitor.texts())[-1] == "Kim has left the chat. We look for somebody else."
    billing = (await room.floor.sql("SELECT id FROM queue"))[0]["id"]
    assert await room.order(TakeChat, visitor, await room.floor.agent("amir", billing)) is None
    assert (await visitor.texts())[-1] == "Amir is in the chat now."


async def test_who_comes_back_from_a_break_is_back_in_their_chats(room: Room):
    visitor = await room.asking()
    assert await room.order(TakeChat, visitor, room.kim) is None
    for state in ("paused", "available"):
        wish = SetAgentState(command=CommandId(new_id()), agent=room.kim, state=state, by="user:kim", reason="Break")
        await room.floor.order(room.kim, wish)
        await room.settle()
    assert await room.state(room.kim) == "in_chats"


async def test_who_writes_with_an_agent_is_not_dialled_meanwhile_and_asked_afterwards(room: Room):
    visitor, callback = await room.asking_for_a_person_with_a_callback_open()
    assert "look for somebody from Billing" in (await visitor.texts())[-1]
    assert (await room.floor.callback(callback))["through_since"] is None, (
        "to wait in the chat keeps no phone from ringing"
    )
    assert await room.order(TakeChat, visitor, room.kim) is None
    assert (await room.floor.callback(callback))["through_since"] is not None
    assert await room.floor.manager.mend(room.floor.business) == 0
    assert await room.order(EndChat, visitor, room.kim) is None
    await room.settle()
    assert (await visitor.texts())[-1].startswith("You wrote with us at ")
    assert (await room.floor.callback(callback))["state"] == "waiting", "however long they wrote: they are asked"
    await room.floor.sql("UPDATE due SET due_at = now() WHERE kind = 'through'")
    await room.settle()
    assert (await room.floor.callback(callback))["through_since"] is None, "who does not answer is called as promised"
    assert (await visitor.choose("No, cancel it")).status_code == 200
    await room.settle()
    assert (await room.floor.callback(callback))["state"] == "cancelled"


async def test_a_chat_given_back_and_left_alone_leaves_the_promise_as_it_was(room: Room):
    visitor, callback = await room.asking_for_a_person_with_a_callback_open()
    await room.order(TakeChat, visitor, room.kim)
    leave = SetAgentState(command=CommandId(new_id()), agent=room.kim, state="offline", by="user:kim")
    await room.floor.order(room.kim, leave)
    await room.settle()
    assert (await room.floor.callback(callback))["through_since"] is not None, "they wait in the chat still"
    await room.floor.sql("UPDATE due SET due_at = now() WHERE kind = 'live_chat'")
    await room.settle()
    assert (await room.floor.callback(callback))["through_since"] is None
    assert not any(text.startswith("You wrote") for text in await visitor.texts())


async def test_an_agent_hands_a_chat_to_another_who_has_room_for_it_and_keeps_it_when_nobody_has(room: Room):
    billing = (await room.floor.sql("SELECT id FROM queue"))[0]["id"]
    support = await room.floor.queue("support", policy={"live_chat_wait": 60})
    mira = await room.floor.agent("mira", support)
    visitor = await room.asking()
    assert await room.order(TakeChat, visitor, room.kim) is None
    await room.floor.sql("UPDATE agent SET chat_capacity = 0 WHERE slug = 'mira'")
    assert await room.order(PassChat, visitor, room.kim, to_agent=mira) == "agent-not-available"
    assert await room.order(PassChat, visitor, room.kim, to_agent=room.kim) == "chat-taken"
    assert await room.order(PassChat, visitor, mira, to_agent=room.kim) == "chat-not-yours"
    assert await room.state(room.kim) == "in_chats"
    await room.floor.sql("UPDATE agent SET chat_capacity = 1 WHERE slug = 'mira'")
    assert await room.order(PassChat, visitor, room.kim, to_agent=mira) is None
    assert (await visitor.texts())[-2:] == ["Kim has left the chat. Mira goes on.", "Mira is in the chat now."]
    assert (await room.state(room.kim), await room.state(mira)) == ("available", "in_chats")
    [held] = await room.floor.sql("SELECT queue, agent, state FROM chat_interaction")
    assert (held["queue"], held["agent"], held["state"]) == (support, mira, "taken"), "of a queue that Mira serves"
    await visitor.say("Please call me")
    await room.settle()
    assert room.lobby.diary.asked[-1].provider == "biz:acme/q:support/a:mira"

    await room.floor.sql("UPDATE agent_state SET state = 'offline' WHERE agent = $1", room.kim)
    assert await room.order(PassChat, visitor, mira, to_queue=billing) == "nobody-chats"
    await room.floor.sql("UPDATE agent_state SET state = 'available' WHERE agent = $1", room.kim)
    assert await room.order(PassChat, visitor, mira, to_queue=billing) is None
    assert (await visitor.texts())[-1] == "Mira has left the chat. We look for somebody from Billing."
    assert await room.state(mira) == "available"
    assert await room.order(TakeChat, visitor, room.kim) is None
