"""One or several Asterisks as one carrier: a call begins on a machine that is there, not drained, not full and not too busy; its legs stay there.

Which machine has a leg is committed before that machine hears of it, so that any process finds it. A machine that does not answer to
`prepare` is left for another one: nothing was dialled there, and what it made meanwhile is swept. What was dialled is never moved.
"""

from __future__ import annotations

import asyncio
import contextlib
import time
from collections.abc import AsyncIterator, Awaitable, Mapping
from typing import TypeVar
from uuid import UUID

import structlog

from ringback.domain.errors import CarrierError, CarrierUnreachable, LegGone
from ringback.domain.ids import BusinessId, LegId
from ringback.session_management_server.carriers.asterisk.carrier import AsteriskNode
from ringback.session_management_server.carriers.asterisk.options import Machine, read_machines
from ringback.session_management_server.carriers.environment import CarrierEnvironment
from ringback.session_management_server.carriers.nodes import NodeBook
from ringback.session_management_server.carriers.protocol import LegEvent, LegOrder, LegReport, Whereabouts

log = structlog.get_logger(__name__)
T = TypeVar("T")

REMEMBERED = 50_000  # legs whose machine is known without asking the database
PATIENCE = 2.5  # seconds to wait until a machine may begin another call
STEP = 0.05
COUNTED_FOR = 1.0  # seconds that a count of channels is believed


class AsteriskCarrier:
    """The carrier `asterisk`. Its options name the machines; each is an AsteriskNode."""

    name = "asterisk"
    abilities = AsteriskNode.abilities

    def __init__(self, environment: CarrierEnvironment) -> None:
        self._machines: Mapping[str, Machine] = {each.name: each for each in read_machines(environment.options)}
        self._nodes = {name: AsteriskNode(each.options) for name, each in self._machines.items()}
        only = next(iter(self._nodes.values()))
        self.account = only.account if len(self._nodes) == 1 else self.name
        self._book = NodeBook(environment.database, self.name)
        self._of_leg: dict[LegId, str] = {}
        self._counted: dict[str, tuple[float, int]] = {}
        self._events: asyncio.Queue[LegEvent | None] = asyncio.Queue()
        self._tasks: list[asyncio.Task[None]] = []

    async def start(self) -> None:
        """Connect to every machine; those that are away are connected to when they come."""
        if self._tasks:
            return
        self._events = asyncio.Queue()
        await self._book.register(self._nodes)
        await asyncio.gather(*(node.start() for node in self._nodes.values()))
        self._tasks = [
            asyncio.create_task(self._gather(node), name=f"events of {name}") for name, node in self._nodes.items()
        ]

    async def stop(self) -> None:
        """Disconnect from all of them."""
        await asyncio.gather(*(node.stop() for node in self._nodes.values()))
        tasks, self._tasks = self._tasks, []
        for task in tasks:
            task.cancel()
        if tasks:
            await asyncio.wait(tasks)
        self._events.put_nowait(None)

    async def _gather(self, node: AsteriskNode) -> None:
        async for event in node.events():
            self._events.put_nowait(event)

    async def events(self) -> AsyncIterator[LegEvent]:
        """Yield what is heard from any machine."""
        while (event := await self._events.get()) is not None:
            yield event

    # ------------------------------------------------------------------ where a leg goes

    async def prepare(self, order: LegOrder) -> None:
        """Give the leg to a machine and have it made there; one that does not answer is not asked again for it while there are others."""
        name = await self._place(order)
        self._remember(order.leg, name)
        try:
            await self._nodes[name].prepare(order)
        except CarrierUnreachable:
            self._of_leg.pop(order.leg, None)
            raise

    async def _place(self, order: LegOrder) -> str:
        """Return the machine for a leg that nobody was let through to dial yet."""
        peer = await self._book.peer(order.business, order.callback, order.leg)
        if peer is not None:
            home = peer.node or await self._search(order.business, peer.leg)
            if home is None:
                raise LegGone("the leg that this one is to be joined with is on no machine")
            await self._book.place(order.business, order.leg, [home], rate=None)
            return home
        until = time.monotonic() + PATIENCE
        while True:
            for rate, names in (await self._choices(order.address)).items():
                name = await self._book.place(order.business, order.leg, names, rate=rate)
                if name is not None:
                    return name
            if time.monotonic() > until:
                raise CarrierUnreachable(
                    "no Asterisk may begin a call now: all are away, drained, full or busy beginning others"
                )
            await asyncio.sleep(STEP)

    async def _choices(self, address: str) -> dict[float, list[str]]:
        """Return the machines that are there and not full, by their rate, the emptiest first; for a telephone that registers, those that have it."""
        there = {name: node for name, node in self._nodes.items() if node.listening}
        if address.startswith("endpoint:") and len(self._nodes) > 1:
            endpoint = address.removeprefix("endpoint:")
            known = await asyncio.gather(*(_quietly(node.is_registered(endpoint)) for node in there.values()))
            there = {name: node for (name, node), here in zip(there.items(), known, strict=True) if here} or there
        found: dict[float, list[tuple[float, str]]] = {}
        for name, node in there.items():
            machine = self._machines[name]
            load = await self._load(name, node) / machine.capacity
            if load < 1:
                found.setdefault(machine.rate, []).append((load, name))
        return {rate: [name for _, name in sorted(names)] for rate, names in found.items()}

    async def _load(self, name: str, node: AsteriskNode) -> int:
        at, count = self._counted.get(name, (0.0, 0))
        if time.monotonic() - at > COUNTED_FOR:
            try:
                count = await node.count_channels()
            except CarrierError:
                return self._machines[name].capacity  # away: as good as full
            self._counted[name] = (time.monotonic(), count)
        return count

    async def _node(self, business: BusinessId, leg: LegId) -> AsteriskNode:
        """Return the machine that has a leg. Raises CarrierUnreachable when that can not be known."""
        if len(self._nodes) == 1:
            return next(iter(self._nodes.values()))
        name = self._of_leg.get(leg) or await self._book.node_of(business, leg) or await self._search(business, leg)
        if name is None:
            return next(iter(self._nodes.values()))  # no machine has it: any will say so
        if name not in self._nodes:
            raise CarrierUnreachable(f"the leg is at the Asterisk {name}, which the settings do not name any more")
        self._remember(leg, name)
        return self._nodes[name]

    async def _search(self, business: BusinessId, leg: LegId) -> str | None:
        """Ask every machine for a leg that nobody noted the place of; all must answer before it is nowhere."""
        if len(self._nodes) == 1:
            return next(iter(self._nodes))
        for name, node in self._nodes.items():
            if (await node.lookup(business, leg)).whereabouts is not Whereabouts.ABSENT:
                return name
        return None

    def _remember(self, leg: LegId, name: str) -> None:
        self._of_leg[leg] = name
        while len(self._of_leg) > REMEMBERED:
            del self._of_leg[next(iter(self._of_leg))]

    # ------------------------------------------------------------------ asked of the machine that has the leg

    async def dial(self, business: BusinessId, leg: LegId, *, ring_for: float) -> None:
        """Ring it."""
        await (await self._node(business, leg)).dial(business, leg, ring_for=ring_for)

    async def revoke(self, business: BusinessId, leg: LegId) -> LegReport:
        """Make sure that it cannot ring."""
        return await (await self._node(business, leg)).revoke(business, leg)

    async def lookup(self, business: BusinessId, leg: LegId) -> LegReport:
        """Say what is known."""
        return await (await self._node(business, leg)).lookup(business, leg)

    async def join(self, business: BusinessId, agent: LegId, customer: LegId) -> None:
        """Connect two legs of one machine."""
        await (await self._node(business, agent)).join(business, agent, customer)

    async def hang_up(self, business: BusinessId, leg: LegId) -> None:
        """End it."""
        await (await self._node(business, leg)).hang_up(business, leg)

    async def play(self, business: BusinessId, leg: LegId, sound: str) -> None:
        """Play to it."""
        await (await self._node(business, leg)).play(business, leg, sound)

    async def hold(self, business: BusinessId, leg: LegId, *, on: bool) -> None:
        """Hold or resume."""
        await (await self._node(business, leg)).hold(business, leg, on=on)

    async def record(self, business: BusinessId, leg: LegId, *, on: bool) -> None:
        """Record or stop."""
        await (await self._node(business, leg)).record(business, leg, on=on)

    async def recording(self, business: BusinessId, leg: LegId) -> bytes | None:
        """Return what was recorded."""
        return await (await self._node(business, leg)).recording(business, leg)

    async def forget_recording(self, business: BusinessId, leg: LegId) -> None:
        """Delete it there."""
        await (await self._node(business, leg)).forget_recording(business, leg)

    async def mute(self, business: BusinessId, leg: LegId, *, on: bool) -> None:
        """Mute or unmute."""
        await (await self._node(business, leg)).mute(business, leg, on=on)

    async def screen(self, business: BusinessId, leg: LegId) -> None:
        """Find out whether a person or a machine answered."""
        await (await self._node(business, leg)).screen(business, leg)

    async def leave_message(self, business: BusinessId, leg: LegId, sound: str) -> None:
        """Leave a message."""
        await (await self._node(business, leg)).leave_message(business, leg, sound)

    async def transfer(self, business: BusinessId, leg: LegId, address: str) -> None:
        """Hand it on."""
        await (await self._node(business, leg)).transfer(business, leg, address)

    async def legs_of(self, business: BusinessId) -> list[UUID]:
        """List the legs of every machine that answers; what a machine made and another one has is ended there."""
        listed = await asyncio.gather(*(_quietly(node.legs_of(business)) for node in self._nodes.values()))
        if all(each is None for each in listed):
            raise CarrierUnreachable("no Asterisk answers")
        there = {name: legs for name, legs in zip(self._nodes, listed, strict=True) if legs}
        if len(self._nodes) > 1 and there:
            homes = await self._book.nodes_of(business, [leg for legs in there.values() for leg in legs])
            for name, legs in there.items():
                for leg in [each for each in legs if homes.get(each, name) != name]:
                    log.warning("leg_left_behind", carrier=self.name, node=name, leg=str(leg))
                    with contextlib.suppress(CarrierError):
                        await self._nodes[name].revoke(business, LegId(leg))
        return list({leg for legs in there.values() for leg in legs})


async def _quietly(question: Awaitable[T]) -> T | None:
    """Ask, and take no answer for none."""
    try:
        return await question
    except CarrierError:
        return None
