"""Forget who somebody was, in every server's tables; what must stay as evidence stays, and is named."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import structlog

from ringback.callback_application_server.number_proofs import SQL as PROOFS
from ringback.callback_application_server.retention import LEDGER_DAYS, SQL
from ringback.callback_application_server.workflows.purge_chats import empty_chats
from ringback.domain.commands import ForgetPerson
from ringback.domain.errors import Conflict, NotFound
from ringback.domain.ids import BusinessId, CallbackId, PersonId
from ringback.domain.repetition import UNKEYED, Once
from ringback.domain.status import Server
from ringback.identity.workflows.record_audit import write_audit
from ringback.postgres.database import Database, Transaction
from ringback.postgres.idempotency import answered_before, forget_in_answers, keep_once
from ringback.postgres.messages import send

log = structlog.get_logger(__name__)


async def erase_person(
    database: Database,
    business: BusinessId,
    person: PersonId,
    *,
    by: str,
    reason: str | None = None,
    once: Once = UNKEYED,
) -> dict[str, Any]:
    """Erase, and say what was and what stays until when. Doing it again changes nothing.

    Raises NotFound (`person-not-found`), Conflict (`callback-open`) while something they asked for is not over.
    """
    async with database.transaction(business, name="erase_person") as tx:
        before: dict[str, Any] | None = await answered_before(tx, business, once)
        if before is not None:
            return before
        row = await tx.row(SQL["lock_person"], business=business, person=person)
        if row is None:
            raise NotFound("There is no such person.", id="person-not-found")
        if await tx.value(SQL["has_open_request"], business=business, person=person):
            raise Conflict(
                "This person has an open callback.", id="callback-open", next="Cancel it, or wait until it is over."
            )
        chats, callbacks = await forget(tx, business, person)
        consents = await tx.row(SQL["kept_consents"], business=business, person=person)
        days = await tx.value(SQL["ledger_days"], business=business, standard=LEDGER_DAYS)
        assert consents is not None, "an aggregate returns a row"
        until = consents["latest"] + timedelta(days=days) if consents["latest"] else None
        erased = {
            "person": str(person),
            "chats_emptied": chats,
            "callbacks_anonymised": callbacks,
            "consents_kept": consents["count"],
            "consents_kept_until": until.isoformat() if until else None,
        }
        await write_audit(tx, business, principal=by, action="person.erased", subject=f"person:{person}", reason=reason)
        await keep_once(tx, business, once, erased)
    log.info("person_erased", business=str(business), by=by, chats=chats, callbacks=callbacks)
    return erased


async def forget(tx: Transaction, business: BusinessId, person: PersonId) -> tuple[int, int]:
    """Forget a person whose row is held; the other servers are told and do it in their own tables. Returns how many chats and callbacks."""
    chats = [row["id"] for row in await tx.rows(SQL["chats_of_person"], business=business, person=person)]
    await empty_chats(tx, business, chats)
    requests = await tx.rows(SQL["erase_requests"], business=business, person=person)
    await tx.run(PROOFS["forget_proofs_of_person"], business=business, person=person)
    await tx.run(SQL["erase_person"], business=business, person=person, now=tx.now)
    callbacks = tuple(sorted(CallbackId(row["id"]) for row in requests))
    await forget_in_answers(tx, business, callbacks)
    command = ForgetPerson(person=person, callbacks=callbacks)
    for server in (Server.INTERACTIONS, Server.SESSIONS):
        await send(tx, business, server, person, command)
    return len(chats), len(callbacks)
