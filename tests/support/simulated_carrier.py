"""The simulated carrier's process for tests: started, killed, restarted, and its record read."""

from __future__ import annotations

import asyncio
import contextlib
import signal
import sys
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

from ringback.session_management_server.carriers.simulated_record import read_record

MODULE = "ringback.session_management_server.carriers.simulated_process"


class CarrierProcess:
    """One simulated carrier on a Unix socket in `folder`; it may be killed and started again."""

    def __init__(self, folder: Path, *options: str) -> None:
        self.record = folder / "rang.jsonl"
        self.address = f"unix:{folder / 'carrier.sock'}"
        self._options = options
        self._process: asyncio.subprocess.Process | None = None

    async def start(self, *more: str) -> None:
        """Start it and wait until it listens."""
        arguments = ("--listen", self.address, "--record", str(self.record), *self._options, *more)
        self._process = await asyncio.create_subprocess_exec(
            sys.executable, "-m", MODULE, *arguments, stdout=asyncio.subprocess.PIPE
        )
        assert self._process.stdout is not None
        line = await asyncio.wait_for(self._process.stdout.readline(), 20)
        assert line.startswith(b"listening"), line

    async def kill(self) -> None:
        """Kill it as a power cut would."""
        if self._process is not None and self._process.returncode is None:
            self._process.kill()
        await self.gone()

    async def gone(self) -> None:
        """Wait until it has died."""
        if self._process is not None:
            await self._process.wait()
        Path(self.address.removeprefix("unix:")).unlink(missing_ok=True)

    async def stop(self) -> None:
        """Stop it in good order."""
        if self._process is not None and self._process.returncode is None:
            with contextlib.suppress(ProcessLookupError):
                self._process.send_signal(signal.SIGTERM)
            await self._process.wait()

    def lines(self, what: str = "rang", **match: Any) -> list[dict[str, Any]]:
        """Return the record's lines of one kind."""
        wanted = {name: str(value) for name, value in match.items()}
        return [
            line
            for line in read_record(self.record)
            if line["what"] == what and all(line[name] == value for name, value in wanted.items())
        ]


@contextlib.asynccontextmanager
async def carrier_process(folder: Path, *options: str) -> AsyncIterator[CarrierProcess]:
    """Run a simulated carrier."""
    process = CarrierProcess(folder, *options)
    await process.start()
    try:
        yield process
    finally:
        await process.stop()
