"""The agent says what answered: voicemail or the wrong person. The call ends, and its outcome says so."""

from __future__ import annotations

from ringback.domain.commands import MarkCustomer
from ringback.domain.ids import BusinessId
from ringback.postgres.database import Transaction
from ringback.session_management_server.rules.happenings import Marked
from ringback.session_management_server.workflows.record_happenings import tell


async def mark_customer(tx: Transaction, business: BusinessId, mark: MarkCustomer) -> None:
    """Note what was found while the customer's leg is answered; later it changes nothing."""
    await tell(tx, business, mark.attempt, Marked(found=mark.found))
