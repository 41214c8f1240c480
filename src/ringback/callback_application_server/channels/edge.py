"""/channels/v1: where providers post. Verified, kept and answered at once; what follows is done by timers after the commit."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from litestar import Request, Response, Router, route
from litestar.enums import HttpMethod
from litestar.params import FromPath

from ringback.callback_application_server.channels.accounts import PATH, Channels, Opened, load_account
from ringback.callback_application_server.channels.protocol import Received
from ringback.callback_application_server.queries import ChatKey
from ringback.callback_application_server.workflows.open_chat import find_channel
from ringback.callback_application_server.workflows.take_in import take_in, take_receipt
from ringback.domain.errors import NotFound
from ringback.pages.limits import RateLimit
from ringback.postgres.database import Database

LARGEST = 64 * 1024  # bytes of one request


@dataclass(slots=True, kw_only=True)
class ChannelEdge:
    """What the handlers need. `start_reply` answers in the background; a timer stands behind it."""

    database: Database
    channels: Channels
    start_reply: Callable[[ChatKey, int], None]
    posts_of_account: RateLimit = field(default_factory=lambda: RateLimit(burst=600, per_second=200))
    unknown_of_address: RateLimit = field(default_factory=lambda: RateLimit(burst=60, per_second=2))

    async def take(self, request: Request[Any, Any, Any], key: str, rest: str) -> Response[bytes]:
        """Verify, keep, answer. Raises NotFound, NotLoggedIn, Invalid, TooMany: none of them changes anything."""
        opened, now = await self._account(request, key)
        self.posts_of_account.spend(opened.account.id)
        received = Received(
            method=request.method,
            path=rest,
            query=request.scope["query_string"].decode("latin-1"),
            headers={name.lower(): value for name, value in request.headers.items()},
            body=await request.body(),
            now=now,
        )
        intake = opened.channel.read(opened.account, received)
        for receipt in intake.receipts:
            await take_receipt(self.database, opened, receipt)
        for inbound in intake.inbound:
            kept = await take_in(self.database, opened, inbound)
            if kept is not None:
                self.start_reply(*kept)
        return Response(intake.answer, status_code=200, media_type=intake.media_type)

    async def _account(self, request: Request[Any, Any, Any], key: str) -> tuple[Opened, Any]:
        try:
            found = await find_channel(self.database, key)
        except NotFound:
            self.unknown_of_address.spend(request.client.host if request.client else "")
            raise
        async with self.database.transaction(found.business, name="load_account") as tx:
            opened = await load_account(self.channels, tx, found.business, found.id)
            now = tx.now
        if opened is None:
            raise NotFound("There is no such channel.", id="channel-not-found")
        return opened, now


def channel_routes(edge: ChannelEdge) -> Router:
    """Return the routes of all channels: one address an account, and what a provider adds behind it."""
    methods = [HttpMethod.POST, HttpMethod.PUT]

    @route("/{key:str}", http_method=methods, include_in_schema=False, request_max_body_size=LARGEST)
    async def post_to_account(request: Request[Any, Any, Any], key: FromPath[str]) -> Response[bytes]:
        """Take what a provider posts."""
        return await edge.take(request, key, "")

    @route("/{key:str}/{rest:path}", http_method=methods, include_in_schema=False, request_max_body_size=LARGEST)
    async def post_behind_account(
        request: Request[Any, Any, Any], key: FromPath[str], rest: FromPath[str]
    ) -> Response[bytes]:
        """Take what a provider posts at a path of its own."""
        return await edge.take(request, key, "/" + rest.lstrip("/"))

    return Router(PATH, route_handlers=[post_to_account, post_behind_account])


def open_edge(database: Database, channels: Channels, start_reply: Callable[[ChatKey, int], None]) -> Router:
    """Return the routes of the channels of one process."""
    return channel_routes(ChannelEdge(database=database, channels=channels, start_reply=start_reply))
