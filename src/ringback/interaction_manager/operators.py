"""What operators leave behind in the database: who was asked about an incident, the waitlist, who is away, whom an act touches."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import datetime
from uuid import UUID

from ringback.domain.errors import NotFound
from ringback.domain.ids import AgentId, BusinessId, CallbackId, ChatId, PersonId, QueueId
from ringback.domain.times import TimeWindow
from ringback.interaction_manager.callbacks import CallbackRow, callback_row
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


async def read_callbacks(tx: Transaction, business: BusinessId, callbacks: Iterable[CallbackId]) -> list[CallbackRow]:
    """Return callbacks as they stand, in the order in which they were accepted."""
    rows = await tx.rows(SQL["read_callbacks"], business=business, callbacks=list(callbacks))
    return [callback_row(row) for row in rows]


async def callbacks_for_agent(
    tx: Transaction, business: BusinessId, agent: AgentId, *, until: datetime
) -> list[CallbackRow]:
    """Return the open callbacks that wait for one agent by name, until then, in the order in which they were accepted."""
    rows = await tx.rows(SQL["callbacks_for_agent"], business=business, agent=agent, now=tx.now, until=until)
    return [callback_row(row) for row in rows]


async def lock_away(tx: Transaction, business: BusinessId, agent: AgentId) -> tuple[str, TimeWindow | None]:
    """Hold an agent; return their name and when they are away. Raises NotFound."""
    row = await tx.row(SQL["lock_away"], business=business, agent=agent)
    if row is None:
        raise NotFound("There is no such agent.")
    away = None if row["away_from"] is None else TimeWindow(start=row["away_from"], end=row["away_until"])
    return row["name"], away


async def save_away(
    tx: Transaction, business: BusinessId, agent: AgentId, away: TimeWindow | None, *, why: str | None
) -> None:
    """Store when an agent is away; None: they are not."""
    await tx.run(
        SQL["save_away"], business=business, agent=agent, away_from=away.start if away else None,
        away_until=away.end if away else None, away_why=why if away else None,
    )  # fmt: skip


@dataclass(frozen=True, slots=True, kw_only=True)
class LeftAlone:
    """A callback whose time comes soon and whose agent, asked for by name, is not there."""

    callback: CallbackId
    queue: QueueId
    agent_name: str
    window: TimeWindow


async def ask_about_away(
    tx: Transaction, business: BusinessId, *, soon: datetime, serving: Iterable[str], most: int
) -> list[LeftAlone]:
    """Mark and return those whose agent is not there and whose time comes before then, each once."""
    rows = await tx.rows(
        SQL["ask_about_away"], business=business, soon=soon, now=tx.now, serving=list(serving), most=most
    )
    found = [
        LeftAlone(
            callback=row["id"],
            queue=row["queue"],
            agent_name=row["name"],
            window=TimeWindow(start=row["window_start"], end=row["window_end"]),
        )
        for row in rows
    ]
    return sorted(found, key=lambda each: each.callback.int)


async def promised_later(tx: Transaction, business: BusinessId, queue: QueueId) -> list[datetime]:
    """Return when those of a queue who are promised a time to come begin, sorted."""
    rows = await tx.rows(SQL["promised_later"], business=business, queue=queue, now=tx.now)
    return [row["window_start"] for row in rows]
