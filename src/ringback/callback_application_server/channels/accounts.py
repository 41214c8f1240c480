"""The channels that are there, and the accounts that businesses have on them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any
from uuid import UUID

from ringback.callback_application_server.channels.environment import ChannelEnvironment
from ringback.callback_application_server.channels.protocol import Account, Channel
from ringback.callback_application_server.channels.registry import open_channels
from ringback.callback_application_server.webhooks.post import WebhookPoster
from ringback.domain.ids import BusinessId, ChannelId
from ringback.postgres.database import Transaction
from ringback.postgres.sql import load_sql

SQL = load_sql(__file__, "channels.sql")
PATH = "/channels/v1"


@dataclass(frozen=True, slots=True, kw_only=True)
class Channels:
    """Every kind that is installed. `public_url`: where providers reach us, no slash at its end."""

    kinds: Mapping[str, Channel]
    public_url: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Opened:
    """An account with its kind, and what the business is called."""

    account: Account
    channel: Channel
    business_name: str
    zone: str
    language: str
    settings: Mapping[str, Any] = field(repr=False)


def installed(poster: WebhookPoster, *, public_url: str) -> Channels:
    """Return the channels that are installed."""
    return Channels(kinds=open_channels(ChannelEnvironment(poster=poster)), public_url=public_url.rstrip("/"))


async def load_account(channels: Channels, tx: Transaction, business: BusinessId, id: UUID) -> Opened | None:
    """Return an account; None when it is retired or its kind is not installed."""
    row = await tx.row(SQL["load_account"], business=business, id=id)
    if row is None or row["kind"] not in channels.kinds:
        return None
    return Opened(
        account=Account(
            business=business,
            id=ChannelId(row["id"]),
            kind=row["kind"],
            url=f"{channels.public_url}{PATH}/{row['public_key']}",
            credentials=row["credentials"],
            options=row["options"],
            region=row["settings"].get("region"),
        ),
        channel=channels.kinds[row["kind"]],
        business_name=row["business_name"],
        zone=row["zone"],
        language=row["language"],
        settings=row["settings"],
    )
