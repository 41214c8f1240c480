"""Become an attempt's controller: take the gate's next epoch, which shuts every fence of the one before, then the lease."""

from __future__ import annotations

from uuid import UUID

from ringback.domain.errors import GateShut, TimerGone
from ringback.domain.ids import AttemptId, BusinessId, LegId, new_id
from ringback.postgres import gate
from ringback.postgres.database import Database, Transaction
from ringback.postgres.timers import Timer
from ringback.session_management_server import queries
from ringback.session_management_server.rules import happenings as on
from ringback.session_management_server.rules.attempt import advance
from ringback.session_management_server.rules.attempt_states import AttemptState
from ringback.session_management_server.workflows.record_happenings import LeaseLost


async def begin_attempt(tx: Transaction, timer: Timer, *, controller: UUID, lease: float) -> bool:
    """Its time has come: claim it and make the agent's leg. False when it was begun or ended before."""
    attempt = AttemptId(timer.subject)
    found = await queries.find_attempt(tx, timer.business, attempt)
    if found is None or found.attempt.state is not AttemptState.DIRECTED:
        return False
    try:
        await _claim(tx, timer.business, attempt, controller=controller, lease=lease, happening=on.Begin())
    except LeaseLost as error:
        raise TimerGone(str(error)) from error
    return True


async def take_over(
    database: Database, business: BusinessId, attempt: AttemptId, *, controller: UUID, lease: float
) -> bool:
    """Claim an attempt whose controller is gone. False when somebody else was faster, or it is over."""
    try:
        async with database.transaction(business, name="take_over") as tx:
            return await _claim(tx, business, attempt, controller=controller, lease=lease, happening=on.TimePassed())
    except LeaseLost:
        return False


async def _claim(
    tx: Transaction,
    business: BusinessId,
    attempt: AttemptId,
    *,
    controller: UUID,
    lease: float,
    happening: on.Happening,
) -> bool:
    """Gate first, then the attempt. Raises LeaseLost, which undoes the gate's step, when the lease is another's."""
    found = await queries.find_attempt(tx, business, attempt)
    if found is None or found.attempt.over:
        return False
    try:
        epoch = await gate.take_over(tx, business, found.attempt.callback, attempt=attempt)
    except GateShut:
        epoch, happening = found.attempt.epoch, on.GateRefused()
    if not await queries.claim(tx, business, attempt, controller=controller, epoch=epoch, lease=lease):
        raise LeaseLost(f"attempt {attempt} is driven by another process")
    held = await queries.find_attempt(tx, business, attempt, lock=True)
    assert held is not None, "it was just claimed"
    step = advance(held.attempt, happening, now=tx.now, leg_id=LegId(new_id()))
    await queries.save(tx, held.attempt, step)
    return True
