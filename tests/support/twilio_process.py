"""Our small Twilio for tests: started, killed, started again on the same record, and its people played."""

from __future__ import annotations

import asyncio
import contextlib
import json
import socket
import subprocess
import sys
from collections.abc import AsyncIterator, Iterator
from pathlib import Path
from typing import Any

import httpx
import uvicorn

from ringback.domain.errors import CarrierError
from ringback.postgres.database import Database
from ringback.session_management_server.carriers.twilio.door import TwilioDoor
from ringback.session_management_server.carriers.twilio.options import TwilioOptions

ACCOUNT = "AC" + "0123456789abcdef" * 2
TOKEN = "the account's auth token"


class TwilioProcess:
    """One peer. `url` stays the same over a restart."""

    def __init__(self, folder: Path) -> None:
        self.record = folder / "twilio.jsonl"
        self.port = 0
        self._process: subprocess.Popen[bytes] | None = None

    @property
    def url(self) -> str:
        """Where its REST API is."""
        return f"http://127.0.0.1:{self.port}"

    def start(self) -> None:
        """Start it and wait until it listens."""
        arguments = ["--record", str(self.record), "--account", ACCOUNT, "--token", TOKEN, "--port", str(self.port)]
        self._process = subprocess.Popen(
            [sys.executable, "-m", "tests.support.twilio_peer", *arguments], stdout=subprocess.PIPE
        )
        assert self._process.stdout is not None
        self.port = int(self._process.stdout.readline().split()[-1])

    def kill(self) -> None:
        """Kill it as a power cut would."""
        if self._process is not None and self._process.poll() is None:
            self._process.kill()
            self._process.wait()

    async def far(self, what: str, **form: str) -> None:
        """Play the people: behave, leave, press."""
        async with httpx.AsyncClient(trust_env=False, timeout=10) as client:
            (await client.post(f"{self.url}/far/{what}", data=form)).raise_for_status()

    def lines(self, what: str, **match: Any) -> list[dict[str, Any]]:
        """Return the record's entries of one kind."""
        if not self.record.exists():
            return []
        found = [json.loads(line) for line in self.record.read_text().splitlines()]
        return [each for each in found if each["what"] == what and match.items() <= each.items()]


@contextlib.contextmanager
def twilio_process(folder: Path) -> Iterator[TwilioProcess]:
    """Give a peer that listens."""
    process = TwilioProcess(folder)
    process.start()
    try:
        yield process
    finally:
        process.kill()


async def _nothing(scope: Any, receive: Any, send: Any) -> None:
    raise CarrierError(f"nothing else is asked here: {scope['path']}")


@contextlib.asynccontextmanager
async def door_open(database: Database, api: str, **options: str) -> AsyncIterator[dict[str, str]]:
    """Open the door for callbacks, and give the options of a carrier whose callbacks come in by it."""
    listener = socket.create_server(("127.0.0.1", 0))
    public = f"http://127.0.0.1:{listener.getsockname()[1]}"
    given = {"account": ACCOUNT, "auth_token": TOKEN, "caller_id": "+493090009000", "public_url": public, "api": api}
    given |= {"settle": "0.3", **options}
    door = TwilioDoor(TwilioOptions.read(given), database, _nothing)
    config = uvicorn.Config(door, log_level="warning", lifespan="off", timeout_graceful_shutdown=1)
    server = uvicorn.Server(config)
    task = asyncio.create_task(server.serve(sockets=[listener]))
    try:
        yield given
    finally:
        server.should_exit = server.force_exit = True
        await task
