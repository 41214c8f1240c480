"""Booking: places of slots taken by 64 callers beside a plain counter that keeps whose each place is, whole bookings, and offers in a large business.

Every place is answered after its own durable commit. The medians are of interleaved rounds; the last line says whether all is met.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import statistics
import sys
import time
from collections.abc import Awaitable, Callable
from dataclasses import asdict, dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any
from uuid import UUID, uuid4

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

import asyncpg
import uvloop

from benchmarks.accept import accepting, request
from benchmarks.booking.centre import (
    ALWAYS,
    ROOMY,
    add_callbacks,
    administrator,
    make_business,
    make_queue,
    make_queues,
)
from ringback.domain.ids import BusinessId, ChatId, PersonId, new_id
from ringback.domain.offers import HoldQuery, OffersQuery
from ringback.domain.times import When, WhenKind
from ringback.interaction_manager.offers import LocalOffers
from ringback.postgres.address import Role, ServerAddress
from ringback.postgres.database import Database
from ringback.postgres.embedded import EmbeddedPostgres
from ringback.postgres.migrations import migrate

SECRET = "a secret for benchmarks, long enough"
CALLERS = 64
HOUR, TEN_MINUTES = 3600, 600


@dataclass(frozen=True, slots=True, kw_only=True)
class Row:
    """One line of the table."""

    what: str
    reference: float
    ours: float
    unit: str
    ratio: float
    target: str  # none: the row is to read beside another one
    met: bool | None


async def per_second(calls: int, call: Callable[[int], Awaitable[object]]) -> float:
    """Let 64 callers make so many calls between them, one after another each; return calls a second."""
    numbers = iter(range(calls))

    async def caller() -> None:
        for number in numbers:
            await call(number)

    began = time.perf_counter()
    await asyncio.gather(*(caller() for _ in range(CALLERS)))
    return calls / (time.perf_counter() - began)


class Counter:
    """The plain way: a row a slot that counts, and a row a booking that says whose the place is, in one transaction; each caller with a connection."""

    def __init__(self, connections: list[Any]) -> None:
        self._connections = connections
        self._free = list(connections)

    @classmethod
    async def make(cls, address: ServerAddress, slots: int) -> Counter:
        """Make the tables, and as many connections as there are callers."""
        connections = [
            await asyncpg.connect(
                host=address.host, port=address.port, user=address.user, password=address.password,
                database=address.database,
            )
            for _ in range(CALLERS)
        ]  # fmt: skip
        first = connections[0]
        await first.execute(
            "CREATE TABLE counter (id int PRIMARY KEY, booked int, capacity int) WITH (fillfactor = 50)"
        )
        await first.execute("CREATE TABLE booking (chat uuid PRIMARY KEY, slot int NOT NULL REFERENCES counter)")
        await first.execute("INSERT INTO counter SELECT n, 0, 1000000 FROM generate_series(0, $1::int) AS n", slots)
        return cls(connections)

    async def close(self) -> None:
        """Close the connections."""
        for each in self._connections:
            await each.close()

    async def book(self, slot: int, chat: UUID) -> None:
        """Book one place for a chat."""
        connection = self._free.pop()
        async with connection.transaction():
            await self._count(connection, slot)
            await connection.execute("INSERT INTO booking (chat, slot) VALUES ($1, $2)", chat, slot)
        self._free.append(connection)

    async def count(self, slot: int) -> None:
        """Only count one place more, for nobody: what the database can do at most."""
        connection = self._free.pop()
        await self._count(connection, slot)
        self._free.append(connection)

    async def _count(self, connection: Any, slot: int) -> None:
        booked = await connection.fetchval(
            "UPDATE counter SET booked = booked + 1 WHERE id = $1 AND booked < capacity RETURNING booked", slot
        )
        assert booked is not None


async def places(address: ServerAddress, rounds: int, calls: int) -> list[Row]:
    """Measure places taken in one hot slot and over 1,000 slots, and check that nothing is overbooked."""
    async with administrator(address) as admin:
        business = await make_business(admin, "acme")
        await make_queue(admin, business, "hot", agents=100, hours=ALWAYS, policy=ROOMY | {"slot_length": HOUR})
        await make_queue(admin, business, "many", agents=10, hours=ALWAYS, policy=ROOMY | {"slot_length": TEN_MINUTES})
        await make_queue(
            admin, business, "small", agents=4, hours=ALWAYS, policy=ROOMY | {"slot_length": HOUR, "slot_cap": 40}
        )
    database = await Database.connect(address, Role.INTERACTIONS, secret=SECRET, size=16)
    desk, counter = LocalOffers(database), await Counter.make(address, 1000)
    begins = datetime.now(UTC).replace(minute=0, second=0, microsecond=0) + timedelta(hours=12)

    def wish(queue: str, at: datetime, length: int) -> HoldQuery:
        when = When(kind=WhenKind.SLOT, zone="UTC", start=at, end=at + timedelta(seconds=length))
        return HoldQuery(business=business, chat=ChatId(uuid4()), provider=f"biz:acme/q:{queue}", when=when)

    async def take(query: HoldQuery) -> None:
        assert await desk.hold(query) is not None, "there is room for all"

    figures: dict[str, list[float]] = {
        each: [] for each in ("bare hot", "plain hot", "hot", "bare many", "plain many", "many")
    }
    await per_second(calls // 4, lambda n: take(wish("many", begins + timedelta(seconds=n % 900 * 600), TEN_MINUTES)))
    for number in range(rounds):
        hot = begins + timedelta(hours=number)
        figures["bare hot"].append(await per_second(calls // 4, lambda _: counter.count(0)))
        # Wishes, and chats, are made before the clock runs: they come from elsewhere.
        chats = [uuid4() for _ in range(calls)]
        figures["plain hot"].append(await per_second(calls // 4, lambda n, chats=chats: counter.book(0, chats[n])))
        wishes = [wish("hot", hot, HOUR) for _ in range(calls)]
        figures["hot"].append(await per_second(calls, lambda n, wishes=wishes: take(wishes[n])))
        figures["bare many"].append(await per_second(calls, lambda n: counter.count(1 + n * 7 % 1000)))
        chats = [uuid4() for _ in range(calls)]
        figures["plain many"].append(
            await per_second(calls, lambda n, chats=chats: counter.book(1 + n * 7 % 1000, chats[n]))
        )
        wishes = [wish("many", begins + timedelta(seconds=n * 7 % 900 * 600), TEN_MINUTES) for n in range(calls)]
        figures["many"].append(await per_second(calls, lambda n, wishes=wishes: take(wishes[n])))
    small = await asyncio.gather(*(desk.hold(wish("small", begins, HOUR)) for _ in range(400)))
    kept = sum(each is not None for each in small)
    assert kept == 40, f"{kept} places kept in a slot of 40"
    await database.close()
    await counter.close()
    return [
        _at_least("place in one hot slot", figures["plain hot"], figures["hot"], 5),
        _at_least("the same beside a bare count", figures["bare hot"], figures["hot"]),
        _at_least("place in 1,000 slots", figures["plain many"], figures["many"], 2),
        _at_least("the same beside a bare count", figures["bare many"], figures["many"]),
    ]


def _at_least(what: str, reference: list[float], ours: list[float], target: float | None = None) -> Row:
    a, b = statistics.median(reference), statistics.median(ours)
    met = None if target is None else b / a >= target
    return Row(what=what, reference=a, ours=b, unit="/s", ratio=b / a, target=f">={target}" if target else "", met=met)


async def offers(address: ServerAddress, asked: int) -> list[Row]:
    """Measure offers for one queue of 1,000 with 10,000 agents, with 10,000 and with 1,000,000 callbacks in the database."""
    async with administrator(address) as admin:
        business = await make_business(admin, "big")
        await make_queues(admin, business, queues=1000, agents=10)
        await add_callbacks(admin, business, each=10, state="waiting", apart="20 seconds")
    database = await Database.connect(address, Role.INTERACTIONS, secret=SECRET, size=4)
    desk = LocalOffers(database)
    few = await _ask(desk, business, asked)
    async with administrator(address) as admin:
        await add_callbacks(admin, business, each=990, state="done", apart="40 minutes")
    many = await _ask(desk, business, asked)
    await database.close()
    middle_few, middle_many = statistics.median(few), statistics.median(many)
    p99 = statistics.quantiles(many, n=100)[98]
    return [
        Row(
            what="offers, 1,000 queues, 10,000 agents: p99", reference=10.0, ours=p99, unit="ms", ratio=p99 / 10,
            target="<=10 ms", met=p99 <= 10,
        ),
        Row(
            what="offers, 1,000,000 callbacks beside 10,000", reference=middle_few, ours=middle_many, unit="ms",
            ratio=middle_many / middle_few, target="<=1.3", met=middle_many / middle_few <= 1.3,
        ),
    ]  # fmt: skip


async def _ask(desk: LocalOffers, business: BusinessId, count: int) -> list[float]:
    """Ask for offers of one queue after another, each for somebody new; return milliseconds."""
    took = []
    for number in range(-80, count):  # the first ones find nothing remembered
        query = OffersQuery(
            business=business, provider=f"biz:big/q:q{number % 40 + 1}", zone="Europe/London", person=PersonId(new_id())
        )
        began = time.perf_counter()
        found = await desk.offers(query)
        if number >= 0:
            took.append((time.perf_counter() - began) * 1000)
        assert found.days, "there is something to offer"
    return took


async def whole_bookings(address: ServerAddress, calls: int) -> float:
    """Measure whole bookings of slots, each a workflow with callback, promise, gate, timers and reply; return bookings a second."""
    async with administrator(address) as admin:
        business = await make_business(admin, "whole")
        await make_queue(admin, business, "many", agents=10, hours=ALWAYS, policy=ROOMY | {"slot_length": TEN_MINUTES})
    database = await Database.connect(address, Role.INTERACTIONS, secret=SECRET, size=16)
    writer = accepting(database, business)
    begins = datetime.now(UTC).replace(minute=0, second=0, microsecond=0) + timedelta(hours=12)

    async def book(number: int) -> None:
        at = begins + timedelta(seconds=number * 7 % 900 * 600)
        when = When(kind=WhenKind.SLOT, zone="UTC", start=at, end=at + timedelta(seconds=TEN_MINUTES))
        await writer.submit(request("biz:whole/q:many", when))

    rate = await per_second(calls, book)
    await database.close()
    return rate


async def main(rounds: int, calls: int, asked: int, output: Path | None) -> None:
    """Measure, print the table, and say whether all targets are met."""
    with TemporaryDirectory(prefix="ringback-bench-") as folder:
        Path(folder).chmod(0o711)
        async with EmbeddedPostgres(Path(folder) / "database") as address:
            await migrate(address, secret=SECRET)
            rows = await places(address, rounds, calls)
            booked = await whole_bookings(address, calls // 4)
            rows += await offers(address, asked)
    print(f"{'':<44}{'reference':>14}{'Ringback':>14}{'ratio':>9}  {'target':<8} met")
    for row in rows:
        figures = f"{row.reference:>10,.1f} {row.unit:<3}{row.ours:>10,.1f} {row.unit:<3}{row.ratio:>9.2f}"
        print(f"{row.what:<44}{figures}  {row.target:<8} {'' if row.met is None else 'yes' if row.met else 'no'}")
    print(f"{'whole bookings of slots, one process':<44}{'':>14}{booked:>10,.1f} /s")
    if output:
        output.write_text(json.dumps([asdict(row) for row in rows]) + "\n")
    judged = [row for row in rows if row.met is not None]
    met = all(row.met for row in judged)
    ratios = ",".join(f"{row.ratio:.2f}" for row in judged)
    targets = ",".join(row.target.split()[0] for row in judged)
    print(f"ratio={ratios} target={targets} met={'yes' if met else 'no'}")


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--calls", type=int, default=4000)
    parser.add_argument("--asked", type=int, default=400)
    parser.add_argument("--json", type=Path)
    given = parser.parse_args()
    uvloop.run(main(given.rounds, given.calls, given.asked, given.json))
