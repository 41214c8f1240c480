"""Create, change and retire chat widgets, and give them other keys: each in one transaction with its record in the audit."""

from __future__ import annotations

import os
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from uuid import UUID

from ringback.console.parts import Parts
from ringback.console.statements import CHANNELS
from ringback.console.workflows.send_command import Act, Asked, claim, keep, write_act
from ringback.domain.errors import Conflict, Invalid, NotFound
from ringback.domain.ids import BusinessId, new_id
from ringback.domain.widgets import read_identity_secret, read_origins, read_settings, widget_key
from ringback.postgres.database import Transaction

LONGEST_NAME = 100


@dataclass(frozen=True, slots=True, kw_only=True)
class Account:
    """What a channel of messages has beside a name. Options that are None stay as they are; credentials that are not named stay."""

    kind: str = "web"
    credentials: Mapping[str, str] = field(default_factory=dict, repr=False)
    options: Mapping[str, object] | None = None


WIDGET = Account()
_NO_CHANNEL = "There is no such channel. GET /api/v1/channels lists them."


async def create_channel(
    parts: Parts,
    asked: Asked,
    *,
    name: str,
    allowed_origins: Sequence[str],
    identity_secret: str | None,
    settings: Mapping[str, object],
    account: Account = WIDGET,
) -> UUID:
    """Create a widget or an account and return its id. Raises Invalid, or Conflict (`name-taken`)."""
    business, name = asked.principal.business, _name(name)
    if account.kind != WIDGET.kind:
        parts.check_channel(account.kind, account.credentials, account.options or {})
    web = account.kind == WIDGET.kind
    origins = read_origins(allowed_origins, "allowed_origins") if web else ()
    secret = read_identity_secret(identity_secret, "identity_secret")
    wanted = read_settings(settings)
    async with parts.application.transaction(business, name="create_channel") as tx:
        before = await claim(tx, asked)
        if before is not None:
            return UUID(before["channel"])
        id = await _free_name(tx, business, name) or new_id()
        await tx.run(
            CHANNELS["insert_channel"],
            business=business,
            id=id,
            name=name,
            public_key=widget_key(os.urandom(18)),
            allowed_origins=list(origins),
            identity_secret=secret,
            settings=wanted,
            kind=account.kind,
            credentials=dict(account.credentials),
            options=dict(account.options or {}),
        )
        detail = {"name": name, "kind": account.kind, "allowed_origins": list(origins)}
        await _done(tx, asked, id, "created", detail, status=201)
    return id


async def change_channel(
    parts: Parts,
    asked: Asked,
    id: UUID,
    *,
    name: str | None,
    allowed_origins: Sequence[str] | None,
    identity_secret: str | None,
    settings: Mapping[str, object],
    account: Account = WIDGET,
) -> None:
    """Change the members given. Raises Invalid, NotFound, or Conflict (`name-taken`)."""
    business, wanted_name = asked.principal.business, None if name is None else _name(name)
    origins = None if allowed_origins is None else list(read_origins(allowed_origins, "allowed_origins"))
    secret = read_identity_secret(identity_secret, "identity_secret")
    wanted = read_settings(settings)
    async with parts.application.transaction(business, name="change_channel") as tx:
        if await claim(tx, asked) is not None:
            return
        if wanted_name is not None:
            await _free_name(tx, business, wanted_name, of=id)
        await _check_change(parts, tx, business, id, account)
        changed = await tx.run(
            CHANNELS["update_channel"],
            business=business,
            id=id,
            name=wanted_name,
            allowed_origins=origins,
            identity_secret=secret,
            settings=wanted,
            credentials=dict(account.credentials),
            options=None if account.options is None else dict(account.options),
        )
        if not changed:
            raise NotFound(_NO_CHANNEL)
        detail = {"name": wanted_name, "allowed_origins": origins, "identity_secret": secret is not None, **wanted}
        await _done(tx, asked, id, "changed", detail)


async def _check_change(parts: Parts, tx: Transaction, business: BusinessId, id: UUID, account: Account) -> None:
    """Look at an account as it will be. Raises Invalid; a widget has neither credentials nor options."""
    row = await tx.row(CHANNELS["account_to_change"], business=business, id=id)
    if row is None or not (account.credentials or account.options):
        return
    if row["kind"] == WIDGET.kind:
        raise Invalid("A widget has no credentials and options.", id="kind-unknown", field="credentials")
    options = row["options"] if account.options is None else account.options
    parts.check_channel(row["kind"], {**row["credentials"], **account.credentials}, options)


async def rotate_key(parts: Parts, asked: Asked, id: UUID) -> None:
    """Give a widget another key; the one before opens no chat from now on. Raises NotFound."""
    business = asked.principal.business
    async with parts.application.transaction(business, name="rotate_channel_key") as tx:
        if await claim(tx, asked) is not None:
            return
        key = widget_key(os.urandom(18))
        if not await tx.run(CHANNELS["replace_channel_key"], business=business, id=id, public_key=key):
            raise NotFound(_NO_CHANNEL)
        await _done(tx, asked, id, "key-rotated", {})


async def delete_channel(parts: Parts, asked: Asked, id: UUID) -> None:
    """Retire a widget: it opens no chat from now on. Raises NotFound."""
    business = asked.principal.business
    async with parts.application.transaction(business, name="delete_channel") as tx:
        if await claim(tx, asked) is not None:
            return
        if not await tx.run(CHANNELS["retire_channel"], business=business, id=id, now=tx.now):
            raise NotFound(_NO_CHANNEL)
        await _done(tx, asked, id, "deleted", {}, status=204)


async def _done(
    tx: Transaction, asked: Asked, id: UUID, what: str, detail: Mapping[str, object], *, status: int = 200
) -> None:
    await write_act(tx, asked.principal, Act(action=f"channel.{what}", subject=f"channel:{id}", detail=detail))
    await keep(tx, asked, status=status, answer={"channel": str(id)})


async def _free_name(tx: Transaction, business: BusinessId, name: str, *, of: UUID | None = None) -> UUID | None:
    """Return the deleted widget of this name, if there is one; raise Conflict when another one has it."""
    await tx.value(CHANNELS["hold_channels"], business=business)
    row = await tx.row(CHANNELS["channel_named"], business=business, name=name)
    if row is None or row["id"] == of:
        return None
    if row["retired"] and of is None:
        return UUID(str(row["id"]))
    raise Conflict("Another channel has this name.", id="name-taken", field="name", next="Choose another name.")


def _name(name: str) -> str:
    if not 1 <= len(name.strip()) <= LONGEST_NAME:
        raise Invalid(f"Name the channel, in at most {LONGEST_NAME} characters.", id="name-missing", field="name")
    return name.strip()
