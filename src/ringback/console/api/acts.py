"""/api/v1/callbacks/{id}/…: cancel, move, reassign, call next, show the number. Each carries its reason and is audited."""

from __future__ import annotations

from uuid import UUID

from litestar import Response, post
from litestar.di import NamedDependency
from litestar.params import FromPath

from ringback.console.api.wire import Done, MoveBody, NumberOut, PriorityBody, ReasonBody, ReassignBody
from ringback.console.edge import AnyRequest, Key, asked_of
from ringback.console.parts import Parts
from ringback.console.workflows.look_up import find_agent, find_callback, find_number
from ringback.console.workflows.send_command import Act, Order, audit, send_command
from ringback.domain.commands import CallNext, CancelCallback, MoveCallback, ReassignCallback, SetPriority
from ringback.domain.errors import Invalid
from ringback.domain.ids import AgentId
from ringback.domain.status import Server
from ringback.identity.guards import needs
from ringback.identity.principal import Principal
from ringback.identity.rules.rights import Right
from ringback.postgres.messages import CommandAnswer

LONGEST_REASON = 500


def reason_of(text: str) -> str:
    """Return the reason given; raise Invalid (`reason-missing`) when there is none."""
    reason = text.strip()
    if not reason:
        raise Invalid("Say why: it is kept beside what you do.", id="reason-missing", field="reason")
    if len(reason) > LONGEST_REASON:
        raise Invalid(f"At most {LONGEST_REASON} characters.", field="reason")
    return reason


def done(answer: CommandAnswer | None) -> Response[Done]:
    """Answer 200 when it was carried out, 202 when it is on its way."""
    if answer is None:
        return Response(Done(done=False, detail="It is on its way."), status_code=202)
    body = dict(answer.body)
    return Response(Done(done=True, detail=body.pop("detail", None), answer=body), status_code=200)


@post("/callbacks/{id:uuid}/cancel", opt=needs(Right.CALLBACKS_WRITE), status_code=200, summary="Cancel a callback")
async def cancel(
    id: FromPath[UUID],
    request: AnyRequest,
    data: ReasonBody,
    parts: NamedDependency[Parts],
    principal: NamedDependency[Principal],
    key: Key = None,
) -> Response[Done]:
    """Cancel it; while a phone may ring it is `cancelling`, and cancelled when none does."""
    callback, reason = await find_callback(parts, principal, id), reason_of(data.reason)
    answer = await send_command(
        parts,
        await asked_of(request, principal, key),
        Act(action="callback.cancelled", subject=f"callback:{id}", reason=reason),
        lambda command: Order(
            to=Server.INTERACTIONS,
            aggregate=callback,
            message=CancelCallback(command=command, callback=callback, by=principal.name, reason=reason),
        ),
    )
    return done(answer)


@post("/callbacks/{id:uuid}/move", opt=needs(Right.CALLBACKS_WRITE), status_code=200, summary="Move a callback")
async def move(
    id: FromPath[UUID],
    request: AnyRequest,
    data: MoveBody,
    parts: NamedDependency[Parts],
    principal: NamedDependency[Principal],
    key: Key = None,
) -> Response[Done]:
    """Give it another time. The old place is kept until the new one is certain."""
    callback, reason, when = await find_callback(parts, principal, id), reason_of(data.reason), data.when.read()
    answer = await send_command(
        parts,
        await asked_of(request, principal, key),
        Act(action="callback.moved", subject=f"callback:{id}", reason=reason, detail={"kind": when.kind.value}),
        lambda command: Order(
            to=Server.INTERACTIONS,
            aggregate=callback,
            message=MoveCallback(
                command=command,
                callback=callback,
                when=when,
                by=principal.name,
                provider=data.provider,
                reason=reason,
            ),
        ),
    )
    return done(answer)


@post("/callbacks/{id:uuid}/reassign", opt=needs(Right.CALLBACKS_WRITE), status_code=200, summary="Reassign a callback")
async def reassign(
    id: FromPath[UUID],
    request: AnyRequest,
    data: ReassignBody,
    parts: NamedDependency[Parts],
    principal: NamedDependency[Principal],
    key: Key = None,
) -> Response[Done]:
    """Name another agent, or with null anyone of the queue. The promise stays."""
    callback, reason = await find_callback(parts, principal, id), reason_of(data.reason)
    agent = AgentId((await find_agent(parts, principal, data.agent))["id"]) if data.agent else None
    answer = await send_command(
        parts,
        await asked_of(request, principal, key),
        Act(
            action="callback.reassigned",
            subject=f"callback:{id}",
            reason=reason,
            detail={"agent": str(agent) if agent else None},
        ),
        lambda command: Order(
            to=Server.INTERACTIONS,
            aggregate=callback,
            message=ReassignCallback(command=command, callback=callback, agent=agent, by=principal.name, reason=reason),
        ),
    )
    return done(answer)


@post("/callbacks/{id:uuid}/call-next", opt=needs(Right.CALLBACKS_WRITE), status_code=200, summary="Call it next")
async def call_next(
    id: FromPath[UUID],
    request: AnyRequest,
    data: ReasonBody,
    parts: NamedDependency[Parts],
    principal: NamedDependency[Principal],
    key: Key = None,
) -> Response[Done]:
    """Put it before everybody who waits in its queue."""
    callback, reason = await find_callback(parts, principal, id), reason_of(data.reason)
    answer = await send_command(
        parts,
        await asked_of(request, principal, key),
        Act(action="callback.called-next", subject=f"callback:{id}", reason=reason),
        lambda command: Order(
            to=Server.INTERACTIONS,
            aggregate=callback,
            message=CallNext(command=command, callback=callback, by=principal.name, reason=reason),
        ),
    )
    return done(answer)


@post("/callbacks/{id:uuid}/priority", opt=needs(Right.CALLBACKS_WRITE), status_code=200, summary="Set a priority")
async def priority(
    id: FromPath[UUID],
    request: AnyRequest,
    data: PriorityBody,
    parts: NamedDependency[Parts],
    principal: NamedDependency[Principal],
    key: Key = None,
) -> Response[Done]:
    """Give it another priority: also how a system answers `callback.accepted` when it has looked the customer up."""
    callback, reason = await find_callback(parts, principal, id), reason_of(data.reason)
    answer = await send_command(
        parts,
        await asked_of(request, principal, key),
        Act(
            action="callback.prioritised",
            subject=f"callback:{id}",
            reason=reason,
            detail={"priority": data.priority},
        ),
        lambda command: Order(
            to=Server.INTERACTIONS,
            aggregate=callback,
            message=SetPriority(
                command=command, callback=callback, priority=data.priority, by=principal.name, reason=reason
            ),
        ),
    )
    return done(answer)


@post(
    "/callbacks/{id:uuid}/number",
    opt=needs(Right.NUMBERS_READ, Right.DESK),
    status_code=200,
    summary="Show the full number",
)
async def number(id: FromPath[UUID], parts: NamedDependency[Parts], principal: NamedDependency[Principal]) -> NumberOut:
    """Show the number a callback calls, to who has the right numbers:read or has the callback. Each look is written down first."""
    found = await find_number(parts, principal, id)
    await audit(parts, principal, Act(action="number.shown", subject=f"callback:{id}"))
    return NumberOut(number=found)
