"""Forget who was called; when, and how it ended, stays."""

from __future__ import annotations

from ringback.domain.commands import ForgetPerson
from ringback.domain.ids import BusinessId
from ringback.postgres.database import Transaction
from ringback.session_management_server import recordings
from ringback.session_management_server.queries import SQL


async def forget_person(tx: Transaction, business: BusinessId, command: ForgetPerson) -> None:
    """Apply ForgetPerson."""
    callbacks = list(command.callbacks)
    await tx.run(SQL["forget_customers"], business=business, callbacks=callbacks)
    await recordings.forget(tx, business, callbacks)
    await tx.run(SQL["forget_pages"], business=business, callbacks=callbacks)
