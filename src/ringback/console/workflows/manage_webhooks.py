"""Create, change, test and resend webhooks; what is sent, the callback application server sends."""

from __future__ import annotations

import hashlib
import os
from collections.abc import Iterable
from dataclasses import dataclass, field
from uuid import UUID

import msgspec

from ringback.console.parts import Parts
from ringback.console.statements import WEBHOOKS
from ringback.console.workflows.send_command import Act, Asked, claim, keep, write_act
from ringback.domain.errors import Conflict, NotFound
from ringback.domain.ids import new_id
from ringback.domain.status import Server
from ringback.domain.webhooks import WebhookEvent, new_secret, read_events, read_target
from ringback.postgres.database import Transaction
from ringback.postgres.timers import set_timer

TIMER = "webhook"
_NO_ENDPOINT = "There is no such webhook."


@dataclass(frozen=True, slots=True, kw_only=True)
class NewEndpoint:
    """An endpoint at the only moment its secret is shown."""

    id: UUID
    secret: str = field(repr=False)


async def create_webhook(parts: Parts, asked: Asked, *, url: str, events: Iterable[str]) -> NewEndpoint:
    """Create an endpoint. Raises Invalid for a URL or event that cannot be."""
    business = asked.principal.business
    read_target(url, allow_private=parts.allow_private_urls)
    wanted = read_events(events)
    made = NewEndpoint(id=new_id(), secret=new_secret(os.urandom(32)))
    async with parts.application.transaction(business, name="create_webhook") as tx:
        before = await claim(tx, asked)
        if before is not None:
            return await _again(tx, asked, before)
        await tx.run(
            WEBHOOKS["insert_endpoint"],
            business=business,
            id=made.id,
            url=url,
            secret=made.secret,
            events=[event.value for event in wanted],
            now=tx.now,
        )
        await write_act(
            tx, asked.principal, Act(action="webhook.created", subject=f"webhook:{made.id}", detail={"url": url})
        )
        await keep(tx, asked, status=201, answer=_kept(made))
    return made


async def change_webhook(
    parts: Parts,
    asked: Asked,
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
    business = asked.principal.business
    async with parts.application.transaction(business, name="change_webhook") as tx:
        if await claim(tx, asked) is not None:
            return
        changed = await tx.run(
            WEBHOOKS["update_endpoint"],
            business=business,
            id=id,
            url=url,
            events=wanted,
            enabled=enabled,
            now=tx.now,
        )
        if not changed:
            raise NotFound(_NO_ENDPOINT)
        await write_act(tx, asked.principal, Act(action="webhook.changed", subject=f"webhook:{id}", detail=detail))
        await keep(tx, asked, status=200, answer={"webhook": str(id)})


async def renew_secret(parts: Parts, asked: Asked, id: UUID) -> NewEndpoint:
    """Give an endpoint another secret. Raises NotFound."""
    business = asked.principal.business
    made = NewEndpoint(id=id, secret=new_secret(os.urandom(32)))
    async with parts.application.transaction(business, name="renew_secret") as tx:
        before = await claim(tx, asked)
        if before is not None:
            return await _again(tx, asked, before)
        if not await tx.run(WEBHOOKS["replace_secret"], business=business, id=id, secret=made.secret):
            raise NotFound(_NO_ENDPOINT)
        await write_act(tx, asked.principal, Act(action="webhook.secret-renewed", subject=f"webhook:{id}"))
        await keep(tx, asked, status=200, answer=_kept(made))
    return made


async def delete_webhook(parts: Parts, asked: Asked, id: UUID) -> None:
    """Remove an endpoint with its deliveries; their timers find nothing and end. Raises NotFound."""
    business = asked.principal.business
    async with parts.application.transaction(business, name="delete_webhook") as tx:
        if await claim(tx, asked) is not None:
            return
        if not await tx.run(WEBHOOKS["delete_endpoint"], business=business, id=id):
            raise NotFound(_NO_ENDPOINT)
        await write_act(tx, asked.principal, Act(action="webhook.deleted", subject=f"webhook:{id}"))
        await keep(tx, asked, status=204, answer={"webhook": str(id)})


async def send_test(parts: Parts, asked: Asked, id: UUID) -> UUID:
    """Send `webhook.test` to one endpoint; return the delivery's id. Raises NotFound, Conflict (`webhook-disabled`)."""
    business = asked.principal.business
    async with parts.application.transaction(business, name="send_test_webhook") as tx:
        before = await claim(tx, asked)
        if before is not None:
            return UUID(before["delivery"])
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
        await keep(tx, asked, status=202, answer={"delivery": str(delivery)})
    return delivery


async def resend(parts: Parts, asked: Asked, id: UUID, delivery: UUID) -> None:
    """Send a delivery once more, with the id it had. Raises NotFound."""
    business = asked.principal.business
    act = Act(action="webhook.resent", subject=f"webhook:{id}", detail={"delivery": str(delivery)})
    async with parts.application.transaction(business, name="resend_webhook") as tx:
        if await claim(tx, asked) is not None:
            return
        if await tx.value(WEBHOOKS["reopen_delivery"], business=business, id=delivery, endpoint=id) is None:
            raise NotFound("There is no such delivery.")
        await set_timer(tx, business, Server.APPLICATION, TIMER, delivery, at=tx.now)
        await write_act(tx, asked.principal, act)
        await keep(tx, asked, status=202, answer={"delivery": str(delivery)})


def _kept(made: NewEndpoint) -> dict[str, str]:
    """Return what is kept of an answer that shows a secret: enough to know the secret again, not the secret."""
    return {"webhook": str(made.id), "secret_hash": hashlib.sha256(made.secret.encode()).hexdigest()}


async def _again(tx: Transaction, asked: Asked, before: dict[str, str]) -> NewEndpoint:
    """Show a secret to the request that was to show it, as long as it is the one that signs."""
    secret = await tx.value(WEBHOOKS["get_secret"], business=asked.principal.business, id=UUID(before["webhook"]))
    if secret is None:
        raise NotFound(_NO_ENDPOINT)
    made = NewEndpoint(id=UUID(before["webhook"]), secret=secret)
    if _kept(made) != before:
        raise Conflict(
            "This secret was replaced meanwhile.",
            id="secret-replaced",
            next="Use the newer one, or renew it with a new Idempotency-Key.",
        )
    return made
