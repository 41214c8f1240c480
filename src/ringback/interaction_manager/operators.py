"""What operators' levers leave behind in the database: who was asked about an incident, and the waitlist."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import datetime
from uuid import UUID

from ringback.domain.ids import BusinessId, CallbackId, ChatId, PersonId, QueueId
from ringback.interaction_manager.rules.snapshot import Snapshot
from ringback.postgres.database import Transaction
from ringback.postgres.sql import load_sql

SQL = load_sql(__file__, "operators.sql")


@dataclass(frozen=True, slots=True, kw_only=True)
class Invited:
    """Somebody of the waitlist who is told of room."""

    id: UUID
    chat: ChatId
    provider: str


async def ask_about_incident(
    tx: Transaction, business: BusinessId, queue: QueueId, *, since: datetime, most: int
) -> list[CallbackId]:
    """Mark and return those who were not asked since the incident was announced."""
    rows = await tx.rows(SQL["ask_about_incident"], business=business, queue=queue, since=since, now=tx.now, most=most)
    return sorted((CallbackId(row["id"]) for row in rows), key=lambda id: id.int)


async def load_waitlist(
    tx: Transaction, business: BusinessId, snapshot: Snapshot, queues: Iterable[QueueId], person: PersonId | None
) -> Snapshot:
    """Add how many wait for room before a person, where a queue keeps a list."""
    kept = [id for id in sorted(set(queues)) if id in snapshot.queues and snapshot.queues[id].waitlist]
    if not kept:
        return snapshot
    rows = await tx.rows(SQL["waitlist_for"], business=business, queues=kept, person=person, now=tx.now)
    return replace(
        snapshot,
        listed={row["queue"]: row["others_invited"] if row["invited"] else row["others"] for row in rows},
        invited=frozenset(row["queue"] for row in rows if row["invited"]),
    )


async def join_waitlist(
    tx: Transaction, business: BusinessId, *, id: UUID, queue: QueueId, provider: str, chat: ChatId, person: PersonId
) -> int:
    """Put a person on a queue's list; return their place."""
    kept = await tx.value(
        SQL["join_waitlist"], business=business, id=id, queue=queue, provider=provider, chat=chat, person=person,
        now=tx.now,
    )  # fmt: skip
    return int(await tx.value(SQL["place_on_waitlist"], business=business, id=kept))


async def leave_waitlist(
    tx: Transaction, business: BusinessId, person: PersonId, *, queue: QueueId | None, why: str
) -> None:
    """Take a person off a queue's list, or all lists."""
    await tx.run(SQL["leave_waitlist"], business=business, person=person, queue=queue, why=why, now=tx.now)


async def open_waitlists(tx: Transaction, business: BusinessId) -> list[QueueId]:
    """Return the queues in which somebody waits for room."""
    return [row["queue"] for row in await tx.rows(SQL["open_waitlists"], business=business)]


async def expire_invitations(tx: Transaction, business: BusinessId, queue: QueueId) -> list[tuple[UUID, ChatId]]:
    """Take those off the list who were invited and did not come."""
    rows = await tx.rows(SQL["expire_invitations"], business=business, queue=queue, now=tx.now)
    return [(row["id"], row["chat"]) for row in rows]


async def standing_invitations(tx: Transaction, business: BusinessId, queue: QueueId) -> int:
    """Return for how many room is kept."""
    return int(await tx.value(SQL["standing_invitations"], business=business, queue=queue, now=tx.now))


async def invite(tx: Transaction, business: BusinessId, queue: QueueId, *, most: int, until: datetime) -> list[Invited]:
    """Mark and return the first of the list."""
    rows = await tx.rows(SQL["invite"], business=business, queue=queue, most=most, until=until, now=tx.now)
    rows = sorted(rows, key=lambda row: (row["joined_at"], row["id"].int))
    return [Invited(id=row["id"], chat=row["chat"], provider=row["provider"]) for row in rows]


async def stop_waitlist(tx: Transaction, business: BusinessId, queue: QueueId) -> list[tuple[UUID, ChatId]]:
    """Empty a queue's list."""
    rows = await tx.rows(SQL["stop_waitlist"], business=business, queue=queue, now=tx.now)
    return [(row["id"], row["chat"]) for row in rows]
