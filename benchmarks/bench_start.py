"""`ringback serve` from its start until it answers that it is healthy, with PostgreSQL up and migrated; and what memory it holds then."""

from __future__ import annotations

import argparse
import asyncio
import os
import signal
import socket
import statistics
import sys
import time
import urllib.error
import urllib.request
from pathlib import Path
from tempfile import TemporaryDirectory

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

import psutil

from benchmarks.reporting import compared, report
from ringback.postgres.embedded import EmbeddedPostgres
from ringback.postgres.migrations import migrate

SECRET = "a secret for benchmarks, long enough"
TARGET = 2.0  # seconds


def free_port() -> int:
    """Return a port that nothing listens on."""
    with socket.socket() as found:
        found.bind(("127.0.0.1", 0))
        return int(found.getsockname()[1])


def healthy(port: int) -> bool:
    """Tell whether the process answers that it is there."""
    try:
        with urllib.request.urlopen(f"http://127.0.0.1:{port}/health", timeout=1) as answer:
            return bool(answer.status == 200)
    except (urllib.error.URLError, OSError):
        return False


async def bare_start() -> float:
    """Measure an interpreter that starts, imports what listens and ends: what any Python server takes."""
    began = time.perf_counter()
    process = await asyncio.create_subprocess_exec(sys.executable, "-c", "import asyncpg, litestar, uvicorn")
    await process.wait()
    return time.perf_counter() - began


async def start_once(environment: dict[str, str], port: int) -> tuple[float, float]:
    """Start all three servers in one process; return seconds until it is healthy, and MiB resident then."""
    began = time.perf_counter()
    process = await asyncio.create_subprocess_exec(
        sys.executable, "-m", "ringback", "serve", env=environment,
        stdout=asyncio.subprocess.DEVNULL, stderr=asyncio.subprocess.DEVNULL,
    )  # fmt: skip
    async with asyncio.timeout(60):
        while not await asyncio.to_thread(healthy, port):
            assert process.returncode is None, "ringback serve ended by itself"
            await asyncio.sleep(0.02)
    took = time.perf_counter() - began
    resident = psutil.Process(process.pid).memory_info().rss / 2**20
    process.send_signal(signal.SIGTERM)
    await process.wait()
    return took, resident


async def main(rounds: int, output: Path | None) -> None:
    """Measure and report."""
    with TemporaryDirectory(prefix="ringback-bench-") as folder:
        Path(folder).chmod(0o711)
        async with EmbeddedPostgres(Path(folder) / "database") as address:
            await migrate(address, secret=SECRET)
            port = free_port()
            own = {name: value for name, value in os.environ.items() if not name.startswith("RINGBACK_")}
            environment = own | {
                "RINGBACK_DATA": folder,
                "RINGBACK_DATABASE_URL": address.url,
                "RINGBACK_SECRET": SECRET,
                "RINGBACK_PORT": str(port),
            }
            bare, ready, resident = [], [], []
            await start_once(environment, port)
            for _ in range(rounds):
                bare.append(await bare_start())
                took, held = await start_once(environment, port)
                ready.append(took)
                resident.append(held)
    print(f"resident once ready: {statistics.median(resident):.0f} MiB in one process with all three servers")
    report(
        [
            compared("ringback serve: start → healthy", [TARGET], ready, "s", bound="at most", target=1.0),
            compared("the same beside an interpreter that imports its libraries", bare, ready, "s"),
        ],
        output,
    )


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--json", type=Path)
    given = parser.parse_args()
    asyncio.run(main(given.rounds, given.json))
