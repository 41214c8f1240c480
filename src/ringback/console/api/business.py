"""/api/v1: offers, queues, agents, the configuration, and persons' own rights."""

from __future__ import annotations

from datetime import datetime
from typing import Any
from uuid import UUID

from litestar import Response, get, post, put
from litestar.di import NamedDependency
from litestar.params import FromPath, FromQuery

from ringback.console.api.acts import done, reason_of
from ringback.console.api.wire import (
    AgentList,
    AgentOut,
    AgentStateBody,
    ConfigurationBody,
    Done,
    OutsideStatus,
    QueueList,
    QueueOut,
    ReasonBody,
)
from ringback.console.edge import After, AnyRequest, Key, Limit, asked_of
from ringback.console.parts import Parts
from ringback.console.rules.cursors import page_of
from ringback.console.rules.overview import shut_of
from ringback.console.statements import OUTSIDE
from ringback.console.views import SQL
from ringback.console.workflows.look_up import find_agent
from ringback.console.workflows.send_command import Act, Order, audit, claim, keep, send_command
from ringback.domain.commands import SetAgentState
from ringback.domain.errors import Invalid
from ringback.domain.ids import AgentId, PersonId
from ringback.domain.offers import Offers, OffersQuery
from ringback.domain.status import Server
from ringback.domain.times import When, WhenKind
from ringback.identity.guards import needs
from ringback.identity.principal import Principal
from ringback.identity.rules.rights import Right


@get("/offers", opt=needs(Right.OFFERS_READ), summary="What can be offered, and why")
async def offers(
    parts: NamedDependency[Parts],
    principal: NamedDependency[Principal],
    provider: FromQuery[str],
    zone: FromQuery[str] = "UTC",
    person: FromQuery[UUID | None] = None,
    at: FromQuery[datetime | None] = None,
    topic: FromQuery[str | None] = None,
    language: FromQuery[str] = "en",
) -> Offers:
    """Return offers and refusals of one provider, each with its reasons; nothing is held by asking. `at`: a time asked for."""
    if at is not None and at.tzinfo is None:
        raise Invalid("A time needs its offset.", id="time-invalid", field="at")
    return await parts.offers.offers(
        OffersQuery(
            business=principal.business,
            provider=provider,
            zone=zone,
            person=PersonId(person) if person else None,
            when=When(kind=WhenKind.INSTANT, zone=zone, start=at) if at else None,
            topic=topic,
            language=language,
        )
    )


@get("/queues", opt=needs(Right.CALLBACKS_READ), summary="List queues")
async def queues(
    parts: NamedDependency[Parts], principal: NamedDependency[Principal], after: After = None, limit: Limit = None
) -> QueueList:
    """Return queues with its levers and how many wait."""
    async with parts.read.transaction(principal.business, name="list_queues") as tx:
        rows = await tx.rows(SQL["console_queues"], business=principal.business, now=tx.now)
        status = {row["queue"]: row for row in await tx.rows(OUTSIDE["queue_status"], business=principal.business)}
        now = tx.now
    items = []
    seen = [row for row in rows if principal.may_see(row["id"])]
    shown, next = page_of(seen, _queue_key, after, limit)
    for row in shown:
        opening = parts.workplaces.reader.opening(row["hours"], now, shut_of(row))
        items.append(
            QueueOut(
                id=row["id"],
                slug=row["slug"],
                name=row["name"],
                is_default=row["is_default"],
                offering=row["offering"],
                dialling=row["dialling"],
                backlog_cap=row["backlog_cap"],
                wait_cap=row["wait_cap"],
                waitlist=row["waitlist"],
                listed=row["listed"],
                shut_from=row["shut_from"],
                shut_until=row["shut_until"],
                incident=row["incident"],
                waiting=row["waiting"],
                promised=row["promised"],
                outside=_outside(status.get(row["id"])),
                open_now=opening.open_now,
                next_change=opening.until if opening.open_now else opening.next_opening,
            )
        )
    return QueueList(items=items, next=next)


def _queue_key(row: Any) -> tuple[str, UUID]:
    return f"{0 if row['is_default'] else 1} {row['name']}", row["id"]


def _outside(row: Any) -> OutsideStatus | None:
    if row is None:
        return None
    return OutsideStatus(
        source=row["source"], heard_at=row["heard_at"], event_missing_since=row["gap_at"], waiting=row["waiting"]
    )


@get("/agents", opt=needs(Right.CALLBACKS_READ), summary="List agents")
async def agents(
    parts: NamedDependency[Parts], principal: NamedDependency[Principal], after: After = None, limit: Limit = None
) -> AgentList:
    """Return agents with their state."""
    async with parts.read.transaction(principal.business, name="list_agents") as tx:
        rows = await tx.rows(SQL["console_agents"], business=principal.business, now=tx.now)
        names = {
            row["id"]: row["slug"]
            for row in await tx.rows(SQL["console_queues"], business=principal.business, now=tx.now)
        }
    seen = [row for row in rows if any(principal.may_see(queue) for queue in row["queues"])]
    shown, next = page_of(seen, lambda row: (row["name"], row["id"]), after, limit)
    return AgentList(
        next=next,
        items=[
            AgentOut(
                id=row["id"],
                slug=row["slug"],
                name=row["name"],
                state=row["state"],
                since=row["since"],
                reason=row["reason"],
                queues=sorted(names[queue] for queue in row["queues"] if queue in names),
            )
            for row in shown
        ],
    )


@post("/agents/{id:uuid}/state", opt=needs(Right.AGENTS_WRITE), status_code=200, summary="Set an agent's state")
async def set_agent_state(
    id: FromPath[UUID],
    request: AnyRequest,
    data: AgentStateBody,
    parts: NamedDependency[Parts],
    principal: NamedDependency[Principal],
    key: Key = None,
) -> Response[Done]:
    """Make an agent available, paused or offline: at once, or when what keeps them is over."""
    agent = AgentId((await find_agent(parts, principal, id))["id"])
    answer = await send_command(
        parts,
        await asked_of(request, principal, key),
        Act(action="agent.state", subject=f"agent:{id}", reason=data.reason, detail={"state": data.state}),
        lambda command: Order(
            to=Server.INTERACTIONS,
            aggregate=agent,
            message=SetAgentState(
                command=command, agent=agent, state=data.state, by=principal.name, reason=data.reason
            ),
        ),
    )
    return done(answer)


@get("/configuration", opt=needs(Right.CONFIGURATION_READ), summary="The configuration as one document")
async def configuration(parts: NamedDependency[Parts], principal: NamedDependency[Principal]) -> dict[str, Any]:
    """Return queues, agents, hours, policies and widgets, and to who may change them the log-ins; applying the document again changes nothing."""
    log_ins = principal.may(Right.ACCOUNTS_WRITE)
    return dict(await parts.configurations.document(principal.business, log_ins=log_ins))


@put("/configuration", opt=needs(Right.CONFIGURATION_WRITE), summary="Apply a configuration")
async def apply_configuration(
    request: AnyRequest,
    data: ConfigurationBody,
    parts: NamedDependency[Parts],
    principal: NamedDependency[Principal],
    key: Key = None,
) -> Response[Done]:
    """Make the business as the document says, all of it or nothing; `dry_run` only returns the difference. Log-ins need an administrator's log-in."""
    asked = await asked_of(request, principal, key)
    async with parts.application.transaction(principal.business, name="keep_applied") as tx:
        answer = await claim(tx, asked)
        if answer is None:
            answer = await parts.configurations.apply(
                principal.business,
                data.document,
                by=principal.name,
                dry_run=data.dry_run,
                log_ins=principal.may(Right.ACCOUNTS_WRITE),
            )
            await keep(tx, asked, status=200, answer=answer)
    return Response(Done(done=True, answer=dict(answer)), status_code=200)


@get("/persons/{id:uuid}/export", opt=needs(Right.PERSONS_READ), summary="Export a person")
async def export_person(
    id: FromPath[UUID], parts: NamedDependency[Parts], principal: NamedDependency[Principal]
) -> dict[str, Any]:
    """Return everything kept about a person. Each export is in the audit."""
    found = dict(await parts.persons.export(principal.business, PersonId(id)))
    await audit(parts, principal, Act(action="person.exported", subject=f"person:{id}"))
    return found


@post("/persons/{id:uuid}/erase", opt=needs(Right.PERSONS_WRITE), status_code=200, summary="Erase a person")
async def erase_person(
    id: FromPath[UUID],
    request: AnyRequest,
    data: ReasonBody,
    parts: NamedDependency[Parts],
    principal: NamedDependency[Principal],
    key: Key = None,
) -> dict[str, Any]:
    """Erase what may be erased: names, numbers, texts. The ledger keeps its counts."""
    reason, asked = reason_of(data.reason), await asked_of(request, principal, key)
    return dict(
        await parts.persons.erase(principal.business, PersonId(id), by=principal.name, reason=reason, once=asked.once)
    )
