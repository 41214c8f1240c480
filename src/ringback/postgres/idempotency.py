"""The same key gives the same answer again: kept per principal, with a hash of the body, in the transaction of the effect."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any
from uuid import UUID

import asyncpg

from ringback.domain.errors import Conflict, Invalid
from ringback.domain.ids import BusinessId
from ringback.domain.repetition import Once
from ringback.postgres.database import Transaction
from ringback.postgres.sql import load_sql

SQL = load_sql(__file__, "idempotency.sql")
_PERSONAL = frozenset({"customer", "name", "person_name", "number", "masked", "topic", "identity"})


@dataclass(frozen=True, slots=True, kw_only=True)
class Kept:
    """An answer given before."""

    status: int
    answer: Any


async def claim_key(tx: Transaction, business: BusinessId, principal: str, key: str, body: bytes) -> Kept | None:
    """Claim an idempotency key for this transaction. None: go on, and call keep_answer. Kept: answer that and do nothing.

    A second request with the key waits here until the first one's transaction ends. Raises Invalid (`idempotency-key-invalid`,
    `idempotency-key-reused` for another body), Conflict (`request-in-progress`) when the first one committed without an answer yet.
    """
    if not 1 <= len(key) <= 200:
        raise Invalid("Send an Idempotency-Key of 1 to 200 characters.", id="idempotency-key-invalid")
    body_hash = hashlib.sha256(body).digest()
    row = await tx.row(SQL["claim_key"], business=business, principal=principal, key=key, body_hash=body_hash)
    assert row is not None, "an upsert returns its row"
    return None if row["fresh"] else _kept(row, body_hash)


async def answered_before(tx: Transaction, business: BusinessId, once: Once) -> Any:
    """Claim the key of a request in this transaction; return what was kept for it before, None for a new one or one without a key."""
    if once.key is None:
        return None
    kept = await claim_key(tx, business, once.principal, once.key, once.body)
    return None if kept is None else kept.answer


async def keep_once(tx: Transaction, business: BusinessId, once: Once, answer: Any, *, status: int = 200) -> None:
    """Keep what a request is answered, if it has a key."""
    if once.key is not None:
        await keep_answer(tx, business, once.principal, once.key, status=status, answer=answer)


async def forget_in_answers(tx: Transaction, business: BusinessId, ids: Sequence[UUID]) -> None:
    """Take names, numbers and topics out of the kept answers that show any of these callbacks; the keys stand."""
    if not ids:
        return
    for row in await tx.rows(SQL["answers_about"], business=business, ids=[str(each) for each in ids]):
        await tx.run(
            SQL["replace_answer"],
            business=business,
            principal=row["principal"],
            key=row["key"],
            answer=without_person(row["answer"]),
        )


def without_person(answer: Any) -> Any:
    """Return an answer of the same shape with nothing in it that says who somebody is or what they wanted."""
    if isinstance(answer, dict):
        return {
            key: None if key in _PERSONAL and isinstance(value, str) else without_person(value)
            for key, value in answer.items()
        }
    return [without_person(each) for each in answer] if isinstance(answer, list) else answer


async def read_key(tx: Transaction, business: BusinessId, principal: str, key: str, body: bytes) -> Kept | None:
    """Return what was answered before, without claiming the key. Raises what claim_key raises."""
    row = await tx.row(SQL["read_key"], business=business, principal=principal, key=key)
    return None if row is None else _kept(row, hashlib.sha256(body).digest())


def key_reused() -> Invalid:
    """Return the refusal of a key that stands for another body."""
    return Invalid("This Idempotency-Key was used with another body.", id="idempotency-key-reused")


def _kept(row: asyncpg.Record, body_hash: bytes) -> Kept:
    if row["body_hash"] != body_hash:
        raise key_reused()
    if row["status"] is None:
        raise Conflict("The first request with this key is still being worked on.", id="request-in-progress")
    return Kept(status=row["status"], answer=row["answer"])


async def keep_answer(
    tx: Transaction, business: BusinessId, principal: str, key: str, *, status: int, answer: Any
) -> None:
    """Keep what the request with this key is answered (plain JSON values)."""
    await tx.run(SQL["keep_answer"], business=business, principal=principal, key=key, status=status, answer=answer)
