"""Live chats on the desk: /desk/v1/chats. What waits, what is mine, and take, write, end."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

import msgspec
from litestar import get, post
from litestar.di import NamedDependency
from litestar.params import FromPath

from ringback.console.edge import AnyRequest, Key, asked_of, new_key
from ringback.console.parts import Parts
from ringback.console.rules.desk_view import chat_lines
from ringback.console.statements import LIVE_CHATS
from ringback.console.wire import Accepted, ChatLine
from ringback.console.workflows.send_command import Act, Order, send_command
from ringback.domain.errors import Invalid, NotFound
from ringback.domain.ids import ChatId, new_id
from ringback.domain.live_chat import EndChat, TakeChat, WriteAsAgent
from ringback.domain.status import Server
from ringback.identity.guards import needs
from ringback.identity.principal import Principal
from ringback.identity.rules.rights import Right

ONLY_AGENTS = needs(Right.DESK)
LONGEST = 4000


class LiveChatOut(msgspec.Struct, frozen=True, kw_only=True):
    """One live chat. `mine`: taken by this agent; else it waits. `messages`: of one's own only."""

    chat: UUID
    mine: bool
    customer: str
    topic: str | None
    queue: str
    since: datetime
    messages: list[ChatLine]


class MessageBody(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What the agent writes."""

    text: str


@get("/chats", opt=ONLY_AGENTS)
async def chats(parts: NamedDependency[Parts], principal: NamedDependency[Principal]) -> list[LiveChatOut]:
    """Return the agent's live chats, and those that wait in their queues, oldest first."""
    business, agent = principal.business, principal.own_agent()
    found = []
    async with parts.read.transaction(business, name="read_live_chats") as tx:
        for row in await tx.rows(LIVE_CHATS["chats_of_desk"], business=business, agent=agent):
            mine = row["state"] == "taken"
            said = (
                await tx.rows(LIVE_CHATS["messages_of_live_chat"], business=business, agent=agent, chat=row["chat"])
                if mine
                else []
            )
            found.append(
                LiveChatOut(
                    chat=row["chat"],
                    mine=mine,
                    customer=row["person_name"] or "Customer",
                    topic=row["topic"],
                    queue=row["queue_name"],
                    since=row["taken_at"] if mine else row["came_at"],
                    messages=chat_lines(said),
                )
            )
    return found


@post("/chats/{id:uuid}/take", opt=ONLY_AGENTS, status_code=200)
async def take(
    id: FromPath[UUID],
    request: AnyRequest,
    parts: NamedDependency[Parts],
    principal: NamedDependency[Principal],
    key: Key = None,
) -> Accepted:
    """Take a chat that waits."""
    agent, chat = principal.own_agent(), ChatId(id)
    await send_command(
        parts,
        await asked_of(request, principal, key),
        Act(action="chat.taken", subject=f"chat:{chat}"),
        lambda command: Order(
            to=Server.INTERACTIONS, aggregate=chat, message=TakeChat(command=command, chat=chat, agent=agent)
        ),
    )
    return Accepted()


@post("/chats/{id:uuid}/messages", opt=ONLY_AGENTS, status_code=200)
async def write(
    id: FromPath[UUID],
    request: AnyRequest,
    data: MessageBody,
    parts: NamedDependency[Parts],
    principal: NamedDependency[Principal],
    key: Key = None,
) -> Accepted:
    """Write in a live chat of one's own."""
    agent, chat, text = principal.own_agent(), ChatId(id), data.text.replace("\x00", "").strip()
    if not text:
        raise Invalid("Write something first.", id="message-empty", field="text")
    if len(text) > LONGEST:
        raise Invalid(f"At most {LONGEST} characters.", id="message-too-long", field="text")
    async with parts.read.transaction(principal.business, name="find_live_chat") as tx:
        name = await tx.value(LIVE_CHATS["own_agent_name"], business=principal.business, chat=chat, agent=agent)
    if name is None:
        raise NotFound("This chat is not yours.", id="chat-not-yours")
    said = new_key(key) or new_id()
    await send_command(
        parts,
        await asked_of(request, principal, key),
        Act(action="chat.written", subject=f"chat:{chat}"),
        lambda command: Order(
            to=Server.APPLICATION,
            aggregate=chat,
            message=WriteAsAgent(command=command, chat=chat, agent=agent, agent_name=name, text=text, key=said),
        ),
        answers=False,
    )
    return Accepted()


@post("/chats/{id:uuid}/end", opt=ONLY_AGENTS, status_code=200)
async def end(
    id: FromPath[UUID],
    request: AnyRequest,
    parts: NamedDependency[Parts],
    principal: NamedDependency[Principal],
    key: Key = None,
) -> Accepted:
    """End a live chat of one's own."""
    agent, chat = principal.own_agent(), ChatId(id)
    await send_command(
        parts,
        await asked_of(request, principal, key),
        Act(action="chat.ended", subject=f"chat:{chat}"),
        lambda command: Order(
            to=Server.INTERACTIONS, aggregate=chat, message=EndChat(command=command, chat=chat, agent=agent)
        ),
    )
    return Accepted()


CHAT_ROUTES = [chats, take, write, end]
