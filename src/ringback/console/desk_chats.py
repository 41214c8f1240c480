"""Live chats on the desk: take, write, hand over, end. What waits and what is mine is in the view."""

from __future__ import annotations

from uuid import UUID

import msgspec
from litestar import get, post
from litestar.di import NamedDependency
from litestar.params import FromPath

from ringback.console.asking import Asking
from ringback.console.desk_talk import TransferBody
from ringback.console.edge import new_key
from ringback.console.parts import Parts
from ringback.console.statements import LIVE_CHATS
from ringback.console.wire import Accepted, TransferTarget
from ringback.domain.errors import Invalid, NotFound
from ringback.domain.ids import ChatId, new_id
from ringback.domain.live_chat import EndChat, PassChat, TakeChat, WriteAsAgent
from ringback.domain.status import Server
from ringback.identity.guards import needs
from ringback.identity.principal import Principal
from ringback.identity.rules.rights import Right

ONLY_AGENTS = needs(Right.DESK)
LONGEST = 4000


class MessageBody(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What the agent writes."""

    text: str


@post("/chats/{id:uuid}/take", opt=ONLY_AGENTS, status_code=200)
async def take(id: FromPath[UUID], asking: NamedDependency[Asking]) -> Accepted:
    """Take a chat that waits."""
    agent, chat = asking.agent, ChatId(id)
    await asking.send(
        Server.INTERACTIONS,
        chat,
        lambda command: TakeChat(command=command, chat=chat, agent=agent),
        action="chat.taken",
        subject=f"chat:{chat}",
    )
    return Accepted()


@post("/chats/{id:uuid}/messages", opt=ONLY_AGENTS, status_code=200)
async def write(id: FromPath[UUID], data: MessageBody, asking: NamedDependency[Asking]) -> Accepted:
    """Write in a live chat of one's own."""
    agent, chat, text = asking.agent, ChatId(id), data.text.replace("\x00", "").strip()
    if not text:
        raise Invalid("Write something first.", id="message-empty", field="text")
    if len(text) > LONGEST:
        raise Invalid(f"At most {LONGEST} characters.", id="message-too-long", field="text")
    async with asking.parts.read.transaction(asking.business, name="find_live_chat") as tx:
        name = await tx.value(LIVE_CHATS["own_agent_name"], business=asking.business, chat=chat, agent=agent)
    if name is None:
        raise NotFound("This chat is not yours.", id="chat-not-yours")
    said = new_key(asking.key) or new_id()
    await asking.send(
        Server.APPLICATION,
        chat,
        lambda command: WriteAsAgent(command=command, chat=chat, agent=agent, agent_name=name, text=text, key=said),
        action="chat.written",
        subject=f"chat:{chat}",
        answers=False,
    )
    return Accepted()


@post("/chats/{id:uuid}/end", opt=ONLY_AGENTS, status_code=200)
async def end(id: FromPath[UUID], asking: NamedDependency[Asking]) -> Accepted:
    """End a live chat of one's own."""
    agent, chat = asking.agent, ChatId(id)
    await asking.send(
        Server.INTERACTIONS,
        chat,
        lambda command: EndChat(command=command, chat=chat, agent=agent),
        action="chat.ended",
        subject=f"chat:{chat}",
    )
    return Accepted()


@get("/chats/targets", opt=ONLY_AGENTS)
async def targets(parts: NamedDependency[Parts], principal: NamedDependency[Principal]) -> list[TransferTarget]:
    """List to whom a live chat can be handed."""
    async with parts.read.transaction(principal.business, name="chat_targets") as tx:
        rows = await tx.rows(LIVE_CHATS["chat_targets"], business=principal.business, agent=principal.own_agent())
    return [TransferTarget(kind=row["kind"], id=row["id"], name=row["name"], free=row["free"]) for row in rows]


@post("/chats/{id:uuid}/transfer", opt=ONLY_AGENTS, status_code=200)
async def transfer(id: FromPath[UUID], data: TransferBody, asking: NamedDependency[Asking]) -> Accepted:
    """Hand a live chat of one's own to another agent, or to a queue. Refused, it stays one's own."""
    to = data.target()
    agent, chat = asking.agent, ChatId(id)
    await asking.send(
        Server.INTERACTIONS,
        chat,
        lambda command: PassChat(command=command, chat=chat, agent=agent, **to),
        action="chat.passed",
        subject=f"chat:{chat}",
        detail={name: str(value) for name, value in to.items() if value is not None},
    )
    return Accepted()


CHAT_ROUTES = [take, write, targets, transfer, end]
