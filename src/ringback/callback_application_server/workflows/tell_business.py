"""Alerts on their way to people at the business: webhooks hear of each, and who is named for it gets a letter."""

from __future__ import annotations

from collections.abc import Sequence

from ringback.callback_application_server.mail.sender import SQL, put_mail
from ringback.callback_application_server.rules.alert_words import raised_letter, resolved_letter
from ringback.domain.events import AlertRaised, AlertResolved
from ringback.domain.ids import BusinessId
from ringback.postgres.database import Transaction


async def alert_raised(tx: Transaction, business: BusinessId, event: AlertRaised) -> None:
    """Leave a letter for whom the queue's policy names; the webhook follows."""
    if event.mail:
        await _mail(tx, business, event.mail, *raised_letter(event, await _name(tx, business)))


async def alert_resolved(tx: Transaction, business: BusinessId, event: AlertResolved) -> None:
    """The same people hear that it is over."""
    if event.mail:
        await _mail(tx, business, event.mail, *resolved_letter(event, await _name(tx, business)))


async def _name(tx: Transaction, business: BusinessId) -> str:
    return str(await tx.value(SQL["business_name"], business=business))


async def _mail(tx: Transaction, business: BusinessId, recipients: Sequence[str], subject: str, body: str) -> None:
    await put_mail(tx, business, recipients=recipients, subject=subject, body=body)
