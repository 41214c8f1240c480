"""Requests and moves as the callback application server sends them, one by one or by many at once."""

import asyncio
from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any

from ringback.domain.commands import RequestCallback
from ringback.domain.destinations import Destination, DestinationKind
from ringback.domain.events import CallbackAccepted, CallbackRefused
from ringback.domain.ids import BusinessId, CallbackId, PersonId, new_id
from ringback.domain.status import Server
from ringback.domain.times import When, WhenKind
from ringback.interaction_manager.configuration import SettingsCache
from ringback.interaction_manager.workflows.book_callback import book_callback, book_callbacks
from ringback.postgres.database import RETRYABLE
from ringback.postgres.group_writer import GroupWriter
from ringback.postgres.messages import send
from tests.support.databases import Databases
from tests.workflows.interaction_manager.floor import Floor


def slot_when(start: datetime, seconds: float = 1800, zone: str = "Europe/London") -> When:
    return When(kind=WhenKind.SLOT, zone=zone, start=start, end=start + timedelta(seconds=seconds))


def next_slot(now: datetime, *, ahead: int = 1, seconds: int = 1800) -> datetime:
    """Return the beginning of a slot to come."""
    return datetime.fromtimestamp((now.timestamp() // seconds + ahead) * seconds, now.tzinfo)


def request(
    provider: str = "biz:acme/q:billing", *, when: When | None = None, number: str | None = None, **more: Any
) -> RequestCallback:
    """A request of a new person in a browser, as soon as possible unless it says otherwise."""
    callback = CallbackId(new_id())
    destination = (
        Destination(kind=DestinationKind.BROWSER, address=str(new_id()), proved=True)
        if number is None
        else Destination(kind=DestinationKind.PHONE, address=number)
    )
    values: dict[str, Any] = {
        "callback": callback,
        "provider": provider,
        "when": when or When(kind=WhenKind.ASAP, zone="Europe/London"),
        "destination": destination,
        "person": PersonId(new_id()),
        "named_time": True,
    }
    return RequestCallback(**(values | more))


async def ask(floor: Floor, wanted: RequestCallback) -> CallbackAccepted | CallbackRefused:
    """Send one request and return what came back. Nothing is assigned yet."""
    async with floor.databases.application.transaction(floor.business, name="request") as tx:
        await send(tx, floor.business, Server.INTERACTIONS, wanted.callback, wanted)
    await floor.manager.messages.drain()
    await floor._application.drain()
    answers = [
        each
        for each in floor.told
        if isinstance(each, CallbackAccepted | CallbackRefused) and each.callback == wanted.callback
    ]
    assert answers, "every request is answered"
    return answers[-1]


def shared_commits(databases: Databases, business: BusinessId) -> GroupWriter[RequestCallback, None]:
    """Book as one process does: those that wait share one commit."""
    cache = SettingsCache()

    async def together(requests: Sequence[RequestCallback]) -> list[None]:
        async with databases.interactions.transaction(business, name="book") as tx:
            await book_callbacks(cache, tx, business, requests)
        return [None] * len(requests)

    return GroupWriter(together, key=lambda each: each.callback)


async def ask_at_once(databases: Databases, business: BusinessId, wanted: list[RequestCallback]) -> None:
    """Book many at the same time, as two processes do: one gives each a transaction of its own, in the other those that wait share one."""
    cache, writer = SettingsCache(), shared_commits(databases, business)

    async def alone(each: RequestCallback) -> None:
        while True:
            try:
                async with databases.interactions.transaction(business, name="book") as tx:
                    await book_callback(cache, tx, business, each)
                return
            except RETRYABLE:  # as the message worker does
                await asyncio.sleep(0.01)

    await asyncio.gather(*((alone, writer.submit)[number % 2](each) for number, each in enumerate(wanted)))
