"""What stands before every handler: who is asking, from which page, and whether they may. A handler that names no right is refused."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from typing import Any
from uuid import UUID

from litestar.connection import ASGIConnection, Request
from litestar.handlers import BaseRouteHandler

from ringback.domain.errors import NotAllowed
from ringback.identity.principal import Principal
from ringback.identity.rules.origins import is_own_page
from ringback.identity.rules.rights import Right
from ringback.identity.workflows.recognise import KnownKeys, recognise_cookie, recognise_key
from ringback.postgres.database import Database

_SAFE = frozenset({"GET", "HEAD", "OPTIONS"})
Connection = ASGIConnection[Any, Any, Any, Any]


@dataclass(frozen=True, slots=True, kw_only=True)
class Gatekeeper:
    """Recognises callers. `public_url` is where people reach the pages: https there makes the cookie secure.

    `spend_key` counts one request of an API key, and raises TooMany for one too many.
    """

    database: Database
    public_url: str
    spend_key: Callable[[UUID], None] = lambda _: None
    known_keys: KnownKeys = field(default_factory=dict, repr=False)

    @property
    def is_secure(self) -> bool:
        """Tell whether pages are served over TLS."""
        return self.public_url.startswith("https://")

    @property
    def cookie_name(self) -> str:
        """Return the cookie's name; over TLS the browser itself binds it to this host."""
        return "__Host-ringback" if self.is_secure else "ringback"

    def token_of(self, connection: Connection) -> str | None:
        """Return the session cookie."""
        return connection.cookies.get(self.cookie_name)

    async def principal_of(self, connection: Connection) -> Principal:
        """Return who is asking. Raises NotLoggedIn, TooMany, or NotAllowed (`foreign-origin`) for a change with the cookie from another page."""
        authorization = connection.headers.get("authorization", "")
        kind, _, key = authorization.partition(" ")
        if kind.lower() == "bearer":
            principal = await recognise_key(self.database, key.strip(), self.known_keys)
            self.spend_key(principal.id)
            return principal
        method = connection.scope.get("method", "WEBSOCKET")
        if method not in _SAFE:
            self.need_own_page(connection)
        return await recognise_cookie(self.database, self.token_of(connection))

    def need_own_page(self, connection: Connection) -> None:
        """Raise NotAllowed unless the request comes from one of our own pages."""
        origin, host = connection.headers.get("origin"), connection.headers.get("host")
        if not is_own_page(origin=origin, host=host, public_url=self.public_url):
            raise NotAllowed("This request comes from another site.", id="foreign-origin")

    async def guard(self, connection: Connection, handler: BaseRouteHandler) -> None:
        """Recognise the caller and compare with the rights that the handler names in `opt`; none named: refused."""
        rights = handler.opt.get("rights")
        if not rights:
            raise NotAllowed("Nobody may do this.")
        principal = await self.principal_of(connection)
        if principal.rights.isdisjoint(rights):
            principal.need(rights[0])
        connection.state.principal = principal


def guard_of(gatekeeper: Gatekeeper) -> Callable[[Connection, BaseRouteHandler], Awaitable[None]]:
    """Return the guard as a plain function: Litestar copies guards deeply, and a database pool cannot be copied."""

    async def guard(connection: Connection, handler: BaseRouteHandler) -> None:
        await gatekeeper.guard(connection, handler)

    return guard


def needs(*rights: Right) -> dict[str, tuple[Right, ...]]:
    """Return the `opt` of a handler: without one of these rights it is not reached."""
    return {"rights": rights}


async def provide_principal(request: Request[Any, Any, Any]) -> Principal:
    """Hand the recognised caller to the handler."""
    principal = request.state.principal
    assert isinstance(principal, Principal)
    return principal
