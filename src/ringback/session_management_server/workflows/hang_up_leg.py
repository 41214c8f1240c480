"""An operator ends a leg."""

from __future__ import annotations

from ringback.domain.commands import HangUpLeg
from ringback.domain.ids import BusinessId
from ringback.postgres.database import Transaction
from ringback.session_management_server.rules.happenings import HangUpAsked
from ringback.session_management_server.workflows.record_happenings import tell


async def hang_up_leg(tx: Transaction, business: BusinessId, order: HangUpLeg) -> None:
    """Let the leg go; the attempt goes on as if its party had hung up."""
    await tell(tx, business, order.attempt, HangUpAsked(leg=order.leg))
