"""Tells webhooks in the transaction that applies a message: what is applied once is told at least once."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any
from uuid import UUID

import msgspec

from ringback.callback_application_server.rules.webhook_events import Happening, body_of, happening_of
from ringback.domain.events import CallbackAccepted, PromiseSettled
from ringback.domain.ids import BusinessId, new_id
from ringback.domain.status import Server
from ringback.domain.webhooks import WebhookEvent
from ringback.postgres.database import Transaction
from ringback.postgres.message_batches import Handler
from ringback.postgres.sql import load_sql
from ringback.postgres.timers import set_timer

SQL = load_sql(__file__, "webhooks.sql")
TIMER = "webhook"


async def publish(tx: Transaction, business: BusinessId, callback: UUID | None, happening: Happening) -> None:
    """Leave the happening for every endpoint that wants it; without a callback it is about the business."""
    endpoints = await tx.rows(SQL["endpoints_for"], business=business, event=happening.event.value)
    if not endpoints:
        return
    told: dict[str, Any] = {}
    if callback is not None:
        about = await tx.row(SQL["about_callback"], business=business, callback=callback)
        told = {"callback": str(callback), **(_public(about) if about else {})}
    body = msgspec.json.encode(body_of(happening, at=tx.now, about=told)).decode()
    for endpoint in endpoints:
        await put_delivery(tx, business, endpoint["id"], event=happening.event.value, body=body)


async def put_delivery(tx: Transaction, business: BusinessId, endpoint: UUID, *, event: str, body: str) -> UUID:
    """Leave one body for one endpoint; it is sent after the commit."""
    id = new_id()
    await tx.run(
        SQL["insert_delivery"], business=business, id=id, endpoint=endpoint, event=event, body=body, now=tx.now
    )
    await set_timer(tx, business, Server.APPLICATION, TIMER, id, at=tx.now)
    return id


def with_webhooks(handlers: Mapping[type, Handler]) -> Mapping[type, Handler]:
    """Return the handlers with webhooks told after each; a message that only webhooks hear of gets a handler."""
    wrapped = {kind: _telling(handler) for kind, handler in handlers.items()}
    wrapped.setdefault(PromiseSettled, _telling(None))
    return wrapped


def _telling(handler: Handler | None) -> Handler:
    async def apply(tx: Transaction, business: BusinessId, message: Any) -> None:
        if handler is not None:
            await handler(tx, business, message)
        happening = happening_of(message)
        if happening is not None:
            await publish(tx, business, getattr(message, "callback", None), happening)
            if isinstance(message, CallbackAccepted):
                await _ask(tx, business, message.callback, happening)

    return apply


async def _ask(tx: Transaction, business: BusinessId, callback: UUID, accepted: Happening) -> None:
    """Leave the question of how urgent a customer is, for those who look customers up."""
    identity = await tx.value(SQL["identity_of_person"], business=business, callback=callback)
    data = {**accepted.data, "identity": identity}
    await publish(tx, business, callback, Happening(event=WebhookEvent.CALLBACK_LOOKUP, data=data))


def _public(about: Any) -> dict[str, Any]:
    return {
        "provider": about["provider"],
        "person": str(about["person"]),
        "chat": None if about["chat"] is None else str(about["chat"]),
        "created_by": about["principal"],
        "destination": about["destination"],
    }
