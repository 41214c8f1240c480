"""Recordings of talks: expected from the join on, fetched from the carrier once the talk is over, deleted by their day."""

from __future__ import annotations

import io
import wave
from collections.abc import Mapping, Sequence
from uuid import UUID

import structlog

from ringback.domain.errors import CarrierError, LegGone
from ringback.domain.ids import BusinessId, CallbackId, LegId
from ringback.postgres.database import Database, Transaction
from ringback.postgres.sql import load_sql
from ringback.session_management_server.carriers.protocol import Abilities, Carrier
from ringback.session_management_server.rules.legs import Leg
from ringback.session_management_server.rules.snapshot import Attempt

SQL = load_sql(__file__, "recordings.sql")

PIECE = 256 * 1024  # bytes
TRIES = 20  # for one that its carrier does not have (yet)

log = structlog.get_logger(__name__)


async def expect(tx: Transaction, attempt: Attempt, customer: Leg) -> None:
    """Note that this talk is recorded; a second time changes nothing."""
    await tx.run(
        SQL["expect"],
        business=attempt.business,
        id=customer.id,
        attempt=attempt.id,
        callback=attempt.callback,
        carrier=customer.carrier,
        began_at=attempt.joined_at or tx.now,
        keep_days=attempt.handling.recording_days,
    )


async def collect(database: Database, dispatcher: Database, carriers: Mapping[str, Carrier]) -> int:
    """Fetch what carriers have recorded of talks that are over; return how many were stored."""
    async with dispatcher.transaction(name="find_recordings") as tx:
        found = [(BusinessId(row["business"]), LegId(row["id"])) for row in await tx.rows(SQL["expected"])]
    stored = 0
    for business, recording in found:
        stored += await _collect_one(database, business, recording, carriers)
    return stored


async def _collect_one(
    database: Database, business: BusinessId, recording: LegId, carriers: Mapping[str, Carrier]
) -> bool:
    """Store one, then delete it at the carrier: a crash between the two leaves a copy there, which its own housekeeping deletes."""
    async with database.transaction(business, name="read_recording") as tx:
        row = await tx.row(SQL["lock"], business=business, id=recording)
    carrier = carriers.get(row["carrier"]) if row is not None else None
    if carrier is None or Abilities.RECORD not in carrier.abilities:
        return False
    try:
        sound = await carrier.recording(business, recording)
    except LegGone:
        sound = None
    except CarrierError as error:
        log.info("recording_waits", leg=str(recording), error=type(error).__name__)
        return False
    async with database.transaction(business, name="store_recording") as tx:
        if await tx.row(SQL["lock"], business=business, id=recording) is None:
            return False
        if sound is None:
            await tx.run(SQL["tried"], business=business, id=recording, most=TRIES)
            return False
        for n, begin in enumerate(range(0, len(sound), PIECE)):
            await tx.run(SQL["keep_piece"], business=business, id=recording, n=n, sound=sound[begin : begin + PIECE])
        await tx.run(
            SQL["stored"],
            business=business,
            id=recording,
            now=tx.now,
            seconds=seconds_of(sound),
            size=len(sound),
        )
        tx.hint("console", business)
    try:
        await carrier.forget_recording(business, recording)
    except CarrierError as error:
        log.warning("recording_stays_at_carrier", leg=str(recording), error=type(error).__name__)
    return True


def seconds_of(sound: bytes) -> float | None:
    """Return the length of a WAV; None for one that cannot be read."""
    try:
        with wave.open(io.BytesIO(sound)) as file:
            frames, rate = int(file.getnframes()), int(file.getframerate())
            return frames / rate
    except (wave.Error, EOFError):
        return None


async def purge(database: Database, business: BusinessId) -> None:
    """Delete those whose days are over."""
    async with database.transaction(business, name="purge_recordings") as tx:
        await tx.run(SQL["purge"], business=business)


async def forget(tx: Transaction, business: BusinessId, callbacks: Sequence[CallbackId | UUID]) -> None:
    """Delete those of a person who is forgotten."""
    await tx.run(SQL["forget"], business=business, callbacks=list(callbacks))
