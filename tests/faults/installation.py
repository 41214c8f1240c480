"""One installation for the crash matrix: a durable embedded PostgreSQL, the business, the carrier's own process, the product's processes, the customers."""

from __future__ import annotations

import asyncio
import contextlib
import random
from collections.abc import AsyncIterator
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any
from uuid import UUID

from ringback.administration.configuration import apply_document
from ringback.administration.people import create_key
from ringback.domain.ids import BusinessId
from ringback.installation import Installation as Product
from ringback.postgres.address import ServerAddress
from ringback.postgres.embedded import EmbeddedPostgres
from ringback.postgres.migrations import migrate
from ringback.settings import Settings
from tests.faults import aftermath
from tests.faults.centre import AGENTS, SLUG, agent_address, document
from tests.faults.customers import FINAL, Customers
from tests.faults.far_ends import FarEnds, SimulatedFarEnds
from tests.faults.fleet import Fleet, Member, Plan
from tests.faults.journal import Journal, read_journal
from tests.faults.oracle import Verdict, judge, read_stories
from tests.faults.telephones import Telephones
from tests.faults.wires import Wire
from tests.support.pbx import new_pbx
from tests.support.processes import SECRET, free_port
from tests.support.simulated_carrier import carrier_process

SCOPES = ["callbacks:read", "callbacks:create", "callbacks:write", "agents:write"]
REST = 60.0  # seconds that everything has to come to rest


@dataclass(kw_only=True)
class Outcome:
    """A run that came to rest, judged."""

    verdict: Verdict
    unknown: int
    orphans: list[str]
    never: list[str]
    deadlocks: int = 0  # that the database had to break

    @property
    def red(self) -> list[str]:
        """Every finding."""
        return [*self.verdict.red(), *(f"orphan: {each}" for each in self.orphans), *self.never, *self._deadlocked()]

    def _deadlocked(self) -> list[str]:
        return [f"the database broke {self.deadlocks} deadlocks"] if self.deadlocks else []


@dataclass(kw_only=True)
class Installation:
    """Everything that runs."""

    folder: Path
    address: ServerAddress
    business: BusinessId
    fleet: Fleet
    embedded: EmbeddedPostgres
    far_ends: FarEnds
    wires: dict[str, Wire]  # to the database and to Asterisk
    customers: Customers
    environment: dict[str, str]
    ports: list[int] = field(default_factory=list)
    _agents: asyncio.Task[None] | None = None

    def add(self, name: str, server: str, *, plan: Plan | None = None, mutant: str | None = None, **more: str) -> None:
        """Start one of the product's processes; the name's first one of interactions is where offers are read."""
        environment = {**self.environment, **more}
        if server == "application":
            environment["RINGBACK_PORT"] = str(free_port())
            self.customers.bases.append(f"http://127.0.0.1:{environment['RINGBACK_PORT']}")
        elif server == "interactions" and any(each.server == "interactions" for each in self.fleet.members.values()):
            environment["RINGBACK_INTERNAL_PORT"] = str(free_port())
        self.fleet.add(Member(name=name, server=server, environment=environment, plan=plan or Plan(), mutant=mutant))

    async def open(self) -> None:
        """Wait until the pages answer, and let the agents come."""
        await self.customers.ask("GET", "/agents")
        self._agents = asyncio.create_task(self.customers.bring_agents())
        while len(self.customers.agents) < len(AGENTS):
            await asyncio.sleep(0.1)

    async def come_to_rest(self, *, patience: float = REST) -> Outcome:
        """Let what was begun be finished by processes that nothing happens to any more, then judge it."""
        await self.customers.settle()
        await self.fleet.disarm()
        finals: dict[str, str] = {}
        orphans = ["not looked yet"]
        deadline = asyncio.get_running_loop().time() + patience
        while True:
            for callback in self.customers.accepted:
                if finals.get(callback) not in FINAL:
                    finals[callback] = await self.customers.state_of(callback)
            orphans = [
                *await aftermath.look(self.address, *aftermath.ORPHANS),
                *await self.far_ends.left_over(self.business),
            ]
            at_rest = not orphans and all(state in FINAL for state in finals.values())
            if at_rest or asyncio.get_running_loop().time() > deadline:
                break
            await asyncio.sleep(0.5)
        if self._agents is not None:
            self._agents.cancel()
        legs, unknown = await aftermath.read_ledger(self.address)
        verdict = judge(
            read_stories(read_journal(self.customers.journal.path)),
            self.far_ends.rings(),
            finals,
            legs,
        )
        told = {line.get("callback") for line in read_journal(self.customers.journal.path)}
        never = [f"mended by a sweep: {each}" for each in await aftermath.look(self.address, "mended")]
        never += [
            f"nobody was told of callback {each}"
            for each in await aftermath.look(self.address, "callbacks")
            if each not in told
        ]
        deadlocks = await aftermath.count_deadlocks(self.address)
        return Outcome(verdict=verdict, unknown=unknown, orphans=orphans, never=never, deadlocks=deadlocks)

    async def why(self, callback: str) -> str:
        """Tell everything that was decided about a callback."""
        answer = await self.customers.ask("GET", f"/callbacks/{callback}/why")
        found = answer.json()
        lines = [f"    {each['at']} {each['verdict']}" for each in found.get("decisions", [])]
        lines += [f"    {line}" for line in self.far_ends.story(callback)]
        lines += [
            f"    journal: {line}"
            for line in read_journal(self.customers.journal.path)
            if line.get("callback") == callback
        ]
        return "\n".join(lines)


@contextlib.asynccontextmanager
async def installation(
    folder: Path, *, lease: float, stall: float, dice: random.Random, carrier: str = "simulated", **settings: str
) -> AsyncIterator[Installation]:
    """Set everything up with no product process running yet; take it down at the end. With `asterisk` a wire that may fail leads to it and to the database."""
    folder.mkdir(mode=0o711)
    data = folder / "data"
    data.mkdir(mode=0o711)
    embedded = EmbeddedPostgres(data / "database")
    async with contextlib.AsyncExitStack() as stack:
        address = await embedded.start()
        stack.push_async_callback(embedded.stop, force=True)
        wires: dict[str, Wire] = {}
        far_ends = await (_simulated(stack, folder) if carrier == "simulated" else _telephones(stack, folder, wires))
        business, key = await _prepare(data, address, far_ends)
        fleet = Fleet(folder, stall=stall)
        await fleet.start()
        stack.push_async_callback(fleet.stop)
        journal = Journal(folder / "journal.jsonl")
        stack.callback(journal.close)
        customers = Customers(bases=[], key=key, journal=journal, far_ends=far_ends, random=dice)
        stack.push_async_callback(customers.close)
        internal = str(free_port())
        environment: dict[str, Any] = {
            "PATH": "/usr/bin:/bin",
            "RINGBACK_DATA": str(data),
            "RINGBACK_SECRET": SECRET,
            "RINGBACK_INTERNAL_PORT": internal,
            "RINGBACK_INTERACTIONS_URL": f"http://127.0.0.1:{internal}",
            "RINGBACK_LEASE": str(lease),
            "RINGBACK_LOG_FORMAT": "json",
            "PYTHONUNBUFFERED": "1",
            **far_ends.environment,
            **settings,
        }
        if wires:
            wires["database"] = wire = Wire()
            stack.push_async_callback(wire.stop)
            around = await wire.start_on_socket(folder, f"{address.host}/.s.PGSQL.{address.port}")
            environment["RINGBACK_DATABASE_URL"] = replace(address, host=str(around)).url
        made = Installation(
            folder=folder,
            address=address,
            business=business,
            fleet=fleet,
            embedded=embedded,
            far_ends=far_ends,
            wires=wires,
            customers=customers,
            environment=environment,
        )
        try:
            yield made
        finally:
            if made._agents is not None:
                made._agents.cancel()


async def _simulated(stack: contextlib.AsyncExitStack, folder: Path) -> FarEnds:
    options = [f"--behave={agent_address(name)}={behaviour}" for name, behaviour in AGENTS.items()]
    far_ends = SimulatedFarEnds(await stack.enter_async_context(carrier_process(folder, *options)))
    await far_ends.client.start()
    stack.push_async_callback(far_ends.client.stop)
    return far_ends


async def _telephones(stack: contextlib.AsyncExitStack, folder: Path, wires: dict[str, Wire]) -> FarEnds:
    place = folder / "pbx"
    place.mkdir()
    pbx = await asyncio.to_thread(new_pbx, place)
    far_ends = Telephones(folder=folder, pbx=pbx)
    stack.push_async_callback(far_ends.stop)
    await pbx.start()
    wires["asterisk"] = wire = Wire()
    stack.push_async_callback(wire.stop)
    port = await wire.start_on_port("127.0.0.1", pbx.http_port)
    far_ends.start(ari=pbx.url.replace(f":{pbx.http_port}/", f":{port}/"))
    return far_ends


async def _prepare(data: Path, address: ServerAddress, far_ends: FarEnds) -> tuple[BusinessId, str]:
    """Make the business and a key for its customers' requests."""
    await migrate(address, secret=SECRET)
    settings = Settings(data=data, secret=SECRET)
    product = Product(settings=settings, address=address, secret=SECRET)
    try:
        applied = await apply_document(product, document(carrier=far_ends.carrier, addresses=far_ends.agents))
    finally:
        await product.close()
    key = await create_key(settings, SLUG, name="customers", scopes=SCOPES)
    return BusinessId(UUID(applied["business"])), key
