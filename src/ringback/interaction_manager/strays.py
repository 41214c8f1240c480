"""What nothing would ever wake again: found by a sweep, counted as lost, and mended."""

from __future__ import annotations

from dataclasses import dataclass

from ringback.domain.ids import AgentId, BusinessId, CallbackId, QueueId
from ringback.domain.status import CallbackState
from ringback.postgres.database import Transaction
from ringback.postgres.sql import load_sql

SQL = load_sql(__file__, "strays.sql")


@dataclass(frozen=True, slots=True, kw_only=True)
class Stray:
    """An open callback without timer, live attempt or question."""

    callback: CallbackId
    queue: QueueId
    state: CallbackState


async def find_strays(tx: Transaction, business: BusinessId) -> list[Stray]:
    """Return the open callbacks that nothing will wake."""
    rows = await tx.rows(SQL["strays"], business=business)
    return [Stray(callback=row["id"], queue=row["queue"], state=CallbackState(row["state"])) for row in rows]


async def lone_wrap_ups(tx: Transaction, business: BusinessId) -> list[AgentId]:
    """Return the agents in a wrap-up that no timer ends."""
    return [AgentId(row["agent"]) for row in await tx.rows(SQL["lone_wrap_ups"], business=business)]


async def lone_holds(tx: Transaction, business: BusinessId) -> list[AgentId]:
    """Return the agents kept for nothing."""
    return [AgentId(row["agent"]) for row in await tx.rows(SQL["lone_holds"], business=business)]
