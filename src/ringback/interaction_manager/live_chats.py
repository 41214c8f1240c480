"""Live chats as interactions of a queue: one open for a chat, each change a compare-and-set under the row's lock."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta

from ringback.domain.ids import AgentId, BusinessId, CallbackId, ChatId, PersonId, QueueId, new_id
from ringback.domain.live_chat import AskPerson, ChatLeft
from ringback.domain.status import Server
from ringback.interaction_manager.outside import THROUGH
from ringback.interaction_manager.rules.getting_through import Open, match
from ringback.postgres.database import Transaction
from ringback.postgres.messages import send
from ringback.postgres.sql import load_sql
from ringback.postgres.timers import cancel_timer, set_timer

SQL = load_sql(__file__, "live_chats.sql")
LIVE_CHAT = "live_chat"  # the timer of a chat that waits, by the chat's id


@dataclass(frozen=True, slots=True, kw_only=True)
class LiveChat:
    """An open one, whose row is held."""

    id: object
    chat: ChatId
    queue: QueueId
    seq: int
    agent: AgentId | None  # None: it waits
    person: PersonId | None
    callback: CallbackId | None  # the person's open one, joined when an agent took the chat
    provider: str  # of its queue


@dataclass(frozen=True, slots=True, kw_only=True)
class ChatQueue:
    """A queue that may be asked for a person. `provider`: its address."""

    id: QueueId
    name: str
    provider: str
    on_duty: bool  # somebody is


async def find_queue(
    tx: Transaction, business: BusinessId, *, slug: str | None = None, id: QueueId | None = None
) -> ChatQueue | None:
    """Return a queue by its slug or its id; None where there is none such."""
    row = await tx.row(SQL["queue_for_chat"], business=business, slug=slug, id=id)
    if row is None:
        return None
    provider = f"biz:{row['business_slug']}/q:{row['slug']}"
    return ChatQueue(id=QueueId(row["id"]), name=row["name"], provider=provider, on_duty=row["on_duty"])


async def keep_waiting(
    tx: Transaction, business: BusinessId, asked: AskPerson, queue: QueueId, *, wait: float | None
) -> None:
    """Let a chat wait for a person, with its timer; with `wait` None it only stands written that nobody came."""
    added = await tx.value(
        SQL["insert_live_chat"], business=business, id=new_id(), chat=asked.chat, queue=queue, seq=asked.seq,
        person=asked.person, state="ended" if wait is None else "waiting", wait=wait or 0.0, now=tx.now,
        ended_at=tx.now if wait is None else None,
    )  # fmt: skip
    if added is not None and wait is not None:
        await set_timer(tx, business, Server.INTERACTIONS, LIVE_CHAT, asked.chat, at=tx.now + timedelta(seconds=wait))
        await wake_desks(tx, business, queue)


async def open_live_chat(tx: Transaction, business: BusinessId, chat: ChatId) -> LiveChat | None:
    """Return the open one of a chat and hold it; None when it has none."""
    row = await tx.row(SQL["open_live_chat"], business=business, chat=chat)
    if row is None:
        return None
    return LiveChat(
        id=row["id"], chat=row["chat"], queue=row["queue"], seq=row["seq"], agent=row["agent"],
        person=row["person"], callback=row["callback"],
        provider=f"biz:{row['business_slug']}/q:{row['queue_slug']}",
    )  # fmt: skip


async def agent_of(tx: Transaction, business: BusinessId, chat: ChatId) -> AgentId | None:
    """Return who has the open one of a chat; None while it waits, or has none. It is not held: agents are, before chats."""
    found = await tx.value(SQL["agent_of_live_chat"], business=business, chat=chat)
    return None if found is None else AgentId(found)


async def room_of(tx: Transaction, business: BusinessId, agent: AgentId) -> int:
    """Return how many live chats an agent may have."""
    return int(await tx.value(SQL["agent_room"], business=business, agent=agent))


async def give_to(tx: Transaction, business: BusinessId, live: LiveChat, agent: AgentId) -> None:
    """It is this agent's from now on, and joined to the callback that its customer waits for: nobody dials them while they write."""
    callback = live.callback or await _waits_for(tx, business, live)
    await tx.run(SQL["take_live_chat"], business=business, id=live.id, agent=agent, callback=callback, now=tx.now)
    await _look_at(tx, business, callback)
    await cancel_timer(tx, business, LIVE_CHAT, live.chat)
    await wake_desks(tx, business, live.queue)


async def _waits_for(tx: Transaction, business: BusinessId, live: LiveChat) -> CallbackId | None:
    if live.person is None:
        return None
    rows = await tx.rows(SQL["open_callbacks_of"], business=business, person=live.person)
    found = match(
        [Open(callback=row["callback"], queue=row["queue"], ready_at=row["ready_at"]) for row in rows], live.queue
    )
    return found.callback if found is not None else None


async def _look_at(tx: Transaction, business: BusinessId, callback: CallbackId | None) -> None:
    """Have what follows for a joined callback decided, in a transaction of its own under its own locks."""
    if callback is not None:
        await set_timer(tx, business, Server.INTERACTIONS, THROUGH, callback, at=tx.now)


async def pass_to(tx: Transaction, business: BusinessId, live: LiveChat, queue: QueueId, agent: AgentId) -> None:
    """It is another agent's from now on, as an interaction of this queue."""
    await tx.run(
        SQL["pass_live_chat"],
        business=business, id=live.id, state="taken", queue=queue, agent=agent, taken_at=tx.now,
    )  # fmt: skip
    await wake_desks(tx, business, queue)


async def pass_back(tx: Transaction, business: BusinessId, live: LiveChat, queue: QueueId, *, wait: float) -> None:
    """It waits in this queue, with its timer, and its place by when it came."""
    await tx.run(
        SQL["pass_live_chat"], business=business, id=live.id, state="waiting", queue=queue, agent=None, taken_at=None
    )
    await set_timer(tx, business, Server.INTERACTIONS, LIVE_CHAT, live.chat, at=tx.now + timedelta(seconds=wait))
    await wake_desks(tx, business, queue)


async def close_live_chat(tx: Transaction, business: BusinessId, live: LiveChat) -> None:
    """It is over."""
    await tx.run(SQL["end_live_chat"], business=business, id=live.id, now=tx.now)
    await _look_at(tx, business, live.callback)
    await wake_desks(tx, business, live.queue)


async def give_back(tx: Transaction, business: BusinessId, agent: AgentId, name: str) -> None:
    """The chats of an agent who leaves wait for another one, and their customers hear so."""
    for row in await tx.rows(SQL["give_back_live_chats"], business=business, agent=agent):
        chat = ChatId(row["chat"])
        until = tx.now + timedelta(seconds=row["wait"])
        await set_timer(tx, business, Server.INTERACTIONS, LIVE_CHAT, chat, at=until)
        await send(tx, business, Server.APPLICATION, chat, ChatLeft(chat=chat, agent_name=name, waits=True))
        await _look_at(tx, business, row["callback"])
        await wake_desks(tx, business, QueueId(row["queue"]))


async def wake_desks(tx: Transaction, business: BusinessId, queue: QueueId) -> None:
    """Have every desk of the queue look again."""
    for row in await tx.rows(SQL["desks_of_queue"], business=business, queue=queue):
        tx.hint("agent", row["agent"])
    tx.hint("console", business)
