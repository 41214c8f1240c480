"""The rounds of the crash matrix: one with nothing wrong that shows which points there are, one that kills, one that stalls."""

from __future__ import annotations

import asyncio
import random
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from tests.faults.fleet import Plan
from tests.faults.installation import Installation, Outcome, installation
from tests.faults.points import SERVERS, both_sides, enumerate_points

LEASE = 1.6
STALL = 2.6  # seconds: longer than the lease, and than a fence may be old
AT_ONCE = 12
AT_START = frozenset(
    {"commit:register_nodes", "commit:find_api_key"}
)  # passed once by a process, when it starts to work
BUSY = (
    "commit:fence",
    "commit:record",
    "prepare",
    "dial",
)  # struck at several passes


@dataclass(frozen=True, kw_only=True)
class Round:
    """What came of one round."""

    name: str
    kills: int
    stalls: int
    outcome: Outcome
    missed: list[str]  # points that should have been reached
    surprises: list[str]
    details: list[str]

    @property
    def red(self) -> list[str]:
        """Everything that must not be."""
        return [
            *self.outcome.red,
            *(f"never reached: {each}" for each in self.missed),
            *(f"process: {each}" for each in self.surprises),
        ]


async def clean(folder: Path, dice: random.Random, *, most: float, carrier: str = "simulated") -> Round:
    """Nothing is wrong: everything must be reached, and nothing found."""
    async with installation(folder, lease=LEASE, stall=STALL, dice=dice, carrier=carrier) as it:
        for server in SERVERS:
            it.add(server, server)
        await it.open()
        wanted = {server: set(both_sides(points)) for server, points in enumerate_points(carrier).items()}
        if not any("take_over" in each for each in it.fleet.trace().get("sessions", ())):
            wanted["sessions"] -= set(both_sides({"commit:take_over"}))  # needs somebody who dies: the other rounds
        await busy(it, until=lambda: not _missing(wanted, it.fleet.trace()), least=15, most=most)
        return await end(f"clean, {carrier}", it, missed=_missing(wanted, it.fleet.trace()))


async def strike(
    folder: Path,
    dice: random.Random,
    *,
    fate: str,
    most: float,
    only: Callable[[str], bool],
    first: bool,
    stall: float = STALL,
    carrier: str = "simulated",
    servers: Sequence[str] = SERVERS,
) -> Round:
    """Strike every point of these servers once. A killed process is started again; a stalled one has a second of its kind that may take over."""
    async with installation(folder, lease=LEASE, stall=stall, dice=dice, carrier=carrier) as it:
        for server in SERVERS:
            struck = server in servers
            points = _points(server, fate, dice, only=only, first=first, carrier=carrier) if struck else []
            plan = Plan(name=server, points=tuple(points))
            it.add(server, server, plan=plan)
            if fate == "stall" and struck:  # two of each, of which one may take over while the other is stalled
                it.add(f"{server}-2", server, plan=plan)
        await it.open()
        await busy(it, until=lambda: not it.fleet.left(), least=5, most=most)
        missed = it.fleet.left()
        return await end(f"{fate}, {carrier}", it, missed=missed)


def _points(
    server: str, fate: str, dice: random.Random, *, only: Callable[[str], bool], first: bool, carrier: str
) -> list[tuple[str, str, int]]:
    points: list[tuple[str, str, int]] = []
    for point in both_sides(enumerate_points(carrier)[server]):
        if only(point):
            name = point.rsplit(":", 1)[0].removeprefix(f"carrier:{carrier}:")
            passes = [0 if first or name in AT_START else dice.randrange(5)]
            if name in BUSY:
                passes.append(1)
            points += [(point, fate, after) for after in passes]
    dice.shuffle(points)
    return points


def _missing(wanted: Mapping[str, set[str]], trace: Mapping[str, set[str]]) -> list[str]:
    return [
        f"{server} {point}" for server, points in wanted.items() for point in sorted(points - trace.get(server, set()))
    ]


async def busy(it: Installation, *, until: Callable[[], bool], least: float, most: float) -> None:
    """Keep customers asking for at least so long, until it is enough."""
    for _ in range(2):
        it.customers.begin("waits_long")
    asking = asyncio.create_task(it.customers.run(at_once=AT_ONCE))
    began = time.monotonic()
    while (passed := time.monotonic() - began) < least or (passed < most and not until()):
        if asking.done():
            asking.result()
        await asyncio.sleep(0.5)
    it.customers.asking = False
    await asking


async def end(name: str, it: Installation, *, missed: list[str]) -> Round:
    """Let it come to rest and judge it, with the whole story of what was found."""
    outcome = await it.come_to_rest()
    told = {word.strip("():,") for line in outcome.red for word in line.split()}
    details = [f"  {callback}\n{await it.why(callback)}" for callback in it.customers.accepted if callback in told]
    return Round(
        name=name,
        kills=it.fleet.kills,
        stalls=it.fleet.stalls,
        outcome=outcome,
        missed=missed,
        surprises=list(it.fleet.surprises),
        details=details,
    )
