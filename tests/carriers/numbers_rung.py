"""A carrier that remembers which number each leg rings, for far ends that know people by their numbers."""

from __future__ import annotations

from ringback.domain.ids import LegId
from ringback.session_management_server.carriers.guarded import GuardedCarrier
from ringback.session_management_server.carriers.protocol import Carrier, LegOrder


class NumbersRung(GuardedCarrier):
    """The carrier under test; `numbers` may be shared by several of its processes."""

    def __init__(self, carrier: Carrier, numbers: dict[LegId, str]) -> None:
        super().__init__(carrier)
        self.numbers = numbers

    async def prepare(self, order: LegOrder) -> None:
        """Write the number down first: a leg may ring although preparing it failed."""
        self.numbers[order.leg] = order.address
        await super().prepare(order)
