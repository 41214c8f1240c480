"""Everything that calls are made with: a database, an Asterisk, SIPp, and the product's session management server as a process of its own."""

from __future__ import annotations

import asyncio
import contextlib
import os
import signal
import socket
import subprocess
import sys
from collections.abc import AsyncIterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from benchmarks.booking.centre import administrator, make_business
from ringback.domain.commands import PerformCallback
from ringback.domain.destinations import Destination, DestinationKind
from ringback.domain.ids import AgentId, AttemptId, BusinessId, CallbackId, new_id
from ringback.domain.status import DialOrder, Server
from ringback.postgres import gate
from ringback.postgres.address import Role, ServerAddress
from ringback.postgres.database import Database
from ringback.postgres.embedded import EmbeddedPostgres
from ringback.postgres.messages import send
from ringback.postgres.migrations import migrate
from ringback.session_management_server.carriers.asterisk.options import AsteriskOptions
from tests.support.pbx import Pbx, new_pbx

SECRET = "a secret for benchmarks, long enough"
TALK = 1000  # milliseconds
TICKS = os.sysconf("SC_CLK_TCK")


@dataclass(kw_only=True)
class Centre:
    """What runs."""

    address: ServerAddress
    database: Database
    business: BusinessId
    pbx: Pbx
    options: AsteriskOptions
    sessions: subprocess.Popen[bytes]
    log: Path
    _n: int = 0

    def numbers(self) -> tuple[str, str]:
        """Return an agent's and a customer's number that nobody else has."""
        self._n += 1
        return f"+493072{self._n % 100_000:05}", f"+493071{self._n % 100_000:05}"

    async def direct(self, at: datetime) -> None:
        """Direct one callback, as the interaction manager does."""
        agent, customer = self.numbers()
        callback, attempt = CallbackId(new_id()), AttemptId(new_id())
        async with self.database.transaction(self.business, name="direct") as tx:
            await gate.open_gate(tx, self.business, callback)
            epoch = await gate.begin_attempt(tx, self.business, callback, due_version=1, attempt=attempt)
            direction = PerformCallback(
                callback=callback,
                attempt=attempt,
                number=1,
                agent=AgentId(new_id()),
                agent_name="Kim",
                agent_address=agent,
                agent_carrier="asterisk",
                customer=Destination(kind=DestinationKind.PHONE, address=customer),
                customer_carrier="asterisk",
                customer_name="Dana",
                not_before=at,
                not_after=at + timedelta(minutes=10),
                dial_order=DialOrder.AGENT_FIRST,
                epoch=epoch,
                due_version=1,
                queue_name="Billing",
            )
            await send(tx, self.business, Server.SESSIONS, callback, direction)

    async def outcomes(self, since: datetime) -> list[tuple[str | None, float | None]]:
        """Return, for each attempt due since then, how it ended and the seconds from its due instant to the join."""
        async with administrator(self.address) as admin:
            rows = await admin.fetch(
                "SELECT outcome, extract(epoch FROM joined_at - not_before)::float8 AS setup FROM attempt WHERE not_before >= $1", since
            )  # fmt: skip
        return [(row["outcome"], row["setup"]) for row in rows]

    def tail(self) -> str:
        """Return the end of the session management server's log."""
        return self.log.read_text(errors="replace")[-3000:]


def cpu_seconds(pid: int) -> float:
    """Return the processor time a process has used."""
    fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / TICKS


def memory_mb(pid: int) -> float:
    """Return the memory that a process has resident."""
    for line in Path(f"/proc/{pid}/status").read_text().splitlines():
        if line.startswith("VmRSS:"):
            return int(line.split()[1]) / 1024
    return 0.0


@contextlib.asynccontextmanager
async def centre(folder: Path) -> AsyncIterator[Centre]:
    """Start everything, and end it."""
    async with contextlib.AsyncExitStack() as stack:
        data = folder / "data"
        data.mkdir(mode=0o711)
        embedded = EmbeddedPostgres(data / "database")
        address = await embedded.start()
        stack.push_async_callback(embedded.stop, force=True)
        await migrate(address, secret=SECRET)
        async with administrator(address) as admin:
            business = await make_business(admin, "acme")
        database = await Database.connect(address, Role.INTERACTIONS, secret=SECRET, size=4)
        stack.push_async_callback(database.close)
        place = folder / "pbx"
        place.mkdir()
        pbx = await asyncio.to_thread(new_pbx, place)
        await pbx.start()
        stack.push_async_callback(pbx.stop, kill=True)
        port = _sipp(stack, folder)
        trunk = f"PJSIP/trunk/sip:{{number}}@127.0.0.1:{port}"
        sessions, log = _sessions(stack, folder, data, pbx, trunk)
        yield Centre(
            address=address,
            database=database,
            business=business,
            pbx=pbx,
            options=AsteriskOptions.read({"url": pbx.url, "trunk": trunk}),
            sessions=sessions,
            log=log,
        )


def _sipp(stack: contextlib.AsyncExitStack, folder: Path) -> int:
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as probe:
        probe.bind(("127.0.0.1", 0))
        port = int(probe.getsockname()[1])
    scenario = Path(__file__).with_name("people.xml")
    command = ["sipp", "-sf", str(scenario), "-i", "127.0.0.1", "-p", str(port), "-nostdin", "-aa"]
    command += ["-d", str(TALK), "-l", "20000"]
    people = subprocess.Popen(
        command, cwd=folder, stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
        env={"TERM": "dumb", "PATH": "/usr/bin:/bin"}, start_new_session=True,
    )  # fmt: skip
    stack.callback(people.wait)
    stack.callback(people.kill)
    return port


def _sessions(
    stack: contextlib.AsyncExitStack, folder: Path, data: Path, pbx: Pbx, trunk: str
) -> tuple[subprocess.Popen[bytes], Path]:
    environment: dict[str, Any] = {
        "PATH": "/usr/bin:/bin",
        "RINGBACK_DATA": str(data),
        "RINGBACK_SECRET": SECRET,
        "RINGBACK_CARRIERS": "asterisk",
        "RINGBACK_ASTERISK_URL": pbx.url,
        "RINGBACK_ASTERISK_TRUNK": trunk,
        "RINGBACK_ASTERISK_CALLER_ID": "+493090009000",
        "RINGBACK_ASTERISK_RATE": "10000",
        "RINGBACK_ASTERISK_CAPACITY": "10000",
        "RINGBACK_LOG_LEVEL": "warning",
        "PYTHONPATH": os.pathsep.join(sys.path),
    }
    log = folder / "sessions.log"
    command = [sys.executable, "-m", "ringback", "serve", "sessions"]
    with log.open("wb") as output:
        process = subprocess.Popen(command, env=environment, stdout=output, stderr=output, stdin=subprocess.DEVNULL)
    stack.callback(process.wait)
    stack.callback(process.send_signal, signal.SIGTERM)
    return process, log


def now() -> datetime:
    """Return the present."""
    return datetime.now(UTC)
