"""The link to a booked callback's calendar entry: a signed token that names one chat and one callback, and opens nothing else."""

from __future__ import annotations

import base64
import binascii
import hashlib
import hmac
from dataclasses import dataclass
from uuid import UUID

from ringback.callback_application_server.rules.callback_card import Card, CardState
from ringback.callback_application_server.rules.tokens import SigningKeys
from ringback.domain.calendars import BookedCall
from ringback.domain.errors import NotFound
from ringback.domain.ids import BusinessId, CallbackId, ChatId

_SIGNATURE = 16  # bytes
_LENGTH = 1 + 3 * 16 + _SIGNATURE
_GONE = frozenset({CardState.CANCELLED, CardState.CLOSED})


@dataclass(frozen=True, slots=True, kw_only=True)
class CalendarLink:
    """What a token names."""

    business: BusinessId
    chat: ChatId
    callback: CallbackId


def make_link(keys: SigningKeys, link: CalendarLink) -> str:
    """Return the path of a calendar entry on this server."""
    body = bytes([keys.current]) + link.business.bytes + link.chat.bytes + link.callback.bytes
    token = base64.urlsafe_b64encode(body + _sign(keys.keys[keys.current], body)).decode().rstrip("=")
    return f"/widget/v1/callback/calendar.ics?token={token}"


def read_link(keys: SigningKeys, token: str) -> CalendarLink:
    """Return what a token names; raise NotFound for a forged one, or of a key no longer known."""
    try:
        raw = base64.b64decode(token + "=" * (-len(token) % 4), altchars=b"-_", validate=True)
    except (binascii.Error, ValueError):
        raw = b""
    if len(raw) == _LENGTH and raw[0] in keys.keys:
        body, signature = raw[:-_SIGNATURE], raw[-_SIGNATURE:]
        if hmac.compare_digest(signature, _sign(keys.keys[raw[0]], body)):
            ids = [UUID(bytes=body[1 + n * 16 : 17 + n * 16]) for n in range(3)]
            return CalendarLink(business=BusinessId(ids[0]), chat=ChatId(ids[1]), callback=CallbackId(ids[2]))
    raise NotFound("There is no such calendar entry.")


def entry_of(card: Card | None, link: CalendarLink, *, business_name: str) -> BookedCall:
    """Return the entry of a chat's callback; raise NotFound when the chat has another one by now, or it is for no time of its own."""
    if card is None or card.id != link.callback or not has_entry(card):
        raise NotFound("There is no such calendar entry.")
    assert card.promise is not None
    return BookedCall(
        callback=card.id,
        business=link.business,
        business_name=business_name,
        who=card.agent_name or card.queue_name,
        window=card.promise.window,
        revision=card.revision,
        changed_at=card.updated_at,
        topic=card.topic,
        cancelled=card.state in _GONE,
    )


def has_entry(card: Card) -> bool:
    """Tell whether a callback has a place in a calendar: it is for a time, not as soon as possible."""
    return card.promise is not None and not card.promise.early_is_fine and card.state is not CardState.ASKING_ROOM


def _sign(key: bytes, body: bytes) -> bytes:
    return hmac.new(key, b"calendar" + body, hashlib.sha256).digest()[:_SIGNATURE]
