"""/api/v1/users, /api-keys and /audit: who may log in, which programs may call, and who did what."""

from __future__ import annotations

from uuid import UUID

from litestar import delete, get, patch, post, put
from litestar.di import NamedDependency
from litestar.params import FromPath, FromQuery

from ringback.console.api.administration_wire import (
    AuditOut,
    AuditPage,
    KeyBody,
    KeyOut,
    KeyPage,
    NewKeyOut,
    PasswordBody,
    UserBody,
    UserChange,
    UserOut,
    UserPage,
)
from ringback.console.edge import After, AnyRequest, Key, Limit, asked_of
from ringback.console.parts import Parts
from ringback.console.rules.cursors import page_size, read_cursor, read_time_cursor, write_cursor
from ringback.console.workflows.look_up import find_agent
from ringback.domain.errors import NotFound
from ringback.domain.ids import AgentId, BusinessId
from ringback.identity import queries
from ringback.identity.guards import needs
from ringback.identity.principal import Principal
from ringback.identity.queries import Account, ApiKey
from ringback.identity.rules.rights import Right
from ringback.identity.workflows.change_user import change_user
from ringback.identity.workflows.create_api_key import create_api_key, revoke_api_key
from ringback.identity.workflows.create_user import create_user
from ringback.identity.workflows.set_password import set_password


@get("/users", opt=needs(Right.ACCOUNTS_WRITE), summary="List log-ins")
async def users(
    parts: NamedDependency[Parts], principal: NamedDependency[Principal], after: After = None, limit: Limit = None
) -> UserPage:
    """Return log-ins, by address."""
    size = page_size(limit)
    last, last_id = read_cursor(after)
    async with parts.identity.transaction(principal.business, name="list_users") as tx:
        rows = await queries.list_users(tx, principal.business, size=size + 1, after=last, after_id=last_id)
    end = rows[size - 1] if len(rows) > size else None
    return UserPage(
        items=[_user(row) for row in rows[:size]], next=write_cursor(end.email.lower(), end.id) if end else None
    )


@post("/users", opt=needs(Right.ACCOUNTS_WRITE), summary="Create a log-in")
async def add_user(
    request: AnyRequest,
    data: UserBody,
    parts: NamedDependency[Parts],
    principal: NamedDependency[Principal],
    key: Key = None,
) -> UserOut:
    """Create a log-in of this business."""
    asked = await asked_of(request, principal, key, secret=True)
    agent = AgentId((await find_agent(parts, principal, data.agent))["id"]) if data.agent else None
    id = await create_user(
        parts.identity,
        parts.passwords,
        principal.business,
        email=data.email,
        name=data.name,
        password=data.password,
        roles=data.roles,
        agent=agent,
        queues=data.queues,
        by=principal.name,
        once=asked.once,
    )
    return await _read_user(parts, principal.business, id)


@get("/users/{id:uuid}", opt=needs(Right.ACCOUNTS_WRITE), summary="Look at a log-in")
async def look_at_user(
    id: FromPath[UUID], parts: NamedDependency[Parts], principal: NamedDependency[Principal]
) -> UserOut:
    """Return one log-in."""
    return await _read_user(parts, principal.business, id)


@patch("/users/{id:uuid}", opt=needs(Right.ACCOUNTS_WRITE), summary="Change a log-in")
async def alter_user(
    id: FromPath[UUID],
    request: AnyRequest,
    data: UserChange,
    parts: NamedDependency[Parts],
    principal: NamedDependency[Principal],
    key: Key = None,
) -> UserOut:
    """Change name, roles or queues, disable or enable. Every session of the person ends."""
    asked = await asked_of(request, principal, key)
    await change_user(
        parts.identity,
        principal.business,
        id,
        by=principal.name,
        reason=data.reason,
        name=data.name,
        roles=data.roles,
        queues=data.queues,
        disabled=data.disabled,
        once=asked.once,
    )
    return await _read_user(parts, principal.business, id)


@put("/users/{id:uuid}/password", opt=needs(Right.ACCOUNTS_WRITE), status_code=204, summary="Set a password")
async def change_password(
    id: FromPath[UUID],
    request: AnyRequest,
    data: PasswordBody,
    parts: NamedDependency[Parts],
    principal: NamedDependency[Principal],
    key: Key = None,
) -> None:
    """Set a password. Every session of the person ends."""
    asked = await asked_of(request, principal, key, secret=True)
    await set_password(
        parts.identity,
        parts.passwords,
        principal.business,
        id=id,
        password=data.password,
        by=principal.name,
        once=asked.once,
    )


@get("/api-keys", opt=needs(Right.ACCOUNTS_WRITE), summary="List API keys")
async def keys(
    parts: NamedDependency[Parts], principal: NamedDependency[Principal], after: After = None, limit: Limit = None
) -> KeyPage:
    """Return keys without their secrets, newest first."""
    size = page_size(limit)
    last, last_id = read_time_cursor(after)
    async with parts.identity.transaction(principal.business, name="list_api_keys") as tx:
        rows = await queries.list_api_keys(tx, principal.business, size=size + 1, after=last, after_id=last_id)
    end = rows[size - 1] if len(rows) > size else None
    return KeyPage(items=[_key(row) for row in rows[:size]], next=write_cursor(end.created_at, end.id) if end else None)


@post("/api-keys", opt=needs(Right.ACCOUNTS_WRITE), summary="Create an API key")
async def add_key(
    request: AnyRequest,
    data: KeyBody,
    parts: NamedDependency[Parts],
    principal: NamedDependency[Principal],
    key: Key = None,
) -> NewKeyOut:
    """Create a key; it is shown this once, and to a repetition with the same Idempotency-Key."""
    asked = await asked_of(request, principal, key)
    made = await create_api_key(
        parts.identity,
        principal.business,
        name=data.name,
        scopes=data.scopes,
        by=principal.name,
        once=asked.once,
        seed=parts.key_seed,
    )
    return NewKeyOut(id=made.id, prefix=made.prefix, key=made.key)


@delete("/api-keys/{id:uuid}", opt=needs(Right.ACCOUNTS_WRITE), summary="Revoke an API key")
async def remove_key(
    id: FromPath[UUID],
    request: AnyRequest,
    parts: NamedDependency[Parts],
    principal: NamedDependency[Principal],
    reason: FromQuery[str | None] = None,
    key: Key = None,
) -> None:
    """Revoke a key: it opens nothing from now on."""
    asked = await asked_of(request, principal, key)
    await revoke_api_key(parts.identity, principal.business, id, by=principal.name, reason=reason, once=asked.once)


@get("/audit", opt=needs(Right.AUDIT_READ), summary="The audit")
async def audit(
    parts: NamedDependency[Parts],
    principal: NamedDependency[Principal],
    subject: FromQuery[str | None] = None,
    by: FromQuery[str | None] = None,
    after: After = None,
    limit: Limit = None,
) -> AuditPage:
    """Return who did what, newest first; `subject` such as callback:<id>, `by` such as user:<id>."""
    size = page_size(limit)
    last, last_id = read_time_cursor(after)
    async with parts.identity.transaction(principal.business, name="list_audit") as tx:
        rows = await queries.list_audit(
            tx, principal.business, size=size + 1, after=last, after_id=last_id, subject=subject, principal=by
        )
    items = [
        AuditOut(
            id=row.id,
            at=row.at,
            principal=row.principal,
            principal_name=row.principal_name,
            action=row.action,
            subject=row.subject,
            reason=row.reason,
            detail=row.detail,
        )
        for row in rows[:size]
    ]
    return AuditPage(items=items, next=write_cursor(items[-1].at, items[-1].id) if len(rows) > size else None)


async def _read_user(parts: Parts, business: BusinessId, id: UUID) -> UserOut:
    async with parts.identity.transaction(business, name="get_user") as tx:
        found = await queries.get_user(tx, business, id)
    if found is None:
        raise NotFound("There is no such user.")
    return _user(found)


def _user(account: Account) -> UserOut:
    return UserOut(
        id=account.id,
        email=account.email,
        name=account.name,
        roles=sorted(account.roles),
        agent=account.agent,
        queues=sorted(account.queues),
        created_at=account.created_at,
        disabled_at=account.disabled_at,
    )


def _key(key: ApiKey) -> KeyOut:
    return KeyOut(
        id=key.id,
        prefix=key.prefix,
        name=key.name,
        scopes=list(key.scopes),
        created_at=key.created_at,
        last_used_at=key.last_used_at,
        revoked_at=key.revoked_at,
    )
