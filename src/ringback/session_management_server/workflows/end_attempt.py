"""Stop an attempt: what was not begun is over at once, anything else after the evidence of each leg."""

from __future__ import annotations

from ringback.domain.commands import EndAttempt
from ringback.domain.ids import BusinessId
from ringback.postgres.database import Transaction
from ringback.postgres.timers import cancel_timer
from ringback.session_management_server.rules.happenings import EndAsked
from ringback.session_management_server.workflows.receive_direction import PERFORM
from ringback.session_management_server.workflows.record_happenings import tell


async def end_attempt(tx: Transaction, business: BusinessId, end: EndAttempt) -> None:
    """Withdraw it with the reason given."""
    after = await tell(tx, business, end.attempt, EndAsked(reason=end.reason))
    if after is not None and after.over:
        await cancel_timer(tx, business, PERFORM, end.attempt)
