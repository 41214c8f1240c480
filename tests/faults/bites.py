"""The oracle must bite: each design that leaves a step out meets the circumstances it was left out for, and has to be found."""

from __future__ import annotations

import asyncio
import os
import random
import signal
from collections.abc import Awaitable, Callable, Mapping
from pathlib import Path

from tests.faults.fleet import Plan
from tests.faults.installation import Installation, Outcome, installation

REST = 10.0


async def _moved_behind_a_stalled_one(it: Installation) -> None:
    """While the sessions process sleeps and an agent's telephone rings, the customer moves the callback."""
    for _ in range(3):
        it.customers.begin("moves_while_agent_rings")
    await _until_agents_ring(it)
    pid = it.fleet.members["sessions"].pid
    assert pid is not None, "it runs"
    os.kill(pid, signal.SIGSTOP)  # the fleet wakes it
    await it.customers.settle()


async def _cancelled_while_it_rings(it: Installation) -> None:
    for scenario in ("cancels_while_ringing", "cancels_while_agent_rings", "cancels_while_agent_rings"):
        it.customers.begin(scenario)
    await it.customers.settle()


async def _killed_before_the_hint(it: Installation) -> None:
    it.customers.begin("talks")
    await it.customers.settle()


async def _until_agents_ring(it: Installation) -> None:
    for _ in range(200):
        if any(it.customers.rang(callback, "agent") for callback in it.customers.accepted):
            return
        await asyncio.sleep(0.05)


Circumstances = Callable[[Installation], Awaitable[None]]
CIRCUMSTANCES: Mapping[str, Circumstances] = {
    "no_epoch": _moved_behind_a_stalled_one,
    "no_revoke": _cancelled_while_it_rings,
    "fence_after_dial": _cancelled_while_it_rings,
    "notify_only": _killed_before_the_hint,
}
MUTATED = {
    "no_epoch": {"sessions"},
    "no_revoke": {"sessions"},
    "fence_after_dial": {"sessions"},
    "notify_only": {"interactions", "sessions"},
}


async def bite(folder: Path, dice: random.Random, name: str, *, mutated: bool) -> Outcome:
    """Run the product, or this mutant of it, in the mutant's circumstances, and judge what comes of it."""
    settings = {"RINGBACK_HINTS": "0"} if name == "no_epoch" else {}
    async with installation(folder, lease=8.0, stall=4.0, dice=dice, **settings) as it:
        for server in ("application", "interactions", "sessions"):
            strikes = name == "notify_only" and server == "interactions"
            plan = Plan(points=(("commit:timer_work:after", "kill", 0),) if strikes else ())
            it.add(server, server, plan=plan, mutant=name if mutated and server in MUTATED[name] else None)
        await it.open()
        await CIRCUMSTANCES[name](it)
        return await it.come_to_rest(patience=REST if mutated else 40.0)
