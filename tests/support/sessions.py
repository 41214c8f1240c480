"""A session management server for tests: directions go in as the interaction manager would send them, its messages come out."""

from __future__ import annotations

import asyncio
import contextlib
import json
from collections.abc import AsyncIterator, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any, TypeVar
from uuid import UUID

from ringback.domain import commands, events
from ringback.domain.destinations import Destination, DestinationKind
from ringback.domain.guards.policy import RingRules
from ringback.domain.handling import CallHandling
from ringback.domain.ids import AgentId, AttemptId, BusinessId, CallbackId, new_id
from ringback.domain.status import DialOrder, Server
from ringback.postgres import gate
from ringback.postgres.message_kinds import read_message
from ringback.postgres.messages import send
from ringback.session_management_server.carriers.protocol import Carrier
from ringback.session_management_server.worker import SessionManager
from tests.support.databases import Databases
from tests.support.waiting import PATIENCE, eventually

M = TypeVar("M")
NUMBER = "+442079460123"


@dataclass(frozen=True, slots=True, kw_only=True)
class Directed:
    """A callback whose attempt was directed."""

    business: BusinessId
    callback: CallbackId
    attempt: AttemptId
    agent: AgentId
    direction: commands.PerformCallback


@dataclass(slots=True, kw_only=True)
class Sessions:
    """The other end of the session management server's messages."""

    databases: Databases
    carriers: Mapping[str, Carrier]
    running: dict[int, tuple[SessionManager, asyncio.Task[None]]] = field(default_factory=dict)

    def start(self, **options: Any) -> SessionManager:
        """Run a session manager in this process."""
        manager = SessionManager(
            database=self.databases.sessions,
            dispatcher=self.databases.dispatcher,
            hints=self.databases.hints,
            **{"carriers": self.carriers, **options},
        )
        self.running[id(manager)] = manager, asyncio.create_task(manager.run())
        return manager

    async def stop(self, manager: SessionManager) -> None:
        """Stop it in good order."""
        _, task = self.running.pop(id(manager))
        task.cancel()
        with contextlib.suppress(asyncio.CancelledError):
            await task

    async def direct(
        self,
        business: BusinessId,
        *,
        carrier: str = "simulated",
        ahead: float = 0.0,
        agent: AgentId | None = None,
        agent_address: str | None = None,
        customer: Destination | None = None,
        agent_ring: float = 5.0,
        customer_ring: float = 5.0,
        handling: CallHandling | None = None,
        guards: RingRules | None = None,
    ) -> Directed:
        """Open a gate, begin an attempt, send its direction."""
        callback, attempt = CallbackId(new_id()), AttemptId(new_id())
        agent = agent or AgentId(new_id())
        now = datetime.now(UTC)
        async with self.databases.interactions.transaction(business, name="direct") as tx:
            await gate.open_gate(tx, business, callback)
            epoch = await gate.begin_attempt(tx, business, callback, due_version=1, attempt=attempt)
            direction = commands.PerformCallback(
                callback=callback,
                attempt=attempt,
                number=1,
                agent=agent,
                agent_name="Kim",
                agent_address=agent_address or str(agent),
                agent_carrier=carrier,
                customer=customer or Destination(kind=DestinationKind.PHONE, address=NUMBER),
                customer_carrier=carrier,
                customer_name="Dana W.",
                not_before=now + timedelta(seconds=ahead),
                not_after=now + timedelta(minutes=10),
                dial_order=DialOrder.AGENT_FIRST,
                epoch=epoch,
                due_version=1,
                queue_name="Billing",
                handling=handling or CallHandling(),
                guards=guards,
                ring=commands.RingTimes(agent_ring=agent_ring, customer_ring=customer_ring),
            )
            await send(tx, business, Server.SESSIONS, callback, direction)
        return Directed(business=business, callback=callback, attempt=attempt, agent=agent, direction=direction)

    async def tell(self, directed: Directed, message: Any) -> None:
        """Send what the interaction manager would."""
        async with self.databases.interactions.transaction(directed.business, name="tell") as tx:
            await send(tx, directed.business, Server.SESSIONS, directed.callback, message)

    async def cancel(self, directed: Directed, reason: str = "cancelled") -> gate.GateState:
        """Close the gate and send the end, in one transaction, as a cancel does; return the gate's state before."""
        async with self.databases.interactions.transaction(directed.business, name="cancel") as tx:
            before = await gate.try_cancel(tx, directed.business, directed.callback)
            end = commands.EndAttempt(callback=directed.callback, attempt=directed.attempt, reason=reason)
            await send(tx, directed.business, Server.SESSIONS, directed.callback, end)
        return before.state

    async def offer(self, directed: Directed, *, address: str | None = None, carrier: str = "simulated") -> AgentId:
        """Name the next agent."""
        agent = AgentId(new_id())
        await self.tell(
            directed,
            commands.OfferAgent(
                callback=directed.callback,
                attempt=directed.attempt,
                agent=agent,
                agent_name="Lee",
                agent_address=address or str(agent),
                agent_carrier=carrier,
            ),
        )
        return agent

    async def said(self, directed: Directed, to: Server = Server.INTERACTIONS) -> list[Any]:
        """Return every message sent about the callback so far, in order."""
        async with self.databases.administrator() as connection:
            rows = await connection.fetch(
                "SELECT kind, payload::text FROM message WHERE recipient = $1 AND aggregate = $2 ORDER BY seq",
                to.value,
                directed.callback,
            )
        return [read_message(row["kind"], json.loads(row["payload"])) for row in rows]

    async def kinds(self, directed: Directed, to: Server = Server.INTERACTIONS) -> list[str]:
        """Return the names of those messages."""
        return [type(message).__name__ for message in await self.said(directed, to)]

    async def wait_for(self, directed: Directed, kind: type[M], *, within: float = PATIENCE, count: int = 1) -> M:
        """Wait for the n-th message of a kind."""

        async def look() -> M | None:
            found = [message for message in await self.said(directed) if isinstance(message, kind)]
            return found[count - 1] if len(found) >= count else None

        try:
            return await eventually(look, within=within)
        except TimeoutError:
            raise AssertionError(f"no {kind.__name__}; said: {await self.said(directed)}") from None

    async def ended(self, directed: Directed, *, within: float = PATIENCE) -> events.AttemptEnded:
        """Wait for the attempt's end."""
        return await self.wait_for(directed, events.AttemptEnded, within=within)

    async def legs(self, directed: Directed) -> list[Any]:
        """Return the attempt's legs as rows."""
        async with self.databases.administrator() as connection:
            return await connection.fetch("SELECT * FROM leg WHERE attempt = $1 ORDER BY party, n", directed.attempt)

    async def leg_in(self, directed: Directed, party: str, phase: str, *, within: float = PATIENCE) -> UUID:
        """Wait until the party's latest leg is in a phase, and return its id."""

        async def look() -> UUID | None:
            legs = [leg for leg in await self.legs(directed) if leg["party"] == party]
            return legs[-1]["id"] if legs and legs[-1]["phase"] == phase else None

        return await eventually(look, within=within)


@contextlib.asynccontextmanager
async def sessions_over(databases: Databases, carriers: Mapping[str, Carrier]) -> AsyncIterator[Sessions]:
    """Give a `Sessions`, and stop whatever it started."""
    sessions = Sessions(databases=databases, carriers=carriers)
    try:
        yield sessions
    finally:
        for manager, _ in list(sessions.running.values()):
            await sessions.stop(manager)
