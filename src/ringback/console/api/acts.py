"""/api/v1/callbacks/{id}/…: cancel, move, reassign, call next, show the number. Each carries its reason and is audited."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any
from uuid import UUID

from litestar import Response, post
from litestar.di import NamedDependency
from litestar.params import FromPath

from ringback.console.api.wire import Done, MoveBody, NumberOut, PriorityBody, ReasonBody, ReassignBody
from ringback.console.asking import Asking
from ringback.console.parts import Parts
from ringback.console.workflows.look_up import find_agent, find_callback, find_number
from ringback.console.workflows.send_command import Act, audit
from ringback.domain.commands import CallNext, CancelCallback, MoveCallback, ReassignCallback, SetPriority
from ringback.domain.errors import Invalid
from ringback.domain.ids import AgentId, CallbackId, CommandId
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


async def act_on(
    asking: Asking,
    id: UUID,
    action: str,
    given: str,
    make: Callable[[CallbackId, CommandId, str], Any],
    *,
    detail: Mapping[str, object] | None = None,
) -> Response[Done]:
    """Do something with one callback of the caller's, for the reason given. Raises NotFound, Invalid (`reason-missing`) or the refusal."""
    callback, reason = await find_callback(asking.parts, asking.principal, id), reason_of(given)
    return done(
        await asking.send(
            Server.INTERACTIONS,
            callback,
            lambda command: make(callback, command, reason),
            action=action,
            reason=reason,
            detail=detail,
        )
    )


@post("/callbacks/{id:uuid}/cancel", opt=needs(Right.CALLBACKS_WRITE), status_code=200, summary="Cancel a callback")
async def cancel(id: FromPath[UUID], data: ReasonBody, asking: NamedDependency[Asking]) -> Response[Done]:
    """Cancel it; while a phone may ring it is `cancelling`, and cancelled when none does."""
    by = asking.principal.name
    return await act_on(
        asking,
        id,
        "callback.cancelled",
        data.reason,
        lambda callback, command, why: CancelCallback(command=command, callback=callback, by=by, reason=why),
    )


@post("/callbacks/{id:uuid}/move", opt=needs(Right.CALLBACKS_WRITE), status_code=200, summary="Move a callback")
async def move(id: FromPath[UUID], data: MoveBody, asking: NamedDependency[Asking]) -> Response[Done]:
    """Give it another time. The old place is kept until the new one is certain."""
    by, when = asking.principal.name, data.when.read()
    return await act_on(
        asking,
        id,
        "callback.moved",
        data.reason,
        lambda callback, command, why: MoveCallback(
            command=command, callback=callback, when=when, by=by, provider=data.provider, reason=why
        ),
        detail={"kind": when.kind.value},
    )


@post("/callbacks/{id:uuid}/reassign", opt=needs(Right.CALLBACKS_WRITE), status_code=200, summary="Reassign a callback")
async def reassign(id: FromPath[UUID], data: ReassignBody, asking: NamedDependency[Asking]) -> Response[Done]:
    """Name another agent, or with null anyone of the queue. The promise stays."""
    by, named = asking.principal.name, data.agent
    agent = AgentId((await find_agent(asking.parts, asking.principal, named))["id"]) if named else None
    return await act_on(
        asking,
        id,
        "callback.reassigned",
        data.reason,
        lambda callback, command, why: ReassignCallback(
            command=command, callback=callback, agent=agent, by=by, reason=why
        ),
        detail={"agent": str(agent) if agent else None},
    )


@post("/callbacks/{id:uuid}/call-next", opt=needs(Right.CALLBACKS_WRITE), status_code=200, summary="Call it next")
async def call_next(id: FromPath[UUID], data: ReasonBody, asking: NamedDependency[Asking]) -> Response[Done]:
    """Put it before everybody who waits in its queue."""
    by = asking.principal.name
    return await act_on(
        asking,
        id,
        "callback.called-next",
        data.reason,
        lambda callback, command, why: CallNext(command=command, callback=callback, by=by, reason=why),
    )


@post("/callbacks/{id:uuid}/priority", opt=needs(Right.CALLBACKS_WRITE), status_code=200, summary="Set a priority")
async def priority(id: FromPath[UUID], data: PriorityBody, asking: NamedDependency[Asking]) -> Response[Done]:
    """Give it another priority: also how a system answers `callback.accepted` when it has looked the customer up."""
    by = asking.principal.name
    return await act_on(
        asking,
        id,
        "callback.prioritised",
        data.reason,
        lambda callback, command, why: SetPriority(
            command=command, callback=callback, priority=data.priority, by=by, reason=why
        ),
        detail={"priority": data.priority},
    )


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
