"""A callback asked for over HTTP, from the request to the answer that it is booked, beside a bare Litestar server that keeps each request durably.

64 connections that stay open, each with one request under way; both servers are one process with uvicorn, and both share commits between callers.
"""

from __future__ import annotations

import argparse
import asyncio
import contextlib
import json
import os
import signal
import sys
import time
from collections.abc import AsyncIterator, Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path
from tempfile import TemporaryDirectory
from uuid import UUID, uuid4

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

import uvloop

from benchmarks.bench_start import free_port, healthy
from benchmarks.booking.centre import ALWAYS, ROOMY, administrator, make_business, make_queue
from benchmarks.durability import check_settings
from benchmarks.reporting import Row, compared, report
from ringback.identity.workflows.create_api_key import create_api_key
from ringback.postgres.address import Role, ServerAddress
from ringback.postgres.database import Database
from ringback.postgres.embedded import EmbeddedPostgres
from ringback.postgres.migrations import migrate

SECRET = "a secret for benchmarks, long enough"
CONNECTIONS = 64
TARGET = 0.6
CHATS = """
WITH channel AS (
    INSERT INTO channel (business, id, kind, name, public_key, allowed_origins, settings, credentials, options)
    VALUES ($1, gen_random_uuid(), 'web', 'Bench', $2, '{}', '{}', '{}', '{}') RETURNING business, id
),
people AS (
    INSERT INTO person (business, id, name, created_at) SELECT $1, gen_random_uuid(), 'Somebody', now() FROM generate_series(1, $3::int)
    RETURNING business, id
)
INSERT INTO chat (business, id, channel, person, token_hash, zone, language, priority, created_at, last_at)
SELECT p.business, gen_random_uuid(), c.id, p.id, uuid_send(gen_random_uuid()), 'UTC', 'en', 0, now(), now() FROM people p, channel c
RETURNING id, person
"""


class Connection:
    """One HTTP/1.1 connection that stays open: as little work for the client as can be, which shares the machine."""

    def __init__(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self._reader = reader
        self._writer = writer

    @classmethod
    async def open(cls, port: int) -> Connection:
        """Connect."""
        return cls(*await asyncio.open_connection("127.0.0.1", port))

    async def post(self, path: str, body: bytes, headers: str = "") -> int:
        """Send a request, read its whole answer, and return the status."""
        head = f"POST {path} HTTP/1.1\r\nHost: bench\r\nContent-Type: application/json\r\nContent-Length: {len(body)}\r\n{headers}\r\n"
        self._writer.write(head.encode() + body)
        answer = (await self._reader.readuntil(b"\r\n\r\n")).lower()
        length = int(answer.split(b"content-length:", 1)[1].split(b"\r\n", 1)[0])
        text = await self._reader.readexactly(length)
        status = int(answer.split(b" ", 2)[1])
        assert status in (201, 202), (status, text)
        return status

    def close(self) -> None:
        """Hang up."""
        self._writer.close()


@contextlib.asynccontextmanager
async def serving(arguments: list[str], environment: dict[str, str], port: int) -> AsyncIterator[None]:
    """Run a server of its own process while the block runs."""
    process = await asyncio.create_subprocess_exec(
        sys.executable,
        *arguments,
        env=environment,
        stdout=asyncio.subprocess.DEVNULL,
        stderr=asyncio.subprocess.DEVNULL,
    )
    try:
        async with asyncio.timeout(60):
            while not await asyncio.to_thread(healthy, port):
                assert process.returncode is None, f"{arguments[0]} ended by itself"
                await asyncio.sleep(0.05)
        yield
    finally:
        process.send_signal(signal.SIGTERM)
        await process.wait()


async def per_second(port: int, path: str, bodies: list[bytes], headers: Callable[[], str]) -> float:
    """Send every body over 64 connections, and return requests a second."""
    connections = [await Connection.open(port) for _ in range(CONNECTIONS)]
    waiting = iter(bodies)

    async def caller(connection: Connection) -> None:
        for body in waiting:
            await connection.post(path, body, headers())

    began = time.perf_counter()
    await asyncio.gather(*(caller(each) for each in connections))
    took = time.perf_counter() - began
    for each in connections:
        each.close()
    return len(bodies) / took


async def measure(address: ServerAddress, folder: str, rounds: int, calls: int) -> list[Row]:
    """Interleave the two servers."""
    async with administrator(address) as admin:
        print(await check_settings(admin))
        business = await make_business(admin, "http")
        await make_queue(admin, business, "line", agents=100, hours=ALWAYS, policy=ROOMY | {"slot_length": 600})
        chats = [row["id"] for row in await admin.fetch(CHATS, business, f"wk_{uuid4().hex}", rounds * calls)]
        await admin.execute(
            "CREATE TABLE bare (id uuid PRIMARY KEY, body text NOT NULL, at timestamptz NOT NULL DEFAULT now())"
        )
    identity = await Database.connect(address, Role.IDENTITY, secret=SECRET, size=2)
    key = await create_api_key(
        identity, business, name="bench", scopes=("callbacks:create", "callbacks:read", "callbacks:write")
    )
    await identity.close()
    begins = datetime.now(UTC).replace(minute=0, second=0, microsecond=0) + timedelta(hours=12)

    def body(number: int, chat: UUID) -> bytes:
        start = begins + timedelta(seconds=number * 7 % 900 * 600)
        return json.dumps(
            {
                "provider": "biz:http/q:line",
                "when": {
                    "kind": "slot",
                    "zone": "UTC",
                    "start": start.isoformat(),
                    "end": (start + timedelta(seconds=600)).isoformat(),
                },
                "destination": {"chat": str(chat)},
                "person": {},
            }
        ).encode()

    ours_port, bare_port = free_port(), free_port()
    own = {name: value for name, value in os.environ.items() if not name.startswith("RINGBACK_")}
    product = own | {
        "RINGBACK_DATA": folder, "RINGBACK_DATABASE_URL": address.url, "RINGBACK_SECRET": SECRET,
        "RINGBACK_PORT": str(ours_port), "RINGBACK_API_KEY_RATE": "0",
    }  # fmt: skip
    bare = own | {"BARE_DATABASE_URL": address.url, "BARE_PORT": str(bare_port)}
    script = str(Path(__file__).with_name("bare_server.py"))
    reference, ours = [], []
    async with serving(["-m", "ringback", "serve"], product, ours_port), serving([script], bare, bare_port):
        for number in range(rounds):
            bodies = [body(n, chat) for n, chat in enumerate(chats[number * calls : (number + 1) * calls])]
            await asyncio.sleep(2)  # the other one has come to rest
            reference.append(await per_second(bare_port, "/", bodies, lambda: f"Idempotency-Key: {uuid4()}\r\n"))
            await asyncio.sleep(2)
            ours.append(
                await per_second(
                    ours_port, "/api/v1/callbacks", bodies,
                    lambda: f"Authorization: Bearer {key.key}\r\nIdempotency-Key: {uuid4()}\r\n",
                )
            )  # fmt: skip
    async with administrator(address) as admin:
        booked = await admin.fetchval("SELECT count(*) FROM callback WHERE business = $1", business)
    assert booked == rounds * calls, f"{booked} of {rounds * calls} are there"
    return [
        compared("callback booked over HTTP, 64 connections", reference, ours, "/s", bound="at least", target=TARGET)
    ]


async def main(rounds: int, calls: int, output: Path | None) -> None:
    """Measure and report."""
    with TemporaryDirectory(prefix="ringback-bench-") as folder:
        Path(folder).chmod(0o711)
        async with EmbeddedPostgres(Path(folder) / "database") as address:
            await migrate(address, secret=SECRET)
            rows = await measure(address, folder, rounds, calls)
    report(rows, output)


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--calls", type=int, default=2000)
    parser.add_argument("--json", type=Path)
    given = parser.parse_args()
    uvloop.run(main(given.rounds, given.calls, given.json))
