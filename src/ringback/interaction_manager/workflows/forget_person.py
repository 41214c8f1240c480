"""Forget who a finished callback was for; its promises and decisions stay, without a name."""

from __future__ import annotations

from ringback.domain.commands import ForgetPerson
from ringback.domain.ids import BusinessId
from ringback.interaction_manager.callbacks import SQL
from ringback.postgres.database import Transaction


async def forget_person(tx: Transaction, business: BusinessId, command: ForgetPerson) -> None:
    """Apply ForgetPerson."""
    await tx.run(SQL["forget_customers"], business=business, callbacks=list(command.callbacks))
