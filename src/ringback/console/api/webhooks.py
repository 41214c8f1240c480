"""/api/v1/webhooks: endpoints, their secrets, and what was sent to them."""

from __future__ import annotations

from uuid import UUID

from litestar import delete, get, patch, post
from litestar.di import NamedDependency
from litestar.params import FromPath

from ringback.console.api.administration_wire import (
    DeliveryOut,
    DeliveryPage,
    NewWebhookOut,
    WebhookBody,
    WebhookChange,
    WebhookList,
    WebhookOut,
)
from ringback.console.edge import After, AnyRequest, Key, Limit, asked_of
from ringback.console.parts import Parts
from ringback.console.rules.cursors import page_of, page_size, read_time_cursor, write_cursor
from ringback.console.statements import WEBHOOKS
from ringback.console.workflows import manage_webhooks
from ringback.console.workflows.manage_webhooks import NewEndpoint
from ringback.domain.errors import NotFound
from ringback.identity.guards import needs
from ringback.identity.principal import Principal
from ringback.identity.rules.rights import Right


@get("/webhooks", opt=needs(Right.WEBHOOKS_READ), summary="List webhooks")
async def endpoints(
    parts: NamedDependency[Parts], principal: NamedDependency[Principal], after: After = None, limit: Limit = None
) -> WebhookList:
    """Return endpoints, without secrets."""
    async with parts.application.transaction(principal.business, name="list_webhooks") as tx:
        rows = await tx.rows(WEBHOOKS["list_endpoints"], business=principal.business)
    shown, next = page_of(
        rows, lambda row: (row["created_at"].isoformat(timespec="microseconds"), row["id"]), after, limit
    )
    return WebhookList(items=[WebhookOut(**dict(row)) for row in shown], next=next)


@post("/webhooks", opt=needs(Right.WEBHOOKS_WRITE), summary="Create a webhook")
async def create(
    request: AnyRequest,
    data: WebhookBody,
    parts: NamedDependency[Parts],
    principal: NamedDependency[Principal],
    key: Key = None,
) -> NewWebhookOut:
    """Create an endpoint; its secret is shown this once, and to a repetition with the same Idempotency-Key."""
    asked = await asked_of(request, principal, key)
    made = await manage_webhooks.create_webhook(parts, asked, url=data.url, events=data.events)
    return await _with_secret(parts, principal, made)


@get("/webhooks/{id:uuid}", opt=needs(Right.WEBHOOKS_READ), summary="Look at a webhook")
async def look(id: FromPath[UUID], parts: NamedDependency[Parts], principal: NamedDependency[Principal]) -> WebhookOut:
    """Return one endpoint, without its secret."""
    return await _endpoint(parts, principal, id)


@patch("/webhooks/{id:uuid}", opt=needs(Right.WEBHOOKS_WRITE), summary="Change a webhook")
async def change(
    id: FromPath[UUID],
    request: AnyRequest,
    data: WebhookChange,
    parts: NamedDependency[Parts],
    principal: NamedDependency[Principal],
    key: Key = None,
) -> WebhookOut:
    """Change URL or events, disable or enable."""
    asked = await asked_of(request, principal, key)
    await manage_webhooks.change_webhook(parts, asked, id, url=data.url, events=data.events, enabled=data.enabled)
    return await _endpoint(parts, principal, id)


@delete("/webhooks/{id:uuid}", opt=needs(Right.WEBHOOKS_WRITE), summary="Delete a webhook")
async def remove(
    id: FromPath[UUID],
    request: AnyRequest,
    parts: NamedDependency[Parts],
    principal: NamedDependency[Principal],
    key: Key = None,
) -> None:
    """Delete an endpoint with what is on its way to it."""
    await manage_webhooks.delete_webhook(parts, await asked_of(request, principal, key), id)


@post(
    "/webhooks/{id:uuid}/secret", opt=needs(Right.WEBHOOKS_WRITE), status_code=200, summary="Renew a webhook's secret"
)
async def renew(
    id: FromPath[UUID],
    request: AnyRequest,
    parts: NamedDependency[Parts],
    principal: NamedDependency[Principal],
    key: Key = None,
) -> NewWebhookOut:
    """Replace the secret; the new one is shown this once, and to a repetition with the same Idempotency-Key."""
    asked = await asked_of(request, principal, key)
    return await _with_secret(parts, principal, await manage_webhooks.renew_secret(parts, asked, id))


@post("/webhooks/{id:uuid}/test", opt=needs(Right.WEBHOOKS_WRITE), status_code=202, summary="Test a webhook")
async def test(
    id: FromPath[UUID],
    request: AnyRequest,
    parts: NamedDependency[Parts],
    principal: NamedDependency[Principal],
    key: Key = None,
) -> dict[str, UUID]:
    """Send `webhook.test`; the list of deliveries shows what came of it."""
    return {"delivery": await manage_webhooks.send_test(parts, await asked_of(request, principal, key), id)}


@get("/webhooks/{id:uuid}/deliveries", opt=needs(Right.WEBHOOKS_READ), summary="List deliveries")
async def deliveries(
    id: FromPath[UUID],
    parts: NamedDependency[Parts],
    principal: NamedDependency[Principal],
    after: After = None,
    limit: Limit = None,
) -> DeliveryPage:
    """Return what was sent to an endpoint, newest first."""
    size = page_size(limit)
    last, last_id = read_time_cursor(after)
    await _endpoint(parts, principal, id)
    async with parts.application.transaction(principal.business, name="list_deliveries") as tx:
        rows = await tx.rows(
            WEBHOOKS["list_deliveries"],
            business=principal.business,
            endpoint=id,
            after=last,
            after_id=last_id,
            size=size + 1,
        )
    items = [DeliveryOut(**dict(row)) for row in rows[:size]]
    return DeliveryPage(items=items, next=write_cursor(items[-1].made_at, items[-1].id) if len(rows) > size else None)


@post(
    "/webhooks/{id:uuid}/deliveries/{delivery:uuid}/resend",
    opt=needs(Right.WEBHOOKS_WRITE),
    status_code=202,
    summary="Send again",
)
async def resend(
    id: FromPath[UUID],
    delivery: FromPath[UUID],
    request: AnyRequest,
    parts: NamedDependency[Parts],
    principal: NamedDependency[Principal],
    key: Key = None,
) -> dict[str, UUID]:
    """Send a delivery once more, with the same webhook-id."""
    await manage_webhooks.resend(parts, await asked_of(request, principal, key), id, delivery)
    return {"delivery": delivery}


async def _endpoint(parts: Parts, principal: Principal, id: UUID) -> WebhookOut:
    async with parts.application.transaction(principal.business, name="get_webhook") as tx:
        row = await tx.row(WEBHOOKS["get_endpoint"], business=principal.business, id=id)
    if row is None:
        raise NotFound("There is no such webhook.")
    return WebhookOut(**dict(row))


async def _with_secret(parts: Parts, principal: Principal, made: NewEndpoint) -> NewWebhookOut:
    shown = await _endpoint(parts, principal, made.id)
    return NewWebhookOut(
        id=shown.id,
        url=shown.url,
        events=shown.events,
        created_at=shown.created_at,
        disabled_at=shown.disabled_at,
        failing_since=shown.failing_since,
        secret=made.secret,
    )
