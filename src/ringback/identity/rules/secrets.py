"""The shapes of session tokens and API keys, and their hashes: only hashes are stored."""

from __future__ import annotations

import base64
import hashlib

KEY_MARK = "rbk_"
PREFIX_LENGTH = len(KEY_MARK) + 8


def session_token(randomness: bytes) -> str:
    """Return the cookie's value for 32 random bytes."""
    return base64.urlsafe_b64encode(randomness).rstrip(b"=").decode()


def api_key(randomness: bytes) -> str:
    """Return an API key for 30 random bytes: 48 letters and digits after the mark."""
    return KEY_MARK + base64.b32encode(randomness).decode().lower()


def prefix_of(key: str) -> str:
    """Return the part of an API key that lists may show."""
    return key[:PREFIX_LENGTH]


def digest(secret: str) -> bytes:
    """Return what is stored of a secret: they are random enough for one plain sha-256."""
    return hashlib.sha256(secret.encode()).digest()
