"""/api/v1/callbacks: ask for one, list them, look at one and at everything decided for it."""

from __future__ import annotations

import re
from datetime import datetime
from typing import Annotated
from uuid import UUID

from litestar import Response, get, post
from litestar.di import NamedDependency
from litestar.params import FromPath, FromQuery, QueryParameter

from ringback.console.api.callback_out import of_callback, of_request
from ringback.console.api.wire import (
    AttemptOut,
    CallbackBody,
    CallbackOut,
    CallbackPage,
    DecisionOut,
    SentenceOut,
    WhyOut,
)
from ringback.console.edge import After, AnyRequest, Key, Limit, asked_of
from ringback.console.parts import Parts
from ringback.console.rules.cursors import page_size, read_time_cursor, write_cursor
from ringback.console.statements import API
from ringback.console.views import SQL
from ringback.console.workflows.look_up import find_asked, seen_by
from ringback.console.workflows.request_callback import Wanted, ask_and_wait
from ringback.console.workflows.send_command import Asked, refusal
from ringback.domain.errors import Invalid, NotFound
from ringback.domain.ids import CallbackId
from ringback.domain.reports import Sentence
from ringback.domain.status import CallbackState
from ringback.identity.guards import needs
from ringback.identity.principal import Principal
from ringback.identity.rules.rights import Right

HIGHEST_PRIORITY = 100
LONGEST_TEXT = 200
_LANGUAGE = re.compile(r"[A-Za-z]{2,3}(-[A-Za-z0-9]{2,8}){0,3}")


@post("/callbacks", opt=needs(Right.CALLBACKS_CREATE), summary="Ask for a callback")
async def create(
    request: AnyRequest,
    data: CallbackBody,
    parts: NamedDependency[Parts],
    principal: NamedDependency[Principal],
    key: Key = None,
) -> Response[CallbackOut]:
    """Ask for a callback and wait until it is booked (201) or refused (409); 202 when that takes longer than five seconds."""
    return await ask_for_callback(parts, await asked_of(request, principal, key), data)


async def ask_for_callback(parts: Parts, asked: Asked, data: CallbackBody) -> Response[CallbackOut]:
    """Ask, wait, and answer with the callback; raise what it was refused for."""
    principal = asked.principal
    callback, verdict = await ask_and_wait(parts, asked, wanted_of(data, principal))
    if verdict["state"] == "refused":
        raise refusal(verdict["problem"], verdict["public"])
    shown = await read_callback(parts, principal, callback)
    status = 202 if verdict["state"] == "sent" else 201
    return Response(shown, status_code=status, headers={"Location": f"/api/v1/callbacks/{callback}"})


def wanted_of(data: CallbackBody, principal: Principal) -> Wanted:
    """Read a body; raise Invalid for a priority or a proof that is not the caller's to give."""
    if (data.priority or data.destination.proved) and not principal.may(Right.CALLBACKS_WRITE):
        raise Invalid("Priority and proof need the right callbacks:write.", field="priority")
    if not 0 <= data.priority <= HIGHEST_PRIORITY:
        raise Invalid(f"Priority is 0 to {HIGHEST_PRIORITY}.", field="priority")
    if data.language is not None and not _LANGUAGE.fullmatch(data.language):
        raise Invalid("A language is a tag such as en or pt-BR.", id="language-invalid", field="language")
    return Wanted(
        provider=data.provider,
        when=data.when.read(),
        number=data.destination.number,
        region=data.destination.region,
        proved=data.destination.proved,
        chat=data.destination.chat,
        person=data.person.id,
        identity=_short(data.person.identity, "person.identity"),
        name=_short(data.person.name, "person.name"),
        topic=_short(data.topic, "topic"),
        language=data.language,
        priority=data.priority,
    )


def _short(text: str | None, field: str) -> str | None:
    if text is not None and len(text) > LONGEST_TEXT:
        raise Invalid(f"At most {LONGEST_TEXT} characters.", field=field)
    return text.strip() or None if text else None


@get("/callbacks", opt=needs(Right.CALLBACKS_READ), summary="List callbacks")
async def list_all(
    parts: NamedDependency[Parts],
    principal: NamedDependency[Principal],
    in_state: Annotated[CallbackState | None, QueryParameter(name="state")] = None,
    queue: FromQuery[str | None] = None,
    person: FromQuery[UUID | None] = None,
    since: FromQuery[datetime | None] = None,
    until: FromQuery[datetime | None] = None,
    after: After = None,
    limit: Limit = None,
) -> CallbackPage:
    """List callbacks, the latest accepted first."""
    size = page_size(limit)
    last, last_id = read_time_cursor(after)
    async with parts.read.transaction(principal.business, name="list_callbacks") as tx:
        rows = await tx.rows(
            API["list_callbacks"],
            business=principal.business,
            after=last,
            after_id=last_id,
            state=in_state,
            queue=queue,
            person=person,
            seen=seen_by(principal),
            since=since,
            until=until,
            size=size + 1,
        )
    more = len(rows) > size
    items = [of_callback(row) for row in rows[:size]]
    end = rows[size - 1] if more else None
    return CallbackPage(items=items, next=write_cursor(end["accepted_at"], end["id"]) if end else None)


@get("/callbacks/{id:uuid}", opt=needs(Right.CALLBACKS_READ), summary="Look at a callback")
async def look(id: FromPath[UUID], parts: NamedDependency[Parts], principal: NamedDependency[Principal]) -> CallbackOut:
    """Return one callback."""
    return await read_callback(parts, principal, CallbackId(id))


@get("/callbacks/{id:uuid}/why", opt=needs(Right.CALLBACKS_READ), summary="Why: decisions and attempts")
async def why(id: FromPath[UUID], parts: NamedDependency[Parts], principal: NamedDependency[Principal]) -> WhyOut:
    """Return what was decided about a callback, or about a request that was refused: in sentences, and as recorded, in order."""
    callback = await find_asked(parts, principal, id)
    sentences = await parts.reports.sentences(principal.business, callback)
    async with parts.read.transaction(principal.business, name="why") as tx:
        decisions = await tx.rows(SQL["callback_decisions"], business=principal.business, callback=callback)
        attempts = await tx.rows(SQL["callback_attempts"], business=principal.business, callback=callback)
    return WhyOut(
        sentences=[sentence_out(each) for each in sentences],
        decisions=[DecisionOut(**dict(row)) for row in decisions],
        attempts=[
            AttemptOut(
                number=row["number"],
                state=row["state"],
                outcome=row["outcome"],
                began_at=row["began_at"],
                dialled_at=row["dialled_at"],
                rang_at=row["ringing_at"],
                answered_at=row["answered_at"],
                joined_at=row["joined_at"],
                ended_at=row["ended_at"],
            )
            for row in attempts
        ],
    )


def sentence_out(each: Sentence) -> SentenceOut:
    """Write one sentence."""
    return SentenceOut(at=each.at, topic=each.topic, text=each.text, because=list(each.because))


async def read_callback(parts: Parts, principal: Principal, callback: CallbackId) -> CallbackOut:
    """Return a callback, or its request while there is none; raise NotFound for others'."""
    async with parts.read.transaction(principal.business, name="get_callback") as tx:
        row = await tx.row(API["get_callback"], business=principal.business, id=callback)
        if row is not None:
            principal.need_queue(row["queue"])
            return of_callback(row)
        asked = await tx.row(API["get_request"], business=principal.business, id=callback)
    if asked is None or (principal.queues is not None and asked["principal"] != principal.name):
        raise NotFound("There is no such callback.")
    return of_request(asked)
