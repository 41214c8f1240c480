"""Where customers of every channel are heard: the real application server over HTTP and a real database, the interaction manager played by a diary."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import AsyncIterator, Mapping
from typing import Any

import httpx
from litestar import Litestar

from ringback.callback_application_server.app import create_router
from ringback.callback_application_server.channels.accounts import installed
from ringback.callback_application_server.channels.edge import open_edge
from ringback.callback_application_server.queries import SQL
from ringback.callback_application_server.worker import ApplicationServer
from ringback.domain.ids import BusinessId, ChannelId, new_id
from ringback.pages.serving import bind, serve
from ringback.problems import EXCEPTION_HANDLERS
from ringback.trust import trusted
from tests.support.databases import Databases
from tests.workflows.callback_application_server.lobby import Lobby


class Hall(Lobby):
    """A lobby with telephones, and an address for each channel's provider."""

    def __init__(self, databases: Databases, business: BusinessId) -> None:
        super().__init__(databases, business, phones=True)

    @contextlib.asynccontextmanager
    async def open(self) -> AsyncIterator[Hall]:
        await self.make_channel()
        listener = bind("127.0.0.1", 0, variable="the test")
        self.port = listener.getsockname()[1]
        channels = installed(self.context.poster, public_url=self.url)
        self.server = ApplicationServer(self.context, dispatcher=self.databases.dispatcher, channels=channels)
        self.edge.start_reply = self.server.start_reply
        routes = [create_router(self.edge), open_edge(self.context.database, channels, self.server.start_reply)]
        app = Litestar(routes, exception_handlers=EXCEPTION_HANDLERS, logging_config=None)
        ready = asyncio.Event()
        tasks = [
            asyncio.create_task(serve(app, listener, started=ready.set)),
            asyncio.create_task(self.hub.run()),
        ]
        await ready.wait()
        async with httpx.AsyncClient(base_url=self.url, timeout=15, verify=trusted()) as self.http:
            yield self
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    async def account(self, kind: str, credentials: Mapping[str, str], options: Mapping[str, Any]) -> str:
        """Make an account on a channel and return where its provider posts."""
        self.server.channels.kinds[kind].check(credentials, options, allow_private=True)
        key = f"ch_{kind}"
        async with self.databases.application.transaction(self.business, name="make_channel") as tx:
            await tx.run(
                SQL["save_channel"],
                business=self.business,
                id=ChannelId(new_id()),
                kind=kind,
                name=kind,
                public_key=key,
                allowed_origins=[],
                identity_secret=None,
                credentials=dict(credentials),
                options=dict(options),
                settings={"region": "GB"},
            )
        return f"/channels/v1/{key}"

    async def settle(self) -> None:
        """Let everybody do all there is to do now, what is to be handed over included."""
        for _ in range(4):
            await super().settle()
            await self.server.timers.drain()
            await self.server.replied()
            await self.server.sender.drain()
            await self.server.codes.drain()

    def unhurried(self) -> None:
        """Forget the paces of providers: their clocks are not what is tried here."""
        for channel in self.server.channels.kinds.values():
            channel.pace = type(channel.pace)()

    async def deliveries(self) -> list[tuple[int, str, str | None]]:
        """What became of every message, in order."""
        rows = await self.sql("SELECT seq, state, error FROM channel_delivery ORDER BY seq")
        return [(row["seq"], row["state"], row["error"]) for row in rows]

    async def let_it_be_later(self) -> None:
        """What waits for its time is due now."""
        await self.sql(
            "UPDATE channel_conversation SET retry_at = clock_timestamp() - interval '1 s' WHERE retry_at IS NOT NULL"
        )
        await self.sql("UPDATE due SET due_at = clock_timestamp(), lease_until = NULL WHERE kind = 'channel'")
        self.server.sender.forget_paces()
        await self.settle()
