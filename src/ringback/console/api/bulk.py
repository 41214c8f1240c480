"""/api/v1/bulk and levers: acts on many at once. A preview names who is affected and changes nothing."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from litestar import Response, post
from litestar.di import NamedDependency
from litestar.params import FromPath

from ringback.console.api.acts import done, reason_of
from ringback.console.api.wire import AffectedOut, BulkBody, Done, FilterBody, LeversBody
from ringback.console.edge import AnyRequest, Key, asked_of
from ringback.console.parts import Parts
from ringback.console.rules.clock_words import zone
from ringback.console.rules.effects import affected, effect_of, late_soon, lever_summary
from ringback.console.statements import API
from ringback.console.workflows.look_up import find_agent, find_queue, seen_by
from ringback.console.workflows.send_command import Act, Order, send_command
from ringback.domain.commands import BulkAct, SetLevers
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
    rows, now = await _matching(data.filter, parts, principal)
    out = [
        affected(row, effect_of(data.action, row, now, when=when, agent=agent["name"] if agent else None), now)
        for row in rows
    ]
    count = f"{len(out)} callback" + ("" if len(out) == 1 else "s")
    return AffectedOut(affected=out, summary=count), when, AgentId(agent["id"]) if agent else None


async def _matching(wanted: FilterBody, parts: Parts, principal: Principal) -> tuple[Sequence[Any], Any]:
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


@post("/queues/{slug:str}/levers/preview", opt=needs(Right.QUEUES_WRITE), status_code=200, summary="Who levers affect")
async def preview_levers(
    slug: FromPath[str], data: LeversBody, parts: NamedDependency[Parts], principal: NamedDependency[Principal]
) -> AffectedOut:
    """Say what the levers would do, and name those who would be late soon."""
    queue = await find_queue(parts, principal, slug)
    offering, dialling, cap = read_levers(data)
    rows, now = await _matching(FilterBody(queue=queue["slug"]), parts, principal)
    where = zone(rows[0]["zone"]) if rows else zone("UTC")
    late, by = late_soon(rows, now, where)
    stopped = dialling is False
    return AffectedOut(
        affected=[affected(row, f"Late: nothing rings before {by}", now) for row in late] if stopped else [],
        summary=lever_summary(rows, offering=offering, dialling=dialling, cap=cap, late=len(late), by=by),
    )


@post("/queues/{slug:str}/levers", opt=needs(Right.QUEUES_WRITE), status_code=200, summary="Pull levers")
async def pull_levers(
    slug: FromPath[str],
    request: AnyRequest,
    data: LeversBody,
    parts: NamedDependency[Parts],
    principal: NamedDependency[Principal],
    key: Key = None,
) -> Response[Done]:
    """Stop or resume offering and dialling, cap the backlog."""
    queue, reason = await find_queue(parts, principal, slug), reason_of(data.reason)
    offering, dialling, cap = read_levers(data)
    levers = {"offering": offering, "dialling": dialling, "backlog_cap": cap}
    answer = await send_command(
        parts,
        await asked_of(request, principal, key),
        Act(action="queue.levers", subject=f"queue:{slug}", reason=reason, detail=levers),
        lambda command: Order(
            to=Server.INTERACTIONS,
            aggregate=queue["id"],
            message=SetLevers(
                command=command,
                queue=slug,
                by=principal.name,
                reason=reason,
                offering=offering,
                dialling=dialling,
                backlog_cap=cap,
            ),
        ),
    )
    return done(answer)


def read_levers(data: LeversBody) -> tuple[bool | None, bool | None, int | None]:
    """Return offering, dialling and cap; None: as it is, cap -1: removed. Raises Invalid when nothing is pulled."""
    offering = data.offering if isinstance(data.offering, bool) else None
    dialling = data.dialling if isinstance(data.dialling, bool) else None
    cap: int | None = None
    if data.backlog_cap is None:
        cap = -1
    elif isinstance(data.backlog_cap, int):
        cap = data.backlog_cap
        if not 0 <= cap <= 1_000_000:
            raise Invalid("A cap is a whole number from 0.", id="cap-invalid", field="backlog_cap")
    if offering is None and dialling is None and cap is None:
        raise Invalid("Name a lever: offering, dialling or backlog_cap.", id="lever-missing")
    return offering, dialling, cap
