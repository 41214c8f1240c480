"""Everything an application server's process answers over HTTP, put together: chat, log-ins, desk, console, API, pages, health."""

from __future__ import annotations

from collections.abc import Sequence
from importlib import resources
from pathlib import Path
from typing import Any

from litestar import Litestar, Response, get
from litestar.types import ControllerRouterHandler

from ringback import __version__
from ringback.callback_application_server.app import ChatEdge, create_router
from ringback.callback_application_server.queries import SQL as CHAT
from ringback.domain.ids import BusinessId
from ringback.domain.status import Server
from ringback.pages.security import LARGEST_BODY
from ringback.pages.static import page_routes
from ringback.postgres.cluster import SQL as CLUSTER
from ringback.postgres.database import RETRYABLE, Database
from ringback.postgres.sql import parse_sql
from ringback.problems import EXCEPTION_HANDLERS

SILENT_AFTER = 6.0  # seconds: a process of ours says every second that it is there
FIND_BUSINESS = parse_sql("-- name: find\nSELECT id FROM business WHERE slug = :slug;")["find"]


def create_application(
    edge: ChatEdge, dispatcher: Database, console: Sequence[ControllerRouterHandler], **options: Any
) -> Litestar:
    """Return the application; `console` are the routes of desk, console, API and log-ins."""
    static = Path(str(resources.files("ringback.console") / "static"))
    return Litestar(
        [
            create_router(edge),
            *console,
            *page_routes(static, widget_key_of=_widget_keys(edge.context.database, dispatcher)),
            _health(dispatcher),
        ],
        exception_handlers=EXCEPTION_HANDLERS,
        request_max_body_size=LARGEST_BODY,
        logging_config=None,  # Litestar's would replace our handler, and with it the masking
        **options,
    )


def _widget_keys(database: Database, dispatcher: Database) -> Any:
    async def key_of(slug: str) -> str | None:
        """Return the widget key of a business's first channel."""
        async with dispatcher.connection() as connection:
            business = await connection.fetchval(FIND_BUSINESS.text, slug)
        if business is None:
            return None
        async with database.transaction(BusinessId(business), name="find_channels") as tx:
            channels = await tx.rows(CHAT["channels"], business=business)
        return next((row["public_key"] for row in channels if row["retired_at"] is None and row["kind"] == "web"), None)

    return key_of


def _health(dispatcher: Database) -> ControllerRouterHandler:
    @get("/health", include_in_schema=False, status_code=200)
    async def health() -> Response[dict[str, Any]]:
        """Say whether the database answers and each of the three servers is there: for load balancers and monitoring."""
        try:
            async with dispatcher.connection() as connection:
                rows = await connection.fetch(CLUSTER["processes"].text)
        except (*RETRYABLE, TimeoutError):
            return Response({"status": "database away", "version": __version__}, status_code=503)
        alive = {name for row in rows if row["silent_for"] < SILENT_AFTER for name in row["server"].split("+")}
        servers = {server.value: server.value in alive for server in Server}
        well = all(servers.values())
        return Response(
            {"status": "well" if well else "a server is missing", "version": __version__, "servers": servers},
            status_code=200 if well else 503,
            headers={"cache-control": "no-store"},
        )

    return health
