"""Standard Webhooks signatures: HMAC-SHA256 over `id.timestamp.body` with the secret behind `whsec_`."""

from __future__ import annotations

import base64
import hashlib
import hmac
from collections.abc import Mapping
from datetime import datetime

from ringback.domain.webhooks import SIGNING_MARK


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
