"""Ringback as its operator runs it: `ringback serve` in one process or three, configured through its own commands."""

from __future__ import annotations

import asyncio
import contextlib
import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import httpx

from ringback.administration.configuration import apply_document
from ringback.installation import ready_installation
from ringback.settings import read_settings

SECRET = "a secret for tests, long enough"


def free_port() -> int:
    """Return a loopback port that nobody listens on just now."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


@dataclass(kw_only=True)
class Process:
    """One running `ringback serve`."""

    name: str
    popen: subprocess.Popen[bytes]
    log: Path

    def signal(self, number: int) -> None:
        """Send a signal, to a process that may be gone already."""
        with contextlib.suppress(ProcessLookupError):
            self.popen.send_signal(number)

    def stop(self, *, patience: float = 15.0) -> int:
        """Stop in good order and return the exit code; kill what does not."""
        self.signal(signal.SIGCONT)
        self.signal(signal.SIGTERM)
        try:
            return self.popen.wait(patience)
        except subprocess.TimeoutExpired:
            self.popen.kill()
            self.popen.wait(5)
            raise AssertionError(f"{self.name} did not stop within {patience} s:\n{self.tail()}") from None

    def tail(self, lines: int = 40) -> str:
        """Return the end of its log."""
        return "\n".join(self.log.read_text(errors="replace").splitlines()[-lines:])


@dataclass(kw_only=True)
class Ringback:
    """An installation in a folder of its own: its processes, and the commands an operator types."""

    folder: Path
    environment: dict[str, str]
    port: int
    processes: dict[str, Process] = field(default_factory=dict)

    @property
    def url(self) -> str:
        """Where the pages are."""
        return f"http://localhost:{self.port}"

    def command(self, *arguments: str, text: str | None = None) -> str:
        """Run one command and return what it printed; an AssertionError carries its complaint."""
        done = subprocess.run(
            [sys.executable, "-m", "ringback.cli", *arguments],
            env=self.environment,
            input=text,
            capture_output=True,
            text=True,
            timeout=120,
            check=False,
        )
        assert done.returncode == 0, f"ringback {' '.join(arguments)}: {done.stdout}{done.stderr}"
        return done.stdout

    def start(self, name: str, *arguments: str, extra: Mapping[str, str] | None = None) -> Process:
        """Start one `ringback …` in the background; its log is kept over restarts."""
        log = self.folder / f"{name}.log"
        with log.open("ab") as sink:
            popen = subprocess.Popen(
                [sys.executable, "-m", "ringback.cli", *arguments],
                env={**self.environment, **(extra or {})},
                stdout=sink,
                stderr=subprocess.STDOUT,
                start_new_session=True,
            )
        self.processes[name] = Process(name=name, popen=popen, log=log)
        return self.processes[name]

    def start_servers(self, servers: Sequence[str] = ()) -> None:
        """Start one process with all three servers, or one for each named, and wait until the pages answer."""
        for server in servers or ("all",):
            self.start(server, "serve", *([server] if servers else []))
        self.wait_until_ready()

    def wait_until_ready(self, *, patience: float = 60.0) -> None:
        """Wait until /health says that every server is there."""
        deadline = time.monotonic() + patience
        while time.monotonic() < deadline:
            for process in self.processes.values():
                assert process.popen.poll() is None, f"{process.name} ended:\n{process.tail()}"
            with contextlib.suppress(httpx.HTTPError):
                if httpx.get(f"{self.url}/health", timeout=2).status_code == 200:
                    return
            time.sleep(0.1)
        raise AssertionError("\n".join(f"{each.name}:\n{each.tail()}" for each in self.processes.values()))

    def apply(self, document: Mapping[str, Any]) -> None:
        """Create or change the business as `ringback apply` does, in this process: a command takes two seconds to begin."""
        with ThreadPoolExecutor(1) as aside:  # the caller's thread may run a loop already
            aside.submit(asyncio.run, self._apply(document)).result()

    async def _apply(self, document: Mapping[str, Any]) -> None:
        async with ready_installation(read_settings(self.environment)) as installation:
            await apply_document(installation, document)

    def logs(self) -> str:
        """Everything all processes printed."""
        return "\n".join(path.read_text(errors="replace") for path in sorted(self.folder.glob("*.log")))

    def stop(self) -> None:
        """Stop every process."""
        for process in reversed(list(self.processes.values())):
            process.stop()


@contextlib.contextmanager
def ringback(folder: Path, *, database_url: str | None = None, **settings: str) -> Iterator[Ringback]:
    """Prepare an installation in `folder` (settings become RINGBACK_… variables); stop all its processes at the end."""
    folder.mkdir(parents=True, exist_ok=True)
    port = free_port()
    environment = {name: value for name, value in os.environ.items() if not name.startswith("RINGBACK_")}
    environment |= {
        "RINGBACK_DATA": str(folder / "data"),
        "RINGBACK_SECRET": SECRET,
        "RINGBACK_PORT": str(port),
        "RINGBACK_INTERNAL_PORT": str(free_port()),
        "RINGBACK_LOG_FORMAT": "json",
        "PYTHONUNBUFFERED": "1",
    }
    if database_url:
        environment["RINGBACK_DATABASE_URL"] = database_url
    environment |= {f"RINGBACK_{name.upper()}": value for name, value in settings.items()}
    environment["RINGBACK_INTERACTIONS_URL"] = f"http://127.0.0.1:{environment['RINGBACK_INTERNAL_PORT']}"
    running = Ringback(folder=folder, environment=environment, port=port)
    try:
        yield running
    finally:
        running.stop()
