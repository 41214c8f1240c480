"""A wire between the product and what it talks to, which can be cut in the ways that wires are: half-open, one way, delayed, doubled."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import Awaitable, Callable
from enum import StrEnum
from pathlib import Path

CHUNK = 65536


class Trouble(StrEnum):
    """What is wrong with the wire."""

    NONE = "none"
    HALF_OPEN = "half_open"  # nothing passes and nobody is told
    NO_ANSWERS = "no_answers"  # what is asked arrives, the answer does not
    NO_QUESTIONS = "no_questions"  # nothing that is asked arrives; events still come
    DELAYED = "delayed"
    DOUBLED = "doubled"  # requests that change something arrive twice
    CUT = "cut"  # connections are closed in the middle, and new ones refused


DELAY = 0.7  # seconds


class Wire:
    """Passes bytes on. Its trouble may change at any moment, and holds for connections that exist."""

    def __init__(self) -> None:
        self._trouble = Trouble.NONE
        self._changed = asyncio.Event()
        self._server: asyncio.Server | None = None
        self._connect: Callable[[], Awaitable[tuple[asyncio.StreamReader, asyncio.StreamWriter]]] | None = None
        self._open: set[asyncio.Task[None]] = set()

    async def start_on_port(self, host: str, port: int) -> int:
        """Lead to a TCP port; return the port to use instead."""
        self._connect = lambda: asyncio.open_connection(host, port)
        self._server = await asyncio.start_server(self._accepted, "127.0.0.1", 0)
        return int(self._server.sockets[0].getsockname()[1])

    async def start_on_socket(self, folder: Path, path: str) -> Path:
        """Lead to a Unix socket; return the folder of the one to use instead."""
        self._connect = lambda: asyncio.open_unix_connection(path)
        around = folder / "wire"
        around.mkdir(exist_ok=True)
        self._server = await asyncio.start_unix_server(self._accepted, around / Path(path).name)
        return around

    def set(self, trouble: Trouble) -> None:
        """From now on this is wrong. What was held back by a half-open wire is lost: its connections are closed when it heals."""
        before, self._trouble = self._trouble, trouble
        changed, self._changed = self._changed, asyncio.Event()
        changed.set()
        if trouble is Trouble.CUT or (before not in (Trouble.NONE, Trouble.DELAYED, Trouble.DOUBLED)):
            for task in self._open:
                task.cancel()

    async def stop(self) -> None:
        """Close everything."""
        if self._server is not None:
            self._server.close()
        for task in list(self._open):
            task.cancel()
        if self._open:
            await asyncio.wait(set(self._open))

    async def _accepted(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        task = asyncio.current_task()
        assert task is not None and self._connect is not None
        if self._trouble is Trouble.CUT:
            writer.close()
            return
        self._open.add(task)
        there: asyncio.StreamWriter | None = None
        try:
            back, there = await self._connect()
            async with asyncio.TaskGroup() as group:
                group.create_task(self._pass(reader, there, asking=True))
                group.create_task(self._pass(back, writer, asking=False))
        except* (OSError, _Ended, asyncio.CancelledError):
            pass  # asyncio's own server complains of a handler that was cancelled
        finally:
            self._open.discard(task)
            for end in (writer, there):
                if end is not None:
                    end.transport.abort()

    async def _pass(self, source: asyncio.StreamReader, target: asyncio.StreamWriter, *, asking: bool) -> None:
        while block := await source.read(CHUNK):
            lost = Trouble.NO_QUESTIONS if asking else Trouble.NO_ANSWERS
            if self._trouble in (Trouble.HALF_OPEN, lost):
                continue
            if self._trouble is Trouble.DELAYED:
                await asyncio.sleep(DELAY)
            if self._trouble is Trouble.DOUBLED and asking and block.startswith((b"POST ", b"DELETE ", b"PUT ")):
                await self._send_elsewhere(block)
            target.write(block)
            await target.drain()
        raise _Ended

    async def _send_elsewhere(self, block: bytes) -> None:
        """Send the same request on a connection of its own, as a proxy that tried again would."""
        assert self._connect is not None
        with contextlib.suppress(OSError, TimeoutError):
            reader, writer = await self._connect()
            try:
                writer.write(block)
                async with asyncio.timeout(1.0):
                    await reader.read(CHUNK)
            finally:
                writer.close()


class _Ended(Exception):
    """One side closed."""
