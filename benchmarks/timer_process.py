"""A process of its own that leases timers and never finishes one: what bench_crash.py kills. Arguments: the database's address and secret."""

from __future__ import annotations

import asyncio
import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

from ringback.domain.status import Server
from ringback.postgres.address import Role, ServerAddress
from ringback.postgres.database import Database, Transaction
from ringback.postgres.hints import Hints
from ringback.postgres.timers import Timer, TimerWorker


async def main(host: str, port: int, user: str, password: str, secret: str) -> None:
    """Hold every timer that falls due."""
    address = ServerAddress(host=host, port=port, user=user, password=password)
    sessions = await Database.connect(address, Role.SESSIONS, secret=secret)
    dispatcher = await Database.connect(address, Role.DISPATCHER, secret=secret)
    hints = Hints(address.as_role(Role.DISPATCHER, secret))

    async def hang(_tx: Transaction, _timer: Timer) -> None:
        await asyncio.Event().wait()

    worker = TimerWorker(Server.SESSIONS, sessions, dispatcher, hints, {"bench": hang})
    await asyncio.gather(hints.run(), worker.run())


if __name__ == "__main__":
    _, host, port, user, password, secret = sys.argv
    asyncio.run(main(host, int(port), user, password, secret))
