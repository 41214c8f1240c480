"""Ask the gate to dial one leg. What it lets through is committed before anything rings."""

from __future__ import annotations

from datetime import datetime
from enum import StrEnum
from typing import Any
from uuid import UUID

from ringback.domain.errors import GateShut
from ringback.domain.ids import LegId, new_id
from ringback.domain.status import DialOrder, Party
from ringback.postgres import gate
from ringback.postgres.database import Database, Transaction
from ringback.session_management_server import queries
from ringback.session_management_server.guarding import guard_ring
from ringback.session_management_server.rules import happenings as on
from ringback.session_management_server.rules.attempt import advance
from ringback.session_management_server.rules.attempt_states import AttemptState
from ringback.session_management_server.rules.leg_states import LegPhase
from ringback.session_management_server.rules.legs import Leg
from ringback.session_management_server.rules.snapshot import Attempt
from ringback.session_management_server.workflows.record_happenings import LeaseLost

CLOCK_TOLERANCE = 2.0  # seconds between this process's clock and the database's


class Fence(StrEnum):
    """What the gate said."""

    PASSED = "passed"  # committed: dial now
    SHUT = "shut"  # cancelled or moved
    UNWANTED = "unwanted"  # the leg is not to be dialled any more
    MISSED = "missed"  # the answer to the commit was lost, and it was not committed: ask again
    STOPPED = "stopped"  # dialling is switched off, or this process's clock is wrong: ask again later


class _Unwanted(Exception):
    pass


async def fence_leg(
    database: Database, attempt: Attempt, leg: LegId, *, token: UUID, controller: UUID, clock: datetime
) -> Fence:
    """Fence one leg as this attempt's controller; `clock` is this process's own time. Raises LeaseLost, RingRefused, and CommitUnknown."""
    try:
        async with database.transaction(attempt.business, name="fence") as tx:
            if abs((clock - tx.now).total_seconds()) > CLOCK_TOLERANCE or not await queries.dialling_allowed(tx):
                return Fence.STOPPED
            await _pass_gate(tx, attempt, token)
            found = await queries.find_attempt(tx, attempt.business, attempt.id, lock=True)
            if found is None or found.controller != controller:
                raise LeaseLost(f"attempt {attempt.id} is driven by another process")
            wanted = found.attempt.leg(leg)
            if wanted is None or not _wanted(found.attempt, wanted):
                raise _Unwanted
            await guard_ring(tx, found, wanted)
            fenced = advance(found.attempt, on.Fenced(leg=leg, token=token), now=tx.now, leg_id=LegId(new_id()))
            await queries.save(tx, found.attempt, fenced)
    except _Unwanted:
        return Fence.UNWANTED
    except GateShut:
        return Fence.SHUT
    return Fence.PASSED


async def _pass_gate(tx: Transaction, attempt: Attempt, token: UUID) -> None:
    key: dict[str, Any] = {"attempt": attempt.id, "epoch": attempt.epoch, "token": token}
    if attempt.joined_at is not None:
        await gate.fence_transfer(tx, attempt.business, attempt.callback, **key)
    else:
        await gate.fence(tx, attempt.business, attempt.callback, due_version=attempt.due_version, **key)


async def read_fence(database: Database, attempt: Attempt, leg: LegId, *, token: UUID) -> bool:
    """After a commit whose answer was lost: tell whether the fence with this token is in force.

    The gate's lock waits for the lost transaction, which may still be on its way through the server.
    """
    async with database.transaction(attempt.business, name="read_fence") as tx:
        await gate.read_gate(tx, attempt.business, attempt.callback, lock=True)
        found = await queries.find_attempt(tx, attempt.business, attempt.id)
    known = found.attempt.leg(leg) if found is not None else None
    return known is not None and known.fence_token == token


def _wanted(attempt: Attempt, leg: Leg) -> bool:
    if leg.release_why is not None or leg.phase not in (LegPhase.NEW, LegPhase.PREPARED):
        return False
    if leg.party is Party.AGENT:
        alone = attempt.customer_leg is None or attempt.customer_waits_since is not None
        return attempt.state is AttemptState.RINGING_AGENT and alone
    if attempt.order is not DialOrder.AGENT_FIRST:
        return attempt.state is AttemptState.CALLING_CUSTOMER
    agent = attempt.agent_leg
    return (
        attempt.state is AttemptState.RINGING_CUSTOMER
        and agent is not None
        and agent.answered
        and agent.release_why is None
    )
