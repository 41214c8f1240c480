"""/api/v1/callbacks/{id}/calendar.ics: a booked callback as a calendar entry, for businesses that send it on."""

from __future__ import annotations

from uuid import UUID

from litestar import Response, get
from litestar.di import NamedDependency
from litestar.params import FromPath

from ringback.console.parts import Parts
from ringback.console.statements import API
from ringback.domain.calendars import MEDIA_TYPE, BookedCall, calendar
from ringback.domain.errors import NotFound
from ringback.domain.times import TimeWindow
from ringback.identity.guards import needs
from ringback.identity.principal import Principal
from ringback.identity.rules.rights import Right


@get("/callbacks/{id:uuid}/calendar.ics", opt=needs(Right.CALLBACKS_READ), summary="A booked callback as iCalendar")
async def entry(
    id: FromPath[UUID], parts: NamedDependency[Parts], principal: NamedDependency[Principal]
) -> Response[bytes]:
    """Return a text/calendar object: UID and SEQUENCE tell programs what replaces what; METHOD is CANCEL once it was cancelled or closed."""
    async with parts.read.transaction(principal.business, name="read_calendar") as tx:
        row = await tx.row(API["calendar_entry"], business=principal.business, id=id)
    if row is not None:
        principal.need_queue(row["queue"])
    if row is None or row["early_is_fine"]:
        raise NotFound("There is no such calendar entry: only callbacks for a time have one.")
    call = BookedCall(
        callback=row["id"],
        business=principal.business,
        business_name=row["business_name"],
        who=row["agent_name"] or row["queue_name"],
        window=TimeWindow(start=row["window_start"], end=row["window_end"]),
        revision=row["promises"] - 1,
        changed_at=row["changed_at"],
        topic=row["topic"],
        cancelled=row["state"] in ("cancelled", "closed"),
    )
    return Response(calendar(call).encode(), media_type=MEDIA_TYPE)
