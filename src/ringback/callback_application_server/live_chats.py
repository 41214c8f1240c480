"""Whether a person writes in a chat: read from the interaction manager's table, which alone decides it."""

from __future__ import annotations

from dataclasses import dataclass
from uuid import UUID

from ringback.callback_application_server.queries import ChatKey
from ringback.postgres.database import Transaction
from ringback.postgres.sql import load_sql

SQL = load_sql(__file__, "live_chats.sql")


@dataclass(frozen=True, slots=True, kw_only=True)
class WithPerson:
    """The latest live chat of a chat. `seq`: the message that asked for it; `agent` None: it waits, or nobody came."""

    is_open: bool
    agent: UUID | None
    seq: int


async def with_person(tx: Transaction, key: ChatKey) -> WithPerson | None:
    """Return the latest one; None when nobody was asked for yet."""
    row = await tx.row(SQL["latest_live_chat"], business=key.business, chat=key.chat)
    if row is None:
        return None
    return WithPerson(is_open=row["state"] != "ended", agent=row["agent"], seq=row["seq"])
