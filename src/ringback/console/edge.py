"""What handlers share: the caller's request as its idempotency key stands for it, pages of rows, and the dependencies."""

from __future__ import annotations

import asyncio
import hashlib
from typing import Annotated, Any, TypeAlias
from uuid import UUID

from litestar import Request
from litestar.datastructures import ResponseHeader, State
from litestar.di import Provide
from litestar.params import HeaderParameter, QueryParameter

from ringback.console.parts import Parts
from ringback.console.workflows.send_command import Asked
from ringback.domain.errors import Invalid
from ringback.identity.guards import provide_principal
from ringback.identity.principal import Principal

AnyRequest: TypeAlias = Request[Any, Any, State]
Key: TypeAlias = Annotated[
    str | None,
    HeaderParameter(
        name="Idempotency-Key",
        description="Makes a repetition safe: the same key gives the same answer again. Scoped to the caller.",
    ),
]
After: TypeAlias = Annotated[str | None, QueryParameter(name="after", description="The `next` of the page before.")]
Limit: TypeAlias = Annotated[int | None, QueryParameter(name="limit", description="1 to 200; 50.")]


# What these routes answer is somebody's: nothing between us and the page keeps it.
NOT_STORED = (ResponseHeader(name="cache-control", value="no-store"),)


async def asked_of(request: AnyRequest, principal: Principal, key: str | None, *, secret: bool = False) -> Asked:
    """Return what the key of this request stands for; raise Invalid (`idempotency-key-invalid`) for one too long.

    `secret`: the body holds a password, so what is kept of it is a slow hash.
    """
    if key is not None and not 1 <= len(key) <= 200:
        raise Invalid("Send an Idempotency-Key of 1 to 200 characters.", id="idempotency-key-invalid")
    address = request.url.path + (f"?{request.url.query}" if request.url.query else "")
    body = b" ".join((request.method.encode(), address.encode(), await request.body()))
    if secret and key is not None:
        body = await asyncio.to_thread(_slow_hash, body, f"{principal.name} {key}".encode())
    return Asked(principal=principal, key=key, body=body)


def _slow_hash(body: bytes, salt: bytes) -> bytes:
    """Return scrypt of a body: 16 MiB and some 50 ms, so that a kept hash is no way to guess the password in it."""
    return hashlib.scrypt(body, salt=salt, n=2**14, r=8, p=1)


def new_key(key: str | None) -> UUID | None:
    """Return a key as the UUID that pages send; None when it is none."""
    try:
        return None if key is None else UUID(key)
    except ValueError as error:
        raise Invalid("Send a UUID as Idempotency-Key.", id="idempotency-key-invalid") from error


def dependencies(parts: Parts) -> dict[str, Provide]:
    """Return what handlers ask for by name: `parts`, `principal`."""
    return {
        "parts": Provide(lambda: parts, sync_to_thread=False),
        "principal": Provide(provide_principal),
    }
