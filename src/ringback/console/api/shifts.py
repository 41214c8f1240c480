"""/api/v1/shifts and /api/v1/booked-work: what the business's own planning knows, and what it should know of us."""

from __future__ import annotations

import csv
import io
import json
from datetime import UTC, date, datetime, time, timedelta
from typing import Any, Literal
from zoneinfo import ZoneInfo

import msgspec
from litestar import Response, get, put
from litestar.di import NamedDependency
from litestar.params import FromQuery

from ringback.console.api.acts import done
from ringback.console.api.wire import Done, Given, Taken
from ringback.console.edge import AnyRequest, Key, asked_of
from ringback.console.parts import Parts
from ringback.console.statements import SHIFTS
from ringback.console.views import SQL as VIEWS
from ringback.console.workflows.look_up import seen_by
from ringback.console.workflows.send_command import Act, Order, send_command
from ringback.domain.commands import ImportShifts
from ringback.domain.errors import Invalid
from ringback.domain.status import Server
from ringback.identity.guards import needs
from ringback.identity.principal import Principal
from ringback.identity.rules.rights import Right

MOST_BYTES = 4 * 1024 * 1024
LONGEST = timedelta(days=92)
MINUTES = (15, 30, 60)
LATELY = timedelta(days=28)
PRIOR = 300.0


class ShiftsBody(Taken, frozen=True, kw_only=True):
    """One of `csv`, `shifts` (agent, day, start, end) or `headcount` (skill, day, start, end, agents). `dry_run` only returns the difference."""

    csv: str | None = None
    shifts: list[dict[str, Any]] | None = None
    headcount: list[dict[str, Any]] | None = None
    dry_run: bool = False


class DayOut(Given, frozen=True, kw_only=True):
    """One agent's day: `09:00-17:00`; no span: off."""

    agent: str
    day: date
    spans: list[str]


class HeadcountOut(Given, frozen=True, kw_only=True):
    """So many of a skill, or of `queue:<short name>`, are planned."""

    skill: str
    starts_at: datetime
    ends_at: datetime
    agents: int


class ShiftsOut(Given, frozen=True, kw_only=True):
    """What was imported."""

    shifts: list[DayOut]
    headcount: list[HeadcountOut]


class BookedOut(Given, frozen=True, kw_only=True):
    """What is booked for one interval of a queue. `work_seconds`: bookings times how long they took lately; `agents`: as many are busy with it."""

    starts_at: datetime
    ends_at: datetime
    queue: str
    skills: list[str]
    bookings: int
    work_seconds: float
    agents: float


class BookedWork(Given, frozen=True, kw_only=True):
    """Every interval in which something is booked."""

    items: list[BookedOut]


@put(
    "/shifts",
    opt=needs(Right.CONFIGURATION_WRITE),
    summary="Import shifts or headcounts",
    request_max_body_size=MOST_BYTES,
)
async def import_shifts(
    request: AnyRequest,
    data: ShiftsBody,
    parts: NamedDependency[Parts],
    principal: NamedDependency[Principal],
    key: Key = None,
) -> Response[Done]:
    """Make agents' days, or headcounts, as they are given; the answer is the difference. 422 `shifts-invalid` names every line that is wrong, and nothing is changed."""
    document = {name: value for name in ("csv", "shifts", "headcount") if (value := getattr(data, name)) is not None}
    answer = await send_command(
        parts,
        await asked_of(request, principal, key),
        Act(action="shifts.imported", subject="shifts", detail={"dry_run": data.dry_run}),
        lambda command: Order(
            to=Server.INTERACTIONS,
            aggregate=principal.business,
            message=ImportShifts(
                command=command, document=json.dumps(document), by=principal.name, dry_run=data.dry_run
            ),
        ),
    )
    return done(answer)


@get("/shifts", opt=needs(Right.CONFIGURATION_READ), summary="The imported shifts")
async def shifts(
    parts: NamedDependency[Parts],
    principal: NamedDependency[Principal],
    since: FromQuery[date | None] = None,
    until: FromQuery[date | None] = None,
) -> ShiftsOut:
    """Return what was imported for these days, today and the six after it when none are named."""
    async with parts.read.transaction(principal.business, name="list_shifts") as tx:
        begins, ends = await _instants(tx, principal, since, until)
        first, last = since or begins.date(), until or ends.date()
        days = await tx.rows(SHIFTS["imported"], business=principal.business, since=first, until=last)
        counts = await tx.rows(SHIFTS["headcounts"], business=principal.business, begins=begins, ends=ends)
    return ShiftsOut(
        shifts=[DayOut(agent=row["agent"], day=row["day"], spans=list(row["spans"])) for row in days],
        headcount=[HeadcountOut(**dict(row)) for row in counts],
    )


@get("/booked-work", opt=needs(Right.REPORTS_READ), summary="Work booked, by interval")
async def booked_work(
    parts: NamedDependency[Parts],
    principal: NamedDependency[Principal],
    since: FromQuery[date | None] = None,
    until: FromQuery[date | None] = None,
    interval: FromQuery[int] = 30,
    format: FromQuery[Literal["json", "csv"]] = "json",
) -> Response[bytes]:
    """Return the callbacks booked for each interval of 15, 30 or 60 minutes and what they will take: for whoever plans the shifts."""
    if interval not in MINUTES:
        raise Invalid("An interval has 15, 30 or 60 minutes.", field="interval")
    length = timedelta(minutes=interval)
    async with parts.read.transaction(principal.business, name="booked_work") as tx:
        begins, ends = await _instants(tx, principal, since, until)
        rows = await tx.rows(
            SHIFTS["booked_work"],
            business=principal.business,
            begins=begins,
            ends=ends,
            interval=length.total_seconds(),
            since=tx.now - LATELY,
            prior=PRIOR,
            seen=seen_by(principal),
        )
    items = [
        BookedOut(
            starts_at=row["starts_at"],
            ends_at=row["starts_at"] + length,
            queue=row["queue"],
            skills=list(row["skills"]),
            bookings=row["bookings"],
            work_seconds=round(row["bookings"] * row["handling"], 1),
            agents=round(row["bookings"] * row["handling"] / length.total_seconds(), 2),
        )
        for row in rows
    ]
    if format == "csv":
        return Response(_csv(items).encode(), media_type="text/csv; charset=utf-8")
    return Response(msgspec.json.encode(BookedWork(items=items)), media_type="application/json")


def _csv(items: list[BookedOut]) -> str:
    text = io.StringIO()
    lines = csv.writer(text, lineterminator="\r\n")
    lines.writerow(("starts_at", "ends_at", "queue", "skills", "bookings", "work_seconds", "agents"))
    for each in items:
        span = (each.starts_at.isoformat(), each.ends_at.isoformat())
        lines.writerow((*span, each.queue, " ".join(each.skills), each.bookings, each.work_seconds, each.agents))
    return text.getvalue()


async def _instants(tx: Any, principal: Principal, since: date | None, until: date | None) -> tuple[datetime, datetime]:
    """Return the first instant of the first day and the first after the last, in the business's zone."""
    head = await tx.row(VIEWS["console_business"], business=principal.business)
    assert head is not None, "a principal's business exists"
    zone = ZoneInfo(head["zone"])
    first = since or tx.now.astimezone(zone).date()
    last = until or first + timedelta(days=6)
    if not timedelta(0) <= last - first <= LONGEST:
        raise Invalid(f"At most {LONGEST.days} days, the last not before the first.", field="until")
    begins, ends = (datetime.combine(day, time(), zone).astimezone(UTC) for day in (first, last + timedelta(days=1)))
    return begins, ends
