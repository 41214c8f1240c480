"""Ask for a callback on somebody's behalf: an agent, a supervisor or the business's own systems, under the rules that customers have."""

from __future__ import annotations

import asyncio
import contextlib
from dataclasses import dataclass, field
from typing import Any
from uuid import UUID

import msgspec

from ringback.console.parts import Parts
from ringback.console.requests import SQL
from ringback.console.workflows.send_command import Act, Asked, claim, keep, write_act
from ringback.domain.commands import RequestCallback
from ringback.domain.destinations import Destination, DestinationKind
from ringback.domain.errors import Conflict, Invalid, NotFound
from ringback.domain.ids import BusinessId, CallbackId, ChatId, PersonId, new_id
from ringback.domain.phone_numbers import read_number
from ringback.domain.providers import parse_provider
from ringback.domain.status import Server
from ringback.domain.times import When
from ringback.postgres.database import Transaction
from ringback.postgres.hints import Subscription
from ringback.postgres.messages import send

POLL = 0.5  # seconds between looks, should the hint be lost


@dataclass(frozen=True, slots=True, kw_only=True)
class Wanted:
    """What is asked for. Exactly one of `number` and `chat` says where to call; `person`, `identity` or a chat says whom."""

    provider: str
    when: When
    number: str | None = field(default=None, repr=False)
    region: str | None = None
    proved: bool = False
    chat: UUID | None = None
    person: UUID | None = None
    identity: str | None = field(default=None, repr=False)
    name: str | None = field(default=None, repr=False)
    topic: str | None = field(default=None, repr=False)
    language: str | None = None
    priority: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class Person:
    """Who is called."""

    id: PersonId
    name: str | None
    language: str
    stopped: bool


async def ask_and_wait(parts: Parts, asked: Asked, wanted: Wanted) -> tuple[CallbackId, Any]:
    """Commit the request; return its id, the same for the same key, and what `wait_for_verdict` does. Raises Invalid, NotFound, Conflict."""
    fresh = CallbackId(new_id())
    with parts.hints.subscribe("answer", about=fresh) as woken:
        callback = await _request(parts, asked, wanted, fresh)
        if callback == fresh:
            await woken.wait(min(POLL, parts.answer_timeout))  # nobody can have answered before
            return callback, await _verdict(parts, asked.principal.business, callback, woken)
    return callback, await wait_for_verdict(parts, asked.principal.business, callback)


async def _request(parts: Parts, asked: Asked, wanted: Wanted, callback: CallbackId) -> CallbackId:
    business = asked.principal.business
    parse_provider(wanted.provider)
    destination = _destination(parts, wanted)
    async with parts.application.transaction(business, name="request_callback") as tx:
        kept = await claim(tx, asked)
        if kept is not None:
            return CallbackId(UUID(kept["callback"]))
        person = await _person(tx, business, wanted, destination)
        if person.stopped:
            raise Conflict("This person asked not to be contacted any more.", id="stopped")
        request = _message(callback, wanted, destination, person, asked.principal.name)
        await write_act(tx, asked.principal, Act(action="callback.requested", subject=f"callback:{callback}"))
        shown = msgspec.to_builtins(request)
        shown["destination"]["address"] = destination.masked()
        await tx.run(
            SQL["insert_request"],
            business=business,
            id=callback,
            chat=wanted.chat,
            person=person.id,
            principal=asked.principal.name,
            provider=wanted.provider,
            request=shown,
            now=tx.now,
        )
        await send(tx, business, Server.INTERACTIONS, callback, request)
        await keep(tx, asked, status=202, answer={"callback": str(callback)})
    return callback


async def wait_for_verdict(parts: Parts, business: BusinessId, callback: CallbackId) -> Any:
    """Return the request's row once it is accepted or refused, or as it stands when that takes too long; None: it is not made yet."""
    with parts.hints.subscribe("answer", about=callback) as woken:
        return await _verdict(parts, business, callback, woken)


async def _verdict(parts: Parts, business: BusinessId, callback: CallbackId, woken: Subscription) -> Any:
    row = None
    with contextlib.suppress(TimeoutError):
        async with asyncio.timeout(parts.answer_timeout):
            while True:
                row = await _read_request(parts, business, callback)
                if row is not None and row["state"] != "sent":
                    return row
                await woken.wait(POLL)
    return row or await _read_request(parts, business, callback)


async def _read_request(parts: Parts, business: BusinessId, callback: CallbackId) -> Any:
    async with parts.application.transaction(business, name="read_request") as tx:
        return await tx.row(SQL["read_request"], business=business, id=callback)


def _destination(parts: Parts, wanted: Wanted) -> Destination:
    if wanted.chat is not None and wanted.number is None:
        return Destination(kind=DestinationKind.BROWSER, address=str(wanted.chat), proved=True)
    if wanted.number is None:
        raise Invalid("Say where to call: a number, or a chat.", id="destination-missing", field="destination")
    if not parts.phones:
        raise Invalid("No carrier here rings telephones.", id="no-phone-carrier", field="destination")
    number = read_number(wanted.number, region=wanted.region)
    return Destination(kind=DestinationKind.PHONE, address=number, proved=wanted.proved)


async def _person(tx: Transaction, business: BusinessId, wanted: Wanted, destination: Destination) -> Person:
    language = wanted.language or "en"
    if wanted.chat is not None:
        row = await tx.row(SQL["find_chat"], business=business, id=wanted.chat)
        if row is None:
            raise NotFound("There is no such chat.", field="chat")
        return _found(row["person"], row, wanted.language or row["language"])
    if wanted.person is not None:
        row = await tx.row(SQL["find_person"], business=business, id=wanted.person)
        if row is None:
            raise NotFound("There is no such person.", field="person")
        return _found(row["id"], row, language)
    proved = destination.address if destination.kind is DestinationKind.PHONE and destination.proved else None
    if proved is not None and wanted.identity is None:
        row = await tx.row(SQL["person_of_number"], business=business, number=proved)
        if row is not None:
            return _found(row["id"], row, language)
    row = await tx.row(
        SQL["insert_person"], business=business, id=new_id(), name=wanted.name, identity=wanted.identity, now=tx.now
    )
    assert row is not None, "an upsert returns its row"
    if proved is not None:
        await tx.run(SQL["prove_number"], business=business, id=row["id"], number=proved)
    return _found(row["id"], row, language)


def _found(id: UUID, row: Any, language: str) -> Person:
    return Person(id=PersonId(id), name=row["name"], language=language, stopped=row["stopped_at"] is not None)


def _message(
    callback: CallbackId, wanted: Wanted, destination: Destination, person: Person, by: str
) -> RequestCallback:
    return RequestCallback(
        callback=callback,
        provider=wanted.provider,
        when=wanted.when,
        destination=destination,
        person=person.id,
        person_name=wanted.name or person.name,
        chat=ChatId(wanted.chat) if wanted.chat else None,
        channel="web" if wanted.chat else "api",
        language=person.language,
        topic=wanted.topic,
        created_by=by,
        named_time=False,
        priority=wanted.priority,
    )
