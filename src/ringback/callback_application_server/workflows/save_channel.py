"""Make or change the channels of a business: the widgets that pages embed, and its accounts on channels of messages."""

from __future__ import annotations

import os
import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, fields
from typing import Any

import asyncpg

from ringback.callback_application_server.channels.checking import WEB, check_account, check_kind
from ringback.callback_application_server.queries import SQL
from ringback.domain.documents import Act, Change, FieldChange, Problem, field_changes
from ringback.domain.errors import Invalid
from ringback.domain.ids import BusinessId, new_id
from ringback.domain.widgets import read_identity_secret, read_origins, read_settings, widget_key
from ringback.postgres.database import Transaction

_KEY = re.compile(r"(?:wk|ch)_[A-Za-z0-9_-]{6,80}")
_WIDGETS = frozenset({"allowed_origins", "identity_secret", "greeting", "accent"})
_MESSAGES = frozenset({"credentials", "options"})
_BOTH = frozenset({"name", "key", "kind", "provider", "region"})


@dataclass(frozen=True, slots=True, kw_only=True)
class ChannelItem:
    """One widget or account. `key` names it in the page's script tag, or in the address its provider posts to; one is made when none is given."""

    name: str
    key: str | None
    allowed_origins: tuple[str, ...]
    identity_secret: str | None = field(default=None, repr=False)
    settings: Mapping[str, Any] = field(default_factory=dict)
    kind: str = WEB
    credentials: Mapping[str, str] = field(default_factory=dict, repr=False)
    options: Mapping[str, Any] = field(default_factory=dict)


def read_channels(value: object) -> tuple[tuple[ChannelItem, ...], list[Problem]]:
    """Read the `channels` of a document; with problems, what is read is not to be used."""
    if not isinstance(value, list):
        return (), [Problem(path="channels", detail="must be a list")]
    found: list[ChannelItem] = []
    problems = []
    for number, given in enumerate(value):
        path = f"channels[{number}]"
        try:
            item = _read(given, path)
        except Invalid as error:
            at = error.field if error.field and error.field.startswith(path) else path
            problems.append(Problem(path=at, detail=error.detail.removeprefix(at).lstrip()))
            continue
        if item.name in {each.name for each in found}:
            problems.append(Problem(path=f"{path}.name", detail=f"is there twice: {item.name}"))
        if item.key is not None and item.key in {each.key for each in found}:
            problems.append(Problem(path=f"{path}.key", detail=f"is there twice: {item.key}"))
        found.append(item)
    return tuple(found), problems


def _read(item: object, path: str) -> ChannelItem:
    if not isinstance(item, dict):
        raise Invalid(f"{path} must be a mapping", field=path)
    kind = _at(path, lambda: check_kind(item.get("kind", WEB)))
    for unknown in sorted(item.keys() - _BOTH - (_WIDGETS if kind == WEB else _MESSAGES)):
        raise Invalid(f"{path}.{unknown} is not known here", field=f"{path}.{unknown}")
    name, key = item.get("name"), item.get("key")
    if not isinstance(name, str) or not name.strip():
        raise Invalid(f"{path}.name is missing", field=f"{path}.name")
    if key is not None and not (isinstance(key, str) and _KEY.fullmatch(key)):
        raise Invalid(f"{path}.key must look like wk_acme-help or ch_acme-sms", field=f"{path}.key")
    settings = read_settings(item, f"{path}.")
    if kind != WEB:
        credentials, options = item.get("credentials") or {}, item.get("options") or {}
        if not isinstance(credentials, dict) or not isinstance(options, dict):
            raise Invalid(f"{path}: credentials and options are mappings", field=path)
        return ChannelItem(
            name=name.strip(),
            key=key,
            allowed_origins=(),
            settings=settings,
            kind=kind,
            credentials=credentials,
            options=options,
        )
    return ChannelItem(
        name=name.strip(),
        key=key,
        allowed_origins=read_origins(item.get("allowed_origins"), f"{path}.allowed_origins"),
        identity_secret=read_identity_secret(item.get("identity_secret"), f"{path}.identity_secret"),
        settings=settings,
    )


async def plan_channels(
    tx: Transaction, business: BusinessId, channels: Sequence[ChannelItem]
) -> tuple[tuple[Change, ...], list[Problem]]:
    """Return what the document changes, and what forbids it. Widgets that it does not name are left alone."""
    rows = await tx.rows(SQL["channels"], business=business)
    changes, problems = [], []
    for number, item in enumerate(channels):
        path = f"channels[{number}]"
        row = _row_of(item, rows)
        if row is not None and item.key not in (None, row["public_key"]):
            words = f"the widget {item.name!r} has the key {row['public_key']}, and pages use it: a widget with another key needs another name"
            problems.append(Problem(path=f"{path}.key", detail=words))
        if item.key is not None and await tx.value(SQL["channel_owner"], key=item.key) not in (None, business):
            words = f"{item.key} is another business's widget: use another key, or leave it out and one is made"
            problems.append(Problem(path=f"{path}.key", detail=words))
        if item.kind != WEB or (row is not None and row["kind"] != WEB):
            problems += _of_account(item, row, path)
        fields = field_changes(_shown(_item_of(row)), _shown(item, of=row)) if row is not None else ()
        if row is not None and item.identity_secret not in (None, row["identity_secret"]):
            fields += (FieldChange(path="identity_secret", before="(secret)", after="(another secret)"),)
        if row is not None and any(row["credentials"].get(each) != value for each, value in item.credentials.items()):
            fields += (FieldChange(path="credentials", before="(secret)", after="(another secret)"),)
        what = "widget" if item.kind == WEB else "channel"
        if row is None or row["retired_at"] is not None:
            made = _shown(item)
            known = [FieldChange(path=f.name, before=None, after=getattr(made, f.name)) for f in FIELDS]
            named = tuple(each for each in known if each.path != "name" and each.after not in (None, {}, ()))
            changes.append(Change(kind=what, slug=item.name, act=Act.CREATED, fields=named))
        elif fields:
            changes.append(Change(kind=what, slug=item.name, act=Act.CHANGED, fields=fields))
    return tuple(changes), problems


async def save_channels(tx: Transaction, business: BusinessId, channels: Sequence[ChannelItem]) -> None:
    """Make the channels as they are said; they were planned in this transaction."""
    rows = await tx.rows(SQL["channels"], business=business)
    for item in channels:
        row = _row_of(item, rows)
        await tx.run(
            SQL["save_channel"],
            business=business,
            id=row["id"] if row else new_id(),
            name=item.name,
            public_key=item.key or (row["public_key"] if row else new_widget_key()),
            allowed_origins=list(item.allowed_origins),
            identity_secret=item.identity_secret,
            settings=dict(item.settings),
            kind=item.kind,
            credentials=dict(item.credentials),
            options=dict(item.options),
        )


async def written_channels(tx: Transaction, business: BusinessId) -> list[dict[str, Any]]:
    """Return the channels as a document has them; secrets are left out, and stay when it is applied."""
    items = [_item_of(row) for row in await tx.rows(SQL["channels"], business=business) if row["retired_at"] is None]
    return [
        {"name": each.name, "key": each.key, "allowed_origins": list(each.allowed_origins), **each.settings}
        if each.kind == WEB
        else {"name": each.name, "kind": each.kind, "key": each.key, "options": dict(each.options), **each.settings}
        for each in items
    ]


def new_widget_key() -> str:
    """Make a key for a widget that came without one."""
    return widget_key(os.urandom(18))


@dataclass(frozen=True, slots=True, kw_only=True)
class _Shown:
    """A channel as a difference shows it."""

    name: str
    key: str | None
    allowed_origins: tuple[str, ...]
    settings: Mapping[str, Any]
    options: Mapping[str, Any]


FIELDS = fields(_Shown)


def _shown(item: ChannelItem, of: asyncpg.Record | None = None) -> _Shown:
    key = item.key or (of["public_key"] if of is not None else None)
    return _Shown(
        name=item.name, key=key, allowed_origins=item.allowed_origins, settings=item.settings, options=item.options
    )


def _of_account(item: ChannelItem, row: asyncpg.Record | None, path: str) -> list[Problem]:
    """Return what forbids an account: another kind under its name, or credentials that are neither said nor known."""
    if row is not None and row["kind"] != item.kind:
        words = f"{item.name!r} is of kind {row['kind']}: a channel of another kind needs another name"
        return [Problem(path=f"{path}.kind", detail=words)]
    known = row["credentials"] if row is not None else {}
    try:
        check_account(item.kind, {**known, **item.credentials}, item.options)
    except Invalid as error:
        return [Problem(path=f"{path}.{error.field}", detail=error.detail.removeprefix(error.field or "").lstrip())]
    return []


def _at(path: str, read: Callable[[], str]) -> str:
    """Say where in the document something is wrong."""
    try:
        return read()
    except Invalid as error:
        raise Invalid(f"{path}.{error.detail}", field=f"{path}.{error.field}") from error


def _row_of(item: ChannelItem, rows: Sequence[asyncpg.Record]) -> asyncpg.Record | None:
    """Return the channel that an item is about: of its name, or renamed under its key."""
    named = next((row for row in rows if row["name"] == item.name), None)
    return named or next((row for row in rows if item.key == row["public_key"]), None)


def _item_of(row: asyncpg.Record) -> ChannelItem:
    return ChannelItem(
        name=row["name"],
        key=row["public_key"],
        allowed_origins=tuple(row["allowed_origins"]),
        identity_secret=row["identity_secret"],
        settings=row["settings"],
        kind=row["kind"],
        credentials=row["credentials"],
        options=row["options"],
    )
