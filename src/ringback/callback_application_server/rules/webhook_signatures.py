"""Standard Webhooks signatures: HMAC-SHA256 over `id.timestamp.body` with the secret behind `whsec_`."""

from __future__ import annotations

import base64
import hashlib
import hmac
from collections.abc import Mapping
from datetime import datetime, timedelta

from ringback.domain.webhooks import SIGNING_MARK

TOLERANCE = timedelta(minutes=5)  # an older message is a replay


def sign(secret: str, *, id: str, at: datetime, body: str) -> str:
    """Return the value of `webhook-signature`."""
    key = base64.b64decode(secret.removeprefix(SIGNING_MARK))
    signed = f"{id}.{int(at.timestamp())}.{body}".encode()
    return "v1," + base64.b64encode(hmac.new(key, signed, hashlib.sha256).digest()).decode()


def headers(secret: str, *, id: str, at: datetime, body: str) -> Mapping[str, str]:
    """Return the three headers a receiver checks, and the type of the body."""
    return {
        "content-type": "application/json",
        "webhook-id": id,
        "webhook-timestamp": str(int(at.timestamp())),
        "webhook-signature": sign(secret, id=id, at=at, body=body),
    }


def is_signed(secret: str, headers: Mapping[str, str], body: bytes, *, now: datetime) -> bool:
    """Tell whether one of the signatures is ours over these very bytes, and not older or newer than five minutes. `headers`: names in lower case."""
    id, sent, signatures = (headers.get(f"webhook-{name}", "") for name in ("id", "timestamp", "signature"))
    if not id or not sent.isascii() or not sent.isdecimal() or len(sent) > 12:
        return False
    if abs(int(sent) - now.timestamp()) > TOLERANCE.total_seconds():
        return False
    key = base64.b64decode(secret.removeprefix(SIGNING_MARK))
    signed = f"{id}.{sent}.".encode() + body
    wanted = b"v1," + base64.b64encode(hmac.new(key, signed, hashlib.sha256).digest())
    return any(hmac.compare_digest(each.encode(), wanted) for each in signatures.split(" ")[:10])
