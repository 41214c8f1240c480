"""Make or change the channels of a business: the widgets that pages embed."""

from __future__ import annotations

import re
import secrets
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import urlsplit

from ringback.callback_application_server.queries import SQL
from ringback.domain.errors import Invalid
from ringback.domain.ids import BusinessId, new_id
from ringback.domain.providers import parse_provider
from ringback.postgres.database import Transaction

_KEY = re.compile(r"wk_[A-Za-z0-9_-]{6,80}")
_ACCENT = re.compile(r"#[0-9A-Fa-f]{6}")
_KNOWN = frozenset(
    {"name", "key", "kind", "allowed_origins", "identity_secret", "greeting", "accent", "provider", "region"}
)


@dataclass(frozen=True, slots=True, kw_only=True)
class ChannelItem:
    """One widget. `key` names it in the page's script tag; one is made when none is given."""

    name: str
    key: str | None
    allowed_origins: tuple[str, ...]
    identity_secret: str | None = field(default=None, repr=False)
    settings: Mapping[str, Any] = field(default_factory=dict)


def read_channels(value: object) -> tuple[ChannelItem, ...]:
    """Read the `channels` of a document. Raises Invalid naming the path of the first that is wrong."""
    if not isinstance(value, list):
        raise Invalid("channels must be a list", field="channels")
    return tuple(_read(item, f"channels[{number}]") for number, item in enumerate(value))


def _read(item: object, path: str) -> ChannelItem:
    if not isinstance(item, dict):
        raise Invalid(f"{path} must be a mapping", field=path)
    for unknown in sorted(item.keys() - _KNOWN):
        raise Invalid(f"{path}.{unknown} is not known here", field=f"{path}.{unknown}")
    name, key = item.get("name"), item.get("key")
    if not isinstance(name, str) or not name.strip():
        raise Invalid(f"{path}.name is missing", field=f"{path}.name")
    if item.get("kind", "web") != "web":
        raise Invalid(f"{path}.kind can only be web", field=f"{path}.kind")
    if key is not None and not (isinstance(key, str) and _KEY.fullmatch(key)):
        raise Invalid(f"{path}.key must look like wk_acme-help", field=f"{path}.key")
    settings = {name: item[name] for name in ("greeting", "accent", "provider", "region") if item.get(name) is not None}
    if "accent" in settings and not _ACCENT.fullmatch(str(settings["accent"])):
        raise Invalid(f"{path}.accent must be a colour such as #0B5C70", field=f"{path}.accent")
    if "provider" in settings:
        parse_provider(str(settings["provider"]))
    if "region" in settings and not re.fullmatch(r"[A-Z]{2}", str(settings["region"])):
        raise Invalid(f"{path}.region must be a country such as GB", field=f"{path}.region")
    return ChannelItem(
        name=name.strip(),
        key=key,
        allowed_origins=_origins(item.get("allowed_origins"), f"{path}.allowed_origins"),
        identity_secret=_secret(item.get("identity_secret"), f"{path}.identity_secret"),
        settings=settings,
    )


def _origins(value: object, path: str) -> tuple[str, ...]:
    if not isinstance(value, list) or not value:
        raise Invalid(f"{path} must list the pages' origins, such as https://www.example.com", field=path)
    for each in value:
        parts = urlsplit(each) if isinstance(each, str) else None
        is_origin = (
            parts is not None and parts.scheme in ("http", "https") and parts.netloc and not parts.path.strip("/")
        )
        if each != "*" and not is_origin:
            raise Invalid(f"{path}: {each!r} is no origin such as https://www.example.com", field=path)
    return tuple(value)


def _secret(value: object, path: str) -> str | None:
    if value is None:
        return None
    if not isinstance(value, str) or len(value) < 24:
        raise Invalid(f"{path} needs at least 24 characters", field=path)
    return value


async def save_channels(
    tx: Transaction, business: BusinessId, channels: Sequence[ChannelItem], *, dry_run: bool = False
) -> list[str]:
    """Make the channels as they are said; return the name and key of each that differed. Others are left alone."""
    there = {row["name"]: row for row in await tx.rows(SQL["channels"], business=business)}
    changed = []
    for item in channels:
        row = there.get(item.name)
        if row and item.key and item.key != row["public_key"]:
            raise Invalid(
                f"the widget {item.name!r} has the key {row['public_key']}, and pages use it: "
                "a widget with another key needs another name",
                field="channels",
            )
        key = item.key or (row["public_key"] if row else "wk_" + secrets.token_urlsafe(18))
        same = (
            row is not None
            and row["retired_at"] is None
            and (row["public_key"], tuple(row["allowed_origins"]), row["settings"])
            == (key, item.allowed_origins, dict(item.settings))
        )
        if same and row is not None and item.identity_secret in (None, row["identity_secret"]):
            continue
        changed.append(f"{item.name}: {key}" if item.key or row or not dry_run else item.name)
        if not dry_run:
            await tx.run(
                SQL["save_channel"],
                business=business,
                id=row["id"] if row else new_id(),
                name=item.name,
                public_key=key,
                allowed_origins=list(item.allowed_origins),
                identity_secret=item.identity_secret,
                settings=dict(item.settings),
            )
    return changed
