"""Reads events off the rows of Twilio's legs: every process tells the same ones, each with the id that it has for ever."""

from __future__ import annotations

import functools
from collections.abc import Sequence

from ringback.domain.ids import BusinessId, LegId
from ringback.session_management_server.carriers.environment import CarrierEnvironment
from ringback.session_management_server.carriers.protocol import LegEvent
from ringback.session_management_server.carriers.row_watch import RowWatch
from ringback.session_management_server.carriers.twilio import rows
from ringback.session_management_server.carriers.twilio.legs import TwilioLeg, events_of


class TwilioWatch(RowWatch):
    """One process's view of all open legs."""

    def __init__(self, environment: CarrierEnvironment, *, account: str) -> None:
        super().__init__(environment, account=account, topics=(rows.TOPIC,))

    async def _purge(self) -> None:
        async with self._dispatcher.transaction(name="find_businesses") as tx:
            businesses = [BusinessId(row["id"]) for row in await tx.rows(rows.SQL["businesses"])]
        async with self._database.transaction(*businesses, name="forget_twilio_legs") as tx:
            await tx.run(rows.SQL["purge_legs"], businesses=businesses)

    async def _choose(self, *, whole: bool) -> set[LegId]:
        """Return the legs whose rows changed; at each poll, and for a hint about one not yet known, those included that other processes opened."""
        changed, self._changed = self._changed, set()
        if whole or changed - self._followed.keys():
            async with self._dispatcher.transaction(name="find_twilio_legs") as tx:
                for row in await tx.rows(rows.SQL["open_legs"]):
                    self._followed.setdefault(LegId(row["id"]), BusinessId(row["business"]))
        return set(self._followed) if whole else changed & self._followed.keys()

    async def _read(self, legs: set[LegId]) -> None:
        businesses = {self._followed[leg] for leg in legs}
        async with self._database.transaction(*businesses, name="read_twilio_legs") as tx:
            found = await rows.find_legs(tx, legs)
            noted = await rows.find_events(tx, legs, self._account)
        for leg in found:
            await self._alone(leg.id, functools.partial(self._follow_up, leg, noted))
        for gone in legs - {leg.id for leg in found}:
            self._forget(gone)

    async def _follow_up(self, leg: TwilioLeg, noted: Sequence[LegEvent]) -> None:
        """Tell what is new of a leg."""
        extra = [event for event in noted if event.leg == leg.id]
        for event in sorted((*events_of(leg, self._account), *extra), key=lambda each: each.at):
            self._tell(event)
        if not leg.live:
            self._forget(leg.id)
