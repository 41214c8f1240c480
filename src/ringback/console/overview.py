"""The edge of the supervisors' console: /console/v1."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from litestar import Router, get, websocket
from litestar.di import NamedDependency, Provide
from litestar.exceptions import WebSocketDisconnect
from litestar.params import FromPath, FromQuery

from ringback.console.edge import NOT_STORED, AnyRequest, dependencies
from ringback.console.feed import OverviewFeed
from ringback.console.parts import Parts
from ringback.console.rules.clock_words import zone
from ringback.console.rules.detail import present_detail
from ringback.console.rules.overview_patch import patch
from ringback.console.views import SQL
from ringback.console.wire import ConsoleDetail, ConsoleView, ConsoleViewEvent
from ringback.domain.errors import NotAllowed, NotFound, NotLoggedIn
from ringback.domain.ids import CallbackId
from ringback.identity.guards import guard_of, needs
from ringback.identity.principal import Principal
from ringback.identity.rules.rights import Right
from ringback.pages.live import LOG_IN_AGAIN, LiveHub, Socket, close, converse, hear_hello


@get("/view", opt=needs(Right.CALLBACKS_READ))
async def view(
    request: AnyRequest,
    feed: NamedDependency[OverviewFeed],
    principal: NamedDependency[Principal],
    queue: FromQuery[str | None] = None,
) -> ConsoleView:
    """Return the console: also the fallback where no WebSocket opens."""
    return await feed.view(principal, queue)


@get("/callbacks/{id:uuid}", opt=needs(Right.CALLBACKS_READ))
async def detail(
    id: FromPath[UUID], parts: NamedDependency[Parts], principal: NamedDependency[Principal]
) -> ConsoleDetail:
    """Return an opened row."""
    business = principal.business
    async with parts.read.transaction(business, name="read_detail") as tx:
        callback = await tx.row(SQL["console_callback"], business=business, callback=id)
        if callback is None or not principal.may_see(callback["queue"]):
            raise NotFound("There is no such callback.")
        assignments = await tx.rows(SQL["callback_assignments"], business=business, callback=id)
        transcript = []
        if callback["chat"] is not None:
            transcript = await tx.rows(SQL["transcript"], business=business, chat=callback["chat"], now=tx.now)
        now = tx.now
    return present_detail(
        callback,
        await parts.reports.sentences(business, CallbackId(id)),
        assignments,
        transcript,
        now=now,
        where=zone(callback["zone"]),
        can_act=principal.may(Right.CALLBACKS_WRITE),
    )


@websocket("/live")
async def live(
    socket: Socket,
    parts: NamedDependency[Parts],
    feed: NamedDependency[OverviewFeed],
    hub: NamedDependency[LiveHub],
    queue: FromQuery[str | None] = None,
) -> None:
    """Send the console once, then what changes."""
    try:
        await hear_hello(socket)
    except WebSocketDisconnect:
        return
    try:
        principal = await parts.gatekeeper.principal_of(socket)
        principal.need(Right.CALLBACKS_READ)
    except (NotLoggedIn, NotAllowed):
        await close(socket, LOG_IN_AGAIN, "log in again")
        return
    page = _Page(parts, feed, socket, queue)
    with hub.page(principal.business) as woken:
        await converse(socket, woken, page.refresh, here=page.still_logged_in)


class _Page:
    """What one page of the console knows already."""

    def __init__(self, parts: Parts, feed: OverviewFeed, socket: Socket, queue: str | None) -> None:
        self._parts = parts
        self._feed = feed
        self._socket = socket
        self._queue = queue
        self._shown: ConsoleView | None = None
        self._principal: Principal | None = None

    async def still_logged_in(self) -> None:
        """Look at the session again: a revoked one sees nothing more."""
        self._principal = await self._parts.gatekeeper.principal_of(self._socket)

    async def refresh(self) -> list[Any]:
        """Return what to send: the whole view first, then patches."""
        if self._principal is None:
            await self.still_logged_in()
        assert self._principal is not None, "it was looked at just now"
        view = await self._feed.view(self._principal, self._queue)
        before, self._shown = self._shown, view
        if before is None:
            return [ConsoleViewEvent(view=view)]
        changed = patch(before, view)
        return [] if changed is None else [changed]


def overview_router(parts: Parts, feed: OverviewFeed, hub: LiveHub) -> Router:
    """Return the console's routes; the WebSocket recognises its caller itself, so that it can say why it closes."""
    shared = {
        **dependencies(parts),
        "feed": Provide(lambda: feed, sync_to_thread=False),
        "hub": Provide(lambda: hub, sync_to_thread=False),
    }
    guarded = Router(path="/", route_handlers=[view, detail], guards=[guard_of(parts.gatekeeper)])
    return Router(
        path="/console/v1",
        route_handlers=[guarded, live],
        dependencies=shared,
        response_headers=NOT_STORED,
        include_in_schema=False,
    )
