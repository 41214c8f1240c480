"""One request as its caller repeats it: what an idempotency key stands for, without the ways in which it came."""

from __future__ import annotations

from dataclasses import dataclass, field


@dataclass(frozen=True, slots=True, kw_only=True)
class Once:
    """A request of one caller, to be carried out once. No key: each request is a new one."""

    principal: str
    key: str | None
    body: bytes = field(
        repr=False
    )  # method, address and body, or a slow hash of them: the same key for another request is refused


UNKEYED = Once(principal="", key=None, body=b"")
