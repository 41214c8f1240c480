"""/api/v1/queues/{slug}/levers: what operators set a queue to, at once, with a reason, and with who is affected named before."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import msgspec
from litestar import Response, post
from litestar.di import NamedDependency
from litestar.params import FromPath

from ringback.console.api.acts import done, reason_of
from ringback.console.api.bulk import matching
from ringback.console.api.wire import AffectedOut, Done, FilterBody, LeversBody
from ringback.console.edge import AnyRequest, Key, asked_of
from ringback.console.parts import Parts
from ringback.console.rules.clock_words import zone
from ringback.console.rules.lever_words import affected_by, lever_summary
from ringback.console.workflows.look_up import find_queue
from ringback.console.workflows.send_command import Act, Order, send_command
from ringback.domain.commands import SetLevers
from ringback.domain.errors import Invalid
from ringback.domain.ids import CommandId
from ringback.domain.status import Server
from ringback.identity.guards import needs
from ringback.identity.principal import Principal
from ringback.identity.rules.rights import Right

MOST = 1_000_000
LEVERS = ("offering", "dialling", "backlog_cap", "wait_cap", "waitlist", "close_at", "incident")


@post("/queues/{slug:str}/levers/preview", opt=needs(Right.QUEUES_WRITE), status_code=200, summary="Who levers affect")
async def preview_levers(
    slug: FromPath[str], data: LeversBody, parts: NamedDependency[Parts], principal: NamedDependency[Principal]
) -> AffectedOut:
    """Say what the levers would do, and name whom they touch."""
    queue = await find_queue(parts, principal, slug)
    levers = read_levers(data, CommandId(queue["id"]), slug, by=principal.name)
    rows, now = await matching(FilterBody(queue=queue["slug"]), parts, principal)
    where = zone(queue["zone"])
    return AffectedOut(affected=affected_by(levers, rows, now, where), summary=lever_summary(levers, rows, now, where))


@post("/queues/{slug:str}/levers", opt=needs(Right.QUEUES_WRITE), status_code=200, summary="Pull levers")
async def pull_levers(
    slug: FromPath[str],
    request: AnyRequest,
    data: LeversBody,
    parts: NamedDependency[Parts],
    principal: NamedDependency[Principal],
    key: Key = None,
) -> Response[Done]:
    """Stop or resume offering and dialling, cap backlog and wait, keep a waitlist, close at a time, announce an incident."""
    queue, reason = await find_queue(parts, principal, slug), reason_of(data.reason)
    pulled = msgspec.to_builtins(data)
    pulled.pop("reason")
    read_levers(data, CommandId(queue["id"]), slug, by=principal.name)
    answer = await send_command(
        parts,
        await asked_of(request, principal, key),
        Act(action="queue.levers", subject=f"queue:{slug}", reason=reason, detail=pulled),
        lambda command: Order(
            to=Server.INTERACTIONS, aggregate=queue["id"], message=read_levers(data, command, slug, by=principal.name)
        ),
    )
    return done(answer)


def read_levers(data: LeversBody, command: CommandId, slug: str, *, by: str) -> SetLevers:
    """Return the command; raise Invalid when nothing is pulled, or something that cannot be."""
    if all(getattr(data, name) is msgspec.UNSET for name in LEVERS):
        raise Invalid(f"Name a lever: {', '.join(LEVERS)}.", id="lever-missing")
    closing = data.close_at if isinstance(data.close_at, datetime) else None
    for name, at in (("close_at", closing), ("reopen_at", data.reopen_at)):
        if at is not None and at.tzinfo is None:
            raise Invalid("A time needs its offset.", id="time-invalid", field=name)
    return SetLevers(
        command=command,
        queue=slug,
        by=by,
        reason=data.reason.strip(),
        offering=_given(data.offering),
        dialling=_given(data.dialling),
        waitlist=_given(data.waitlist),
        backlog_cap=_cap(data.backlog_cap, 0, "backlog_cap"),
        wait_cap=_cap(data.wait_cap, 1, "wait_cap"),
        close_at=closing.astimezone(UTC) if closing else None,
        reopen_at=data.reopen_at.astimezone(UTC) if data.reopen_at else None,
        reopen=data.close_at is None,
        incident="" if data.incident is None else _given(data.incident),
    )


def _given(value: Any) -> Any:
    return None if value is msgspec.UNSET else value


def _cap(value: int | msgspec.UnsetType | None, lowest: int, field: str) -> int | None:
    """Return a cap as the command wants it: -1 takes it away, None leaves it."""
    if value is None:
        return -1
    if not isinstance(value, int):
        return None
    if not lowest <= value <= MOST:
        raise Invalid(f"A cap is a whole number from {lowest}.", id="cap-invalid", field=field)
    return value
