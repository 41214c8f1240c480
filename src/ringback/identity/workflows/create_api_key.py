"""Create and revoke API keys: the whole key is shown once, and stored as a hash."""

from __future__ import annotations

import os
from collections.abc import Iterable
from dataclasses import dataclass, field
from uuid import UUID

from ringback.domain.errors import Invalid, NotFound
from ringback.domain.ids import BusinessId, new_id
from ringback.identity import queries
from ringback.identity.queries import SQL
from ringback.identity.rules.rights import read_scopes
from ringback.identity.rules.secrets import api_key, digest, prefix_of
from ringback.identity.workflows.record_audit import write_audit
from ringback.postgres.database import Database


@dataclass(frozen=True, slots=True, kw_only=True)
class NewApiKey:
    """A key at the only moment it is known."""

    id: UUID
    prefix: str
    key: str = field(repr=False)


async def create_api_key(
    database: Database, business: BusinessId, *, name: str, scopes: Iterable[str], by: str = "cli"
) -> NewApiKey:
    """Create a key with these scopes. Raises Invalid for an unknown scope or a missing name."""
    wanted = sorted(read_scopes(scopes))
    if not name.strip():
        raise Invalid("Name the key after what uses it.", id="name-missing", field="name")
    key, id = api_key(os.urandom(30)), new_id()
    async with database.transaction(business, name="create_api_key") as tx:
        await tx.run(
            SQL["insert_api_key"],
            business=business,
            id=id,
            prefix=prefix_of(key),
            secret_hash=digest(key),
            name=name.strip(),
            scopes=wanted,
            now=tx.now,
        )
        await write_audit(
            tx,
            business,
            principal=by,
            action="key.created",
            subject=f"key:{id}",
            detail={"name": name, "scopes": wanted},
        )
    return NewApiKey(id=id, prefix=prefix_of(key), key=key)


async def revoke_api_key(
    database: Database, business: BusinessId, id: UUID, *, by: str, reason: str | None = None
) -> None:
    """Revoke a key; one that is revoked already is fine. Raises NotFound for one that never was."""
    async with database.transaction(business, name="revoke_api_key") as tx:
        if await queries.get_api_key(tx, business, id) is None:
            raise NotFound("There is no such API key.")
        if await tx.run(SQL["revoke_api_key"], business=business, id=id, now=tx.now):
            await write_audit(tx, business, principal=by, action="key.revoked", subject=f"key:{id}", reason=reason)
