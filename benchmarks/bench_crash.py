"""A process is killed with kill -9 while it holds leased timers: after how long another has done the work; nothing lost, nothing done twice."""

from __future__ import annotations

import argparse
import asyncio
import sys
import time
from collections import Counter
from datetime import timedelta
from pathlib import Path
from tempfile import TemporaryDirectory
from uuid import UUID

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

from benchmarks.booking.centre import administrator
from benchmarks.durability import check_settings
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
TARGET = 10.0  # seconds; procrastinate took 22, pgqueuer 32.5, with their own settings
LEASED = "SELECT count(*) FROM due WHERE lease_by IS NOT NULL"


async def one_crash(address: ServerAddress, timers: int) -> float:
    """Let a process lease timers, kill it, and let another do them; return seconds from the kill to the last."""
    business = BusinessId(new_id())
    sessions = await Database.connect(address, Role.SESSIONS, secret=SECRET)
    dispatcher = await Database.connect(address, Role.DISPATCHER, secret=SECRET)
    process = await asyncio.create_subprocess_exec(
        sys.executable, str(Path(__file__).with_name("timer_process.py")),
        address.host, str(address.port), address.user, address.password or "", SECRET,
    )  # fmt: skip
    async with sessions.transaction(business, name="bench") as tx:
        for _ in range(timers):
            await set_timer(tx, business, Server.SESSIONS, "bench", new_id(), at=tx.now + timedelta(seconds=1))
    async with administrator(address) as admin, asyncio.timeout(60):
        while await admin.fetchval(LEASED) < timers:
            await asyncio.sleep(0.02)
    process.kill()
    await process.wait()
    killed, done = time.monotonic(), asyncio.Event()
    fired: Counter[UUID] = Counter()

    async def note(tx: Transaction, timer: Timer) -> None:
        def count() -> None:
            fired[timer.subject] += 1
            if len(fired) == timers:
                done.set()

        tx.after_commit(count)

    hints = Hints(address.as_role(Role.DISPATCHER, SECRET))
    worker = TimerWorker(Server.SESSIONS, sessions, dispatcher, hints, {"bench": note})
    tasks = [asyncio.create_task(each) for each in (hints.run(), worker.run())]
    async with asyncio.timeout(60):
        await done.wait()
    took = time.monotonic() - killed
    await asyncio.sleep(1.5)  # whatever would come twice has come by then
    for task in tasks:
        task.cancel()
    await asyncio.gather(*tasks, return_exceptions=True)
    assert set(fired.values()) == {1}, "a timer was done twice"
    async with administrator(address) as admin:
        assert await admin.fetchval("SELECT count(*) FROM due") == 0, "a timer was lost"
    await sessions.close()
    await dispatcher.close()
    return took


async def main(rounds: int, timers: int, output: Path | None) -> None:
    """Measure and report."""
    with TemporaryDirectory(prefix="ringback-bench-") as folder:
        Path(folder).chmod(0o711)
        async with EmbeddedPostgres(Path(folder) / "database") as address:
            await migrate(address, secret=SECRET)
            async with administrator(address) as admin:
                print(await check_settings(admin))
            took = [await one_crash(address, timers) for _ in range(rounds)]
    print(f"{timers} timers a round, {rounds} rounds: none lost, none done twice; worst {max(took):.1f} s")
    what = "kill -9 of a process → the last of its timers done elsewhere"
    report([compared(what, [TARGET], took, "s", bound="at most", target=1.0)], output)


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--timers", type=int, default=200)
    parser.add_argument("--json", type=Path)
    given = parser.parse_args()
    asyncio.run(main(given.rounds, given.timers, given.json))
