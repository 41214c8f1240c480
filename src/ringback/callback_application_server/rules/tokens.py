"""The opaque token behind an option of a prompt: signed with a key that it names, bound to its chat, at most 64 bytes."""

from __future__ import annotations

import base64
import binascii
import hashlib
import hmac
from collections.abc import Mapping
from dataclasses import dataclass, field
from uuid import UUID

from ringback.domain.errors import Invalid
from ringback.domain.ids import ChatId, PromptId

_MARK = "rb1_"
_SIGNATURE = 12  # bytes
_LENGTH = 1 + 16 + 2 + _SIGNATURE


@dataclass(frozen=True, slots=True, kw_only=True)
class SigningKeys:
    """The key that signs, and those that still verify, by their ids (0–255)."""

    current: int
    keys: Mapping[int, bytes] = field(repr=False)


@dataclass(frozen=True, slots=True, kw_only=True)
class Choice:
    """What a token stands for: one option of one prompt."""

    prompt: PromptId
    option: int


def derive_keys(secret: str, *previous: str) -> SigningKeys:
    """Derive the signing keys of an installation; a key's id follows from the secret, so every process agrees."""
    derived = [hashlib.sha256(b"prompt tokens" + each.encode()).digest() for each in (*previous, secret)]
    return SigningKeys(current=derived[-1][0], keys={each[0]: each for each in derived})


def make_token(keys: SigningKeys, chat: ChatId, choice: Choice) -> str:
    """Return the token of an option: 46 characters."""
    body = bytes([keys.current]) + choice.prompt.bytes + choice.option.to_bytes(2, "big")
    signature = _sign(keys.keys[keys.current], chat, body)
    return _MARK + _encode(body + signature)


def read_token(keys: SigningKeys, chat: ChatId, token: str) -> Choice:
    """Return what a token stands for. Raises Invalid (`token-invalid`) for a forged one, one of another chat, or of a key no longer known."""
    raw = _decode(token)
    if len(raw) == _LENGTH and raw[0] in keys.keys:
        body, signature = raw[:-_SIGNATURE], raw[-_SIGNATURE:]
        if hmac.compare_digest(signature, _sign(keys.keys[raw[0]], chat, body)):
            return Choice(prompt=PromptId(UUID(bytes=raw[1:17])), option=int.from_bytes(raw[17:19], "big"))
    raise Invalid("This choice is not one of ours.", id="token-invalid", field="token")


def _encode(raw: bytes) -> str:
    return base64.urlsafe_b64encode(raw).decode().rstrip("=")


def _sign(key: bytes, chat: ChatId, body: bytes) -> bytes:
    return hmac.new(key, chat.bytes + body, hashlib.sha256).digest()[:_SIGNATURE]


def _decode(token: str) -> bytes:
    if not token.startswith(_MARK) or len(token) > 64:
        return b""
    text = token[len(_MARK) :]
    try:
        raw = base64.b64decode(text + "=" * (-len(text) % 4), altchars=b"-_", validate=True)
    except (binascii.Error, ValueError):
        return b""
    return raw if _encode(raw) == text else b""  # the spare bits of the last letter: one token, one spelling
