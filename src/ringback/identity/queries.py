"""The identity role's statements as typed functions; rows become frozen values here and nowhere else."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from ringback.domain.ids import AgentId, BusinessId, QueueId, UserId
from ringback.identity.rules.rights import Role
from ringback.identity.rules.throttle import FORGOTTEN_AFTER, Failures
from ringback.postgres.database import Transaction
from ringback.postgres.sql import load_sql

SQL = load_sql(__file__, "queries.sql")


@dataclass(frozen=True, slots=True, kw_only=True)
class StoredUser:
    """An account as found by its address, before anything is believed."""

    business: BusinessId
    id: UserId
    password_hash: str
    disabled: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Account:
    """An account as its business sees it."""

    id: UserId
    email: str
    name: str
    roles: frozenset[Role]
    agent: AgentId | None
    queues: frozenset[QueueId]
    created_at: datetime
    disabled_at: datetime | None


@dataclass(frozen=True, slots=True, kw_only=True)
class ApiKey:
    """A key without its secret."""

    id: UUID
    prefix: str
    name: str
    scopes: tuple[str, ...]
    created_at: datetime
    last_used_at: datetime | None
    revoked_at: datetime | None


@dataclass(frozen=True, slots=True, kw_only=True)
class AuditEntry:
    """One thing somebody did."""

    id: UUID
    at: datetime
    principal: str
    principal_name: str | None
    action: str
    subject: str
    reason: str | None
    detail: dict[str, Any]


async def find_user(tx: Transaction, email: str) -> StoredUser | None:
    """Find an account by its address, in whatever business it is."""
    row = await tx.row(SQL["find_user"], email=email)
    return StoredUser(**dict(row)) if row else None


async def failures_of(tx: Transaction, subject: bytes) -> Failures | None:
    """Read the failures of a subject, locked."""
    row = await tx.row(SQL["lock_failures"], subject=subject)
    return Failures(count=row["failures"], last_at=row["last_at"]) if row else None


async def count_failure(tx: Transaction, subject: bytes) -> None:
    """Count one failure more."""
    await tx.run(SQL["count_failure"], subject=subject, now=tx.now, forgotten=tx.now - FORGOTTEN_AFTER)


async def get_user(tx: Transaction, business: BusinessId, id: UUID) -> Account | None:
    """Read one account."""
    row = await tx.row(SQL["get_user"], business=business, id=id)
    return _account(row) if row else None


async def list_users(
    tx: Transaction, business: BusinessId, *, size: int, after: str | None, after_id: UUID | None
) -> list[Account]:
    """Read a page of accounts, by address."""
    rows = await tx.rows(SQL["list_users"], business=business, size=size, after=after, after_id=after_id)
    return [_account(row) for row in rows]


async def get_api_key(tx: Transaction, business: BusinessId, id: UUID) -> ApiKey | None:
    """Read one key."""
    row = await tx.row(SQL["get_api_key"], business=business, id=id)
    return _key(row) if row else None


async def list_api_keys(
    tx: Transaction, business: BusinessId, *, size: int, after: datetime | None, after_id: UUID | None
) -> list[ApiKey]:
    """Read a page of keys, newest first."""
    rows = await tx.rows(SQL["list_api_keys"], business=business, size=size, after=after, after_id=after_id)
    return [_key(row) for row in rows]


async def list_audit(
    tx: Transaction,
    business: BusinessId,
    *,
    size: int,
    after: datetime | None,
    after_id: UUID | None,
    subject: str | None,
    principal: str | None,
) -> list[AuditEntry]:
    """Read a page of the audit, newest first."""
    rows = await tx.rows(
        SQL["list_audit"],
        business=business,
        size=size,
        after=after,
        after_id=after_id,
        subject=subject,
        principal=principal,
    )
    return [AuditEntry(**dict(row)) for row in rows]


def _account(row: Any) -> Account:
    return Account(
        id=UserId(row["id"]),
        email=row["email"],
        name=row["name"],
        roles=frozenset(Role(name) for name in row["roles"]),
        agent=row["agent"],
        queues=frozenset(row["queues"]),
        created_at=row["created_at"],
        disabled_at=row["disabled_at"],
    )


def _key(row: Any) -> ApiKey:
    return ApiKey(**{**dict(row), "scopes": tuple(row["scopes"])})
