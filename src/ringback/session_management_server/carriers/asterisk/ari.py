"""Asterisk's REST interface and its stream of events, over HTTP and one WebSocket that is opened again whenever it breaks.

Requests on the socket (Asterisk 20.14, 22.4 and later) cost a third of those over HTTP, but one that waits there holds up all that come after
it: what is asked of a channel waits while words are played to it. Only what never waits goes there.
"""

from __future__ import annotations

import asyncio
import contextlib
import itertools
import json
import re
from collections.abc import Awaitable, Callable, Mapping
from typing import Any
from urllib.parse import quote

import httpx
import structlog
import websockets

from ringback.domain.errors import CarrierError, CarrierUnreachable
from ringback.session_management_server.carriers.asterisk.options import AsteriskOptions
from ringback.trust import trusted

log = structlog.get_logger(__name__)

UNWANTED = ("ChannelDialplan", "ChannelCallerId", "ChannelConnectedLine", "DeviceStateChanged", "PeerStatusChange", "ContactStatusChange")  # fmt: skip
LARGEST_EVENT = 1 << 20
PING = 5.0  # seconds between pings, and how long an answer may take
PATIENCE = 3.0  # seconds for an answer to a request


_NEVER_WAITS = re.compile(
    r"GET /(channels|bridges)(/[^/]+)?|GET /asterisk/variable|POST /channels/create|(POST|DELETE) /bridges/[^/]+"
)


class AriRefused(CarrierError):
    """Asterisk answered with an error."""

    def __init__(self, status: int, words: str) -> None:
        super().__init__(f"{status} {words}")
        self.status = status


class Ari:
    """One Asterisk. `heard` gets each event; `connected` is awaited after each (re)connection, before anything is asked of it."""

    def __init__(
        self,
        options: AsteriskOptions,
        app: str,
        *,
        heard: Callable[[dict[str, Any]], None],
        connected: Callable[[], Awaitable[None]],
    ) -> None:
        self._options = options
        self._app = app
        self._heard = heard
        self._when_connected = connected
        self._http: httpx.AsyncClient | None = None
        self._task: asyncio.Task[None] | None = None
        self._socket: websockets.ClientConnection | None = None
        self._asked: dict[str, asyncio.Future[dict[str, Any]]] = {}
        self._count = itertools.count()
        self.listening = asyncio.Event()

    async def start(self) -> None:
        """Connect, waiting a moment for it; later the connection is made again whenever it breaks."""
        if self._task is not None:
            return
        self._http = httpx.AsyncClient(
            base_url=self._options.url,
            auth=(self._options.user, self._options.password),
            timeout=PATIENCE,
            verify=trusted(),
            limits=httpx.Limits(max_connections=64, max_keepalive_connections=32),
        )
        self._task = asyncio.create_task(self._stay_connected(), name="asterisk events")
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(2.0):
                await self.listening.wait()

    async def stop(self) -> None:
        """Disconnect; calls go on."""
        task, self._task = self._task, None
        if task is not None:
            task.cancel()
            await asyncio.wait([task])
        if self._http is not None:
            await self._http.aclose()
            self._http = None
        self.listening.clear()

    async def ask(self, method: str, path: str, *, body: Any = None, **query: Any) -> Any:
        """Send one request. Raises AriRefused for an error of Asterisk's, CarrierUnreachable when nothing is known."""
        if self._http is None:
            raise CarrierUnreachable("Asterisk is not connected")
        parameters = {name: str(value) for name, value in query.items() if value is not None}
        if self._socket is not None and _never_waits(method, path):
            return await self._ask_on(self._socket, method, path, parameters, body)
        try:
            answer = await self._http.request(method, path, params=parameters, json=body)
        except httpx.HTTPError as error:
            raise CarrierUnreachable(f"Asterisk did not answer ({type(error).__name__})") from error
        if answer.status_code >= 400:
            raise AriRefused(answer.status_code, answer.text[:200])
        return answer.json() if answer.content else None

    async def _ask_on(
        self, socket: websockets.ClientConnection, method: str, path: str, query: Mapping[str, str], body: Any
    ) -> Any:
        """Send one request on the socket of the events, and wait for its answer there."""
        id = str(next(self._count))
        request: dict[str, Any] = {
            "type": "RESTRequest",
            "transaction_id": id,
            "request_id": id,
            "method": method,
            "uri": path.removeprefix("/"),
            "query_strings": [{"name": name, "value": value} for name, value in query.items()],
        }
        if body is not None:
            request |= {"content_type": "application/json", "message_body": json.dumps(body)}
        answered = self._asked[id] = asyncio.get_running_loop().create_future()
        try:
            await socket.send(json.dumps(request))
            async with asyncio.timeout(PATIENCE):
                answer = await answered
        except (OSError, websockets.WebSocketException, TimeoutError) as error:
            raise CarrierUnreachable(f"Asterisk did not answer ({type(error).__name__})") from error
        finally:
            self._asked.pop(id, None)
        said = answer.get("message_body") or ""
        if answer["status_code"] >= 400:
            raise AriRefused(answer["status_code"], said[:200] or str(answer.get("reason_phrase", "")))
        return json.loads(said) if said else None

    async def download(self, path: str) -> bytes | None:
        """Get a file; None when Asterisk has no such thing."""
        if self._http is None:
            raise CarrierUnreachable("Asterisk is not connected")
        try:
            answer = await self._http.get(path)
        except httpx.HTTPError as error:
            raise CarrierUnreachable(f"Asterisk did not answer ({type(error).__name__})") from error
        if answer.status_code == 404:
            return None
        if answer.status_code >= 400:
            raise AriRefused(answer.status_code, answer.text[:200])
        return answer.content

    async def find(self, path: str, **query: Any) -> Any:
        """Get something; None when Asterisk has no such thing."""
        try:
            return await self.ask("GET", path, **query)
        except AriRefused as error:
            if error.status == 404:
                return None
            raise

    async def _stay_connected(self) -> None:
        pause = 0.05
        while True:
            try:
                await self._listen()
                pause = 0.05
            except (OSError, websockets.WebSocketException, CarrierError, TimeoutError) as error:
                log.info("carrier_away", carrier="asterisk", error=type(error).__name__)
            finally:
                self._socket = None
                self.listening.clear()
                for answer in self._asked.values():
                    if not answer.done():
                        answer.set_exception(ConnectionResetError("the stream of events broke"))
            await asyncio.sleep(pause)
            pause = min(1.0, pause * 2)

    def _answered(self, answer: dict[str, Any]) -> None:
        waiting = self._asked.get(str(answer.get("request_id")))
        if waiting is not None and not waiting.done():
            waiting.set_result(answer)

    async def _listen(self) -> None:
        scheme, _, rest = self._options.url.partition("://")
        address = f"{'wss' if scheme == 'https' else 'ws'}://{rest}/events?app={quote(self._app)}&subscribeAll=true"
        credentials = httpx.BasicAuth(self._options.user, self._options.password)
        header = next(credentials.auth_flow(httpx.Request("GET", "http://asterisk/"))).headers["Authorization"]
        async with websockets.connect(
            address,
            additional_headers={"Authorization": header},
            max_size=LARGEST_EVENT,
            ping_interval=PING,
            ping_timeout=PING,
        ) as socket:
            unwanted = {"disallowed": [{"type": each} for each in UNWANTED]}
            await self.ask("PUT", f"/applications/{quote(self._app)}/eventFilter", body=unwanted)
            await self._when_connected()
            self._socket = socket
            self.listening.set()
            log.info("carrier_connected", carrier="asterisk", account=self._options.account)
            async for text in socket:
                event = json.loads(text)
                if event.get("type") == "RESTResponse":
                    self._answered(event)
                    continue
                if event.get("type") == "ApplicationReplaced":
                    raise CarrierUnreachable("another connection took over the event stream")
                self._heard(event)
        raise CarrierUnreachable("Asterisk closed the event stream")


def _never_waits(method: str, path: str) -> bool:
    """Tell whether Asterisk answers at once, whatever a channel is doing."""
    return _NEVER_WAITS.fullmatch(f"{method} {path}") is not None
