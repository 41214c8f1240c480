"""The oracle must bite: each design that leaves a step out meets the circumstances it was left out for, and has to be found."""

from __future__ import annotations

import asyncio
import contextlib
import random
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping
from pathlib import Path

from tests.faults.centre import AGENTS, agent_address
from tests.faults.fleet import Plan
from tests.faults.installation import Installation, Outcome, installation
from tests.support.databases import connect

REST = 10.0


async def _moved_before_it_is_heard(it: Installation) -> None:
    """The customer moves the callback while an agent is rung; the sessions process hears of it when the agent has long answered."""
    for _ in range(3):
        before = set(it.customers.accepted)
        it.customers.begin("moves_while_agent_rings")
        await _until_an_agent_rings(it, before)
        async with _no_news(it):
            await asyncio.sleep(4.5)
        await it.customers.settle()


@contextlib.asynccontextmanager
async def _no_news(it: Installation) -> AsyncIterator[None]:
    """Hold what a receiver of messages must hold: the sessions server is told nothing."""
    connection = await connect(it.address)
    try:
        await connection.execute("SET search_path = ringback; SET idle_in_transaction_session_timeout = 0")
        async with connection.transaction():
            await connection.execute("SELECT 1 FROM message_cursor WHERE recipient = 'sessions' FOR UPDATE")
            yield
    finally:
        await connection.close()


async def _cancelled_while_it_rings(it: Installation) -> None:
    for scenario in ("cancels_while_ringing", "cancels_while_agent_rings", "cancels_while_agent_rings"):
        it.customers.begin(scenario)
    await it.customers.settle()


async def _no_hint_arrives(it: Installation) -> None:
    for _ in range(2):
        it.customers.begin("talks")
    await it.customers.settle()


async def _until_an_agent_rings(it: Installation, before: set[str]) -> None:
    for _ in range(500):
        if any(it.far_ends.rang(callback, "agent") for callback in set(it.customers.accepted) - before):
            return
        await asyncio.sleep(0.02)


async def _stalled_before_dialling(it: Installation) -> None:
    """Who was let through stalls, another takes over and calls somebody else, and then the first goes on."""
    it.customers.begin(
        "never_there"
    )  # the second agent waits long enough for the first telephone to ring beside theirs
    while it.fleet.left():
        await asyncio.sleep(0.1)
    await it.customers.settle()
    await asyncio.sleep(it.fleet.stall)


Circumstances = Callable[[Installation], Awaitable[None]]
CIRCUMSTANCES: Mapping[str, Circumstances] = {
    "no_epoch": _moved_before_it_is_heard,
    "no_revoke": _cancelled_while_it_rings,
    "fence_after_dial": _cancelled_while_it_rings,
    "notify_only": _no_hint_arrives,
    "one_step_originate": _stalled_before_dialling,
}
ON_TELEPHONES = {"one_step_originate"}
STALLED = (("carrier:asterisk:dial:before", "stall", 0),)  # between the fence and the dial, for longer than the lease
UNHINTED = {"no_epoch", "notify_only"}  # the sessions process hears no hint: what it is told comes by polling


async def bite(folder: Path, dice: random.Random, name: str) -> Outcome:
    """Run a mutant of the sessions process in the circumstances that it was made for, and judge what comes of it."""
    if name in ON_TELEPHONES:
        return await _run_on_telephones(folder, dice, CIRCUMSTANCES[name], mutant=name)
    return await _run(folder, dice, [CIRCUMSTANCES[name]], mutant=name, hints=name not in UNHINTED)


async def control(folder: Path, dice: random.Random) -> Outcome:
    """Run the product in all of these circumstances."""
    met = [each for name, each in CIRCUMSTANCES.items() if name not in ON_TELEPHONES]
    return await _run(folder, dice, list(dict.fromkeys(met)), mutant=None, hints=False)


async def control_on_telephones(folder: Path, dice: random.Random) -> Outcome:
    """Run the product in those that need real telephones."""
    return await _run_on_telephones(folder, dice, _stalled_before_dialling, mutant=None)


async def _run_on_telephones(folder: Path, dice: random.Random, meet: Circumstances, *, mutant: str | None) -> Outcome:
    async with installation(folder, lease=1.6, stall=4.0, dice=dice, carrier="asterisk") as it:
        for server in ("application", "interactions"):
            it.add(server, server)
        for name in ("sessions", "sessions-2"):
            it.add(name, "sessions", plan=Plan(name="stalled", points=STALLED), mutant=mutant)
        await it.open()
        await meet(it)
        return await it.come_to_rest(patience=5.0 if mutant else 40.0)


async def _run(
    folder: Path, dice: random.Random, circumstances: list[Circumstances], *, mutant: str | None, hints: bool
) -> Outcome:
    async with installation(folder, lease=8.0, stall=4.0, dice=dice) as it:
        it.customers.ahead = (6.0, 7.0)
        it.customers.patience = 15.0 if mutant else 30.0
        for server in ("application", "interactions"):
            it.add(server, server)
        it.add("sessions", "sessions", mutant=mutant, RINGBACK_HINTS="1" if hints else "0")
        for name in AGENTS:
            await it.far_ends.behave(agent_address(name), "answers:1.6")
        await it.open()
        for meet in circumstances:
            await meet(it)
        return await it.come_to_rest(patience=5.0 if mutant else 40.0)
