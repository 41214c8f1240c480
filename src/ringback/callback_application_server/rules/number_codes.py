"""One-time codes: how one follows from its id, what counts as writing one, and how many may be sent (after the field's common chain against pumping)."""

from __future__ import annotations

import hashlib
import hmac
import re
from dataclasses import dataclass
from datetime import timedelta
from uuid import UUID

from ringback.callback_application_server.rules.tokens import SigningKeys

LIVES = timedelta(minutes=5)
TRIES = 5
DIGITS = 6
MASK = "••••••"  # stands in the chat for a code that was written
_WRITTEN = re.compile(r"\s*(?:\d[\s-]?){6}\s*")


@dataclass(frozen=True, slots=True, kw_only=True)
class CodesSent:
    """How many went out: to the number, for the chat, from the chat's network address, and of the business."""

    number_soon: int = 0  # in ten minutes
    number_day: int = 0
    chat_day: int = 0
    address_hour: int = 0
    business_hour: int = 0


MOST = CodesSent(number_soon=3, number_day=6, chat_day=6, address_hour=10, business_hour=200)


def may_send(sent: CodesSent) -> bool:
    """Tell whether one more may be sent."""
    return (
        sent.number_soon < MOST.number_soon
        and sent.number_day < MOST.number_day
        and sent.chat_day < MOST.chat_day
        and sent.address_hour < MOST.address_hour
        and sent.business_hour < MOST.business_hour
    )


def code_of(keys: SigningKeys, key: int | None, id: UUID) -> str | None:
    """Return the six digits of a code, of 2^64 reduced to a million; None when it has no key yet, or one that is not known any more."""
    secret = None if key is None else keys.keys.get(key)
    if secret is None:
        return None
    drawn = hmac.new(secret, b"number code" + id.bytes, hashlib.sha256).digest()
    return f"{int.from_bytes(drawn[:8], 'big') % 10**DIGITS:0{DIGITS}}"


def read_code(text: str) -> str | None:
    """Return the digits of what looks like a code: six, with spaces or dashes between them or none."""
    if not text.isascii() or _WRITTEN.fullmatch(text) is None:
        return None
    return "".join(character for character in text if character.isdigit())


def is_right(written: str, code: str | None) -> bool:
    """Compare in constant time."""
    return hmac.compare_digest(written.encode(), (code or "-" * DIGITS).encode())
