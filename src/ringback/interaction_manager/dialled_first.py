"""Customers who were dialled before an agent was: who of them has nobody yet, and what became of them in a day."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime, timedelta

from ringback.domain.ids import AgentId, AttemptId, BusinessId, CallbackId, QueueId
from ringback.domain.status import AgentState
from ringback.interaction_manager.assignment import QueueRow
from ringback.interaction_manager.rules.on_deck import Busy, Day
from ringback.postgres.database import Transaction
from ringback.postgres.sql import load_sql

SQL = load_sql(__file__, "dialled_first.sql")

JOINED_WITHIN = 2.0  # seconds from the customer's answer: who waits longer was left alone
LEARNED_FROM = 5  # fewer teach no mean
USUALLY_ANSWERED_AFTER = 10.0  # seconds, until it is learned
_WEEK = timedelta(days=7)


@dataclass(frozen=True, slots=True, kw_only=True)
class WithoutAgent:
    """A customer who rings or waits on the line, and whom nobody was given to."""

    attempt: AttemptId
    callback: CallbackId
    dialled_at: datetime
    ready_at: datetime | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Soon:
    """An agent who will be free: who, when at the latest if that is known, and how it looks to the rule."""

    agent: AgentId
    until: datetime | None
    busy: Busy


def day_of(queue: QueueRow, now: datetime) -> date:
    """Return the business's day."""
    return now.astimezone(queue.business_zone).date()


async def insert(
    tx: Transaction,
    business: BusinessId,
    queue: QueueRow,
    *,
    attempt: AttemptId,
    callback: CallbackId,
    agent: AgentId | None,
) -> None:
    """Note a customer who is about to be dialled, and forget those of long ago."""
    day = day_of(queue, tx.now)
    await tx.run(SQL["forget_dialled_first"], business=business, queue=queue.id, before=day - _WEEK)
    await tx.run(
        SQL["insert_dialled_first"],
        business=business,
        attempt=attempt,
        callback=callback,
        queue=queue.id,
        day=day,
        dialled_at=tx.now,
        agent=agent,
    )


async def give(tx: Transaction, business: BusinessId, attempt: AttemptId, agent: AgentId | None) -> bool:
    """Note who comes for them, or that they wait again; False: this customer was not dialled first."""
    return await tx.value(SQL["give_agent"], business=business, attempt=attempt, agent=agent) is not None


async def ready(tx: Transaction, business: BusinessId, attempt: AttemptId, at: datetime) -> QueueId | None:
    """Note that the customer answered; return the queue where nobody was given to them yet."""
    row = await tx.row(SQL["note_ready"], business=business, attempt=attempt, at=at)
    return None if row is None or row["agent"] is not None else QueueId(row["queue"])


async def joined(tx: Transaction, business: BusinessId, attempt: AttemptId, at: datetime) -> None:
    """Note that an agent is with them."""
    await tx.run(SQL["note_joined"], business=business, attempt=attempt, at=at)


async def over(
    tx: Transaction,
    business: BusinessId,
    attempt: AttemptId,
    *,
    at: datetime,
    ready_at: datetime | None,
    joined_at: datetime | None,
    machine: bool,
) -> None:
    """Note that the attempt is over."""
    await tx.run(
        SQL["note_over"],
        business=business,
        attempt=attempt,
        at=at,
        ready_at=ready_at,
        joined_at=joined_at,
        machine=machine,
    )


async def without_agent(tx: Transaction, business: BusinessId, queue: QueueId) -> list[WithoutAgent]:
    """Return those who have nobody, whoever answered first first."""
    return [WithoutAgent(**dict(row)) for row in await tx.rows(SQL["without_agent"], business=business, queue=queue)]


async def today(tx: Transaction, business: BusinessId, queue: QueueRow) -> Day:
    """Return what became of today's."""
    row = await tx.row(
        SQL["day"],
        business=business,
        queue=queue.id,
        day=day_of(queue, tx.now),
        now=tx.now,
        within=JOINED_WITHIN,
    )
    return Day() if row is None else Day(ready=row["ready"], alone=row["alone"])


async def answered_after(tx: Transaction, business: BusinessId, queue: QueueRow) -> float:
    """Return how long customers of the queue take to answer, seconds."""
    row = await tx.row(SQL["answered_after"], business=business, queue=queue.id, since=day_of(queue, tx.now) - _WEEK)
    known = row is not None and row["seen"] >= LEARNED_FROM
    return max(1.0, float(row["seconds"])) if known and row is not None else USUALLY_ANSWERED_AFTER


async def soon_free(tx: Transaction, business: BusinessId, queue: QueueRow, *, within: float) -> list[Soon]:
    """Return who talks or wraps up. A wrap-up that ends by the clock within so many seconds is certain; a talk has no memory."""
    row = await tx.row(SQL["mean_handling"], business=business, queue=queue.id, since=tx.now - _WEEK)
    known = row is not None and row["seen"] >= LEARNED_FROM
    mean = float(row["seconds"]) if known and row is not None else queue.policy.prior_handling
    found: list[Soon] = []
    for each in await tx.rows(SQL["busy_agents"], business=business, queue=queue.id):
        until: datetime | None = each["until"] if AgentState(each["state"]) is AgentState.WRAP_UP else None
        left = mean if until is None else (until - tx.now).total_seconds()
        busy = Busy(
            age=max(0.0, (tx.now - each["since"]).total_seconds()),
            remaining=0.0 if until is not None and left <= within else left,
        )
        found.append(Soon(agent=AgentId(each["agent"]), until=until, busy=busy))
    return found
