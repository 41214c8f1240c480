"""One session management server in a process of its own, to be killed and stalled: `python -m tests.support.session_process …`."""

from __future__ import annotations

import argparse
import asyncio
import contextlib
import os
import signal
import sys
from collections.abc import AsyncIterator
from pathlib import Path

from ringback.postgres import failpoints
from ringback.postgres.address import Role, ServerAddress, parse_url
from ringback.postgres.database import Database
from ringback.postgres.hints import Hints
from ringback.session_management_server.carriers.environment import CarrierEnvironment
from ringback.session_management_server.carriers.registry import open_carriers
from ringback.session_management_server.worker import SessionManager
from tests.support.databases import SECRET


async def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("--database", required=True)
    parser.add_argument("--carrier", required=True)
    parser.add_argument("--lease", type=float, required=True)
    parser.add_argument("--point")
    parser.add_argument("--fate")
    parser.add_argument("--after", type=int, default=0)
    parser.add_argument("--spent", type=Path)
    options = parser.parse_args()
    if options.point:
        failpoints.configure(
            armed=[
                failpoints.Armed(
                    point=options.point, fate=failpoints.Fate(options.fate), spent=options.spent, after=options.after
                )
            ]
        )
    address = parse_url(options.database)
    sessions = await Database.connect(address, Role.SESSIONS, secret=SECRET, size=8)
    dispatcher = await Database.connect(address, Role.DISPATCHER, secret=SECRET, size=4)
    hints = Hints(address.as_role(Role.DISPATCHER, SECRET))
    environment = CarrierEnvironment(database=sessions, dispatcher=dispatcher, hints=hints)
    carriers = open_carriers(["simulated"], environment, options={"simulated": {"address": options.carrier}})
    manager = SessionManager(
        database=sessions, dispatcher=dispatcher, hints=hints, carriers=carriers, lease=options.lease
    )
    async with asyncio.TaskGroup() as group:
        group.create_task(hints.run())
        group.create_task(manager.run())
        sys.stdout.write("running\n")
        sys.stdout.flush()


@contextlib.asynccontextmanager
async def session_process(
    address: ServerAddress, carrier: str, *options: str, lease: float
) -> AsyncIterator[asyncio.subprocess.Process]:
    """Run one; whatever became of it, it is gone at the end."""
    process = await asyncio.create_subprocess_exec(
        sys.executable,
        "-m",
        "tests.support.session_process",
        *("--database", address.url, "--carrier", carrier, "--lease", str(lease)),
        *options,
        stdout=asyncio.subprocess.PIPE,
        cwd=Path(__file__).parents[2],
    )
    try:
        assert process.stdout is not None
        assert await asyncio.wait_for(process.stdout.readline(), 30) == b"running\n"
        yield process
    finally:
        if process.returncode is None:
            with contextlib.suppress(ProcessLookupError):
                os.kill(process.pid, signal.SIGCONT)
                process.kill()
        await process.wait()


if __name__ == "__main__":
    asyncio.run(main())
