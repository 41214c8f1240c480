"""A telephone exchange for tests: a session manager over a real Asterisk, and people behind its trunk who speak, hear and press keys."""

from __future__ import annotations

import contextlib
from collections.abc import AsyncIterator
from dataclasses import dataclass
from typing import Any

from ringback.domain import events
from ringback.domain.destinations import Destination, DestinationKind
from ringback.domain.handling import CallHandling
from ringback.domain.ids import BusinessId
from ringback.session_management_server.carriers.asterisk import AsteriskCarrier
from ringback.session_management_server.carriers.environment import CarrierEnvironment
from ringback.session_management_server.carriers.guarded import GuardedCarrier
from tests.support.databases import Databases
from tests.support.pbx import Pbx
from tests.support.sessions import Directed, Sessions, sessions_over
from tests.support.talking_phones import TalkingPhones
from tests.support.waiting import PATIENCE, eventually

AGENT, OTHER, CUSTOMER, SHOWN = "+493090000001", "+493090000003", "+493090000002", "+493090009000"


@dataclass(kw_only=True)
class Exchange:
    """A session manager, its carrier, and the people behind the trunk."""

    sessions: Sessions
    phones: TalkingPhones
    business: BusinessId

    async def call(self, handling: CallHandling, **more: Any) -> Directed:
        """Direct a callback from the agent's telephone to the customer's."""
        return await self.sessions.direct(
            self.business,
            carrier="asterisk",
            agent_address=AGENT,
            customer=Destination(kind=DestinationKind.PHONE, address=CUSTOMER),
            handling=handling,
            **more,
        )

    async def joined(self, directed: Directed) -> None:
        """Wait for the join."""
        await self.sessions.wait_for(directed, events.Joined)

    def times(self, number: str) -> int:
        """Return how often a telephone rang."""
        return len(self.phones.rung.get(number, ()))


@contextlib.asynccontextmanager
async def open_exchange(pbx: Pbx, databases: Databases, business: BusinessId) -> AsyncIterator[Exchange]:
    """Open one, and hang up for everybody afterwards."""
    phones = TalkingPhones()
    await phones.start()
    options = {
        "url": pbx.url,
        "trunk": f"PJSIP/trunk/sip:{{number}}@127.0.0.1:{phones.port}",
        "caller_id": SHOWN,
        "sounds": str(pbx.folder / "spoken"),
    }
    environment = CarrierEnvironment(
        database=databases.sessions, dispatcher=databases.dispatcher, hints=databases.hints, options=options
    )
    carrier = GuardedCarrier(AsteriskCarrier(environment))
    async with sessions_over(databases, {"asterisk": carrier}) as sessions:
        sessions.start()
        yield Exchange(sessions=sessions, phones=phones, business=business)
    phones.stop()


async def until(what: Any, *, within: float = PATIENCE) -> Any:
    """Look until it is so."""

    async def look() -> Any:
        return what()

    return await eventually(look, within=within)
