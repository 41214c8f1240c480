"""/api/v1/agents/{id}/away and /api/v1/alerts: the day as it really goes."""

from __future__ import annotations

from datetime import UTC
from typing import Any
from uuid import UUID

import msgspec
from litestar import Response, get, post
from litestar.di import NamedDependency
from litestar.params import FromPath, FromQuery

from ringback.console.api.acts import reason_of
from ringback.console.api.bulk import answered, effects_of, matching
from ringback.console.api.wire import AffectedOut, AlertList, AlertOut, AwayBody, FilterBody, QueueRef
from ringback.console.edge import After, AnyRequest, Key, Limit, asked_of
from ringback.console.parts import Parts
from ringback.console.rules.cursors import page_size, read_time_cursor, write_cursor
from ringback.console.rules.effects import CHANGES, affected, effect_of
from ringback.console.statements import API
from ringback.console.workflows.look_up import find_agent, seen_by
from ringback.console.workflows.send_command import Act, Order, ask_command, keep_shown, send_command, shown_before
from ringback.domain.commands import MarkAway
from ringback.domain.errors import Invalid
from ringback.domain.ids import AgentId, CommandId
from ringback.domain.status import Server
from ringback.identity.guards import needs
from ringback.identity.principal import Principal
from ringback.identity.rules.rights import Right
from ringback.postgres.messages import CommandAnswer


@post(
    "/agents/{id:uuid}/away/preview", opt=needs(Right.AGENTS_WRITE), status_code=200, summary="Who an absence touches"
)
async def preview_away(
    id: FromPath[UUID], data: AwayBody, parts: NamedDependency[Parts], principal: NamedDependency[Principal]
) -> AffectedOut:
    """Name everybody who waits for this agent, and what becomes of them; nothing is changed."""
    agent = AgentId((await find_agent(parts, principal, id))["id"])
    found = await ask_command(parts, principal, lambda command: _order(agent, data, principal, command, dry_run=True))
    return await _touched(parts, principal, found)


@post("/agents/{id:uuid}/away", opt=needs(Right.AGENTS_WRITE), status_code=200, summary="An agent is away")
async def away(
    id: FromPath[UUID],
    request: AnyRequest,
    data: AwayBody,
    parts: NamedDependency[Parts],
    principal: NamedDependency[Principal],
    key: Key = None,
) -> Response[AffectedOut]:
    """Take an agent off duty and out of the plan; others take what waits for them by name, or their customers are offered a move."""
    agent, reason = AgentId((await find_agent(parts, principal, id))["id"]), reason_of(data.reason)
    asked = await asked_of(request, principal, key)
    before = await shown_before(parts, asked)
    if before is not None:
        return Response(msgspec.convert(before, AffectedOut), status_code=200)
    found = await send_command(
        parts,
        asked,
        Act(
            action="agent.away",
            subject=f"agent:{id}",
            reason=reason,
            detail={"until": data.until.isoformat() if data.until else None},
        ),
        lambda command: _order(agent, data, principal, command, dry_run=False),
    )
    if found is None:
        return Response(AffectedOut(affected=[], summary="It is on its way."), status_code=202)
    shown = await _touched(parts, principal, found)
    await keep_shown(parts, asked, msgspec.to_builtins(shown))
    return Response(shown, status_code=200)


@get("/alerts", opt=needs(Right.CALLBACKS_READ), summary="What needs a person")
async def alerts(
    parts: NamedDependency[Parts],
    principal: NamedDependency[Principal],
    resolved: FromQuery[bool] = False,
    after: After = None,
    limit: Limit = None,
) -> AlertList:
    """Return open alerts, the newest first, with those that are over when `resolved` is true."""
    size = page_size(limit)
    last, last_id = read_time_cursor(after)
    async with parts.read.transaction(principal.business, name="list_alerts") as tx:
        rows = await tx.rows(
            API["alerts"],
            business=principal.business,
            resolved=resolved,
            seen=seen_by(principal),
            after=last,
            after_id=last_id,
            size=size + 1,
        )
    end = rows[size - 1] if len(rows) > size else None
    return AlertList(
        items=[_alert(row) for row in rows[:size]], next=write_cursor(end["raised_at"], end["id"]) if end else None
    )


def _alert(row: Any) -> AlertOut:
    return AlertOut(
        id=row["id"],
        kind=row["kind"],
        queue=QueueRef(slug=row["slug"], name=row["name"]),
        verdict=row["verdict"],
        raised_at=row["raised_at"],
        seen_at=row["seen_at"],
        told_at=row["told_at"],
        resolved_at=row["resolved_at"],
        callbacks=[UUID(callback) for callback in row["detail"].get("callbacks", [])],
    )


def _order(agent: AgentId, data: AwayBody, principal: Principal, command: CommandId, *, dry_run: bool) -> Order:
    if data.until is not None and data.until.tzinfo is None:
        raise Invalid("A time needs its offset.", id="time-invalid", field="until")
    message = MarkAway(
        command=command,
        agent=agent,
        by=principal.name,
        reason=data.reason.strip(),
        until=data.until.astimezone(UTC) if data.until else None,
        dry_run=dry_run,
        plan=None if dry_run else data.plan,
    )
    return Order(to=Server.INTERACTIONS, aggregate=agent, message=message)


async def _touched(parts: Parts, principal: Principal, found: CommandAnswer) -> AffectedOut:
    effects = effects_of(found)
    if not effects:
        return AffectedOut(affected=[], summary="Nobody waits for them by name.", plan=found.body.get("plan"))
    wanted = FilterBody(callbacks=[UUID(callback) for callback in effects])
    rows, now = await matching(wanted, parts, principal)
    out = [
        affected(row, effect_of("reassign", does, row, now, when=None, agent=None), now, changes=does in CHANGES)
        for row in rows
        if (does := effects.get(str(row["id"]))) is not None
    ]
    return answered(out, found)
