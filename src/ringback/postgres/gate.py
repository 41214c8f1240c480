"""The one row between a timer and a telephone. Every way to ring, cancel or move a callback is a compare-and-set here."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from uuid import UUID

import asyncpg

from ringback.domain.errors import GateShut
from ringback.domain.ids import AttemptId, BusinessId, CallbackId
from ringback.postgres.database import Transaction
from ringback.postgres.sql import load_sql

SQL = load_sql(__file__, "gate.sql")


class GateState(StrEnum):
    """What may ring."""

    OPEN = "open"  # nothing rings; an attempt may be directed
    DIALLING = "dialling"  # a leg was let through: something may ring
    JOINED = "joined"  # the two talk
    CLOSED = "closed"  # nothing will ever ring again


@dataclass(frozen=True, slots=True, kw_only=True)
class GateRow:
    """The gate of one callback."""

    epoch: int
    state: GateState
    attempt: AttemptId | None
    due_version: int
    token: UUID | None


def _gate(row: asyncpg.Record) -> GateRow:
    return GateRow(
        epoch=row["epoch"],
        state=GateState(row["state"]),
        attempt=row["attempt"],
        due_version=row["due_version"],
        token=row["token"],
    )


async def open_gate(tx: Transaction, business: BusinessId, callback: CallbackId) -> None:
    """Make the gate of a new callback."""
    tx.later(SQL["open_gate"], business=business, callback=callback)


async def read_gate(tx: Transaction, business: BusinessId, callback: CallbackId, *, lock: bool = False) -> GateRow:
    """Return the gate; raise GateShut when there is none."""
    row = await tx.row(SQL["lock_gate" if lock else "read_gate"], business=business, callback=callback)
    if row is None:
        raise GateShut(f"callback {callback} has no gate")
    return _gate(row)


async def begin_attempt(
    tx: Transaction, business: BusinessId, callback: CallbackId, *, due_version: int, attempt: AttemptId
) -> int:
    """Give an open gate its attempt and return the new epoch."""
    return _passed(
        await tx.value(
            SQL["begin_attempt"], business=business, callback=callback, due_version=due_version, attempt=attempt
        ),
        "begin_attempt",
        callback,
    )


async def take_over(tx: Transaction, business: BusinessId, callback: CallbackId, *, attempt: AttemptId) -> int:
    """Claim the attempt as its controller and return the new epoch: the fences of the controller before are shut."""
    return _passed(
        await tx.value(SQL["take_over"], business=business, callback=callback, attempt=attempt), "take_over", callback
    )


async def fence(
    tx: Transaction,
    business: BusinessId,
    callback: CallbackId,
    *,
    attempt: AttemptId,
    epoch: int,
    due_version: int,
    token: UUID,
) -> None:
    """Ask to dial one leg. It may be dialled once this transaction is committed; GateShut when not."""
    _passed(
        await tx.value(
            SQL["fence"],
            business=business,
            callback=callback,
            attempt=attempt,
            epoch=epoch,
            due_version=due_version,
            token=token,
        ),
        "fence",
        callback,
    )


async def record_join(
    tx: Transaction, business: BusinessId, callback: CallbackId, *, attempt: AttemptId, epoch: int
) -> bool:
    """Record a join that was made. False: a cancel committed first, and both legs must be hung up."""
    return (
        await tx.value(SQL["record_join"], business=business, callback=callback, attempt=attempt, epoch=epoch)
        is not None
    )


async def fence_transfer(
    tx: Transaction, business: BusinessId, callback: CallbackId, *, attempt: AttemptId, epoch: int, token: UUID
) -> None:
    """Ask to dial one more agent for a customer who is on the line; GateShut when the talk is not this controller's."""
    passed = await tx.value(
        SQL["fence_transfer"], business=business, callback=callback, attempt=attempt, epoch=epoch, token=token
    )
    _passed(passed, "fence_transfer", callback)


async def joined_still(
    tx: Transaction, business: BusinessId, callback: CallbackId, *, attempt: AttemptId, epoch: int
) -> bool:
    """Tell whether a talk, whose customer was joined with another agent, is still this controller's."""
    key = {"business": business, "callback": callback, "attempt": attempt, "epoch": epoch}
    return await tx.value(SQL["joined_still"], **key) is not None


async def release(tx: Transaction, business: BusinessId, callback: CallbackId, *, attempt: AttemptId) -> None:
    """The attempt ended with evidence: open for another one (a closed gate stays closed). A second call does nothing."""
    await tx.value(SQL["release"], business=business, callback=callback, attempt=attempt)


async def close_gate(tx: Transaction, business: BusinessId, callback: CallbackId) -> GateRow:
    """Shut the gate for good and return what it was before; with an attempt in it, that must be withdrawn."""
    before = await read_gate(tx, business, callback, lock=True)
    await tx.run(SQL["close_gate"], business=business, callback=callback)
    return before


async def try_cancel(tx: Transaction, business: BusinessId, callback: CallbackId) -> GateRow:
    """Shut the gate for a cancel and return what it was before; GateShut when the two are joined or it is closed already."""
    before = await read_gate(tx, business, callback, lock=True)
    if before.state in (GateState.JOINED, GateState.CLOSED):
        raise GateShut(f"callback {callback} is {before.state}")
    await tx.run(SQL["close_gate"], business=business, callback=callback)
    return before


async def reschedule(tx: Transaction, business: BusinessId, callback: CallbackId) -> int:
    """Give a callback without an attempt its next due version."""
    return _passed(await tx.value(SQL["reschedule"], business=business, callback=callback), "reschedule", callback)


async def withdraw_for_move(tx: Transaction, business: BusinessId, callback: CallbackId) -> int:
    """Shut the fences of the attempt under way and return the next due version."""
    return _passed(
        await tx.value(SQL["withdraw_for_move"], business=business, callback=callback), "withdraw_for_move", callback
    )


def _passed(value: int | None, act: str, callback: CallbackId) -> int:
    if value is None:
        raise GateShut(f"{act} of callback {callback} met another state")
    return value
