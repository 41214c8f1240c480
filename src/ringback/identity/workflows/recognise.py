"""Turn a cookie or an API key into a principal. No right is cached: what is revoked is revoked at once."""

from __future__ import annotations

from datetime import timedelta
from typing import TypeAlias
from uuid import UUID

from ringback.domain.errors import NotLoggedIn
from ringback.domain.ids import BusinessId, QueueId
from ringback.identity.principal import Principal
from ringback.identity.queries import SQL
from ringback.identity.rules.rights import Right, Role, rights_of, with_implied
from ringback.identity.rules.secrets import KEY_MARK, digest
from ringback.postgres.database import Database

KnownKeys: TypeAlias = dict[bytes, tuple[BusinessId, UUID]]  # by the hash of the key's secret: its business, and its id

_KEY_NOTED_EVERY = timedelta(minutes=1)
_KEYS_KNOWN = 10_000


async def recognise_cookie(database: Database, token: str | None) -> Principal:
    """Return who logged in; raise NotLoggedIn when the cookie is missing, unknown, expired or revoked."""
    if not token:
        raise NotLoggedIn("Log in first.")
    async with database.transaction(name="find_log_in") as tx:
        found = await tx.row(SQL["find_login"], token_hash=digest(token))
    if found is None:
        raise NotLoggedIn("Log in again: the session is over.")
    business = found["business"]
    async with database.transaction(business, name="load_user") as tx:
        row = await tx.row(SQL["load_user"], business=business, id=found["user_id"])
    if row is None:
        raise NotLoggedIn("This account is disabled.")
    roles = frozenset(Role(name) for name in row["roles"])
    limited = Role.ADMIN not in roles and Role.AUDITOR not in roles and bool(row["queues"])
    return Principal(
        business=business,
        id=row["id"],
        name=f"user:{row['id']}",
        display_name=row["name"],
        rights=rights_of(roles),
        roles=roles,
        agent=row["agent"],
        queues=frozenset(QueueId(queue) for queue in row["queues"]) if limited else None,
    )


async def recognise_key(database: Database, key: str, known: KnownKeys) -> Principal:
    """Return the API key's principal; raise NotLoggedIn when it is unknown or revoked.

    `known`: whose the keys are that were seen before, which never changes.
    """
    if not key.startswith(KEY_MARK):
        raise NotLoggedIn("This is not an API key.", id="unknown-api-key")
    secret_hash, row = digest(key), None
    if secret_hash not in known:
        async with database.transaction(name="find_api_key") as tx:
            found = await tx.row(SQL["find_api_key"], secret_hash=secret_hash)
        if found is not None:
            if len(known) >= _KEYS_KNOWN:
                known.clear()
            known[secret_hash] = BusinessId(found["business"]), found["id"]
    if secret_hash in known:
        business, id = known[secret_hash]
        async with database.transaction(business, name="load_api_key") as tx:
            row = await tx.row(SQL["load_api_key"], business=business, id=id)
            if row is not None and (row["last_used_at"] is None or row["last_used_at"] < tx.now - _KEY_NOTED_EVERY):
                await tx.run(SQL["touch_api_key"], business=business, id=id, now=tx.now)
    if row is None:
        raise NotLoggedIn("This API key is unknown or revoked.", id="unknown-api-key")
    return Principal(
        business=row["business"],
        id=row["id"],
        name=f"key:{row['id']}",
        display_name=row["name"],
        rights=with_implied(Right(scope) for scope in row["scopes"]),
    )
