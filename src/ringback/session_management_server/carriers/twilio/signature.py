"""Twilio's signature of its requests: HMAC-SHA1 with the auth token over the URL as it was configured, then every form field by name.

Source: Twilio's page "Webhooks security"; its published example is a test.
"""

from __future__ import annotations

import base64
import hashlib
import hmac
from collections.abc import Iterable


def sign(token: str, url: str, fields: Iterable[tuple[str, str]]) -> str:
    """Return what the header X-Twilio-Signature has to be; a field that is there twice with one value counts once."""
    text = url + "".join(name + value for name, value in sorted(set(fields)))
    return base64.b64encode(hmac.new(token.encode(), text.encode(), hashlib.sha1).digest()).decode()


def is_signed(token: str, url: str, fields: Iterable[tuple[str, str]], signature: str) -> bool:
    """Compare in constant time. The URL is the configured public one, never what a request or a proxy says."""
    return hmac.compare_digest(sign(token, url, fields).encode(), signature.encode("utf-8", "replace"))
