"""The interaction manager's internal HTTP: offers and kept places, for application servers in other processes. Never public."""

from __future__ import annotations

import hmac
from typing import Any

import msgspec
from litestar import Request, Response, Router, post

from ringback.domain.errors import NotLoggedIn
from ringback.domain.offers import HoldQuery, OffersClient, OffersQuery
from ringback.problems import EXCEPTION_HANDLERS

MOST_BYTES = 16_384


def internal_routes(offers: OffersClient, *, secret: str) -> Router:
    """Return the routes; every request carries the secret that both servers were given."""
    expected = f"Bearer {secret}".encode()

    def check(request: Request[Any, Any, Any]) -> None:
        given = request.headers.get("Authorization", "").encode()
        if not hmac.compare_digest(given, expected):
            raise NotLoggedIn("This address is for Ringback's own servers.")

    @post("/offers", status_code=200, request_max_body_size=MOST_BYTES)
    async def find_offers(request: Request[Any, Any, Any]) -> Response[bytes]:
        """Say what can be offered."""
        check(request)
        return _json(await offers.offers(msgspec.json.decode(await request.body(), type=OffersQuery)))

    @post("/holds", status_code=200, request_max_body_size=MOST_BYTES)
    async def hold_slot(request: Request[Any, Any, Any]) -> Response[bytes]:
        """Keep a place for a chat."""
        check(request)
        return _json(await offers.hold(msgspec.json.decode(await request.body(), type=HoldQuery)))

    return Router(
        path="/internal/v1",
        route_handlers=[find_offers, hold_slot],
        exception_handlers=EXCEPTION_HANDLERS,
        include_in_schema=False,
    )


def _json(found: object) -> Response[bytes]:
    return Response(msgspec.json.encode(found), media_type="application/json", headers={"Cache-Control": "no-store"})
