"""/api/v1/report: the score of some days, and the ledger it rests on, for anybody to check."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import Any

from litestar import get
from litestar.di import NamedDependency
from litestar.params import FromQuery
from litestar.response import Stream

from ringback.console.parts import Parts
from ringback.console.rules.clock_words import zone as zone_of
from ringback.console.views import SQL
from ringback.domain.errors import Invalid
from ringback.identity.guards import needs
from ringback.identity.principal import Principal
from ringback.identity.rules.rights import Right


@dataclass(frozen=True, slots=True, kw_only=True)
class Days:
    """Days of the business's zone, both included."""

    first: date
    last: date


@get("/report", opt=needs(Right.REPORTS_READ), summary="The report")
async def report(
    parts: NamedDependency[Parts],
    principal: NamedDependency[Principal],
    since: FromQuery[date | None] = None,
    until: FromQuery[date | None] = None,
    queue: FromQuery[str | None] = None,
    by: FromQuery[str | None] = None,
    interval: FromQuery[str | None] = None,
) -> dict[str, Any]:
    """Return kept, broken, withdrawn, lateness, coverage, service level, handling time: of these days, today when none is named.

    `by`: queue, channel, provider or interval; `interval`: 15min, 30min or day.
    """
    days = await _days(parts, principal, since, until, queue)
    found = await parts.reports.report(
        principal.business, since=days.first, until=days.last, queue=queue, by=by, interval=interval
    )
    return dict(found)


@get(
    "/report/ledger", opt=needs(Right.REPORTS_READ), summary="The ledger of the report", media_type="application/jsonl"
)
async def ledger(
    parts: NamedDependency[Parts],
    principal: NamedDependency[Principal],
    since: FromQuery[date | None] = None,
    until: FromQuery[date | None] = None,
    queue: FromQuery[str | None] = None,
) -> Stream:
    """Return the records these figures rest on, as JSON lines that `ringback report --ledger` reads; no names, numbers or texts."""
    days = await _days(parts, principal, since, until, queue)
    lines = await parts.reports.export(principal.business, since=days.first, until=days.last, queue=queue)
    name = "-".join([days.first.isoformat(), *([days.last.isoformat()] if days.last != days.first else [])])
    return Stream(
        lines,
        media_type="application/jsonl",
        headers={"content-disposition": f'attachment; filename="{name}.ledger"'},
    )


async def _days(parts: Parts, principal: Principal, since: date | None, until: date | None, queue: str | None) -> Days:
    """Read which days are asked for; raise NotFound for a queue that is not the caller's, Invalid where they must name one."""
    async with parts.read.transaction(principal.business, name="business_zone") as tx:
        head = await tx.row(SQL["console_business"], business=principal.business)
        slugs = {
            row["slug"]: row["id"]
            for row in await tx.rows(SQL["console_queues"], business=principal.business, now=tx.now)
        }
        now = tx.now
    assert head is not None, "a principal's business exists"
    if queue is not None and queue in slugs:
        principal.need_queue(slugs[queue])
    elif principal.queues is not None:
        raise Invalid("Name one of your queues.", id="queue-missing", field="queue")
    today = now.astimezone(zone_of(head["zone"])).date()
    first = since or until or today
    return Days(first=first, last=until or (today if since and since <= today else first))
