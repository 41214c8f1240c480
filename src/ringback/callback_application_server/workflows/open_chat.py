"""Open a chat for a visitor of a page that may embed the channel."""

from __future__ import annotations

import hashlib
import secrets
from dataclasses import dataclass, field
from zoneinfo import ZoneInfo

from ringback.callback_application_server.number_proofs import note_address
from ringback.callback_application_server.queries import SQL, ChatKey
from ringback.callback_application_server.rules.identities import Identity, read_identity
from ringback.domain.errors import Invalid, NotAllowed, NotFound, NotLoggedIn
from ringback.domain.ids import BusinessId, ChannelId, ChatId, PersonId, new_id
from ringback.pages.security import is_allowed_origin
from ringback.postgres.database import Database, Transaction

MARK = "rbc_"


@dataclass(frozen=True, slots=True, kw_only=True)
class OpenedChat:
    """A new chat and the only copy of its token."""

    key: ChatKey
    token: str = field(repr=False)


def digest(token: str) -> bytes:
    """Return what is stored of a token."""
    return hashlib.sha256(token.encode()).digest()


async def open_chat(
    database: Database,
    *,
    widget_key: str,
    origin: str | None,
    zone: str,
    locale: str,
    page_url: str | None,
    identity: str | None = None,
    address: str | None = None,
) -> OpenedChat:
    """Make a person and a chat; `address`: the page's, for limits. Raises NotFound (`channel-not-found`), NotAllowed (`foreign-origin`), Invalid for a zone or identity."""
    channel = await find_channel(database, widget_key)
    _read_zone(zone)
    async with database.transaction(channel.business, name="open_chat") as tx:
        row = await tx.row(SQL["load_channel"], business=channel.business, id=channel.id)
        if row is None:
            raise NotFound("This chat is not there any more.", id="channel-not-found")
        if not is_allowed_origin(origin, row["allowed_origins"]):
            raise NotAllowed("This page may not show this chat.", id="foreign-origin")
        who = None
        if identity is not None:
            if not row["identity_secret"]:
                raise Invalid("This chat takes no signed identities.", id="identity-invalid", field="identity")
            who = read_identity(identity, row["identity_secret"], now=tx.now)
        person = await _person(tx, channel.business, who)
        token = MARK + secrets.token_urlsafe(32)
        chat = ChatId(new_id())
        await tx.run(
            SQL["insert_chat"],
            business=channel.business,
            id=chat,
            channel=channel.id,
            person=person,
            token_hash=digest(token),
            zone=zone,
            language=locale.split("-", 1)[0].lower()[:8] or "en",
            page_url=page_url[:500] if page_url else None,
            priority=who.priority if who else 0,
            now=tx.now,
        )
        await note_address(tx, channel.business, chat, address)
    return OpenedChat(key=ChatKey(business=channel.business, chat=chat), token=token)


@dataclass(frozen=True, slots=True, kw_only=True)
class ChannelKey:
    """A channel and its business."""

    business: BusinessId
    id: ChannelId


async def find_channel(database: Database, widget_key: str) -> ChannelKey:
    """Return the channel a widget key names. Raises NotFound (`channel-not-found`)."""
    async with database.transaction(name="find_channel") as tx:
        row = await tx.row(SQL["find_channel"], key=widget_key[:200])
    if row is None:
        raise NotFound("There is no chat with this key.", id="channel-not-found", next="Check data-widget-key.")
    return ChannelKey(business=row["business"], id=row["id"])


async def find_chat(database: Database, token: str) -> ChatKey:
    """Return the chat a token opens. Raises NotLoggedIn (`chat-token-invalid`)."""
    row = None
    if token.startswith(MARK) and len(token) < 100:
        async with database.transaction(name="find_chat") as tx:
            row = await tx.row(SQL["find_chat"], token_hash=digest(token))
    if row is None:
        raise NotLoggedIn("This chat is over. Open a new one.", id="chat-token-invalid")
    return ChatKey(business=row["business"], chat=row["id"])


async def _person(tx: Transaction, business: BusinessId, who: Identity | None) -> PersonId:
    """Return the person a signed identity names, else a new one: unproved visitors never become the same person."""
    found = await tx.value(
        SQL["insert_person"],
        business=business,
        id=new_id(),
        name=who.name if who else None,
        identity=who.subject if who else None,
        now=tx.now,
    )
    return PersonId(found)


def _read_zone(zone: str) -> None:
    try:
        ZoneInfo(zone)
    except (ValueError, OSError, LookupError):
        raise Invalid(
            f"{zone[:60]!r} is not a time zone such as Europe/London.", id="zone-unknown", field="zone"
        ) from None
