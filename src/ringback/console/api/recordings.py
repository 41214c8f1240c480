"""/api/v1/callbacks/{id}/recordings and /api/v1/recordings/{id}: what was recorded of talks, and its sound. Each listening is in the audit."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from litestar import Response, get
from litestar.di import NamedDependency
from litestar.params import FromPath

from ringback.console.api.wire import Given
from ringback.console.parts import Parts
from ringback.console.statements import RECORDINGS
from ringback.console.workflows.look_up import find_callback
from ringback.console.workflows.send_command import Act, audit
from ringback.domain.errors import NotFound
from ringback.identity.guards import needs
from ringback.identity.principal import Principal
from ringback.identity.rules.rights import Right


class RecordingOut(Given, frozen=True, kw_only=True):
    """One recording. `state`: expected until the talk is over and it was fetched, then stored, or missing."""

    id: UUID
    attempt: UUID
    state: str
    began_at: datetime
    seconds: float | None
    kept_until: datetime


class RecordingsOut(Given, frozen=True, kw_only=True):
    """The recordings of a callback's talks, the earliest first."""

    items: list[RecordingOut]


@get("/callbacks/{id:uuid}/recordings", opt=needs(Right.RECORDINGS_READ), summary="List recordings of a callback")
async def recordings(
    id: FromPath[UUID], parts: NamedDependency[Parts], principal: NamedDependency[Principal]
) -> RecordingsOut:
    """List what was recorded of its talks."""
    callback = await find_callback(parts, principal, id)
    async with parts.read.transaction(principal.business, name="recordings") as tx:
        rows = await tx.rows(RECORDINGS["of_callback"], business=principal.business, callback=callback)
    return RecordingsOut(items=[RecordingOut(**dict(row)) for row in rows])


@get(
    "/recordings/{id:uuid}/sound",
    opt=needs(Right.RECORDINGS_READ),
    summary="Listen to a recording",
    media_type="audio/wav",
)
async def sound(
    id: FromPath[UUID], parts: NamedDependency[Parts], principal: NamedDependency[Principal]
) -> Response[bytes]:
    """Return the sound as WAV. Each listening is written down first."""
    async with parts.read.transaction(principal.business, name="find_recording") as tx:
        callback = await tx.value(RECORDINGS["callback_of"], business=principal.business, id=id)
    if callback is None:
        raise NotFound("There is no such recording.")
    await find_callback(parts, principal, callback)
    await audit(
        parts, principal, Act(action="recording.played", subject=f"callback:{callback}", detail={"recording": str(id)})
    )
    async with parts.read.transaction(principal.business, name="read_recording") as tx:
        rows = await tx.rows(RECORDINGS["pieces"], business=principal.business, id=id)
    return Response(b"".join(row["sound"] for row in rows), media_type="audio/wav")
