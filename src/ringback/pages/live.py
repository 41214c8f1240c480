"""Live updates: one WebSocket a page, one listener a process. A page is woken by a hint, looks for itself, and is sent only what changed."""

from __future__ import annotations

import asyncio
import contextlib
import random
from collections import defaultdict
from collections.abc import Awaitable, Callable, Iterator
from typing import Any
from uuid import UUID

import msgspec
import structlog
from litestar import WebSocket
from litestar.exceptions import WebSocketDisconnect

from ringback.domain.errors import CommitUnknown, NotFound, NotLoggedIn, Refused
from ringback.postgres.database import RETRYABLE
from ringback.postgres.hints import Hints, Subscription

log = structlog.get_logger(__name__)

LOG_IN_AGAIN, NO_SUCH_CHAT, TOO_SILENT, GOING_AWAY = 4401, 4404, 4408, 1012
LEFT = frozenset(
    {1000, 1001, 1005}
)  # the page closed its socket itself; anything else is a line that broke or a server that stops
SILENCE = 20.0  # seconds: a page says `here` every 5
POLL = 2.0  # seconds: a page looks this often when no hint comes
LONGEST_FRAME = 4096

Refresh = Callable[[], Awaitable[list[Any]]]
Socket = WebSocket[Any, Any, Any]


class LiveHub:
    """Hands each hint to the pages it is about."""

    def __init__(self, hints: Hints, *topics: str) -> None:
        self._hints = hints
        self._topics = topics
        self._pages: dict[UUID, set[Subscription]] = defaultdict(set)

    @contextlib.contextmanager
    def page(self, *ids: UUID) -> Iterator[Subscription]:
        """Be woken for these ids while the block runs."""
        subscription = Subscription()
        for each in ids:
            self._pages[each].add(subscription)
        try:
            yield subscription
        finally:
            for each in ids:
                self._pages[each].discard(subscription)
                if not self._pages[each]:
                    del self._pages[each]

    async def run(self) -> None:
        """Pass hints on until cancelled."""
        with self._hints.subscribe(*self._topics) as woken:
            while True:
                for id in await woken.wait(60):
                    for page in tuple(self._pages.get(id, ())):
                        page.put(id)


async def hear_hello(socket: Socket) -> dict[str, Any]:
    """Accept the socket and return what the page says first; close it when it says something else."""
    await socket.accept()
    try:
        async with asyncio.timeout(10):
            frame = await _receive(socket)
    except TimeoutError:
        await close(socket, TOO_SILENT, "say hello first")
        raise WebSocketDisconnect(detail="silent", code=TOO_SILENT) from None
    hello = frame.get("hello")
    if not isinstance(hello, dict):
        await close(socket, 4400, "say hello first")
        raise WebSocketDisconnect(detail="no hello", code=4400)
    return hello


async def converse(
    socket: Socket,
    woken: Subscription,
    refresh: Refresh,
    *,
    here: Callable[[], Awaitable[None]],
    heard: Callable[[dict[str, Any]], Awaitable[None]] | None = None,
    poll: float = POLL,
) -> bool:
    """Send what `refresh` finds, at once and whenever something changed; call `here` each time the page says it is there.

    Returns when the page goes, falls silent, or may no longer look: whether it is known to have left. A line that broke and our
    own stop say nothing of the page, which connects anew.
    """
    talk = asyncio.create_task(_talk(socket, woken, refresh, poll))
    listen = asyncio.create_task(_listen(socket, here, heard))
    try:
        done, _ = await asyncio.wait({talk, listen}, return_when=asyncio.FIRST_COMPLETED)
        for task in done:
            task.result()
    except WebSocketDisconnect as gone:
        return gone.code in LEFT
    except NotLoggedIn:
        await close(socket, LOG_IN_AGAIN, "log in again")
    except (NotFound, Refused):
        await close(socket, NO_SUCH_CHAT, "there is nothing here")
    except TimeoutError:
        await close(socket, TOO_SILENT, "silent for too long")
        return False
    except asyncio.CancelledError:
        await close(socket, GOING_AWAY, "this server stops; connect again")
        raise
    finally:
        for task in (talk, listen):
            task.cancel()
        await asyncio.gather(talk, listen, return_exceptions=True)
    return True


async def close(socket: Socket, code: int, reason: str) -> None:
    """Close a socket that may be closed already."""
    with contextlib.suppress(Exception):
        await socket.close(code=code, reason=reason)


async def _talk(socket: Socket, woken: Subscription, refresh: Refresh, poll: float) -> None:
    while True:
        try:
            for event in await refresh():
                await socket.send_text(msgspec.json.encode(event).decode())
        except (*RETRYABLE, CommitUnknown) as error:
            log.info("live_waits", error=type(error).__name__)
            await asyncio.sleep(0.5)
            continue
        await woken.wait(poll * random.uniform(0.8, 1.2))  # noqa: S311 -- spreads the polling of many pages


async def _listen(
    socket: Socket, here: Callable[[], Awaitable[None]], heard: Callable[[dict[str, Any]], Awaitable[None]] | None
) -> None:
    while True:
        with contextlib.suppress(*RETRYABLE, CommitUnknown):
            await here()
        async with asyncio.timeout(SILENCE):
            frame = await _receive(socket)
        if "here" in frame:
            await socket.send_text('{"type":"here"}')  # a page that hears nothing for 12 s connects anew
        elif heard is not None:
            await heard(frame)


async def _receive(socket: Socket) -> dict[str, Any]:
    """Return the next frame; anything that is no JSON object counts as an empty one."""
    text = await socket.receive_text()
    if len(text) > LONGEST_FRAME:
        raise WebSocketDisconnect(detail="frame too long", code=1009)
    try:
        frame = msgspec.json.decode(text)
    except msgspec.DecodeError:
        return {}
    return frame if isinstance(frame, dict) else {}
