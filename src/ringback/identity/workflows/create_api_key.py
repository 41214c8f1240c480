"""Create and revoke API keys: the whole key is shown once, and stored as a hash."""

from __future__ import annotations

import hashlib
import hmac
import os
from collections.abc import Iterable
from dataclasses import dataclass, field
from uuid import UUID

from ringback.domain.errors import Conflict, Invalid, NotFound
from ringback.domain.ids import BusinessId, new_id
from ringback.domain.repetition import UNKEYED, Once
from ringback.identity import queries
from ringback.identity.queries import SQL
from ringback.identity.rules.rights import read_scopes
from ringback.identity.rules.secrets import api_key, digest, prefix_of
from ringback.identity.workflows.record_audit import write_audit
from ringback.postgres.database import Database, Transaction
from ringback.postgres.idempotency import answered_before, keep_once


@dataclass(frozen=True, slots=True, kw_only=True)
class NewApiKey:
    """A key at the only moment it is known."""

    id: UUID
    prefix: str
    key: str = field(repr=False)


async def create_api_key(
    database: Database,
    business: BusinessId,
    *,
    name: str,
    scopes: Iterable[str],
    by: str = "cli",
    once: Once = UNKEYED,
    seed: bytes = b"",
) -> NewApiKey:
    """Create a key with these scopes. A repetition of the request gets the same key again, made anew from `seed` and what was kept of it.

    Raises Invalid for an unknown scope or a missing name, Conflict (`key-shown-before`) when it cannot be made again.
    """
    wanted = sorted(read_scopes(scopes))
    if not name.strip():
        raise Invalid("Name the key after what uses it.", id="name-missing", field="name")
    nonce, id = os.urandom(32), new_id()
    key = _key_of(seed, nonce)
    async with database.transaction(business, name="create_api_key") as tx:
        before = await answered_before(tx, business, once)
        if before is not None:
            return await _again(tx, business, UUID(before["key"]), _key_of(seed, bytes.fromhex(before["nonce"])))
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
        await keep_once(tx, business, once, {"key": str(id), "nonce": nonce.hex()}, status=201)
    return NewApiKey(id=id, prefix=prefix_of(key), key=key)


def _key_of(seed: bytes, nonce: bytes) -> str:
    """Return the key that 32 random bytes stand for in this installation; neither they nor the seed alone tell it."""
    return api_key(hmac.new(seed, b"api key" + nonce, hashlib.sha256).digest()[:30])


async def _again(tx: Transaction, business: BusinessId, id: UUID, key: str) -> NewApiKey:
    if not await tx.value(SQL["is_key_good"], business=business, id=id, secret_hash=digest(key)):
        raise Conflict(
            "This key was made and cannot be shown again.",
            id="key-shown-before",
            next="Revoke it, and create another with a new Idempotency-Key.",
        )
    return NewApiKey(id=id, prefix=prefix_of(key), key=key)


async def revoke_api_key(
    database: Database, business: BusinessId, id: UUID, *, by: str, reason: str | None = None, once: Once = UNKEYED
) -> None:
    """Revoke a key; one that is revoked already is fine. Raises NotFound for one that never was."""
    async with database.transaction(business, name="revoke_api_key") as tx:
        if await answered_before(tx, business, once) is not None:
            return
        if await queries.get_api_key(tx, business, id) is None:
            raise NotFound("There is no such API key.")
        if await tx.run(SQL["revoke_api_key"], business=business, id=id, now=tx.now):
            await write_audit(tx, business, principal=by, action="key.revoked", subject=f"key:{id}", reason=reason)
        await keep_once(tx, business, once, {"key": str(id)}, status=204)
