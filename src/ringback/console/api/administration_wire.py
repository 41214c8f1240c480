"""What the API takes and gives about webhooks, log-ins, API keys and the audit."""

from __future__ import annotations

from datetime import datetime
from typing import Any
from uuid import UUID

from ringback.console.api.wire import Given, Page, Taken

# ---------------------------------------------------------------- webhooks


class WebhookBody(Taken, frozen=True, kw_only=True):
    """Where to tell what; no events: all."""

    url: str
    events: tuple[str, ...] = ()


class WebhookChange(Taken, frozen=True, kw_only=True):
    """What is left out stays."""

    url: str | None = None
    events: list[str] | None = None
    enabled: bool | None = None


class WebhookOut(Given, frozen=True, kw_only=True):
    """An endpoint, without its secret."""

    id: UUID
    url: str
    events: list[str]
    created_at: datetime
    disabled_at: datetime | None
    failing_since: datetime | None


class NewWebhookOut(WebhookOut, frozen=True, kw_only=True):
    """An endpoint with its secret, which is shown this once."""

    secret: str


class WebhookList(Page, frozen=True, kw_only=True):
    """Endpoints, in the order they were made."""

    items: list[WebhookOut]


class DeliveryOut(Given, frozen=True, kw_only=True):
    """One event on its way to one endpoint."""

    id: UUID
    event: str
    made_at: datetime
    tries: int
    delivered_at: datetime | None
    failed_at: datetime | None
    last_error: str | None


class DeliveryPage(Page, frozen=True, kw_only=True):
    """Deliveries, newest first."""

    items: list[DeliveryOut]


# ---------------------------------------------------------------- users, keys, audit


class UserBody(Taken, frozen=True, kw_only=True):
    """A new log-in."""

    email: str
    name: str
    password: str
    roles: list[str]
    agent: UUID | None = None
    queues: tuple[UUID, ...] = ()

    def __repr__(self) -> str:
        """Hide the password from whatever prints this."""
        return "UserBody(…)"


class UserChange(Taken, frozen=True, kw_only=True):
    """What is left out stays."""

    name: str | None = None
    roles: list[str] | None = None
    queues: list[UUID] | None = None
    disabled: bool | None = None
    reason: str | None = None


class PasswordBody(Taken, frozen=True, kw_only=True):
    """A new password."""

    password: str

    def __repr__(self) -> str:
        """Hide the password from whatever prints this."""
        return "PasswordBody(…)"


class UserOut(Given, frozen=True, kw_only=True):
    """A log-in."""

    id: UUID
    email: str
    name: str
    roles: list[str]
    agent: UUID | None
    queues: list[UUID]
    created_at: datetime
    disabled_at: datetime | None


class UserPage(Page, frozen=True, kw_only=True):
    """Log-ins, by address."""

    items: list[UserOut]


class KeyBody(Taken, frozen=True, kw_only=True):
    """A new API key."""

    name: str
    scopes: list[str]


class KeyOut(Given, frozen=True, kw_only=True):
    """A key without its secret."""

    id: UUID
    prefix: str
    name: str
    scopes: list[str]
    created_at: datetime
    last_used_at: datetime | None
    revoked_at: datetime | None


class NewKeyOut(Given, frozen=True, kw_only=True):
    """A key, shown this once."""

    id: UUID
    prefix: str
    key: str


class KeyPage(Page, frozen=True, kw_only=True):
    """Keys, newest first."""

    items: list[KeyOut]


class AuditOut(Given, frozen=True, kw_only=True):
    """One thing somebody did."""

    id: UUID
    at: datetime
    principal: str
    principal_name: str | None
    action: str
    subject: str
    reason: str | None
    detail: dict[str, Any]


class AuditPage(Page, frozen=True, kw_only=True):
    """The audit, newest first."""

    items: list[AuditOut]
