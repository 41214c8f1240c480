"""An HTTP server that is a task like any other: it starts, says so, and stops when it is cancelled."""

from __future__ import annotations

import asyncio
import contextlib
import socket
from collections.abc import Callable, Iterator
from typing import Any, cast

import uvicorn
from litestar.types import ASGIApp

from ringback.domain.errors import ConfigurationError


class _Server(uvicorn.Server):
    """Uvicorn without its own signal handlers: the program has its own."""

    @contextlib.contextmanager
    def capture_signals(self) -> Iterator[None]:
        """Leave signals alone."""
        yield


def bind(host: str, port: int, *, variable: str) -> socket.socket:
    """Take the port. Raises ConfigurationError saying which variable chooses another one."""
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    listener = socket.socket(family, socket.SOCK_STREAM)
    listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        listener.bind((host, port))
        listener.listen(1024)
    except OSError as error:
        listener.close()
        raise ConfigurationError(
            f"port {port} on {host} cannot be taken ({error.strerror or error}): stop what uses it, or choose another with {variable}"
        ) from error
    listener.setblocking(False)
    return listener


async def serve(
    app: ASGIApp, listener: socket.socket, *, trusted_proxies: str | None = None, started: Callable[[], None]
) -> None:
    """Answer requests until cancelled; then let what is under way finish for a moment."""
    server = _Server(
        uvicorn.Config(
            cast("Any", app),
            log_config=None,
            access_log=False,
            server_header=False,
            lifespan="off",
            ws_max_size=64 * 1024,
            ws_ping_interval=None,
            timeout_keep_alive=30,
            timeout_graceful_shutdown=2,
            proxy_headers=trusted_proxies is not None,
            forwarded_allow_ips=trusted_proxies,
        )
    )
    task = asyncio.create_task(server.serve(sockets=[listener]))
    try:
        while not server.started and not task.done():  # noqa: ASYNC110 -- uvicorn has a flag, no event
            await asyncio.sleep(0.01)
        started()
        await asyncio.shield(task)
    except asyncio.CancelledError:
        server.should_exit = True
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(5):
                await asyncio.shield(task)
        raise
    finally:
        task.cancel()
        listener.close()
