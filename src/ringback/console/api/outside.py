"""/api/v1/outside: a contact centre that is already there reports itself, and asks what its callers wait for."""

from __future__ import annotations

from datetime import timedelta
from uuid import NAMESPACE_URL, uuid5

from litestar import get, post, put
from litestar.di import NamedDependency
from litestar.params import FromPath

from ringback.console.api.outside_wire import (
    EventsBody,
    InteractionOut,
    ReportedOut,
    SnapshotBody,
    SourceList,
    SourceOut,
    WaitedForOut,
    WordOut,
)
from ringback.console.edge import After, Limit
from ringback.console.parts import Parts
from ringback.console.rules.cursors import page_of
from ringback.console.statements import OUTSIDE
from ringback.console.views import SQL as VIEWS
from ringback.console.workflows.send_command import refusal
from ringback.domain.commands import ReportOutside
from ringback.domain.errors import NotFound, TooMany
from ringback.domain.ids import CommandId, new_id
from ringback.domain.outside import OutsideEvent, OutsideSnapshot
from ringback.domain.status import Server
from ringback.identity.guards import needs
from ringback.identity.principal import Principal
from ringback.identity.rules.rights import Right
from ringback.postgres.messages import send, wait_for_answer

MOST_BYTES = 4 * 1024 * 1024
LIVE_FOR = timedelta(seconds=30)


@get("/outside", opt=needs(Right.CALLBACKS_READ), summary="List contact centres outside")
async def sources(
    parts: NamedDependency[Parts], principal: NamedDependency[Principal], after: After = None, limit: Limit = None
) -> SourceList:
    """Return sources, whether it is live, and which event it sends next."""
    async with parts.read.transaction(principal.business, name="list_sources") as tx:
        rows = await tx.rows(OUTSIDE["outside_sources"], business=principal.business)
        now = tx.now
    shown, next = page_of(rows, lambda row: (row["slug"], row["id"]), after, limit)
    return SourceList(
        next=next,
        items=[
            SourceOut(
                source=row["slug"],
                queues=row["queues"],
                live=row["gap_at"] is None and row["heard_at"] is not None and now - row["heard_at"] <= LIVE_FOR,
                heard_at=row["heard_at"],
                expected=row["seq"] + 1,
                event_missing_since=row["gap_at"],
                waiting=row["waiting"],
                talking=row["talking"],
                agents=row["agents"],
            )
            for row in shown
        ],
    )


@post(
    "/outside/{source:str}/events",
    opt=needs(Right.OUTSIDE_WRITE),
    status_code=200,
    summary="Report what happened outside",
    request_max_body_size=MOST_BYTES,
)
async def report_events(
    source: FromPath[str], data: EventsBody, parts: NamedDependency[Parts], principal: NamedDependency[Principal]
) -> ReportedOut:
    """Apply events in the order of their numbers; those known already change nothing. 409 `event-missing`: a number was skipped."""
    return await _report(parts, principal, source, data.read(), None)


@put(
    "/outside/{source:str}/snapshot",
    opt=needs(Right.OUTSIDE_WRITE),
    summary="Report everything there is outside",
    request_max_body_size=MOST_BYTES,
)
async def report_snapshot(
    source: FromPath[str], data: SnapshotBody, parts: NamedDependency[Parts], principal: NamedDependency[Principal]
) -> ReportedOut:
    """Take all that waits and talks there, and what agents do: what is not in it is over. The first report of a source, and the mend of a gap."""
    return await _report(parts, principal, source, (), data.read())


@get(
    "/outside/{source:str}/interactions/{interaction:str}",
    opt=needs(Right.CALLBACKS_READ),
    summary="What a caller outside waits for",
)
async def interaction(
    source: FromPath[str],
    interaction: FromPath[str],
    parts: NamedDependency[Parts],
    principal: NamedDependency[Principal],
) -> InteractionOut:
    """Return one call or chat with the callback its person waits for and what it is about; with persons:read what was written too."""
    async with parts.read.transaction(principal.business, name="look_outside") as tx:
        row = await tx.row(OUTSIDE["outside_interaction"], business=principal.business, source=source, ref=interaction)
        if row is None or not principal.may_see(row["queue"]):
            raise NotFound("There is no such call or chat.")
        words = []
        if row["chat"] is not None and principal.may(Right.PERSONS_READ):
            words = await tx.rows(VIEWS["transcript"], business=principal.business, chat=row["chat"], now=tx.now)
    waited_for = None
    if row["callback"] is not None:
        waited_for = WaitedForOut(
            id=row["callback"],
            state=row["callback_state"],
            name=row["person_name"],
            topic=row["topic"],
            promised_from=row["window_start"],
            promised_until=row["window_end"],
            chat=[WordOut(author=word["author"], text=word["text"], at=word["at"]) for word in words],
        )
    return InteractionOut(
        interaction=row["ref"],
        media=row["media"],
        queue=row["queue_slug"],
        state=row["state"],
        agent=row["agent_slug"],
        arrived_at=row["arrived_at"],
        answered_at=row["answered_at"],
        ended_at=row["ended_at"],
        ended_why=row["ended_why"],
        callback=waited_for,
    )


async def _report(
    parts: Parts,
    principal: Principal,
    source: str,
    events: tuple[OutsideEvent, ...],
    snapshot: OutsideSnapshot | None,
) -> ReportedOut:
    """Hand a report to the interaction manager and wait until it is applied; repeating one changes nothing."""
    business = principal.business
    command = CommandId(new_id())
    report = ReportOutside(command=command, source=source, events=events, snapshot=snapshot)
    async with parts.application.transaction(business, name="report_outside") as tx:
        await send(tx, business, Server.INTERACTIONS, uuid5(NAMESPACE_URL, f"{business}/{source}"), report)
    answer = await wait_for_answer(parts.application, parts.hints, business, command, timeout=parts.answer_timeout)
    if answer is None:
        raise TooMany("This report is still being worked on.", retry_after=timedelta(seconds=1), id="try-again")
    if answer.problem is not None:
        raise refusal(answer.problem, answer.body)
    return ReportedOut(**answer.body)
