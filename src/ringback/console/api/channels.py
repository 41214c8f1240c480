"""/api/v1/channels: the chat widgets that pages embed, the origins they may be on, and their keys."""

from __future__ import annotations

from typing import Any
from uuid import UUID

import msgspec
from litestar import delete, get, patch, post
from litestar.di import NamedDependency
from litestar.params import FromPath

from ringback.console.api.wire import Given, Page, Taken
from ringback.console.edge import After, AnyRequest, Key, Limit, asked_of
from ringback.console.parts import Parts
from ringback.console.rules.cursors import page_of
from ringback.console.statements import CHANNELS
from ringback.console.workflows import manage_channels
from ringback.domain.errors import NotFound
from ringback.identity.guards import needs
from ringback.identity.principal import Principal
from ringback.identity.rules.rights import Right


class ChannelChange(Taken, frozen=True, kw_only=True):
    """What is left out stays. `identity_secret` verifies signed identities; `credentials` and `options` are a channel's of messages. Secrets are never shown."""

    name: str | None = None
    allowed_origins: list[str] | None = None
    greeting: str | None = None
    accent: str | None = None
    provider: str | None = None
    region: str | None = None
    identity_secret: str | None = None
    credentials: dict[str, str] | None = None
    options: dict[str, Any] | None = None

    def __repr__(self) -> str:
        """Hide the secret from whatever prints this."""
        return "ChannelChange(…)"

    @property
    def is_secret(self) -> bool:
        """It brings a secret, which is not kept with the request."""
        return self.identity_secret is not None or bool(self.credentials)

    def settings(self) -> dict[str, object]:
        """Return how the widget looks and what it offers, as far as it is said."""
        return {"greeting": self.greeting, "accent": self.accent, "provider": self.provider, "region": self.region}


class ChannelBody(ChannelChange, frozen=True, kw_only=True):
    """A new widget, or with another `kind` an account on a channel of messages."""

    name: str
    kind: str = "web"
    allowed_origins: list[str] = msgspec.field(default_factory=list)

    def __repr__(self) -> str:
        """Hide the secret from whatever prints this."""
        return "ChannelBody(…)"


class ChannelOut(Given, frozen=True, kw_only=True):
    """A widget. `key` is what the page's script tag shows: it names the widget and proves nothing."""

    id: UUID
    name: str
    kind: str
    key: str
    allowed_origins: list[str]
    greeting: str | None
    accent: str | None
    provider: str | None
    region: str | None
    signs_identities: bool
    options: dict[str, Any]


class ChannelPage(Page, frozen=True, kw_only=True):
    """Widgets, by name."""

    items: list[ChannelOut]


@get("/channels", opt=needs(Right.CONFIGURATION_READ), summary="List channels")
async def channels(
    parts: NamedDependency[Parts], principal: NamedDependency[Principal], after: After = None, limit: Limit = None
) -> ChannelPage:
    """Return chat widgets, by name."""
    async with parts.application.transaction(principal.business, name="list_channels") as tx:
        rows = await tx.rows(CHANNELS["list_channels"], business=principal.business)
    shown, next = page_of(rows, lambda row: (row["name"], row["id"]), after, limit)
    return ChannelPage(items=[_out(row) for row in shown], next=next)


@post("/channels", opt=needs(Right.CONFIGURATION_WRITE), summary="Create a channel")
async def create(
    request: AnyRequest,
    data: ChannelBody,
    parts: NamedDependency[Parts],
    principal: NamedDependency[Principal],
    key: Key = None,
) -> ChannelOut:
    """Create a chat widget; a key for its script tag is made."""
    id = await manage_channels.create_channel(
        parts,
        await asked_of(request, principal, key, secret=data.is_secret),
        name=data.name,
        allowed_origins=data.allowed_origins,
        identity_secret=data.identity_secret,
        settings=data.settings(),
        account=manage_channels.Account(kind=data.kind, credentials=data.credentials or {}, options=data.options or {}),
    )
    return await _read(parts, principal, id)


@get("/channels/{id:uuid}", opt=needs(Right.CONFIGURATION_READ), summary="Look at a channel")
async def look(id: FromPath[UUID], parts: NamedDependency[Parts], principal: NamedDependency[Principal]) -> ChannelOut:
    """Return one chat widget."""
    return await _read(parts, principal, id)


@patch("/channels/{id:uuid}", opt=needs(Right.CONFIGURATION_WRITE), summary="Change a channel")
async def change(
    id: FromPath[UUID],
    request: AnyRequest,
    data: ChannelChange,
    parts: NamedDependency[Parts],
    principal: NamedDependency[Principal],
    key: Key = None,
) -> ChannelOut:
    """Change name, allowed origins or looks; pages of an origin that is gone open no chat from now on."""
    await manage_channels.change_channel(
        parts,
        await asked_of(request, principal, key, secret=data.is_secret),
        id,
        name=data.name,
        allowed_origins=data.allowed_origins,
        identity_secret=data.identity_secret,
        settings=data.settings(),
        account=manage_channels.Account(credentials=data.credentials or {}, options=data.options),
    )
    return await _read(parts, principal, id)


@post(
    "/channels/{id:uuid}/key", opt=needs(Right.CONFIGURATION_WRITE), status_code=200, summary="Rotate a channel's key"
)
async def rotate(
    id: FromPath[UUID],
    request: AnyRequest,
    parts: NamedDependency[Parts],
    principal: NamedDependency[Principal],
    key: Key = None,
) -> ChannelOut:
    """Give the widget another key: pages with the old one open no new chat from now on."""
    await manage_channels.rotate_key(parts, await asked_of(request, principal, key), id)
    return await _read(parts, principal, id)


@delete("/channels/{id:uuid}", opt=needs(Right.CONFIGURATION_WRITE), summary="Delete a channel")
async def remove(
    id: FromPath[UUID],
    request: AnyRequest,
    parts: NamedDependency[Parts],
    principal: NamedDependency[Principal],
    key: Key = None,
) -> None:
    """Delete a widget with its key; chats and callbacks that came by it stay."""
    await manage_channels.delete_channel(parts, await asked_of(request, principal, key), id)


async def _read(parts: Parts, principal: Principal, id: UUID) -> ChannelOut:
    async with parts.application.transaction(principal.business, name="get_channel") as tx:
        row = await tx.row(CHANNELS["get_channel"], business=principal.business, id=id)
    if row is None:
        raise NotFound("There is no such channel. GET /api/v1/channels lists them.")
    return _out(row)


def _out(row: Any) -> ChannelOut:
    settings = row["settings"]
    return ChannelOut(
        id=row["id"],
        name=row["name"],
        kind=row["kind"],
        key=row["public_key"],
        allowed_origins=list(row["allowed_origins"]),
        greeting=settings.get("greeting"),
        accent=settings.get("accent"),
        provider=settings.get("provider"),
        region=settings.get("region"),
        signs_identities=row["signs_identities"],
        options=row["options"],
    )
