"""Cost against size: accept, offers and dispatch with 10 thousand, 100 thousand and 1 million open callbacks, 100 of them in each queue.

Each size is a database of its own in one server: businesses of 100 queues with one agent each. The sizes take turns; each is to cost at
most 1.3 times what the smallest does. `--sizes` takes smaller ones for a quick look.
"""

from __future__ import annotations

import argparse
import asyncio
import itertools
import logging
import statistics
import sys
import time
from collections.abc import Awaitable, Callable, Iterator
from dataclasses import replace
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

import structlog
import uvloop

from benchmarks.accept import accepting, request
from benchmarks.booking.centre import ALWAYS, add_callbacks, administrator, make_business, make_queues
from benchmarks.durability import check_settings
from benchmarks.reporting import Row, compared, report
from ringback.domain.destinations import DestinationKind
from ringback.domain.ids import BusinessId, PersonId, QueueId, new_id
from ringback.domain.offers import OffersQuery
from ringback.interaction_manager.offers import LocalOffers
from ringback.interaction_manager.workflows.assign_agents import assign_agents
from ringback.postgres.address import Role, ServerAddress
from ringback.postgres.database import Database
from ringback.postgres.embedded import EmbeddedPostgres
from ringback.postgres.migrations import migrate

SECRET = "a secret for benchmarks, long enough"
QUEUES, EACH = 100, 100  # of a business; open callbacks in each
CALLERS = 16
TARGET = 1.3


class Size:
    """One database with so many open callbacks. Work goes round the queues of one of its businesses."""

    def __init__(self, count: int, database: Database, queues: list[tuple[BusinessId, str, QueueId]]) -> None:
        self.count = count
        self._database = database
        self._round: Iterator[tuple[BusinessId, str, QueueId]] = itertools.cycle(queues)
        self._dispatched = iter(queues)  # one agent each: a queue dispatches once
        self._desk = LocalOffers(database)
        self._writer = accepting(database, queues[0][0])

    @classmethod
    async def make(cls, server: ServerAddress, admin: Any, count: int) -> Size:
        """Fill a new database."""
        name = f"scale_{count}"
        await admin.execute(f"CREATE DATABASE {name}")
        address = replace(server, database=name)
        await migrate(address, secret=SECRET)
        async with administrator(address) as mine:
            for number in range(max(1, count // (QUEUES * EACH))):
                business = await make_business(mine, f"b{number}")
                await make_queues(mine, business, queues=QUEUES, agents=1, hours=ALWAYS)
                await add_callbacks(mine, business, each=EACH, state="waiting", apart="20 seconds", analyse=False)
            await mine.execute("INSERT INTO gate (business, callback) SELECT business, id FROM callback", timeout=600)
            await mine.execute("VACUUM ANALYZE", timeout=600)
            rows = await mine.fetch(
                "SELECT q.business, b.slug || '/q:' || q.slug AS provider, q.id FROM queue q JOIN business b ON b.id = q.business "
                "WHERE b.slug = 'b0' ORDER BY md5(q.id::text)"
            )
            assert await mine.fetchval("SELECT count(*) FROM callback WHERE finished_at IS NULL") == count
        database = await Database.connect(address, Role.INTERACTIONS, secret=SECRET, size=8)
        return cls(count, database, [(row["business"], f"biz:{row['provider']}", row["id"]) for row in rows])

    async def accept(self) -> None:
        """Accept a request as soon as possible."""
        _, provider, _ = next(self._round)
        await self._writer.submit(request(provider))

    async def offer(self) -> None:
        """Say what can be offered to somebody new."""
        business, provider, _ = next(self._round)
        query = OffersQuery(business=business, provider=provider, zone="Europe/London", person=PersonId(new_id()))
        assert (await self._desk.offers(query)).days, "there is something to offer"

    async def dispatch(self) -> None:
        """Give the head of a queue's line to its agent."""
        business, _, queue = next(self._dispatched)
        async with self._database.transaction(business, name="dispatch") as tx:
            await assign_agents(tx, business, queue, carriers={DestinationKind.BROWSER: "simulated"})

    async def dispatched(self, address: ServerAddress) -> int:
        """Return how many agents have a callback now."""
        async with administrator(replace(address, database=f"scale_{self.count}")) as admin:
            return int(await admin.fetchval("SELECT count(*) FROM assignment WHERE state = 'live'"))

    async def close(self) -> None:
        """Close the connections."""
        await self._database.close()


async def took(times: int, act: Callable[[], Awaitable[None]], callers: int = 1) -> float:
    """Return the median milliseconds of so many acts; of several callers, the milliseconds for each of all."""
    if callers > 1:
        began = time.perf_counter()
        left = iter(range(times))

        async def caller() -> None:
            for _ in left:
                await act()

        await asyncio.gather(*(caller() for _ in range(callers)))
        return (time.perf_counter() - began) * 1000 / times
    found = []
    for _ in range(times):
        began = time.perf_counter()
        await act()
        found.append((time.perf_counter() - began) * 1000)
    return statistics.median(found)


async def measure(address: ServerAddress, counts: list[int], rounds: int, times: int) -> list[Row]:
    """Fill the databases, and let the sizes take turns."""
    async with administrator(address) as admin:
        print(await check_settings(admin))
        sizes = []
        for count in counts:
            began = time.perf_counter()
            sizes.append(await Size.make(address, admin, count))
            print(f"{count:,} open callbacks: filled in {time.perf_counter() - began:.0f} s", flush=True)
    figures: dict[tuple[str, int], list[float]] = {}
    for number in range(-1, rounds):  # the first is for the memory of the process and of the database
        for size in sizes:
            for what, act, callers in (("accept", size.accept, CALLERS), ("offers", size.offer, 1), ("dispatch", size.dispatch, 1)):  # fmt: skip
                found = await took(times, act, callers)
                if number >= 0:
                    figures.setdefault((what, size.count), []).append(found)
    for size in sizes:
        assert await size.dispatched(address) == (rounds + 1) * times, "every dispatch gave somebody a callback"
        await size.close()
    smallest = counts[0]
    return [
        compared(
            f"{what}: {count:,} open callbacks beside {smallest:,}",
            figures[what, smallest], figures[what, count], "ms", bound="at most", target=TARGET,
        )
        for what in ("accept", "offers", "dispatch")
        for count in counts[1:]
    ]  # fmt: skip


async def main(counts: list[int], rounds: int, times: int, output: Path | None) -> None:
    """Measure and report."""
    assert (rounds + 1) * times <= QUEUES, f"each of the {QUEUES} queues dispatches once"
    with TemporaryDirectory(prefix="ringback-bench-") as folder:
        Path(folder).chmod(0o711)
        async with EmbeddedPostgres(Path(folder) / "database") as address:
            rows = await measure(address, counts, rounds, times)
    report(rows, output)


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--sizes", type=int, nargs="+", default=[10_000, 100_000, 1_000_000])
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--times", type=int, default=25, help="acts of each kind in a round")
    parser.add_argument("--json", type=Path)
    given = parser.parse_args()
    structlog.configure(wrapper_class=structlog.make_filtering_bound_logger(logging.WARNING))
    uvloop.run(main(given.sizes, given.rounds, given.times, given.json))
