"""Where customers wait: the real application server over real HTTP and a real database; the interaction manager is played by a diary."""

from __future__ import annotations

import asyncio
import base64
import contextlib
import hashlib
import hmac
import json
from collections.abc import AsyncIterator, Callable
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID, uuid4

import httpx
from litestar import Litestar
from websockets.asyncio.client import ClientConnection, connect

from ringback.callback_application_server.app import ChatEdge, create_router
from ringback.callback_application_server.queries import SQL
from ringback.callback_application_server.read_chat import ChatReader
from ringback.callback_application_server.rules.tokens import derive_keys
from ringback.callback_application_server.webhooks.post import WebhookPoster
from ringback.callback_application_server.worker import ApplicationServer
from ringback.callback_application_server.workflows.context import ChatContext
from ringback.domain.events import CallbackFinished
from ringback.domain.ids import BusinessId, CallbackId, ChannelId, new_id
from ringback.domain.status import Server
from ringback.pages.live import LiveHub
from ringback.pages.serving import bind, serve
from ringback.postgres.messages import send
from ringback.problems import EXCEPTION_HANDLERS
from ringback.trust import trusted
from tests.support.databases import SECRET, Databases
from tests.support.waiting import PATIENCE
from tests.workflows.callback_application_server.diary import Diary, Manager

ORIGIN = "https://www.acme.example"
KEY = "wk_acme-help"
IDENTITY_SECRET = "the page's own server knows this"


def identity(claims: dict[str, Any], secret: str = IDENTITY_SECRET, algorithm: str = "HS256") -> str:
    """Sign who the customer is, as the page's own server does."""
    parts = [
        base64.urlsafe_b64encode(json.dumps(each).encode()).decode().rstrip("=")
        for each in ({"alg": algorithm, "typ": "JWT"}, claims)
    ]
    signature = hmac.new(secret.encode(), ".".join(parts).encode(), hashlib.sha256).digest()
    return ".".join([*parts, base64.urlsafe_b64encode(signature).decode().rstrip("=")])


@dataclass(slots=True, kw_only=True)
class Visitor:
    """A customer's page: it keeps its token and what it was shown."""

    lobby: Lobby
    chat: UUID
    token: str = field(repr=False)
    origin: str | None = ORIGIN

    @property
    def headers(self) -> dict[str, str]:
        return {"authorization": f"Bearer {self.token}"} | ({"origin": self.origin} if self.origin else {})

    async def post(self, path: str, body: Any = None, *, key: UUID | None = None) -> httpx.Response:
        """Post as a page does, with a key of its own."""
        headers = {**self.headers, "idempotency-key": str(key or uuid4())}
        return await self.lobby.http.post(f"/widget/v1{path}", json=body or {}, headers=headers)

    async def see(self, after: int = 0) -> dict[str, Any]:
        """The snapshot."""
        response = await self.lobby.http.get("/widget/v1/chat", params={"after": after}, headers=self.headers)
        assert response.status_code == 200, response.text
        return dict(response.json())

    async def say(self, text: str, *, key: UUID | None = None) -> dict[str, Any]:
        """Write a message and wait until everything that follows from it has followed."""
        response = await self.post("/messages", {"text": text}, key=key)
        assert response.status_code == 201, response.text
        await self.lobby.settle()
        return dict(response.json())

    async def prompt(self) -> dict[str, Any]:
        """The live prompt."""
        live = [
            each["prompt"]
            for each in (await self.see())["messages"]
            if each["prompt"] and not each["prompt"]["answered"]
        ]
        assert live, [each["text"] for each in (await self.see())["messages"]]
        return dict(live[-1])

    async def choose(self, label: str, *, key: UUID | None = None, **filled: Any) -> httpx.Response:
        """Press the option, day or Change of the live prompt."""
        prompt = await self.prompt()
        choices = {each["label"]: each["token"] for each in [*prompt["days"], *prompt["options"]]}
        if prompt["context_change"]:
            choices["Change"] = prompt["context_change"]
        assert label in choices, f"{label} is not among {list(choices)}"
        response = await self.post("/answers", {"token": choices[label], **filled}, key=key)
        await self.lobby.settle()
        return response

    async def texts(self) -> list[str]:
        """What was said, by everybody."""
        return [each["text"] for each in (await self.see())["messages"]]

    async def lines(self) -> list[tuple[str, str]]:
        """The lines about the callback."""
        return [(each["status"], each["text"]) for each in (await self.see())["messages"] if each["status"]]

    async def card(self) -> dict[str, Any] | None:
        """The live card."""
        card: dict[str, Any] | None = (await self.see())["callback"]
        return card

    async def book(self, words: str = "please call me as soon as possible") -> CallbackId:
        """As soon as possible, in this browser."""
        await self.say(words)
        label = (await self.prompt())["submit"]
        response = await self.choose(label, consent=True)
        assert response.status_code == 200, response.text
        card = await self.card()
        assert card is not None
        return CallbackId(UUID(card["id"]))

    @contextlib.asynccontextmanager
    async def live(self, *, page: UUID | None = None, after: int = 0) -> AsyncIterator[Feed]:
        """Open the page's WebSocket."""
        url = f"ws://127.0.0.1:{self.lobby.port}/widget/v1/live"
        async with connect(url, origin=self.origin) as socket:  # type: ignore[arg-type]  # a plain string will do
            hello = {"token": self.token, "page": str(page or uuid4()), "after": after}
            await socket.send(json.dumps({"hello": hello}))
            yield Feed(socket)


class Feed:
    """What comes out of a page's WebSocket."""

    def __init__(self, socket: ClientConnection) -> None:
        self.socket = socket
        self.seen: list[dict[str, Any]] = []

    async def until(self, wanted: Callable[[dict[str, Any]], bool]) -> dict[str, Any]:
        """Read until an event is as wanted."""
        async with asyncio.timeout(PATIENCE):
            while True:
                event = json.loads(await self.socket.recv())
                self.seen.append(event)
                if wanted(event):
                    return dict(event)


class Lobby:
    """One business, one channel, one application server."""

    def __init__(self, databases: Databases, business: BusinessId, *, phones: bool) -> None:
        self.databases = databases
        self.business = business
        self.channel = ChannelId(new_id())
        self.shift = timedelta(0)
        self.diary = Diary.of_tomorrow(self.now)
        self.manager = Manager(databases, self.diary)
        self.context = ChatContext(
            database=databases.application,
            hints=databases.hints,
            offers=self.diary,
            keys=derive_keys(SECRET),
            poster=WebhookPoster(allow_private=True),
            phones=phones,
        )
        self.server = ApplicationServer(self.context, dispatcher=databases.dispatcher)
        self.hub = LiveHub(databases.hints, "chat", "browser_leg", "signal")
        self.edge = ChatEdge(
            context=self.context,
            reader=ChatReader(context=self.context, ice_servers=[]),
            hub=self.hub,
            start_reply=self.server.start_reply,
        )
        self.http = httpx.AsyncClient(verify=trusted())
        self.port = 0

    def now(self) -> datetime:
        return datetime.now().astimezone() + self.shift

    @contextlib.asynccontextmanager
    async def open(self) -> AsyncIterator[Lobby]:
        """Serve on a port of its own."""
        await self.make_channel()
        listener = bind("127.0.0.1", 0, variable="the test")
        self.port = listener.getsockname()[1]
        app = Litestar([create_router(self.edge)], exception_handlers=EXCEPTION_HANDLERS, logging_config=None)
        ready = asyncio.Event()
        tasks = [
            asyncio.create_task(serve(app, listener, started=ready.set)),
            asyncio.create_task(self.hub.run()),
        ]
        await ready.wait()
        async with httpx.AsyncClient(
            base_url=f"http://127.0.0.1:{self.port}", timeout=15, verify=trusted()
        ) as self.http:
            yield self
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)

    async def make_channel(self, *origins: str) -> None:
        async with self.databases.application.transaction(self.business, name="make_channel") as tx:
            await tx.run(
                SQL["save_channel"],
                business=self.business,
                id=self.channel,
                name="Help page",
                public_key=KEY,
                allowed_origins=list(origins or (ORIGIN,)),
                identity_secret=IDENTITY_SECRET,
                settings={"region": "GB"},
                kind="web",
                credentials={},
                options={},
            )

    async def request_chat(self, *, origin: str | None = ORIGIN, **body: Any) -> httpx.Response:
        asked = {"widget_key": KEY, "zone": "Europe/London", "locale": "en-GB", "page_url": f"{ORIGIN}/bill", **body}
        headers = {"origin": origin} if origin else {}
        return await self.http.post("/widget/v1/chats", json=asked, headers=headers)

    async def visitor(self, **body: Any) -> Visitor:
        response = await self.request_chat(**body)
        assert response.status_code == 201, response.text
        opened = response.json()
        return Visitor(lobby=self, chat=UUID(opened["chat"]), token=opened["token"])

    def pass_time(self, by: timedelta) -> None:
        """Let time pass for the application server and the diary."""
        self.databases.application.shift(by)
        self.shift += by

    async def tell(self, callback: CallbackId, *events: Any) -> None:
        """Let the other servers tell what happened."""
        async with self.databases.interactions.transaction(self.business, name="tell") as tx:
            for event in events:
                if isinstance(event, CallbackFinished):
                    self.diary.over(event.callback)
                await send(tx, self.business, Server.APPLICATION, callback, event)
        await self.settle()

    async def settle(self) -> None:
        """Let everybody do all there is to do now."""
        for _ in range(3):
            await self.server.replied()
            await self.manager.messages.drain()
            await self.server.messages.drain()

    async def sql(self, text: str, *arguments: Any) -> Any:
        async with self.databases.administrator() as connection:
            return await connection.fetch(text, *arguments)

    def asked_for(self, kind: type) -> list[Any]:
        """What the interaction manager was asked, of one kind."""
        return [each for each in self.manager.heard if isinstance(each, kind)]
