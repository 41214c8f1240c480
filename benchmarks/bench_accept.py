"""A callback request accepted (admission, callback, promise, gate, timers, reply; one durable commit) beside pgqueuer's bare enqueue and pgbench.

One caller, and 64, each answered after the commit that holds their request. Then kill -9: every acknowledged request must be there.
"""

from __future__ import annotations

import argparse
import asyncio
import logging
import sys
import time
from collections.abc import Awaitable, Callable
from pathlib import Path
from tempfile import TemporaryDirectory
from uuid import UUID

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

import structlog
import uvloop

from benchmarks.accept import accepting, request
from benchmarks.booking.centre import ALWAYS, ROOMY, administrator, make_business, make_queue
from benchmarks.durability import check_settings, kill_while
from benchmarks.peers import INSERT, PgQueuer, pgbench
from benchmarks.reporting import Row, compared, report
from ringback.domain.status import Server
from ringback.interaction_manager.worker import InteractionManager
from ringback.postgres.address import Role, ServerAddress
from ringback.postgres.database import Database
from ringback.postgres.embedded import EmbeddedPostgres
from ringback.postgres.hints import Hints
from ringback.postgres.messages import send
from ringback.postgres.migrations import migrate

SECRET = "a secret for benchmarks, long enough"
CALLERS = 64
PROVIDER = "biz:accept/q:line"


async def per_second(callers: int, calls: int, call: Callable[[int], Awaitable[object]]) -> float:
    """Let so many callers make so many calls between them, one after another each; return calls a second."""
    numbers = iter(range(calls))

    async def caller() -> None:
        for number in numbers:
            await call(number)

    began = time.perf_counter()
    await asyncio.gather(*(caller() for _ in range(callers)))
    return calls / (time.perf_counter() - began)


async def measure(server: EmbeddedPostgres, address: ServerAddress, rounds: int, calls: int) -> list[Row]:
    """Interleave the product and its references, and kill the server at the end."""
    async with administrator(address) as admin:
        print(await check_settings(admin))
        business = await make_business(admin, "accept")
        await make_queue(admin, business, "line", agents=10, hours=ALWAYS, policy=ROOMY)
        await admin.execute("CREATE TABLE public.pgbench_bare (id uuid PRIMARY KEY, body text)")
    peer = await PgQueuer.open(address, CALLERS)
    database = await Database.connect(address, Role.INTERACTIONS, secret=SECRET, size=16)
    writer = accepting(database, business)

    async def accept(_number: int) -> None:
        await writer.submit(request(PROVIDER))

    async def bare(_number: int) -> None:
        await peer.connections.execute(INSERT)

    await per_second(CALLERS, calls // 4, accept)
    await per_second(CALLERS, calls // 4, peer.enqueue)
    alone, together, peers_alone, peers_together, bare_alone, bare_together = [], [], [], [], [], []
    for _ in range(rounds):
        peers_alone.append(await per_second(1, calls // 8, peer.enqueue))
        alone.append(await per_second(1, calls // 8, accept))
        peers_together.append(await per_second(CALLERS, calls, peer.enqueue))
        together.append(await per_second(CALLERS, calls, accept))
        bare_alone.append(await pgbench(address, server.layout.programs, clients=1, inserts=calls))
        bare_together.append(await pgbench(address, server.layout.programs, clients=CALLERS, inserts=4 * calls))
    async with administrator(address) as admin:
        accepted = await admin.fetchval("SELECT count(*) FROM callback WHERE business = $1", business)
        assert accepted == calls // 4 + rounds * (calls + calls // 8), "every request that was answered is a callback"
    await peer.close()

    async def acknowledged() -> UUID:
        wanted = request(PROVIDER)
        await writer.submit(wanted)
        return wanted.callback

    told = await kill_while(server, acknowledged, callers=CALLERS, after=calls // 4)
    await database.close()
    async with administrator(address) as admin:
        there = await admin.fetchval("SELECT count(*) FROM callback WHERE id = ANY ($1::uuid[])", told)
    print(f"kill -9 of PostgreSQL under load: {len(told)} requests were acknowledged, {there} of them are there")
    assert told and there == len(told), "an acknowledged request was lost"
    return [
        compared("accept, 1 caller, beside pgqueuer's bare enqueue", peers_alone, alone, "/s", bound="at least", target=1),
        compared("accept, 64 callers, beside pgqueuer's bare enqueue", peers_together, together, "/s", bound="at least", target=2),
        compared("accept, 1 caller, beside pgbench's bare insert", bare_alone, alone, "/s"),
        compared("accept, 64 callers, beside pgbench's bare insert", bare_together, together, "/s"),
    ]  # fmt: skip


async def through_messages(address: ServerAddress, calls: int) -> float:
    """Measure requests a second from the message that a customer's server left to the answer left for it, by the worker as it runs."""
    async with administrator(address) as admin:
        business = await make_business(admin, "messages")
        await make_queue(admin, business, "line", agents=10, hours=ALWAYS, policy=ROOMY)
    roles = {role: await Database.connect(address, role, secret=SECRET, size=16) for role in (Role.INTERACTIONS, Role.DISPATCHER, Role.APPLICATION)}  # fmt: skip
    async with roles[Role.APPLICATION].transaction(business, name="request") as tx:
        for wanted in [request("biz:messages/q:line") for _ in range(calls)]:
            await send(tx, business, Server.INTERACTIONS, wanted.callback, wanted)
    hints = Hints(address.as_role(Role.DISPATCHER, SECRET))
    manager = InteractionManager(database=roles[Role.INTERACTIONS], dispatcher=roles[Role.DISPATCHER], hints=hints)
    began = time.perf_counter()
    tasks = [asyncio.create_task(each) for each in (hints.run(), manager.messages.run())]
    async with administrator(address) as admin:
        while await admin.fetchval("SELECT count(*) FROM callback WHERE business = $1", business) < calls:
            await asyncio.sleep(0.02)
    took = time.perf_counter() - began
    for task in tasks:
        task.cancel()
    await asyncio.gather(*tasks, return_exceptions=True)
    for each in roles.values():
        await each.close()
    return calls / took


async def main(rounds: int, calls: int, output: Path | None) -> None:
    """Measure and report."""
    with TemporaryDirectory(prefix="ringback-bench-") as folder:
        Path(folder).chmod(0o711)
        server = EmbeddedPostgres(Path(folder) / "database")
        async with server as address:
            await migrate(address, secret=SECRET)
            messages = await through_messages(address, calls)
            rows = await measure(server, address, rounds, calls)
    print(f"message left by the customer's server → callback and answer, by the worker: {messages:,.0f} /s")
    report(rows, output)


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--calls", type=int, default=1600)
    parser.add_argument("--json", type=Path)
    given = parser.parse_args()
    structlog.configure(wrapper_class=structlog.make_filtering_bound_logger(logging.WARNING))
    uvloop.run(main(given.rounds, given.calls, given.json))
