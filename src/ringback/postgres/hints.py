"""Wake-ups by NOTIFY: one direct listener connection a process, ids only. Every consumer also polls, so each hint may be lost."""

from __future__ import annotations

import asyncio
import contextlib
from collections import defaultdict
from collections.abc import Iterator
from typing import Any
from uuid import UUID

import asyncpg
import structlog

from ringback.postgres.address import ServerAddress

log = structlog.get_logger(__name__)


class Subscription:
    """What one consumer has been hinted since it last looked. `about`: the only id that it cares for."""

    def __init__(self, about: UUID | None = None) -> None:
        self._about = about
        self._ids: set[UUID] = set()
        self._woken = asyncio.Event()

    def put(self, id: UUID) -> None:
        """Wake the consumer."""
        if self._about is not None and id != self._about:
            return
        self._ids.add(id)
        self._woken.set()

    async def wait(self, timeout: float) -> set[UUID]:
        """Return the ids hinted, waiting at most `timeout` seconds; an empty set says: poll anyway."""
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(timeout):
                await self._woken.wait()
        self._woken.clear()
        ids, self._ids = self._ids, set()
        return ids


class Hints:
    """The listener of this process. `enabled=False` drops every hint: all must still work."""

    def __init__(self, address: ServerAddress, *, enabled: bool = True) -> None:
        self._address = address
        self._enabled = enabled
        self._subscriptions: dict[str, set[Subscription]] = defaultdict(set)

    @contextlib.contextmanager
    def subscribe(self, *topics: str, about: UUID | None = None) -> Iterator[Subscription]:
        """Collect the hints of these topics while the block runs; with `about` those of one id: who waits for one thing is not woken by every other."""
        subscription = Subscription(about)
        for topic in topics:
            self._subscriptions[topic].add(subscription)
        try:
            yield subscription
        finally:
            for topic in topics:
                self._subscriptions[topic].discard(subscription)

    def deliver(self, payload: str) -> None:
        """Hand `topic id` to whoever subscribed; anything malformed is dropped."""
        topic, _, text = payload.partition(" ")
        with contextlib.suppress(ValueError):
            about = UUID(text)
            for subscription in tuple(self._subscriptions.get(topic, ())):
                subscription.put(about)

    async def run(self) -> None:
        """Listen until cancelled, reconnecting for ever."""
        if not self._enabled:
            await asyncio.Event().wait()
        while True:
            try:
                await self._listen()
            except (asyncpg.PostgresError, asyncpg.InterfaceError, OSError, TimeoutError) as error:
                log.warning("hints_lost", error=type(error).__name__)
            await asyncio.sleep(1)

    async def _listen(self) -> None:
        login = self._address
        connection = await asyncpg.connect(
            host=login.host,
            port=login.port,
            user=login.user,
            password=login.password,
            database=login.database,
            ssl=login.ssl,
            timeout=10,
            server_settings={"application_name": "ringback_hints"},
        )
        closed = asyncio.Event()

        def heard(_connection: Any, _pid: int, _channel: str, payload: object) -> None:
            self.deliver(str(payload))

        try:
            connection.add_termination_listener(lambda _: closed.set())
            await connection.add_listener("ringback", heard)
            while not closed.is_set():
                with contextlib.suppress(TimeoutError):
                    async with asyncio.timeout(20):
                        await closed.wait()
                        return
                await connection.execute("SELECT 1", timeout=10)
        finally:
            with contextlib.suppress(Exception):
                await connection.close(timeout=2)
