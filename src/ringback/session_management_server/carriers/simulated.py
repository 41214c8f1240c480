"""The simulated carrier's side in our process: a client that reconnects, subscribes before it asks, and knows nothing while it is cut off."""

from __future__ import annotations

import asyncio
import contextlib
import itertools
from collections.abc import AsyncIterator
from typing import Any
from uuid import UUID

import msgspec
import structlog

from ringback.domain.errors import CarrierError, CarrierUnreachable, ConfigurationError, LegGone
from ringback.domain.ids import BusinessId, LegId
from ringback.session_management_server.carriers.environment import CarrierEnvironment
from ringback.session_management_server.carriers.protocol import Abilities, LegEvent, LegOrder, LegReport
from ringback.session_management_server.carriers.simulated_wire import (
    LIMIT,
    Reply,
    Request,
    parse_place,
    read_reply,
    write,
)

log = structlog.get_logger(__name__)


class SimulatedCarrier:
    """Rings the far ends of the process at option `address` (host:port or unix:PATH)."""

    name = "simulated"
    abilities = Abilities.HOLD | Abilities.RINGS_PHONES

    def __init__(self, environment: CarrierEnvironment) -> None:
        place = environment.options.get("address")
        if not place:
            raise ConfigurationError(
                "the simulated carrier needs the address of its process: RINGBACK_SIMULATED_CARRIER"
            )
        try:
            self._place = parse_place(place)
        except ValueError as error:
            raise ConfigurationError(f"{place!r} is neither host:port nor unix:PATH") from error
        self.account = environment.options.get("account", "simulated")
        self._writer: asyncio.StreamWriter | None = None
        self._connected = asyncio.Event()
        self._numbers = itertools.count(1)
        self._pending: dict[int, asyncio.Future[Reply]] = {}
        self._events: asyncio.Queue[LegEvent | None] = asyncio.Queue()
        self._task: asyncio.Task[None] | None = None

    async def start(self) -> None:
        """Connect, waiting a moment for it; later the connection is made again whenever it breaks."""
        if self._task is None:
            self._events = asyncio.Queue()
            self._task = asyncio.create_task(self._stay_connected(), name="simulated carrier")
            with contextlib.suppress(TimeoutError):
                async with asyncio.timeout(2.0):
                    await self._connected.wait()

    async def stop(self) -> None:
        """Disconnect; the legs stay as they are."""
        task, self._task = self._task, None
        if task is not None:
            task.cancel()
            await asyncio.wait([task])
            self._events.put_nowait(None)

    async def _stay_connected(self) -> None:
        pause = 0.05
        while True:
            try:
                reader, writer = await self._open()
            except OSError as error:
                log.debug("carrier_away", carrier=self.name, error=type(error).__name__)
                await asyncio.sleep(pause)
                pause = min(1.0, pause * 2)
                continue
            pause = 0.05
            await self._serve(reader, writer)

    async def _open(self) -> tuple[asyncio.StreamReader, asyncio.StreamWriter]:
        if isinstance(self._place, str):
            return await asyncio.open_unix_connection(self._place, limit=LIMIT)
        host, port = self._place
        return await asyncio.open_connection(host, port, limit=LIMIT)

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        """Subscribe first, so that the snapshot and everything after it is heard; then let verbs through."""
        try:
            writer.write(write(Request(id=next(self._numbers), verb="subscribe")))
            self._writer = writer
            self._connected.set()
            while line := await reader.readline():
                self._take(read_reply(line))
        except (OSError, ValueError, msgspec.MsgspecError) as error:
            log.warning("carrier_lost", carrier=self.name, error=type(error).__name__)
        finally:
            self._writer = None
            self._connected.clear()
            pending, self._pending = self._pending, {}
            for waiting in pending.values():
                if not waiting.done():
                    waiting.set_exception(CarrierUnreachable("the simulated carrier went away"))
            writer.close()

    def _take(self, reply: Reply) -> None:
        if reply.event is not None:
            self._events.put_nowait(reply.event)
        elif (waiting := self._pending.pop(reply.id, None)) is not None and not waiting.done():
            waiting.set_result(reply)

    async def _ask(self, verb: str, **about: Any) -> Reply:
        writer = self._writer
        if writer is None:
            raise CarrierUnreachable("the simulated carrier is not connected")
        number = next(self._numbers)
        waiting: asyncio.Future[Reply] = asyncio.get_running_loop().create_future()
        self._pending[number] = waiting
        try:
            writer.write(write(Request(id=number, verb=verb, **about)))
            reply = await waiting
        except OSError as error:
            raise CarrierUnreachable("the simulated carrier went away") from error
        finally:
            self._pending.pop(number, None)
        match reply.problem:
            case None:
                return reply
            case "leg_gone":
                raise LegGone(reply.detail or verb)
            case _:
                raise CarrierError(reply.detail or verb)

    async def prepare(self, order: LegOrder) -> None:
        """Make the leg there."""
        await self._ask("prepare", business=order.business, leg=order.leg, order=order)

    async def dial(self, business: BusinessId, leg: LegId, *, ring_for: float) -> None:
        """Ring it."""
        await self._ask("dial", business=business, leg=leg, ring_for=ring_for)

    async def revoke(self, business: BusinessId, leg: LegId) -> LegReport:
        """Make sure that it cannot ring."""
        return _report(await self._ask("revoke", business=business, leg=leg))

    async def lookup(self, business: BusinessId, leg: LegId) -> LegReport:
        """Ask what is known."""
        return _report(await self._ask("lookup", business=business, leg=leg))

    async def join(self, business: BusinessId, agent: LegId, customer: LegId) -> None:
        """Connect two answered legs."""
        await self._ask("join", business=business, leg=agent, other=customer)

    async def hang_up(self, business: BusinessId, leg: LegId) -> None:
        """End it."""
        await self._ask("hang_up", business=business, leg=leg)

    async def hold(self, business: BusinessId, leg: LegId, *, on: bool) -> None:
        """Hold or resume."""
        await self._ask("hold", business=business, leg=leg, on=on)

    async def play(self, business: BusinessId, leg: LegId, sound: str) -> None:
        """There is no sound to play to."""
        raise CarrierError("the simulated carrier does not play")

    async def record(self, business: BusinessId, leg: LegId, *, on: bool) -> None:
        """There is no sound to record."""
        raise CarrierError("the simulated carrier does not record")

    async def recording(self, business: BusinessId, leg: LegId) -> bytes | None:
        """There is none."""
        raise CarrierError("the carrier simulated does not record")

    async def forget_recording(self, business: BusinessId, leg: LegId) -> None:
        """There is none."""

    async def mute(self, business: BusinessId, leg: LegId, *, on: bool) -> None:
        """Not here."""
        raise CarrierError("the carrier simulated does not mute")

    async def screen(self, business: BusinessId, leg: LegId) -> None:
        """Not here."""
        raise CarrierError("the carrier simulated does not screen")

    async def leave_message(self, business: BusinessId, leg: LegId, sound: str) -> None:
        """Not here."""
        raise CarrierError("the carrier simulated leaves no messages")

    async def transfer(self, business: BusinessId, leg: LegId, address: str) -> None:
        """There is nobody to transfer to."""
        raise CarrierError("the simulated carrier does not transfer")

    async def events(self) -> AsyncIterator[LegEvent]:
        """Yield what the process tells; after each connection, first what happened before."""
        while (event := await self._events.get()) is not None:
            yield event

    async def legs_of(self, business: BusinessId) -> list[UUID]:
        """List the legs that are there."""
        return list((await self._ask("legs_of", business=business)).legs)

    async def behave(self, address: str, behaviour: str) -> None:
        """Tell a far end how to behave from now on (simulated_behaviour.py); `agent` and `customer` mean all of them."""
        await self._ask("behave", address=address, behaviour=behaviour)

    async def leave(self, business: BusinessId, leg: LegId) -> None:
        """Have the person at the far end hang up."""
        await self._ask("leave", business=business, leg=leg)


def _report(reply: Reply) -> LegReport:
    if reply.report is None:
        raise CarrierError("the simulated carrier gave no report")
    return reply.report
