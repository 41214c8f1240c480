"""What Ringback is compared with, in the same run and on the same server: pgbench, and pgqueuer's bare enqueue and dispatch."""

from __future__ import annotations

import asyncio
import os
import re
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import asyncpg
from pgqueuer.adapters.drivers.asyncpg import AsyncpgPoolDriver
from pgqueuer.adapters.persistence.queries import Queries

from ringback.postgres.address import ServerAddress

INSERT = "INSERT INTO pgbench_bare (id, body) VALUES (gen_random_uuid(), 'a request')"


async def pool(address: ServerAddress, size: int) -> Any:
    """Open a pool of so many connections, all of them there from the start."""
    return await asyncpg.create_pool(
        host=address.host, port=address.port, user=address.user, password=address.password, database=address.database,
        min_size=size, max_size=size,
    )  # fmt: skip


async def pgbench(address: ServerAddress, programs: Path, *, clients: int, inserts: int) -> float:
    """Let the bundled pgbench insert single rows, each in a transaction of its own; return rows a second."""
    with TemporaryDirectory(prefix="ringback-pgbench-") as folder:
        script = Path(folder) / "insert.sql"
        script.write_text(INSERT + ";\n")
        process = await asyncio.create_subprocess_exec(
            programs / "pgbench", "-n", "-f", script, "-c", str(clients), "-j", "1", "-t", str(max(1, inserts // clients)), "-M", "prepared",
            "-h", address.host, "-p", str(address.port), "-U", address.user, address.database,
            env={**os.environ, "PGPASSWORD": address.password or ""},
            stdout=asyncio.subprocess.PIPE, stderr=asyncio.subprocess.PIPE,
        )  # fmt: skip
        told, wrong = await process.communicate()
    found = re.search(r"tps = ([0-9.]+)", told.decode())
    if process.returncode or found is None:
        raise RuntimeError(f"pgbench failed: {(wrong + told).decode()[-300:]}")
    return float(found[1])


class PgQueuer:
    """pgqueuer on the same database, with as many connections as there are callers."""

    def __init__(self, connections: Any) -> None:
        self.connections = connections
        self.driver = AsyncpgPoolDriver(connections)
        self.queries = Queries(self.driver)

    @classmethod
    async def open(cls, address: ServerAddress, connections: int, *, install: bool = True) -> PgQueuer:
        """Connect, and make its tables."""
        peer = cls(await pool(address, connections))
        if install:
            await peer.queries.install()
        return peer

    async def enqueue(self, _number: int) -> None:
        """Put one job into its queue: one durable commit."""
        await self.queries.enqueue("bench", b"a request", 0)

    async def close(self) -> None:
        """Close the connections."""
        await self.connections.close()
