"""Many timers due at the same instant: the greatest lateness until each one's transaction is committed, beside pgqueuer in the same run."""

from __future__ import annotations

import argparse
import asyncio
import logging
import sys
import time
from datetime import timedelta
from pathlib import Path
from tempfile import TemporaryDirectory

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

import structlog
import uvloop
from pgqueuer.adapters.drivers.asyncpg import AsyncpgPoolDriver
from pgqueuer.adapters.persistence.queries import Queries
from pgqueuer.core.qm import QueueManager
from pgqueuer.models import Job

from benchmarks.booking.centre import administrator
from benchmarks.durability import check_settings
from benchmarks.peers import PgQueuer, pool
from benchmarks.reporting import compared, report
from ringback.domain.ids import BusinessId, new_id
from ringback.domain.status import Server
from ringback.postgres.address import Role, ServerAddress
from ringback.postgres.database import Database, Transaction
from ringback.postgres.embedded import EmbeddedPostgres
from ringback.postgres.hints import Hints
from ringback.postgres.migrations import migrate
from ringback.postgres.timers import Timer, TimerWorker, set_timer

SECRET = "a secret for benchmarks, long enough"
AHEAD = 8.0  # seconds: long enough to have them all in the table before the first is due


class Late:
    """The greatest lateness of so many, by this machine's clock, which the database shares."""

    def __init__(self, wanted: int) -> None:
        self._left = wanted
        self.due: float | None = None
        self.greatest = 0.0
        self.done = asyncio.Event()

    def note(self) -> None:
        """One was done just now."""
        assert self.due is not None
        self.greatest = max(self.greatest, time.time() - self.due)
        self._left -= 1
        if self._left == 0:
            self.done.set()


async def ours(address: ServerAddress, count: int) -> float:
    """Measure due → the handler's transaction committed and its timer removed in it."""
    sessions = await Database.connect(address, Role.SESSIONS, secret=SECRET)
    dispatcher = await Database.connect(address, Role.DISPATCHER, secret=SECRET)
    hints, late = Hints(address.as_role(Role.DISPATCHER, SECRET)), Late(count)

    async def handle(tx: Transaction, _timer: Timer) -> None:
        tx.after_commit(late.note)

    business = BusinessId(new_id())
    async with sessions.transaction(business, name="bench") as tx:
        at = tx.now + timedelta(seconds=AHEAD)
        for _ in range(count):
            await set_timer(tx, business, Server.SESSIONS, "bench", new_id(), at=at)
    late.due = at.timestamp()
    worker = TimerWorker(Server.SESSIONS, sessions, dispatcher, hints, {"bench": handle})
    tasks = [asyncio.create_task(each) for each in (hints.run(), worker.run())]
    async with asyncio.timeout(180):
        await late.done.wait()
    for task in tasks:
        task.cancel()
    await asyncio.gather(*tasks, return_exceptions=True)
    await sessions.close()
    await dispatcher.close()
    return late.greatest


async def peers(address: ServerAddress, count: int) -> float:
    """Measure pgqueuer: due → its handler called."""
    connections, late = await pool(address, 8), Late(count)
    manager = QueueManager(Queries(AsyncpgPoolDriver(connections)))

    @manager.entrypoint("bench_due")
    async def handle(_job: Job) -> None:
        late.note()

    now = await connections.fetchval("SELECT now()")
    await manager.queries.enqueue(
        ["bench_due"] * count, [None] * count, [0] * count, execute_after=[timedelta(seconds=AHEAD)] * count
    )
    late.due = now.timestamp() + AHEAD  # a little before its own idea: in its favour it is not
    task = asyncio.create_task(manager.run(batch_size=1000))
    async with asyncio.timeout(180):
        await late.done.wait()
    manager.shutdown.set()
    await asyncio.wait([task], timeout=10)
    task.cancel()
    await asyncio.gather(task, return_exceptions=True)
    await connections.close()
    return late.greatest


async def main(rounds: int, counts: list[int], output: Path | None) -> None:
    """Measure and report."""
    rows = []
    with TemporaryDirectory(prefix="ringback-bench-") as folder:
        Path(folder).chmod(0o711)
        async with EmbeddedPostgres(Path(folder) / "database") as address:
            await migrate(address, secret=SECRET)
            async with administrator(address) as admin:
                print(await check_settings(admin))
            peer = await PgQueuer.open(address, 1)
            await peer.close()
            for count in counts:
                theirs, mine = [], []
                for _ in range(rounds):
                    theirs.append(await peers(address, count))
                    mine.append(await ours(address, count))
                target = 0.25 if count <= 5000 else 0.2
                what = f"{count:,} due at one instant: greatest lateness"
                rows.append(compared(what, theirs, mine, "s", bound="at most", target=target))
    report(rows, output)


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--count", type=int, nargs="+", default=[5000, 20000])
    parser.add_argument("--json", type=Path)
    given = parser.parse_args()
    structlog.configure(wrapper_class=structlog.make_filtering_bound_logger(logging.WARNING))
    uvloop.run(main(given.rounds, given.count, given.json))
