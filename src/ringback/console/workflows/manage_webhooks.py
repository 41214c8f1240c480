"""Create, change, test and resend webhooks; what is sent, the callback application server sends."""

from __future__ import annotations

import os
from collections.abc import Iterable
from dataclasses import dataclass, field
from uuid import UUID

import msgspec

from ringback.console.parts import Parts
from ringback.console.statements import WEBHOOKS
from ringback.console.workflows.send_command import Act, audit
from ringback.domain.errors import Conflict, NotFound
from ringback.domain.ids import new_id
from ringback.domain.status import Server
from ringback.domain.webhooks import WebhookEvent, new_secret, read_events, read_target
from ringback.identity.principal import Principal
from ringback.postgres.timers import set_timer

TIMER = "webhook"
_NO_ENDPOINT = "There is no such webhook."


@dataclass(frozen=True, slots=True, kw_only=True)
class NewEndpoint:
    """An endpoint at the only moment its secret is shown."""

    id: UUID
    secret: str = field(repr=False)


async def create_webhook(parts: Parts, principal: Principal, *, url: str, events: Iterable[str]) -> NewEndpoint:
    """Create an endpoint. Raises Invalid for a URL or event that cannot be."""
    read_target(url, allow_private=parts.allow_private_urls)
    wanted = read_events(events)
    made = NewEndpoint(id=new_id(), secret=new_secret(os.urandom(32)))
    await audit(parts, principal, Act(action="webhook.created", subject=f"webhook:{made.id}", detail={"url": url}))
    async with parts.application.transaction(principal.business, name="create_webhook") as tx:
        await tx.run(
            WEBHOOKS["insert_endpoint"],
            business=principal.business,
            id=made.id,
            url=url,
            secret=made.secret,
            events=[event.value for event in wanted],
            now=tx.now,
        )
    return made


async def change_webhook(
    parts: Parts,
    principal: Principal,
    id: UUID,
    *,
    url: str | None,
    events: Iterable[str] | None,
    enabled: bool | None,
) -> None:
    """Change the members given. Raises Invalid, NotFound."""
    if url is not None:
        read_target(url, allow_private=parts.allow_private_urls)
    wanted = None if events is None else [event.value for event in read_events(events)]
    detail = {"url": url, "events": wanted, "enabled": enabled}
    await audit(parts, principal, Act(action="webhook.changed", subject=f"webhook:{id}", detail=detail))
    async with parts.application.transaction(principal.business, name="change_webhook") as tx:
        changed = await tx.run(
            WEBHOOKS["update_endpoint"],
            business=principal.business,
            id=id,
            url=url,
            events=wanted,
            enabled=enabled,
            now=tx.now,
        )
    if not changed:
        raise NotFound(_NO_ENDPOINT)


async def renew_secret(parts: Parts, principal: Principal, id: UUID) -> NewEndpoint:
    """Give an endpoint another secret. Raises NotFound."""
    made = NewEndpoint(id=id, secret=new_secret(os.urandom(32)))
    await audit(parts, principal, Act(action="webhook.secret-renewed", subject=f"webhook:{id}"))
    async with parts.application.transaction(principal.business, name="renew_secret") as tx:
        if not await tx.run(WEBHOOKS["replace_secret"], business=principal.business, id=id, secret=made.secret):
            raise NotFound(_NO_ENDPOINT)
    return made


async def delete_webhook(parts: Parts, principal: Principal, id: UUID) -> None:
    """Remove an endpoint with its deliveries; their timers find nothing and end. Raises NotFound."""
    await audit(parts, principal, Act(action="webhook.deleted", subject=f"webhook:{id}"))
    async with parts.application.transaction(principal.business, name="delete_webhook") as tx:
        if not await tx.run(WEBHOOKS["delete_endpoint"], business=principal.business, id=id):
            raise NotFound(_NO_ENDPOINT)


async def send_test(parts: Parts, principal: Principal, id: UUID) -> UUID:
    """Send `webhook.test` to one endpoint; return the delivery's id. Raises NotFound, Conflict (`webhook-disabled`)."""
    business = principal.business
    async with parts.application.transaction(business, name="send_test_webhook") as tx:
        row = await tx.row(WEBHOOKS["get_endpoint"], business=business, id=id)
        if row is None:
            raise NotFound(_NO_ENDPOINT)
        if row["disabled_at"] is not None:
            raise Conflict("This webhook is disabled. Enable it first.", id="webhook-disabled")
        delivery = new_id()
        body = {"type": WebhookEvent.WEBHOOK_TEST.value, "timestamp": tx.now, "data": {"webhook": id}}
        await tx.run(
            WEBHOOKS["insert_delivery"],
            business=business,
            id=delivery,
            endpoint=id,
            event=WebhookEvent.WEBHOOK_TEST.value,
            body=msgspec.json.encode(body).decode(),
            now=tx.now,
        )
        await set_timer(tx, business, Server.APPLICATION, TIMER, delivery, at=tx.now)
    return delivery


async def resend(parts: Parts, principal: Principal, id: UUID, delivery: UUID) -> None:
    """Send a delivery once more, with the id it had. Raises NotFound."""
    business = principal.business
    await audit(parts, principal, Act(action="webhook.resent", subject=f"webhook:{id}", detail={"delivery": delivery}))
    async with parts.application.transaction(business, name="resend_webhook") as tx:
        if await tx.value(WEBHOOKS["reopen_delivery"], business=business, id=delivery, endpoint=id) is None:
            raise NotFound("There is no such delivery.")
        await set_timer(tx, business, Server.APPLICATION, TIMER, delivery, at=tx.now)
