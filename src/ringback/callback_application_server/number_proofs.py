"""Which numbers a person has shown to be theirs, what codes were sent for it, and from where their chats were opened."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from uuid import UUID

from ringback.callback_application_server.queries import ChatRow
from ringback.domain.destinations import Destination, DestinationKind
from ringback.domain.guards.codes import CODES_BY
from ringback.domain.ids import BusinessId, ChatId
from ringback.postgres.database import Transaction
from ringback.postgres.sql import load_sql

SQL = load_sql(__file__, "number_proofs.sql")
TIMER = "number_code"
CODES_KEPT = timedelta(days=2)  # longer than any limit looks back
PROOFS_KEPT = timedelta(days=90)


async def with_proof(tx: Transaction, chat: ChatRow, destination: Destination) -> Destination:
    """Return a destination as proved when the person has proved it before."""
    if destination.proved or destination.kind is not DestinationKind.PHONE:
        return destination
    known = await tx.value(SQL["is_proved"], business=chat.business, person=chat.person, number=destination.address)
    return replace(destination, proved=bool(known))


async def note_address(tx: Transaction, business: BusinessId, chat: ChatId, address: str | None) -> None:
    """Keep, under a keyed hash, from where a chat was opened: codes are counted by it."""
    if address is not None:
        await tx.run(SQL["note_address"], business=business, chat=chat, address=address, now=tx.now)


async def message_account(tx: Transaction, business: BusinessId) -> UUID | None:
    """Return the account that codes are sent from; None when the business has none."""
    found: UUID | None = await tx.value(SQL["message_account"], business=business, kind=CODES_BY)
    return found


async def purge_numbers(tx: Transaction, business: BusinessId) -> None:
    """Forget what no limit looks at any more, and proofs that are old: numbers change hands."""
    await tx.run(SQL["forget_codes"], business=business, before=tx.now - CODES_KEPT)
    await tx.run(SQL["forget_addresses"], business=business, before=tx.now - CODES_KEPT)
    await tx.run(SQL["forget_proofs"], business=business, before=tx.now - PROOFS_KEPT)
