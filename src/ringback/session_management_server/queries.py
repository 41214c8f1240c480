"""Loads and saves attempts and legs: rows on one side, the rules' own values on the other, converted here only."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any
from uuid import UUID

import asyncpg
import msgspec

from ringback.domain.commands import PerformCallback
from ringback.domain.destinations import Destination
from ringback.domain.ids import AttemptId, BusinessId, LegId
from ringback.domain.status import Outcome, Party
from ringback.postgres.database import Transaction
from ringback.postgres.messages import send
from ringback.postgres.sql import load_sql
from ringback.session_management_server import recordings
from ringback.session_management_server.rules.attempt import Step
from ringback.session_management_server.rules.attempt_states import AttemptState
from ringback.session_management_server.rules.happenings import Agent
from ringback.session_management_server.rules.leg_states import LegPhase
from ringback.session_management_server.rules.legs import Evidence, Leg, LegOutcome, ReleaseWhy
from ringback.session_management_server.rules.news import RECIPIENTS
from ringback.session_management_server.rules.outcomes import Ending
from ringback.session_management_server.rules.snapshot import Attempt

SQL = load_sql(__file__, "queries.sql")

_FORGOTTEN: dict[str, str | None] = {"customer_name": "", "topic": None}

LEASE = 6.0  # seconds on the database's clock


@dataclass(frozen=True, slots=True, kw_only=True)
class Driven:
    """An attempt, the direction it came from, and who drives it."""

    attempt: Attempt
    direction: PerformCallback
    controller: UUID | None
    version: int
    now: datetime  # the database's clock when it was read


async def insert_attempt(tx: Transaction, business: BusinessId, direction: PerformCallback) -> None:
    """Store a direction; the number to call is kept beside it, not in it."""
    bare = replace(direction, customer=replace(direction.customer, address=""))
    await tx.run(
        SQL["insert_attempt"],
        business=business,
        id=direction.attempt,
        callback=direction.callback,
        number=direction.number,
        direction=msgspec.to_builtins(bare),
        customer_address=direction.customer.address,
        agent=direction.agent,
        not_before=direction.not_before,
        not_after=direction.not_after,
        epoch=direction.epoch,
        due_version=direction.due_version,
        began_at=tx.now,
    )


async def find_attempt(
    tx: Transaction, business: BusinessId, attempt: AttemptId, *, lock: bool = False
) -> Driven | None:
    """Return the attempt with its legs; with `lock`, hold it until the transaction ends."""
    row = await tx.row(SQL["lock_attempt" if lock else "find_attempt"], business=business, id=attempt)
    if row is None:
        return None
    legs = await tx.rows(SQL["legs_of_attempt"], business=business, attempt=attempt)
    return _driven(row, legs, tx.now)


async def attempt_of_leg(tx: Transaction, business: BusinessId, leg: LegId) -> AttemptId | None:
    """Return the attempt a leg belongs to."""
    found: AttemptId | None = await tx.value(SQL["attempt_of_leg"], business=business, leg=leg)
    return found


async def save(tx: Transaction, before: Attempt, step: Step) -> bool:
    """Save what changed and leave the messages; nothing is written, and False returned, when nothing changed."""
    after = step.attempt
    if after == before and not step.messages:
        return False
    for leg in after.legs:
        if leg != before.leg(leg.id):
            await tx.run(SQL["save_leg"], **_leg_columns(after, leg))
            if leg.fenced and not leg.live:
                await _settle_ring(tx, after.business, leg)
    await _save_attempt(tx, after)
    for message in step.messages:
        for server in RECIPIENTS[type(message)]:
            await send(tx, after.business, server, after.callback, message)
    tx.hint("agent", after.agent.id)
    tx.hint("console", after.business)
    return True


async def _settle_ring(tx: Transaction, business: BusinessId, leg: Leg) -> None:
    """Put what a telephone really cost in the place of its estimate; a leg that was none, or is settled, changes nothing."""
    talked = (leg.ended_at - leg.answered_at).total_seconds() if leg.answered_at and leg.ended_at else 0.0
    await tx.run(SQL["settle_ring"], business=business, leg=leg.id, seconds=max(0.0, talked), now=tx.now)


async def _save_attempt(tx: Transaction, attempt: Attempt) -> None:
    agent, ending = attempt.agent, attempt.ending
    fields: dict[str, str | bool | None] = {
        "agent": str(agent.id),
        "agent_named": attempt.agent_named,
        "agent_name": agent.name,
        "agent_address": agent.address,
        "agent_carrier": agent.carrier,
    }
    if attempt.over:
        fields |= _FORGOTTEN
    if attempt.state is AttemptState.JOINED and attempt.handling.recording and attempt.customer_leg is not None:
        await recordings.expect(tx, attempt, attempt.customer_leg)
    await tx.run(
        SQL["save_attempt"],
        business=attempt.business,
        id=attempt.id,
        state=attempt.state.value,
        agent=agent.id,
        direction_fields=fields,
        withdraw_reason=attempt.withdraw_reason,
        found=attempt.found,
        outcome=ending.outcome.value if ending else None,
        detail=ending.detail if ending else None,
        joined_at=attempt.joined_at,
        wishes=dict(attempt.wishes),
        transferred_at=attempt.transferred_at,
        ended_at=tx.now if attempt.over else None,
    )


async def claim(
    tx: Transaction, business: BusinessId, attempt: AttemptId, *, controller: UUID, epoch: int, lease: float
) -> bool:
    """Become the attempt's controller; False when somebody else is."""
    claimed = await tx.value(
        SQL["claim_attempt"], business=business, id=attempt, controller=controller, epoch=epoch, lease=lease
    )
    return claimed is not None


async def renew(
    tx: Transaction, driven: Iterable[tuple[BusinessId, AttemptId]], *, controller: UUID, lease: float
) -> dict[AttemptId, int]:
    """Renew this process's leases on these attempts; return those it still drives, with their versions."""
    rows = await tx.rows(SQL["renew_leases"], **_keys(driven), controller=controller, lease=lease)
    return {AttemptId(row["id"]): row["version"] for row in rows}


async def drop_leases(tx: Transaction, driven: Iterable[tuple[BusinessId, AttemptId]], *, controller: UUID) -> None:
    """Give up this process's leases on these attempts."""
    await tx.run(SQL["drop_leases"], **_keys(driven), controller=controller)


def _keys(driven: Iterable[tuple[BusinessId, AttemptId]]) -> dict[str, list[Any]]:
    pairs = list(driven)
    return {"businesses": list({business for business, _ in pairs}), "attempts": [attempt for _, attempt in pairs]}


async def abandoned_attempts(tx: Transaction, *, most: int = 200) -> list[tuple[BusinessId, AttemptId]]:
    """List attempts that nobody drives any more (as the dispatcher: ids only)."""
    rows = await tx.rows(SQL["abandoned_attempts"], most=most)
    return [(BusinessId(row["business"]), AttemptId(row["id"])) for row in rows]


async def note_event(
    tx: Transaction, business: BusinessId, *, carrier: str, account: str, event: str, leg: LegId
) -> bool:
    """Note a carrier's event; False when it was applied before."""
    noted = await tx.value(SQL["note_event"], business=business, carrier=carrier, account=account, event=event, leg=leg)
    return noted is not None


async def live_among(tx: Transaction, business: BusinessId, legs: Iterable[UUID]) -> set[UUID]:
    """Return which of these legs are ours and not over."""
    return {row["id"] for row in await tx.rows(SQL["live_among"], business=business, legs=list(legs))}


async def all_businesses(tx: Transaction) -> list[BusinessId]:
    """List every business (as the dispatcher)."""
    return [BusinessId(row["id"]) for row in await tx.rows(SQL["businesses"])]


async def dialling_allowed(tx: Transaction) -> bool:
    """Tell whether dialling is switched on."""
    return bool(await tx.value(SQL["dialling_allowed"]))


async def purge_events(tx: Transaction, business: BusinessId) -> None:
    """Forget carrier events that can not come again."""
    await tx.run(SQL["purge_events"], business=business)


def _driven(row: asyncpg.Record, legs: Iterable[asyncpg.Record], now: datetime) -> Driven:
    direction = msgspec.convert(row["direction"], PerformCallback)
    customer = Destination(
        kind=direction.customer.kind, address=row["customer_address"], proved=direction.customer.proved
    )
    direction = replace(direction, customer=customer)
    attempt = Attempt(
        business=BusinessId(row["business"]),
        id=AttemptId(row["id"]),
        callback=row["callback"],
        number=row["number"],
        state=AttemptState(row["state"]),
        agent=Agent(
            id=direction.agent,
            name=direction.agent_name,
            address=direction.agent_address,
            carrier=direction.agent_carrier,
        ),
        customer_carrier=direction.customer_carrier,
        ring=direction.ring,
        epoch=row["epoch"],
        due_version=row["due_version"],
        not_before=row["not_before"],
        order=direction.dial_order,
        agent_named=direction.agent_named,
        legs=tuple(_leg(leg) for leg in legs),
        withdraw_reason=row["withdraw_reason"],
        found=row["found"],
        joined_at=row["joined_at"],
        handling=direction.handling,
        wishes=row["wishes"],
        transferred_at=row["transferred_at"],
        ending=_ending(row),
    )
    return Driven(attempt=attempt, direction=direction, controller=row["controller"], version=row["version"], now=now)


def _ending(row: asyncpg.Record) -> Ending | None:
    if row["outcome"] is None:
        return None
    return Ending(outcome=Outcome(row["outcome"]), ended_by=None, may_have_rung=False, detail=row["detail"])


def _leg(row: asyncpg.Record) -> Leg:
    return Leg(
        id=LegId(row["id"]),
        party=Party(row["party"]),
        n=row["n"],
        carrier=row["carrier"],
        agent=row["agent"],
        account=row["account"],
        phase=LegPhase(row["phase"]),
        fence_token=row["fence_token"],
        dialled_at=row["dialled_at"],
        ringing_at=row["ringing_at"],
        picked_up_at=row["picked_up_at"],
        screened_at=row["screened_at"],
        answered_at=row["answered_at"],
        joined_at=row["joined_at"],
        ended_at=row["ended_at"],
        rings_until=row["rings_until"],
        release_why=ReleaseWhy(row["release_why"]) if row["release_why"] else None,
        outcome=LegOutcome(row["outcome"]) if row["outcome"] else None,
        evidence=Evidence(row["evidence"]) if row["evidence"] else None,
        detail=row["detail"],
    )


def _leg_columns(attempt: Attempt, leg: Leg) -> dict[str, Any]:
    return {
        "business": attempt.business,
        "id": leg.id,
        "attempt": attempt.id,
        "callback": attempt.callback,
        "party": leg.party.value,
        "agent": leg.agent,
        "n": leg.n,
        "carrier": leg.carrier,
        "account": leg.account,
        "phase": leg.phase.value,
        "fence_token": leg.fence_token,
        "dialled_at": leg.dialled_at,
        "ringing_at": leg.ringing_at,
        "picked_up_at": leg.picked_up_at,
        "screened_at": leg.screened_at,
        "answered_at": leg.answered_at,
        "joined_at": leg.joined_at,
        "ended_at": leg.ended_at,
        "rings_until": leg.rings_until,
        "release_why": leg.release_why.value if leg.release_why else None,
        "outcome": leg.outcome.value if leg.outcome else None,
        "evidence": leg.evidence.value if leg.evidence else None,
        "detail": leg.detail,
    }
