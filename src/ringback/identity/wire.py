"""What log-in pages and the server say to each other; web/shared/contract.ts is the other half."""

from __future__ import annotations

from uuid import UUID

import msgspec


class LogIn(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Address and password."""

    email: str
    password: str

    def __repr__(self) -> str:
        """Hide the password from whatever prints this."""
        return "LogIn(…)"


class MyBusiness(msgspec.Struct, frozen=True, kw_only=True):
    """The business somebody works for."""

    id: UUID
    name: str
    zone: str


class Me(msgspec.Struct, frozen=True, kw_only=True):
    """Who is logged in."""

    user: UUID
    name: str
    roles: list[str]
    agent: UUID | None
    business: MyBusiness
