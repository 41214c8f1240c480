"""The interaction manager's internal HTTP: offers, for application servers in other processes. Never public."""

from __future__ import annotations

import hmac
from typing import Any

import msgspec
from litestar import Request, Response, Router, post

from ringback.domain.errors import NotLoggedIn
from ringback.domain.offers import OffersClient, OffersQuery
from ringback.problems import EXCEPTION_HANDLERS

MOST_BYTES = 16_384


def internal_routes(offers: OffersClient, *, secret: str) -> Router:
    """Return the routes; every request carries the secret that both servers were given."""
    expected = f"Bearer {secret}".encode()

    @post("/offers", status_code=200, request_max_body_size=MOST_BYTES)
    async def find_offers(request: Request[Any, Any, Any]) -> Response[bytes]:
        """Say what can be offered."""
        given = request.headers.get("Authorization", "").encode()
        if not hmac.compare_digest(given, expected):
            raise NotLoggedIn("This address is for Ringback's own servers.")
        query = msgspec.json.decode(await request.body(), type=OffersQuery)
        found = await offers.offers(query)
        return Response(
            msgspec.json.encode(found), media_type="application/json", headers={"Cache-Control": "no-store"}
        )

    return Router(
        path="/internal/v1",
        route_handlers=[find_offers],
        exception_handlers=EXCEPTION_HANDLERS,
        include_in_schema=False,
    )
