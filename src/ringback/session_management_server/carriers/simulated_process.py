"""The simulated carrier's own process: `python -m ringback.session_management_server.carriers.simulated_process --record FILE`.

It outlives the program's processes and dies apart from them, as a real carrier does, and keeps its own record of what it rang.
"""

from __future__ import annotations

import argparse
import asyncio
import contextlib
import signal
import sys
from datetime import datetime
from pathlib import Path
from uuid import UUID

import msgspec

from ringback.domain.errors import CarrierError, ConfigurationError, LegGone
from ringback.domain.ids import BusinessId, CallbackId, LegId
from ringback.domain.status import Party
from ringback.session_management_server.carriers.protocol import LegEvent, LegReport, Whereabouts
from ringback.session_management_server.carriers.simulated_behaviour import Behaviour, parse_behaviour
from ringback.session_management_server.carriers.simulated_exchange import Exchange, SimulatedLeg
from ringback.session_management_server.carriers.simulated_record import RingRecord, read_record
from ringback.session_management_server.carriers.simulated_wire import (
    LIMIT,
    Reply,
    Request,
    parse_place,
    read_request,
    write,
)


class Behaviours:
    """Which far end behaves how: by address first, then by party."""

    def __init__(self, *, agents: str, customers: str) -> None:
        self._default = {Party.AGENT: parse_behaviour(agents), Party.CUSTOMER: parse_behaviour(customers)}
        self._by_address: dict[str, Behaviour] = {}

    def choose(self, party: Party, address: str) -> Behaviour:
        """Return what this address does when dialled."""
        return self._by_address.get(address, self._default[party])

    def behave(self, address: str, text: str) -> None:
        """From now on the address (or all of a party: `agent`, `customer`) behaves like that."""
        behaviour = parse_behaviour(text)
        if address in set(Party):
            self._default[Party(address)] = behaviour
        else:
            self._by_address[address] = behaviour


class SimulatedProcess:
    """Serves the exchange to any number of clients."""

    def __init__(
        self, record: Path, behaviours: Behaviours, *, account: str = "simulated", forget: bool = False
    ) -> None:
        before = [] if forget else list(read_record(record))
        self._record = RingRecord(record)
        self._behaviours = behaviours
        self._subscribers: set[asyncio.StreamWriter] = set()
        self._connections: set[asyncio.Task[None]] = set()
        self._exchange = Exchange(account=account, record=self._record, choose=behaviours.choose, publish=self._publish)
        self._lost = _rang_and_not_ended(before)

    async def serve(self, place: str) -> asyncio.Server:
        """Begin to listen; legs of the process before are over, and their record says that they rang."""
        for leg in self._lost:
            self._exchange.remember(leg)
        match parse_place(place):
            case str(path):
                return await asyncio.start_unix_server(self._connected, path, limit=LIMIT)
            case (host, port):
                return await asyncio.start_server(self._connected, host, port, limit=LIMIT)

    async def stop(self) -> None:
        """Let go of everything."""
        for task in self._connections:
            task.cancel()
        if self._connections:
            await asyncio.wait(self._connections)
        await self._exchange.stop()
        self._record.close()

    def _publish(self, event: LegEvent) -> None:
        line = write(Reply(event=event))
        for subscriber in self._subscribers:
            subscriber.write(line)

    async def _connected(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        task = asyncio.current_task()
        assert task is not None, "the server runs each connection as a task"
        self._connections.add(task)
        try:
            async with asyncio.TaskGroup() as group:
                with contextlib.suppress(
                    ConnectionError, ValueError
                ):  # the client was killed, or sent a line without end
                    while line := await reader.readline():
                        group.create_task(self._answer(line, writer))
        except asyncio.CancelledError:
            pass  # we stop
        finally:
            self._connections.discard(task)
            self._subscribers.discard(writer)
            writer.close()

    async def _answer(self, line: bytes, writer: asyncio.StreamWriter) -> None:
        try:
            request = read_request(line)
        except (msgspec.DecodeError, msgspec.ValidationError) as error:
            writer.write(write(Reply(problem="refused", detail=str(error))))
            return
        try:
            reply = self._carry_out(request, writer)
        except LegGone as gone:
            reply = Reply(id=request.id, problem="leg_gone", detail=str(gone))
        except (CarrierError, ConfigurationError, AssertionError) as error:
            reply = Reply(id=request.id, problem="refused", detail=str(error))
        if request.business is not None and request.leg is not None:
            await asyncio.sleep(self._exchange.slowness(BusinessId(request.business), LegId(request.leg)))
        with contextlib.suppress(ConnectionError):
            writer.write(write(reply))
            await writer.drain()

    def _carry_out(self, request: Request, writer: asyncio.StreamWriter) -> Reply:
        exchange, report, legs = self._exchange, None, list[UUID]()
        if request.verb == "subscribe":
            for event in exchange.snapshot():
                writer.write(write(Reply(event=event)))
            self._subscribers.add(writer)
        elif request.verb == "behave":
            assert request.address and request.behaviour, "behave needs an address and a behaviour"
            self._behaviours.behave(request.address, request.behaviour)
        elif request.verb == "prepare":
            assert request.order is not None, "prepare needs an order"
            exchange.prepare(request.order)
        else:
            report, legs = self._on_leg(request)
        return Reply(id=request.id, report=report, legs=tuple(legs))

    def _on_leg(self, request: Request) -> tuple[LegReport | None, list[UUID]]:
        assert request.business is not None, f"{request.verb} needs a business"
        business = BusinessId(request.business)
        if request.verb == "legs_of":
            return None, self._exchange.legs_of(business)
        assert request.leg is not None, f"{request.verb} needs a leg"
        leg = LegId(request.leg)
        match request.verb:
            case "dial":
                self._exchange.dial(business, leg, request.ring_for)
            case "revoke":
                return self._exchange.revoke(business, leg), []
            case "lookup":
                return self._exchange.lookup(business, leg), []
            case "hang_up":
                self._exchange.hang_up(business, leg)
            case "leave":
                self._exchange.leave(business, leg)
            case "hold":
                self._exchange.hold(business, leg, on=request.on)
            case "join":
                assert request.other is not None, "join needs two legs"
                self._exchange.join(business, leg, LegId(request.other))
            case _:
                raise CarrierError(f"the simulated carrier does not {request.verb}")
        return None, []


def _rang_and_not_ended(lines: list[dict[str, str]]) -> list[SimulatedLeg]:
    legs: dict[str, SimulatedLeg] = {}
    for line in lines:
        at = datetime.fromisoformat(line["at"])
        if line["what"] == "rang":
            legs[line["leg"]] = SimulatedLeg(
                business=BusinessId(UUID(line["business"])),
                id=LegId(UUID(line["leg"])),
                callback=CallbackId(UUID(line["callback"])),
                party=Party(line["party"]),
                where=Whereabouts.DIALLING,
                rang_at=at,
            )
        elif line["what"] == "ended":
            legs.pop(line["leg"], None)
        elif line["leg"] in legs:
            setattr(legs[line["leg"]], f"{line['what']}_at", at)
    return list(legs.values())


def _arguments(argv: list[str] | None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="simulated_process", description=__doc__)
    parser.add_argument("--listen", default="127.0.0.1:0", help="host:port (0: any) or unix:PATH")
    parser.add_argument("--record", type=Path, required=True, help="append-only file of what rang")
    parser.add_argument("--customers", default="answers:0.3+hangs_up:2", help="how customers behave")
    parser.add_argument("--agents", default="answers:0.1", help="how simulated agents behave")
    parser.add_argument("--behave", action="append", default=[], metavar="ADDRESS=BEHAVIOUR")
    parser.add_argument("--account", default="simulated")
    parser.add_argument("--forget", action="store_true", help="start with no memory of what rang before")
    return parser.parse_args(argv)


async def main(argv: list[str] | None = None) -> None:
    """Serve until SIGTERM or SIGINT; the first line of standard output says where."""
    options = _arguments(argv)
    behaviours = Behaviours(agents=options.agents, customers=options.customers)
    for each in options.behave:
        address, _, text = each.partition("=")
        behaviours.behave(address, text)
    process = SimulatedProcess(options.record, behaviours, account=options.account, forget=options.forget)
    server = await process.serve(options.listen)
    name = server.sockets[0].getsockname()
    sys.stdout.write(f"listening {f'unix:{name}' if isinstance(name, str) else f'{name[0]}:{name[1]}'}\n")
    sys.stdout.flush()
    stopped = asyncio.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        asyncio.get_running_loop().add_signal_handler(number, stopped.set)
    await stopped.wait()
    server.close()
    await process.stop()


if __name__ == "__main__":
    asyncio.run(main())
