"""/api/v1/bulk: acts on many at once. A preview names who is affected and changes nothing."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from litestar import Response, post
from litestar.di import NamedDependency

from ringback.console.api.acts import reason_of
from ringback.console.api.wire import AffectedOut, BulkBody, FilterBody
from ringback.console.edge import AnyRequest, Key, asked_of
from ringback.console.parts import Parts
from ringback.console.rules.effects import affected, effect_of
from ringback.console.statements import API
from ringback.console.workflows.look_up import find_agent, seen_by
from ringback.console.workflows.send_command import Act, Order, send_command
from ringback.domain.commands import BulkAct
from ringback.domain.errors import Invalid
from ringback.domain.ids import AgentId, CallbackId
from ringback.domain.status import Server
from ringback.domain.times import When
from ringback.identity.guards import needs
from ringback.identity.principal import Principal
from ringback.identity.rules.rights import Right

MOST = 1000


@post("/bulk/preview", opt=needs(Right.CALLBACKS_WRITE), status_code=200, summary="Who a bulk act affects")
async def preview_bulk(
    data: BulkBody, parts: NamedDependency[Parts], principal: NamedDependency[Principal]
) -> AffectedOut:
    """Name everybody the act would affect, and how."""
    return (await _planned(data, parts, principal))[0]


@post("/bulk", opt=needs(Right.CALLBACKS_WRITE), status_code=200, summary="Act on many callbacks")
async def act_in_bulk(
    request: AnyRequest,
    data: BulkBody,
    parts: NamedDependency[Parts],
    principal: NamedDependency[Principal],
    key: Key = None,
) -> Response[AffectedOut]:
    """Cancel, move or reassign the callbacks; each is decided by itself, and those that cannot be are left as they are."""
    reason = reason_of(data.reason)
    out, when, agent = await _planned(data, parts, principal)
    if not out.affected:
        return Response(out, status_code=200)
    callbacks = tuple(CallbackId(each.callback) for each in out.affected)
    answer = await send_command(
        parts,
        await asked_of(request, principal, key),
        Act(
            action=f"bulk.{data.action}",
            subject="callbacks",
            reason=reason,
            detail={"callbacks": list(map(str, callbacks))},
        ),
        lambda command: Order(
            to=Server.INTERACTIONS,
            aggregate=principal.business,
            message=BulkAct(
                command=command,
                action=data.action,
                callbacks=callbacks,
                by=principal.name,
                reason=reason,
                when=when,
                agent=agent,
            ),
        ),
    )
    return Response(out, status_code=200 if answer else 202)


async def _planned(
    data: BulkBody, parts: Parts, principal: Principal
) -> tuple[AffectedOut, When | None, AgentId | None]:
    if data.action == "move" and data.when is None:
        raise Invalid("To move callbacks, say when.", id="time-invalid", field="when")
    when = data.when.read() if data.when else None
    agent = await find_agent(parts, principal, data.agent) if data.agent else None
    rows, now = await matching(data.filter, parts, principal)
    out = [
        affected(row, effect_of(data.action, row, now, when=when, agent=agent["name"] if agent else None), now)
        for row in rows
    ]
    count = f"{len(out)} callback" + ("" if len(out) == 1 else "s")
    return AffectedOut(affected=out, summary=count), when, AgentId(agent["id"]) if agent else None


async def matching(wanted: FilterBody, parts: Parts, principal: Principal) -> tuple[Sequence[Any], Any]:
    """Return the open callbacks a filter names, latest booked first, and now."""
    if wanted.callbacks is None and not any((wanted.queue, wanted.agent, wanted.promised_from, wanted.promised_until)):
        raise Invalid("Name the callbacks, or a queue, an agent or a time.", id="filter-missing", field="filter")
    async with parts.read.transaction(principal.business, name="affected_callbacks") as tx:
        rows = await tx.rows(
            API["affected_callbacks"],
            business=principal.business,
            callbacks=wanted.callbacks,
            queue=wanted.queue,
            agent=wanted.agent,
            promised_from=wanted.promised_from,
            promised_until=wanted.promised_until,
            seen=seen_by(principal),
        )
        now = tx.now
    if len(rows) > MOST:
        raise Invalid(f"This is more than {MOST} callbacks: narrow the filter.", id="filter-too-wide", field="filter")
    return rows, now
