"""One timer due on an idle system: its lateness beside a bare NOTIFY wake-up, both in this run. Prints a table and `ratio=…`."""

from __future__ import annotations

import argparse
import asyncio
import json
import statistics
import time
from datetime import timedelta
from pathlib import Path
from tempfile import TemporaryDirectory

import asyncpg

from ringback.domain.ids import BusinessId, new_id
from ringback.domain.status import Server
from ringback.postgres.address import Role, ServerAddress
from ringback.postgres.database import Database, Transaction
from ringback.postgres.embedded import EmbeddedPostgres
from ringback.postgres.hints import Hints
from ringback.postgres.migrations import migrate
from ringback.postgres.timers import Timer, TimerWorker, set_timer

SECRET = "a secret for benchmarks, long enough"
TARGET = 5.0


async def notify_wakes(address: ServerAddress, rounds: int) -> list[float]:
    """Measure NOTIFY from one connection to another, in seconds."""
    login = {"host": address.host, "port": address.port, "user": address.user, "password": address.password}
    listener = await asyncpg.connect(**login, database=address.database)
    sender = await asyncpg.connect(**login, database=address.database)
    woken: asyncio.Queue[float] = asyncio.Queue()
    await listener.add_listener("bench", lambda *_: woken.put_nowait(time.perf_counter()))
    waits = []
    for _ in range(rounds):
        began = time.perf_counter()
        await sender.execute("SELECT pg_notify('bench', '')")
        waits.append(await woken.get() - began)
        await asyncio.sleep(0.01)
    await listener.close()
    await sender.close()
    return waits


async def timer_lateness(address: ServerAddress, rounds: int) -> list[float]:
    """Measure due → the handler's transaction open, by the database's clock, in seconds."""
    sessions = await Database.connect(address, Role.SESSIONS, secret=SECRET)
    dispatcher = await Database.connect(address, Role.DISPATCHER, secret=SECRET)
    hints = Hints(address.as_role(Role.DISPATCHER, SECRET))
    fired: asyncio.Queue[float] = asyncio.Queue()

    async def note(tx: Transaction, timer: Timer) -> None:
        late = (tx.now - timer.due_at).total_seconds()
        tx.after_commit(lambda: fired.put_nowait(late))

    worker = TimerWorker(Server.SESSIONS, sessions, dispatcher, hints, {"bench": note})
    tasks = [asyncio.create_task(each.run()) for each in (hints, worker)]
    business, late = BusinessId(new_id()), []
    await asyncio.sleep(0.3)
    for _ in range(rounds):
        async with sessions.transaction(business, name="bench") as tx:
            await set_timer(tx, business, Server.SESSIONS, "bench", new_id(), at=tx.now + timedelta(seconds=0.1))
        late.append(await fired.get())
    for task in tasks:
        task.cancel()
    await asyncio.gather(*tasks, return_exceptions=True)
    await sessions.close()
    await dispatcher.close()
    return late


async def main(rounds: int, output: Path | None) -> None:
    """Interleave both, three times, and print the medians."""
    with TemporaryDirectory(prefix="ringback-bench-") as folder:
        Path(folder).chmod(0o711)
        async with EmbeddedPostgres(Path(folder) / "database") as address:
            await migrate(address, secret=SECRET)
            wakes, late = [], []
            for _ in range(3):
                wakes += await notify_wakes(address, rounds)
                late += await timer_lateness(address, rounds)
    wake, lateness = statistics.median(wakes) * 1000, statistics.median(late) * 1000
    print(f"NOTIFY wake-up, median        {wake:7.2f} ms   ({len(wakes)} times)")
    print(f"timer due → handler, median   {lateness:7.2f} ms   ({len(late)} times, worst {max(late) * 1000:.2f} ms)")
    ratio = lateness / wake
    if output:
        output.write_text(json.dumps({"notify_ms": wake, "lateness_ms": lateness, "ratio": ratio}) + "\n")
    print(f"ratio={ratio:.2f} target<={TARGET} met={'yes' if ratio <= TARGET else 'no'}")


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rounds", type=int, default=50)
    parser.add_argument("--json", type=Path)
    given = parser.parse_args()
    asyncio.run(main(given.rounds, given.json))
