"""That nothing measured was bought with durability: the settings, and a kill -9 after which every acknowledged row is there."""

from __future__ import annotations

import asyncio
import os
import signal
from collections.abc import Awaitable, Callable
from typing import Any
from uuid import UUID

from ringback.postgres.embedded import EmbeddedPostgres, postmaster

WANTED = ("fsync", "synchronous_commit", "full_page_writes")


async def check_settings(admin: Any) -> str:
    """Return the settings as one line; raise AssertionError when one is not on."""
    found = {name: await admin.fetchval(f"SHOW {name}") for name in WANTED}
    assert set(found.values()) == {"on"}, f"durability is not on: {found}"
    return ", ".join(f"{name}={value}" for name, value in found.items())


async def kill_while(
    server: EmbeddedPostgres, call: Callable[[], Awaitable[UUID]], *, callers: int, after: int
) -> list[UUID]:
    """Let callers call one time after another; when so many were acknowledged, kill -9 the server and start it again. Return all that were acknowledged."""
    acknowledged: list[UUID] = []
    enough = asyncio.Event()

    async def caller() -> None:
        while True:
            acknowledged.append(await call())
            if len(acknowledged) >= after:
                enough.set()

    tasks = [asyncio.ensure_future(caller()) for _ in range(callers)]
    async with asyncio.timeout(60):
        await enough.wait()
    running = postmaster.find_postmaster(server.layout)
    assert running is not None, "the server runs"
    os.kill(running.pid, signal.SIGKILL)
    await asyncio.wait(tasks, timeout=30)
    for task in tasks:
        task.cancel()
    await asyncio.gather(*tasks, return_exceptions=True)
    await server.start()
    return acknowledged
