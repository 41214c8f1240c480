"""What befalls an installation from outside while calls are made: its processes, the database, Asterisk, the wires, the clock; one at a time, and two at once.

The second of a pair strikes inside the recovery of the first. Each fault heals itself; the judge looks when all is at rest.
"""

from __future__ import annotations

import asyncio
import contextlib
import os
import random
import signal
import time
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping
from itertools import product
from pathlib import Path

import asyncpg

from ringback.postgres.embedded import postmaster
from tests.faults.installation import Installation, installation
from tests.faults.points import SERVERS
from tests.faults.rounds import LEASE, STALL, Round, busy, end
from tests.faults.telephones import Telephones
from tests.faults.wires import Trouble
from tests.support.databases import connect

LASTS = 2.4  # seconds: longer than the lease, and than a fence may be old
CALM = 2.0  # seconds of calm after each combination
Fault = Callable[[Installation], Awaitable[None]]


async def _kill(it: Installation, name: str) -> None:
    it.fleet.signal(name, signal.SIGKILL)
    await asyncio.sleep(0.1)


async def _stall(it: Installation, name: str) -> None:
    it.fleet.signal(name, signal.SIGSTOP)  # the fleet sees it, and lets it go on when the stall is over
    await asyncio.sleep(LASTS)


async def _immediate_stop(it: Installation) -> None:
    """SIGQUIT to the postmaster is an immediate stop: no checkpoint, and recovery at the next start."""
    found = postmaster.find_postmaster(it.embedded.layout)
    if found is not None:
        os.kill(found.pid, signal.SIGQUIT)
    while await asyncio.to_thread(it.embedded.is_running):
        await asyncio.sleep(0.05)
    await it.embedded.start()


@contextlib.asynccontextmanager
async def _database(it: Installation) -> AsyncIterator[asyncpg.Connection]:
    connection = await connect(it.address)
    try:
        yield connection
    finally:
        await connection.close()


async def _end_backend(it: Installation) -> None:
    """One connection of the product's is ended by the server, whatever it was doing."""
    async with _database(it) as database:
        await database.execute(
            "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE usename LIKE 'ringback\\_%' ORDER BY random() LIMIT 1"
        )


async def _kill_backend(it: Installation) -> None:
    """A backend dies by SIGKILL: the server throws every connection out and recovers."""
    async with _database(it) as database:
        pid = await database.fetchval(
            "SELECT pid FROM pg_stat_activity WHERE usename LIKE 'ringback\\_%' ORDER BY random() LIMIT 1"
        )
        if pid is not None:
            with contextlib.suppress(ProcessLookupError):
                os.kill(pid, signal.SIGKILL)
    await asyncio.sleep(0.5)


async def _cut_listeners(it: Installation) -> None:
    """Every connection that listens for hints is gone: all must be found by polling."""
    async with _database(it) as database:
        await database.execute("SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE query ILIKE 'listen%'")


async def _kill_asterisk(it: Installation) -> None:
    assert isinstance(it.far_ends, Telephones)
    it.far_ends.deaths.append(time.time())
    await it.far_ends.pbx.stop(kill=True)
    await it.far_ends.pbx.start()


def _wire(name: str, trouble: Trouble) -> Fault:
    async def fault(it: Installation) -> None:
        it.wires[name].set(trouble)
        await asyncio.sleep(LASTS)
        it.wires[name].set(Trouble.NONE)

    return fault


def _clock(seconds: float) -> Fault:
    """The sessions server's clock is off: it must not dial until somebody set it right."""

    async def fault(it: Installation) -> None:
        await it.fleet.again("sessions", skew=seconds)
        await asyncio.sleep(LASTS)
        await it.fleet.again("sessions", skew=0.0)

    return fault


def _of(act: Callable[[Installation, str], Awaitable[None]], name: str) -> Fault:
    return lambda it: act(it, name)


FAULTS: Mapping[str, Fault] = {
    **{f"{server}_killed": _of(_kill, server) for server in SERVERS},
    **{f"{server}_stalled": _of(_stall, server) for server in SERVERS},
    "postgres_stopped": _immediate_stop,
    "backend_ended": _end_backend,
    "backend_killed": _kill_backend,
    "listeners_cut": _cut_listeners,
    "asterisk_killed": _kill_asterisk,
    **{f"asterisk_wire_{trouble}": _wire("asterisk", trouble) for trouble in Trouble if trouble is not Trouble.NONE},
    **{
        f"database_wire_{trouble}": _wire("database", trouble)
        for trouble in Trouble
        if trouble not in (Trouble.NONE, Trouble.DOUBLED)
    },
    "clock_ahead": _clock(30.0),
    "clock_behind": _clock(-30.0),
}

Combination = tuple[str, ...]


def combinations() -> list[Combination]:
    """Return every fault alone, and every ordered pair of two that differ."""
    return [*((name,) for name in FAULTS), *(pair for pair in product(FAULTS, FAULTS) if pair[0] != pair[1])]


def rotation(seed: int, most: int) -> list[Combination]:
    """Return so many of them: each fault alone where there is room, and pairs in an order that the seed shuffles."""
    alone = [each for each in combinations() if len(each) == 1]
    pairs = [each for each in combinations() if len(each) == 2]
    dice = random.Random(seed)
    dice.shuffle(alone)
    dice.shuffle(pairs)
    return [*alone, *pairs][:most]


async def storm(
    folder: Path,
    dice: random.Random,
    chosen: list[Combination],
    *,
    most: float,
    say: Callable[[str], None],
) -> tuple[Round, int]:
    """Let these befall one installation, one after the other, while customers ask; return what came of it and how many were."""
    async with installation(folder, lease=LEASE, stall=STALL, dice=dice, carrier="asterisk") as it:
        for server in SERVERS:
            it.add(server, server)
            it.add(f"{server}-2", server)
        it.fleet.tolerant = True
        await it.open()
        until = time.monotonic() + most
        done: list[Combination] = []

        async def all_of_them() -> None:
            for each in chosen:
                if time.monotonic() > until:
                    break
                say(f"  {' and '.join(each)}")
                await _befall(it, each, dice)
                done.append(each)

        befalling = asyncio.create_task(all_of_them())
        await busy(it, until=befalling.done, least=1, most=most + 120)
        await befalling
        return await end("storm, asterisk", it, missed=[]), len(done)


async def _befall(it: Installation, names: Combination, dice: random.Random) -> None:
    async with asyncio.TaskGroup() as group:
        for n, name in enumerate(names):
            if n:
                await asyncio.sleep(dice.uniform(0.1, 1.5))
            group.create_task(_survived(it, FAULTS[name]))
    await asyncio.sleep(CALM)


async def _survived(it: Installation, fault: Fault) -> None:
    """A fault that needs the database finds it gone when the other one took it."""
    with contextlib.suppress(OSError, asyncpg.PostgresError, asyncpg.InterfaceError):
        await fault(it)
