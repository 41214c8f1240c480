"""Signed identities: the page's own server says who the customer is. A JSON Web Token (RFC 7519), HS256 only."""

from __future__ import annotations

import base64
import binascii
import hashlib
import hmac
import json
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from ringback.domain.errors import Invalid

HIGHEST_PRIORITY = 100


@dataclass(frozen=True, slots=True, kw_only=True)
class Identity:
    """Who the customer is, proved."""

    subject: str
    name: str | None
    priority: int = 0  # of their callbacks, 0 to 100: the page's own server says so, never the page


def read_identity(token: str, secret: str, *, now: datetime) -> Identity:
    """Verify a token and return who it names. Raises Invalid (`identity-invalid`): forged, expired, another algorithm, no subject or no end."""
    parts = token.split(".")
    if len(token) > 4096 or len(parts) != 3:
        raise _invalid("it is no signed token")
    signature = hmac.new(secret.encode(), f"{parts[0]}.{parts[1]}".encode(), hashlib.sha256).digest()
    if not hmac.compare_digest(signature, _bytes(parts[2])):
        raise _invalid("its signature is wrong")
    header, claims = _object(parts[0]), _object(parts[1])
    if header.get("alg") != "HS256":
        raise _invalid("it is not signed with HS256")
    subject, expires = claims.get("sub"), claims.get("exp")
    if not isinstance(subject, str) or not 1 <= len(subject) <= 200:
        raise _invalid("it names nobody")
    if isinstance(expires, bool) or not isinstance(expires, int | float) or expires <= now.timestamp():
        raise _invalid("it has expired, or never does")
    name = claims.get("name")
    return Identity(
        subject=subject,
        name=name[:100] if isinstance(name, str) and name.strip() else None,
        priority=_priority(claims.get("priority", 0)),
    )


def _priority(claim: object) -> int:
    if isinstance(claim, bool) or not isinstance(claim, int) or not 0 <= claim <= HIGHEST_PRIORITY:
        raise _invalid(f"its priority is no whole number from 0 to {HIGHEST_PRIORITY}")
    return claim


def _invalid(why: str) -> Invalid:
    return Invalid(f"The signed identity was not accepted: {why}.", id="identity-invalid", field="identity")


def _bytes(part: str) -> bytes:
    try:
        return base64.b64decode(part + "=" * (-len(part) % 4), altchars=b"-_", validate=True)
    except (binascii.Error, ValueError):
        raise _invalid("it cannot be read") from None


def _object(part: str) -> dict[str, Any]:
    try:
        value = json.loads(_bytes(part))
    except ValueError:
        raise _invalid("it cannot be read") from None
    if not isinstance(value, dict):
        raise _invalid("it cannot be read")
    return value
