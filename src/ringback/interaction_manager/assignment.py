"""What assigning needs: the queue under its lock, the head of its line, who could call, and the assignments made."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import asdict, dataclass
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

import asyncpg

from ringback.domain.ids import (
    AgentId,
    AssignmentId,
    AttemptId,
    BusinessId,
    CallbackId,
    PersonId,
    QueueId,
    new_id,
)
from ringback.domain.offers import Reason
from ringback.domain.outside import OutsideAgentState
from ringback.domain.status import AgentState, Server
from ringback.interaction_manager.callbacks import CallbackRow, callback_row
from ringback.interaction_manager.rules.hours import Hours, hours_of
from ringback.interaction_manager.rules.levers import Levers, levers_of
from ringback.interaction_manager.rules.outside import BELIEVED_FOR, seen_outside
from ringback.interaction_manager.rules.policy import Policy, policy_of
from ringback.interaction_manager.rules.selection import Candidate
from ringback.postgres.database import Transaction
from ringback.postgres.sql import load_sql
from ringback.postgres.timers import cancel_timer, set_timer

SQL = load_sql(__file__, "assignment.sql")

WORK = "work"
NOW, LATER = 0, 1  # timer `work`: number 0 is only ever set to now, number 1 only by whoever assigns


@dataclass(frozen=True, slots=True, kw_only=True)
class QueueRow:
    """One queue with its levers and settings."""

    id: QueueId
    slug: str
    name: str
    business_slug: str
    business_zone: ZoneInfo
    language: str
    skills: tuple[str, ...]
    hours: Hours
    policy: Policy
    dialling: bool
    levers: Levers
    retired: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class LiveAssignment:
    """The agent who has a callback now."""

    id: AssignmentId
    callback: CallbackId
    attempt: AttemptId
    agent: AgentId
    made_at: datetime
    accepted_at: datetime | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Helper:
    """A candidate, the callback that keeps them, if one does, and what they do at a contact centre outside, if they are known there."""

    candidate: Candidate
    callback: CallbackId | None
    outside: OutsideAgentState | None = None


def _queue(row: asyncpg.Record) -> QueueRow:
    levers = levers_of(row)
    return QueueRow(
        id=row["id"],
        slug=row["slug"],
        name=row["name"],
        business_slug=row["business_slug"],
        business_zone=ZoneInfo(row["business_zone"]),
        language=row["business_language"],
        skills=tuple(row["skills"]),
        hours=levers.hours(hours_of(row["hours"])),
        policy=policy_of(row["business_policy"], row["policy"]),
        dialling=row["dialling"],
        levers=levers,
        retired=row["retired_at"] is not None,
    )


async def lock_queue(tx: Transaction, business: BusinessId, queue: QueueId) -> QueueRow | None:
    """Return a queue and hold its row."""
    row = await tx.row(SQL["lock_queue"], business=business, queue=queue)
    return None if row is None else _queue(row)


async def read_queue(tx: Transaction, business: BusinessId, queue: QueueId) -> QueueRow:
    """Return a queue as it stands."""
    row = await tx.row(SQL["read_queue"], business=business, queue=queue)
    assert row is not None, "a callback's queue cannot be removed"
    return _queue(row)


async def may_dial(tx: Transaction) -> bool:
    """Tell whether this installation may dial at all."""
    return bool(await tx.value(SQL["dialling_permit"]))


async def head_of_line(
    tx: Transaction, business: BusinessId, queue: QueueRow, *, horizon: datetime, most: int
) -> list[CallbackRow]:
    """Return what waits and is ready by the horizon, nearly in the order of the line."""
    rows = await tx.rows(
        SQL["head_of_line"],
        business=business,
        queue=queue.id,
        now=tx.now,
        horizon=horizon,
        lead=2 * queue.policy.agent_ring,
        ages_every=queue.policy.priority_ages_every,
        most=most,
    )
    return [callback_row(row) for row in rows]


async def next_ready(tx: Transaction, business: BusinessId, queue: QueueId, *, horizon: datetime) -> datetime | None:
    """Return when the first callback beyond the horizon is ready."""
    at: datetime | None = await tx.value(SQL["next_ready"], business=business, queue=queue, horizon=horizon)
    return at


async def candidates(tx: Transaction, business: BusinessId, queue: QueueRow) -> list[Helper]:
    """Return the agents who serve a queue, as they are now."""
    seen_after = tx.now - timedelta(seconds=queue.policy.presence_timeout)
    rows = await tx.rows(
        SQL["candidates"], business=business, queue=queue.id, seen_after=seen_after, believed=tx.now - BELIEVED_FOR
    )
    there = [OutsideAgentState(row["outside"]) if row["outside"] else None for row in rows]
    return [
        Helper(
            candidate=Candidate(
                agent=row["agent"],
                name=row["name"],
                state=seen_outside(AgentState(row["state"]), outside),
                present=row["present"],
                skills=row["skills"],
                chats=row["chats"],
                chat_capacity=row["chat_capacity"],
                idle_since=row["idle_since"],
            ),
            callback=row["callback"],
            outside=outside,
        )
        for row, outside in zip(rows, there, strict=True)
    ]


async def last_spoke(tx: Transaction, business: BusinessId, persons: Iterable[PersonId]) -> dict[PersonId, AgentId]:
    """Return, for each person who talked with somebody here, with whom they did last."""
    rows = await tx.rows(SQL["last_spoke"], business=business, persons=list(set(persons)))
    return {row["person"]: row["agent"] for row in rows}


async def repeats(tx: Transaction, business: BusinessId, callbacks: Iterable[CallbackId]) -> set[CallbackId]:
    """Return which of these are of somebody who was called about the same queue within the week before."""
    rows = await tx.rows(SQL["repeats"], business=business, callbacks=list(callbacks))
    return {row["id"] for row in rows}


async def mark_repeats(
    tx: Transaction, business: BusinessId, callbacks: Iterable[CallbackRow], *, since: Mapping[CallbackId, datetime]
) -> dict[CallbackId, CallbackId]:
    """Flag new callbacks of people whose last one in the same queue ended since then; return those by the new ones."""
    new = sorted(callbacks, key=lambda each: each.id)
    if not new:
        return {}
    rows = await tx.rows(
        SQL["find_repeats"],
        business=business,
        callbacks=[each.id for each in new],
        persons=[each.person for each in new],
        queues=[each.queue for each in new],
        sinces=[since[each.id] for each in new],
    )
    found = {row["callback"]: row["earlier"] for row in rows}
    if found:
        await tx.run(SQL["mark_repeats"], business=business, callbacks=list(found), earlier=list(found.values()))
    return found


async def refusals(
    tx: Transaction, business: BusinessId, callbacks: Iterable[CallbackRow]
) -> dict[CallbackId, dict[AgentId, datetime]]:
    """Return, for each callback, who did not take it and when that was last; a reassignment forgives."""
    wanted = {callback.id: callback for callback in callbacks if callback.declined_by}
    found: dict[CallbackId, dict[AgentId, datetime]] = {
        # One whose refusal left no assignment behind was refused at the latest when the callback was last ready.
        callback.id: dict.fromkeys(callback.declined_by, callback.ready_at)
        for callback in wanted.values()
    }
    if wanted:
        for row in await tx.rows(SQL["refusals"], business=business, callbacks=list(wanted)):
            if row["agent"] in found[row["callback"]]:
                found[row["callback"]][row["agent"]] = row["at"]
    return found


async def insert_assignment(
    tx: Transaction,
    business: BusinessId,
    *,
    callback: CallbackId,
    attempt: AttemptId,
    agent: AgentId,
    reason: Reason,
) -> None:
    """Give a callback to an agent; the database allows one live one for each."""
    await tx.run(
        SQL["insert_assignment"],
        business=business,
        id=new_id(),
        callback=callback,
        attempt=attempt,
        agent=agent,
        reasons=asdict(reason),
        made_at=tx.now,
    )


async def live_assignment(tx: Transaction, business: BusinessId, callback: CallbackId) -> LiveAssignment | None:
    """Return who has the callback now."""
    row = await tx.row(SQL["live_assignment"], business=business, callback=callback)
    return None if row is None else LiveAssignment(**dict(row))


async def accept_assignment(
    tx: Transaction,
    business: BusinessId,
    *,
    callback: CallbackId,
    attempt: AttemptId,
    agent: AgentId,
    at: datetime,
) -> None:
    """Note that the agent took it."""
    await tx.run(SQL["accept_assignment"], business=business, callback=callback, attempt=attempt, agent=agent, at=at)


async def end_assignment(
    tx: Transaction,
    business: BusinessId,
    *,
    callback: CallbackId,
    attempt: AttemptId,
    agent: AgentId,
    why: str,
) -> bool:
    """End a live assignment; False when it was ended before, or never was."""
    ended = await tx.run(
        SQL["end_assignment"],
        business=business,
        callback=callback,
        attempt=attempt,
        agent=agent,
        at=tx.now,
        why=why,
    )
    return ended == 1


async def agents_tried(
    tx: Transaction, business: BusinessId, callback: CallbackId, attempt: AttemptId
) -> frozenset[AgentId]:
    """Return whom one attempt was offered to."""
    rows = await tx.rows(SQL["agents_tried"], business=business, callback=callback, attempt=attempt)
    return frozenset(AgentId(row["agent"]) for row in rows)


async def queues_with_work(tx: Transaction, business: BusinessId) -> list[tuple[QueueId, bool]]:
    """Return the queues in which something waits, and whether a timer will wake them."""
    rows = await tx.rows(SQL["queues_with_work"], business=business)
    return [(row["queue"], row["has_timer"]) for row in rows]


async def wake_queue(tx: Transaction, business: BusinessId, queue: QueueId) -> None:
    """Have a queue's work looked at now. Always moves the timer, so that an assignment under way cannot remove this wake with its own."""
    await set_timer(tx, business, Server.INTERACTIONS, WORK, queue, at=tx.now, n=NOW)


async def wake_queues(tx: Transaction, business: BusinessId, queues: Iterable[QueueId]) -> None:
    """Wake several queues, in the order of their ids."""
    for queue in sorted(set(queues)):
        await wake_queue(tx, business, queue)


async def look_by(tx: Transaction, business: BusinessId, queue: QueueId, at: datetime) -> None:
    """Have a queue's work looked at by then, if nothing has it looked at sooner. Only whoever holds the queue's lock may."""
    await set_timer(tx, business, Server.INTERACTIONS, WORK, queue, at=at, n=LATER, only_sooner=True)


async def look_again(tx: Transaction, business: BusinessId, queue: QueueId, at: datetime | None) -> None:
    """Say when time alone gives a queue work again. Only whoever holds the queue's lock may."""
    if at is None:
        await cancel_timer(tx, business, WORK, queue, n=LATER)
    else:
        await set_timer(tx, business, Server.INTERACTIONS, WORK, queue, at=max(at, tx.now), n=LATER)
