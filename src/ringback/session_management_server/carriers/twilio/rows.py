"""The rows of Twilio's legs: read, locked in one order, saved with the hint that makes every process look."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime

import asyncpg

from ringback.domain.errors import LegGone
from ringback.domain.ids import BusinessId, LegId
from ringback.postgres.database import Transaction
from ringback.postgres.sql import load_sql
from ringback.session_management_server.carriers.protocol import EndCause, LegEvent, LegEventKind, LegOrder
from ringback.session_management_server.carriers.twilio.legs import TwilioLeg, TwilioState

SQL = load_sql(__file__, "twilio.sql")
TOPIC = "twilio_leg"


async def insert_leg(tx: Transaction, order: LegOrder, *, number: str, caller_id: str) -> TwilioLeg:
    """Make the leg's row, unless it is there, and return it."""
    await tx.run(
        SQL["insert_leg"],
        business=order.business,
        id=order.leg,
        party=order.party.value,
        number=number,
        caller_id=caller_id,
    )
    return await lock_leg(tx, order.business, order.leg)


async def find_leg(tx: Transaction, business: BusinessId, leg: LegId) -> TwilioLeg | None:
    """Return the leg; None when this business has none of that id."""
    rows = await tx.rows(SQL["find_legs"], ids=[leg])
    return next((_leg(row) for row in rows if row["business"] == business), None)


async def find_legs(tx: Transaction, ids: Iterable[LegId]) -> list[TwilioLeg]:
    """Return those of these legs that exist, of the businesses the transaction names."""
    return [_leg(row) for row in await tx.rows(SQL["find_legs"], ids=list(ids))]


async def lock_legs(tx: Transaction, business: BusinessId, *ids: LegId) -> dict[LegId, TwilioLeg]:
    """Return those of these legs that exist, all held until the transaction ends."""
    rows = await tx.rows(SQL["lock_legs"], business=business, ids=list(ids))
    return {LegId(row["id"]): _leg(row) for row in rows}


async def lock_leg(tx: Transaction, business: BusinessId, leg: LegId) -> TwilioLeg:
    """Return the leg, held until the transaction ends; LegGone when there is none."""
    found = await lock_legs(tx, business, leg)
    if leg not in found:
        raise LegGone(f"there never was a leg {leg}")
    return found[leg]


async def save_leg(tx: Transaction, before: TwilioLeg, after: TwilioLeg) -> None:
    """Save what changed; its row has to be held."""
    if after == before:
        return
    await tx.run(
        SQL["save_leg"],
        business=after.business,
        id=after.id,
        number=after.number,
        caller_id=after.caller_id,
        state=after.state.value,
        call=after.call,
        key=after.key,
        dialled_at=after.dialled_at,
        rang_at=after.rang_at,
        answered_at=after.answered_at,
        joined_at=after.joined_at,
        ended_at=after.ended_at,
        ended_reason=after.ended_reason.value if after.ended_reason else None,
        released=after.released,
        peer=after.peer,
        room=after.room,
    )
    tx.hint(TOPIC, after.id)


async def note_event(
    tx: Transaction, leg: TwilioLeg, kind: LegEventKind, *, event: str, detail: str | None = None
) -> None:
    """Note what no column says; the same event is noted once."""
    await tx.run(
        SQL["note_event"],
        business=leg.business,
        leg=leg.id,
        event=f"{leg.id}:{kind.value}:{event}",
        kind=kind.value,
        detail=detail,
        now=tx.now,
    )
    tx.hint(TOPIC, leg.id)


async def find_events(tx: Transaction, ids: Iterable[LegId], account: str) -> list[LegEvent]:
    """Return what was noted about these legs."""
    return [
        LegEvent(
            business=row["business"],
            leg=row["leg"],
            event=row["event"],
            account=account,
            kind=LegEventKind(row["kind"]),
            at=row["at"],
            detail=row["detail"],
        )
        for row in await tx.rows(SQL["find_events"], ids=list(ids))
    ]


async def known_calls(tx: Transaction, calls: Iterable[str]) -> set[str]:
    """Return which of these calls belong to a leg."""
    return {row["call"] for row in await tx.rows(SQL["known_calls"], calls=list(calls))}


async def key_revoked_at(tx: Transaction, sid: str) -> datetime | None:
    """Return when a key was taken away."""
    found: datetime | None = await tx.value(SQL["key_revoked_at"], sid=sid)
    return found


def _leg(row: asyncpg.Record) -> TwilioLeg:
    return TwilioLeg(
        business=BusinessId(row["business"]),
        id=LegId(row["id"]),
        number=row["number"],
        caller_id=row["caller_id"],
        state=TwilioState(row["state"]),
        call=row["call"],
        key=row["key"],
        dialled_at=row["dialled_at"],
        rang_at=row["rang_at"],
        answered_at=row["answered_at"],
        joined_at=row["joined_at"],
        ended_at=row["ended_at"],
        ended_reason=EndCause(row["ended_reason"]) if row["ended_reason"] else None,
        released=row["released"],
        peer=row["peer"],
        room=row["room"],
        version=row["version"],
    )
