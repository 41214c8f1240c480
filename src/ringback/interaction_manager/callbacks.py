"""A callback as the interaction manager keeps it: loaded under its row lock, replaced by a rule's decision, saved whole."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any
from uuid import UUID

import asyncpg

from ringback.domain.commands import Estimate, PromiseMade
from ringback.domain.destinations import Destination, DestinationKind
from ringback.domain.errors import NotFound
from ringback.domain.ids import AgentId, AttemptId, BusinessId, CallbackId, ChatId, PersonId, QueueId
from ringback.domain.status import OPEN_STATES, CallbackState, Outcome
from ringback.domain.times import TimeWindow, WhenKind
from ringback.interaction_manager.rules.line import Place, PlaceChanges, latest_safe_start
from ringback.postgres.database import Transaction
from ringback.postgres.sql import load_sql

SQL = load_sql(__file__, "callbacks.sql")


@dataclass(frozen=True, slots=True, kw_only=True)
class CallbackRow:
    """One callback. `pending`: what follows when the attempt under way has ended."""

    id: CallbackId
    queue: QueueId
    provider: str
    named_agent: AgentId | None
    chat: ChatId | None
    channel: str
    person: PersonId
    person_name: str | None
    destination: Destination
    language: str
    topic: str | None
    consent: UUID | None
    created_by: str
    when_kind: WhenKind
    zone: str
    named_time: bool
    state: CallbackState
    reason: str | None
    priority: int
    accepted_at: datetime
    ready_at: datetime
    window: TimeWindow
    early_is_fine: bool
    estimate: Estimate | None
    slot_start: datetime | None
    due_version: int
    customer_attempts: int
    attempts: int
    attempt: AttemptId | None
    declined_by: tuple[AgentId, ...]
    notices: int
    pending: dict[str, Any] | None
    disposition: str | None
    outcome: Outcome | None
    finished_at: datetime | None
    through_since: datetime | None = None  # with us by another way since: not dialled meanwhile

    @property
    def is_open(self) -> bool:
        """Tell whether anything can still happen to it."""
        return self.state in OPEN_STATES

    @property
    def is_booked(self) -> bool:
        """Tell whether it has a place in a slot: an agent is held for it. A retry, or a move of ours, has none."""
        return self.slot_start is not None and not self.early_is_fine

    def is_given_to(self, agent: AgentId | None) -> bool:
        """Tell whether it is that agent's already: asked for by name, and not declined."""
        return agent is not None and agent == self.named_agent and agent not in self.declined_by

    @property
    def planned_at(self) -> datetime:
        """The moment it is planned for: inside a window that was asked for, the best one known so far."""
        inside = self.when_kind is WhenKind.WINDOW and self.slot_start is not None and self.attempts == 0
        return max(self.window.start, self.ready_at) if inside else self.window.start

    @property
    def at_our_time(self) -> bool:
        """Tell whether we chose the time it is for: the person's calling hours apply."""
        retried_or_moved = not self.early_is_fine and self.slot_start is None
        return not self.named_time and (retried_or_moved or self.created_by != "customer")

    @property
    def moves(self) -> bool:
        """Tell whether a move waits for the end of the attempt under way: its facts belong to the promise before."""
        return self.pending is not None and self.pending.get("kind") == "move"

    @property
    def gets_through(self) -> bool:
        """Tell whether the attempt under way is being stopped because they are with us by another way."""
        return self.pending is not None and self.pending.get("kind") == "through"

    @property
    def promise(self) -> PromiseMade:
        """What the customer was told last."""
        return PromiseMade(window=self.window, early_is_fine=self.early_is_fine, estimate=self.estimate)


def place_of(callback: CallbackRow, *, agent_ring: float) -> Place:
    """Return a callback as the line sees it."""
    return Place(
        callback=callback.id,
        priority=callback.priority,
        ready_at=callback.ready_at,
        accepted_at=callback.accepted_at,
        latest_safe_start=None if callback.early_is_fine else latest_safe_start(callback.window, agent_ring=agent_ring),
    )


def estimate_of(row: Mapping[str, Any] | asyncpg.Record) -> Estimate | None:
    """Read the three quantiles of a row; None when there is no estimate."""
    if row["estimate_p10"] is None or row["estimate_p50"] is None or row["estimate_p90"] is None:
        return None
    return Estimate(p10=row["estimate_p10"], p50=row["estimate_p50"], p90=row["estimate_p90"])


def callback_row(row: asyncpg.Record) -> CallbackRow:
    """Turn a row of the table into its record."""
    return CallbackRow(
        id=row["id"],
        queue=row["queue"],
        provider=row["provider"],
        named_agent=row["named_agent"],
        chat=row["chat"],
        channel=row["channel"],
        person=row["person"],
        person_name=row["person_name"],
        destination=Destination(kind=DestinationKind(row["destination"]), address=row["address"], proved=row["proved"]),
        language=row["language"],
        topic=row["topic"],
        consent=row["consent"],
        created_by=row["created_by"],
        when_kind=WhenKind(row["when_kind"]),
        zone=row["zone"],
        named_time=row["named_time"],
        state=CallbackState(row["state"]),
        reason=row["reason"],
        priority=row["priority"],
        accepted_at=row["accepted_at"],
        ready_at=row["ready_at"],
        window=TimeWindow(start=row["window_start"], end=row["window_end"]),
        early_is_fine=row["early_is_fine"],
        estimate=estimate_of(row),
        slot_start=row["slot_start"],
        due_version=row["due_version"],
        customer_attempts=row["customer_attempts"],
        attempts=row["attempts"],
        attempt=row["attempt"],
        declined_by=tuple(row["declined_by"]),
        notices=row["notices"],
        pending=row["pending"],
        disposition=row["disposition"],
        outcome=Outcome(row["outcome"]) if row["outcome"] else None,
        finished_at=row["finished_at"],
        through_since=row["through_since"],
    )


async def read_callback(tx: Transaction, business: BusinessId, callback: CallbackId) -> CallbackRow:
    """Return a callback; raise NotFound when the business has none such."""
    row = await tx.row(SQL["read_callback"], business=business, callback=callback)
    if row is None:
        raise NotFound("There is no such callback.")
    return callback_row(row)


async def known_callbacks(tx: Transaction, business: BusinessId, callbacks: Iterable[CallbackId]) -> set[CallbackId]:
    """Return which of these callbacks the business has."""
    return {row["id"] for row in await tx.rows(SQL["known_callbacks"], business=business, callbacks=list(callbacks))}


async def lock_callback(tx: Transaction, business: BusinessId, callback: CallbackId) -> CallbackRow:
    """Return a callback and hold its row; raise NotFound when the business has none such."""
    row = await tx.row(SQL["lock_callback"], business=business, callback=callback)
    if row is None:
        raise NotFound("There is no such callback.")
    return callback_row(row)


async def lock_with_slot(tx: Transaction, business: BusinessId, callback: CallbackId) -> CallbackRow:
    """Hold a callback and the slot whose place it has: for whatever may give that place back. Slots are locked before callbacks."""
    before = await read_callback(tx, business, callback)
    if before.slot_start is not None:
        await tx.run(SQL["lock_slot"], business=business, queue=before.queue, starts_at=before.slot_start)
    return await lock_callback(tx, business, callback)


async def lock_slots(tx: Transaction, business: BusinessId, queue: QueueId, starts: Iterable[datetime | None]) -> None:
    """Hold the slots of one queue that begin then, in their order."""
    for starts_at in sorted({at for at in starts if at is not None}):
        await tx.run(SQL["lock_slot"], business=business, queue=queue, starts_at=starts_at)


async def give_slot_back(tx: Transaction, business: BusinessId, row: CallbackRow) -> CallbackRow:
    """Free the place in a slot that a callback has, if it has one; its row is saved by the caller."""
    if row.slot_start is None:
        return row
    await tx.run(SQL["give_slot_back"], business=business, queue=row.queue, starts_at=row.slot_start)
    return replace(row, slot_start=None)


async def lock_callbacks(
    tx: Transaction, business: BusinessId, callbacks: Iterable[CallbackId]
) -> dict[CallbackId, CallbackRow]:
    """Return several callbacks and hold their rows."""
    rows = await tx.rows(SQL["lock_callbacks"], business=business, callbacks=list(callbacks))
    return {row["id"]: callback_row(row) for row in rows}


async def save_callback(tx: Transaction, business: BusinessId, row: CallbackRow) -> None:
    """Save everything that can change; its row lock must be held."""
    estimate = row.estimate
    await tx.run(
        SQL["save_callback"],
        business=business,
        callback=row.id,
        queue=row.queue,
        named_agent=row.named_agent,
        state=row.state.value,
        reason=row.reason,
        priority=row.priority,
        ready_at=row.ready_at,
        window_start=row.window.start,
        window_end=row.window.end,
        early_is_fine=row.early_is_fine,
        estimate_p10=estimate.p10 if estimate else None,
        estimate_p50=estimate.p50 if estimate else None,
        estimate_p90=estimate.p90 if estimate else None,
        slot_start=row.slot_start,
        named_time=row.named_time,
        due_version=row.due_version,
        customer_attempts=row.customer_attempts,
        attempts=row.attempts,
        attempt=row.attempt,
        declined_by=list(row.declined_by),
        notices=row.notices,
        pending=row.pending,
        outcome=row.outcome.value if row.outcome else None,
        finished_at=row.finished_at,
    )


async def change_places(tx: Transaction, business: BusinessId, changes: PlaceChanges) -> None:
    """Record places gained and lost."""
    touched = sorted(changes.gained.keys() | changes.lost.keys())
    if touched:
        await tx.run(
            SQL["change_places"],
            business=business,
            callbacks=touched,
            gained=[changes.gained.get(each, 0) for each in touched],
            lost=[changes.lost.get(each, 0) for each in touched],
        )


async def say_why(tx: Transaction, business: BusinessId, reasons: Mapping[CallbackId, str]) -> None:
    """Record why waiting callbacks wait."""
    if reasons:
        ordered = sorted(reasons)
        await tx.run(SQL["say_why"], business=business, callbacks=ordered, reasons=[reasons[each] for each in ordered])


async def keep_disposition(
    tx: Transaction, business: BusinessId, callback: CallbackId, *, disposition: str, note: str | None
) -> None:
    """Record the agent's last word."""
    await tx.run(SQL["keep_disposition"], business=business, callback=callback, disposition=disposition, note=note)


async def count_outcome(tx: Transaction, business: BusinessId, callback: CallbackId, outcome: Outcome) -> int:
    """Return how many attempts of the callback ended so, as far as decisions were recorded."""
    return int(await tx.value(SQL["count_outcome"], business=business, callback=callback, outcome=outcome.value))
