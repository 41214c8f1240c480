"""Every carrier behind one guard: a time limit on each verb, one kind of error for "nothing is known", and a failpoint on either side."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import AsyncIterator
from uuid import UUID

from ringback.domain.errors import CarrierUnreachable, CommitUnknown
from ringback.domain.ids import BusinessId, LegId
from ringback.postgres.database import RETRYABLE
from ringback.postgres.failpoints import reach
from ringback.session_management_server.carriers.protocol import Carrier, LegEvent, LegOrder, LegReport

PATIENCE = 3.0  # seconds a verb may take


class GuardedCarrier:
    """A carrier whose verbs come back in time, one way or the other. A time-out means CarrierUnreachable: it may have acted."""

    def __init__(self, carrier: Carrier, *, patience: float = PATIENCE) -> None:
        self.name = carrier.name
        self.account = carrier.account
        self.abilities = carrier.abilities
        self._carrier = carrier
        self._patience = patience

    @contextlib.asynccontextmanager
    async def _guard(self, verb: str) -> AsyncIterator[None]:
        point = f"carrier:{self.name}:{verb}"
        reach(f"{point}:before")
        try:
            async with asyncio.timeout(self._patience):
                yield
        except TimeoutError as error:
            raise CarrierUnreachable(f"{self.name} did not answer to {verb} in {self._patience:g} s") from error
        except (*RETRYABLE, CommitUnknown) as error:
            raise CarrierUnreachable(f"{self.name} could not {verb}: {type(error).__name__}") from error
        reach(f"{point}:after")

    async def start(self) -> None:
        """Connect and subscribe."""
        await self._carrier.start()

    async def stop(self) -> None:
        """Let go of everything."""
        await self._carrier.stop()

    async def prepare(self, order: LegOrder) -> None:
        """Make the carrier's object for the leg."""
        async with self._guard("prepare"):
            await self._carrier.prepare(order)

    async def dial(self, business: BusinessId, leg: LegId, *, ring_for: float) -> None:
        """Ring the prepared leg."""
        async with self._guard("dial"):
            await self._carrier.dial(business, leg, ring_for=ring_for)

    async def revoke(self, business: BusinessId, leg: LegId) -> LegReport:
        """Make sure that it cannot ring any more."""
        async with self._guard("revoke"):
            return await self._carrier.revoke(business, leg)

    async def lookup(self, business: BusinessId, leg: LegId) -> LegReport:
        """Say what is known about the leg."""
        async with self._guard("lookup"):
            return await self._carrier.lookup(business, leg)

    async def join(self, business: BusinessId, agent: LegId, customer: LegId) -> None:
        """Connect two answered legs."""
        async with self._guard("join"):
            await self._carrier.join(business, agent, customer)

    async def hang_up(self, business: BusinessId, leg: LegId) -> None:
        """End the leg."""
        async with self._guard("hang_up"):
            await self._carrier.hang_up(business, leg)

    async def play(self, business: BusinessId, leg: LegId, sound: str) -> None:
        """Play to one leg."""
        async with self._guard("play"):
            await self._carrier.play(business, leg, sound)

    async def hold(self, business: BusinessId, leg: LegId, *, on: bool) -> None:
        """Hold or resume."""
        async with self._guard("hold"):
            await self._carrier.hold(business, leg, on=on)

    async def record(self, business: BusinessId, leg: LegId, *, on: bool) -> None:
        """Record or stop."""
        async with self._guard("record"):
            await self._carrier.record(business, leg, on=on)

    async def recording(self, business: BusinessId, leg: LegId) -> bytes | None:
        """Return what was recorded."""
        async with self._guard("recording"):
            return await self._carrier.recording(business, leg)

    async def forget_recording(self, business: BusinessId, leg: LegId) -> None:
        """Delete it at the carrier."""
        async with self._guard("forget_recording"):
            await self._carrier.forget_recording(business, leg)

    async def mute(self, business: BusinessId, leg: LegId, *, on: bool) -> None:
        """Mute or unmute."""
        async with self._guard("mute"):
            await self._carrier.mute(business, leg, on=on)

    async def screen(self, business: BusinessId, leg: LegId) -> None:
        """Find out whether a person or a machine answered."""
        async with self._guard("screen"):
            await self._carrier.screen(business, leg)

    async def leave_message(self, business: BusinessId, leg: LegId, sound: str) -> None:
        """Leave a message."""
        async with self._guard("leave_message"):
            await self._carrier.leave_message(business, leg, sound)

    async def transfer(self, business: BusinessId, leg: LegId, address: str) -> None:
        """Hand the customer's leg to another address."""
        async with self._guard("transfer"):
            await self._carrier.transfer(business, leg, address)

    def events(self) -> AsyncIterator[LegEvent]:
        """Yield what happens to legs."""
        return self._carrier.events()

    async def legs_of(self, business: BusinessId) -> list[UUID]:
        """List the legs that exist there and are not ended."""
        async with self._guard("legs_of"):
            return await self._carrier.legs_of(business)
