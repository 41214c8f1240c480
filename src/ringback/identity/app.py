"""The edge of log-ins: /auth/v1. The cookie is HttpOnly and SameSite=Strict, and its value is stored nowhere."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any

from litestar import Request, Response, Router, get, post
from litestar.datastructures import Cookie, ResponseHeader
from litestar.di import NamedDependency, Provide
from litestar.types import ControllerRouterHandler

from ringback.domain.errors import NotLoggedIn
from ringback.domain.ids import BusinessId
from ringback.identity.guards import Gatekeeper
from ringback.identity.passwords import Passwords
from ringback.identity.queries import SQL
from ringback.identity.wire import LogIn, Me, MyBusiness
from ringback.identity.workflows.log_in import log_in
from ringback.identity.workflows.log_out import log_out
from ringback.postgres.database import Database


@dataclass(frozen=True, slots=True, kw_only=True)
class LogIns:
    """What the handlers need."""

    database: Database
    gatekeeper: Gatekeeper
    passwords: Passwords = field(default_factory=Passwords)
    length: timedelta = timedelta(hours=12)

    async def me(self, business: BusinessId, user: object) -> Me:
        """Load who somebody is; raise NotLoggedIn when the account is disabled."""
        async with self.database.transaction(business, name="load_user") as tx:
            row = await tx.row(SQL["load_user"], business=business, id=user)
        if row is None:
            raise NotLoggedIn("This account is disabled.")
        return Me(
            user=row["id"],
            name=row["name"],
            roles=sorted(row["roles"]),
            agent=row["agent"],
            business=MyBusiness(id=row["business"], name=row["business_name"], zone=row["zone"]),
        )

    def cookie(self, value: str, seconds: int) -> Cookie:
        """Return the session cookie; no seconds removes it."""
        return Cookie(
            key=self.gatekeeper.cookie_name,
            value=value,
            path="/",
            max_age=seconds,
            httponly=True,
            samesite="strict",
            secure=self.gatekeeper.is_secure,
        )


@post("/login", status_code=200, summary="Log in")
async def enter(request: Request[Any, Any, Any], data: LogIn, log_ins: NamedDependency[LogIns]) -> Response[Me]:
    """Open a session and set its cookie."""
    log_ins.gatekeeper.need_own_page(request)
    address = request.client.host if request.client else "unknown"
    entered = await log_in(
        log_ins.database,
        log_ins.passwords,
        email=data.email,
        password=data.password,
        address=address,
        length=log_ins.length,
    )
    me = await log_ins.me(entered.business, entered.user)
    return Response(me, cookies=[log_ins.cookie(entered.token, int(log_ins.length.total_seconds()))])


@post("/logout", status_code=204, summary="Log out")
async def leave(request: Request[Any, Any, Any], log_ins: NamedDependency[LogIns]) -> Response[None]:
    """Revoke the session and remove its cookie."""
    log_ins.gatekeeper.need_own_page(request)
    if token := log_ins.gatekeeper.token_of(request):
        await log_out(log_ins.database, token)
    return Response(None, status_code=204, cookies=[log_ins.cookie("", 0)])


@get("/me", summary="Who is logged in")
async def me(request: Request[Any, Any, Any], log_ins: NamedDependency[LogIns]) -> Me:
    """Return who the cookie belongs to."""
    principal = await log_ins.gatekeeper.principal_of(request)
    if not principal.roles:
        raise NotLoggedIn("An API key is nobody who can log in.")
    return await log_ins.me(principal.business, principal.id)


def routers(log_ins: LogIns) -> Sequence[ControllerRouterHandler]:
    """Return the routes of log-ins."""
    return [
        Router(
            path="/auth/v1",
            route_handlers=[enter, leave, me],
            dependencies={"log_ins": Provide(lambda: log_ins, sync_to_thread=False)},
            response_headers=[ResponseHeader(name="cache-control", value="no-store")],
            tags=["log-in"],
        )
    ]
