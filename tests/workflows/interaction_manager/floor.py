"""A contact centre's floor for tests: a real database, the real interaction manager, and a session management server played by the test."""

from __future__ import annotations

import json
from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any, TypeVar
from uuid import UUID

from ringback.domain.commands import (
    ChangeTalk,
    EndAttempt,
    HandCustomerOver,
    HangUpLeg,
    MarkCustomer,
    OfferAgent,
    PerformCallback,
    RequestCallback,
)
from ringback.domain.destinations import Destination, DestinationKind
from ringback.domain.events import (
    AgentAccepted,
    AgentAway,
    AgentNeeded,
    AgentRings,
    AlertRaised,
    AlertResolved,
    AttemptEnded,
    AttemptMissed,
    CallbackAccepted,
    CallbackChanged,
    CallbackFinished,
    CallbackRefused,
    CustomerAnswered,
    CustomerDialled,
    CustomerRings,
    GotThrough,
    Joined,
    OperatorWrote,
    PromiseAtRisk,
    PromiseSettled,
    RoomAppeared,
    StillNeeded,
    WaitlistAnswered,
)
from ringback.domain.ids import AgentId, BusinessId, CallbackId, CommandId, LegId, PersonId, QueueId, new_id
from ringback.domain.status import Outcome, Server
from ringback.domain.times import When, WhenKind
from ringback.interaction_manager.worker import InteractionManager
from ringback.postgres.database import Transaction
from ringback.postgres.gate import fence, record_join, take_over
from ringback.postgres.messages import CommandAnswer, MessageWorker, read_answer, send
from tests.support.databases import Databases
from tests.support.waiting import eventually

M = TypeVar("M")
DAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
ALWAYS: dict[str, Any] = {"zone": "Europe/London", "week": {day: ["00:00-24:00"] for day in DAYS}}
ANY_HOUR: dict[str, Any] = {"calling_hours": {"start": "00:00", "end": "23:59:59"}}  # whenever the tests run
NEVER: dict[str, Any] = {"zone": "Europe/London", "week": {}}

TO_SESSIONS = (PerformCallback, OfferAgent, EndAttempt, MarkCustomer, HangUpLeg, ChangeTalk, HandCustomerOver)
TO_APPLICATION = (
    GotThrough,
    CallbackAccepted, CallbackRefused, CallbackChanged, CallbackFinished, PromiseAtRisk, AttemptMissed,
    AgentRings, CustomerDialled, CustomerRings, Joined, AttemptEnded, RequestCallback, PromiseSettled,
    AgentAway, AlertRaised, AlertResolved, OperatorWrote, RoomAppeared, StillNeeded, WaitlistAnswered,
)  # fmt: skip


class Floor:
    """One business and everything around it."""

    def __init__(self, databases: Databases, business: BusinessId) -> None:
        self.databases = databases
        self.business = business
        self._numbers = 0
        self.manager = self.another_manager()
        self.directions: list[Any] = []  # what the session management server was told
        self.told: list[Any] = []  # what the customer's server was told
        self._sessions = self._listener(Server.SESSIONS, databases.sessions, TO_SESSIONS, self.directions)
        self._application = self._listener(Server.APPLICATION, databases.application, TO_APPLICATION, self.told)

    def _another_number(self) -> str:
        self._numbers += 1
        return f"+447700{900000 + self._numbers}"

    def another_manager(self) -> InteractionManager:
        """A second process of the same server."""
        return InteractionManager(
            database=self.databases.interactions,
            dispatcher=self.databases.dispatcher,
            hints=self.databases.hints,
            phone_carrier="simulated",
        )

    def _listener(self, server: Server, database: Any, kinds: Sequence[type], into: list[Any]) -> MessageWorker:
        async def note(tx: Transaction, business: BusinessId, message: object) -> None:
            tx.after_commit(lambda: into.append(message))

        return MessageWorker(
            server, database, self.databases.dispatcher, self.databases.hints, dict.fromkeys(kinds, note)
        )

    async def settle(self) -> None:
        """Let everybody do all there is to do now."""
        for _ in range(3):
            await self.manager.drain()
            await self._sessions.drain()
            await self._application.drain()

    # ------------------------------------------------------------------ arranging

    async def sql(self, text: str, *arguments: Any) -> Any:
        async with self.databases.administrator() as connection:
            return await connection.fetch(text, *arguments)

    async def queue(
        self,
        slug: str = "billing",
        *,
        policy: dict[str, Any] | None = None,
        hours: Any = ALWAYS,
        skills: Sequence[str] = (),
    ) -> QueueId:
        queue = QueueId(new_id())
        await self.sql(
            "INSERT INTO queue (business, id, slug, name, is_default, skills, hours, policy) VALUES ($1, $2, $3, $4, false, $5, $6, $7)",
            self.business, queue, slug, slug.capitalize(), list(skills), json.dumps(hours), json.dumps({**ANY_HOUR, **(policy or {})}),
        )  # fmt: skip
        return queue

    async def agent(
        self,
        slug: str,
        *queues: QueueId,
        skills: dict[str, int] | None = None,
        state: str = "available",
        carrier: str = "simulated",
        idle_for: float = 60.0,
    ) -> AgentId:
        agent = AgentId(new_id())
        since = await self.now() - timedelta(seconds=idle_for)
        await self.sql(
            "INSERT INTO agent (business, id, slug, name, home_queue, skills, carrier) VALUES ($1, $2, $3, $4, $5, $6, $7)",
            self.business, agent, slug, slug.capitalize(), queues[0], json.dumps(skills or {}), carrier,
        )  # fmt: skip
        for queue in queues:
            await self.sql("INSERT INTO agent_queue VALUES ($1, $2, $3)", self.business, agent, queue)
        await self.sql(
            "INSERT INTO agent_state (business, agent, state, since, idle_since) VALUES ($1, $2, $3, $4, $4)",
            self.business, agent, state, since,
        )  # fmt: skip
        return agent

    async def now(self) -> datetime:
        async with self.databases.interactions.transaction(self.business, name="now") as tx:
            return tx.now

    async def book(
        self,
        provider: str = "biz:acme/q:billing",
        *,
        start: datetime | None = None,
        number: str | None = None,
        person: UUID | None = None,
        drain: bool = True,
        **more: Any,
    ) -> CallbackId:
        """Ask for a callback, as soon as possible or at an instant, and let it be judged (not yet assigned); `drain` False: somebody else does."""
        callback = CallbackId(new_id())
        when = When(kind=WhenKind.INSTANT if start else WhenKind.ASAP, zone="Europe/London", start=start)
        request = RequestCallback(
            callback=callback,
            provider=provider,
            when=when,
            destination=Destination(kind=DestinationKind.PHONE, address=number or self._another_number()),
            person=PersonId(person or new_id()),
            person_name="Dana",
            named_time=True,
            **more,
        )
        async with self.databases.application.transaction(self.business, name="request") as tx:
            await send(tx, self.business, Server.INTERACTIONS, callback, request)
        if not drain:
            await self._until_there(callback)
            return callback
        await self.manager.messages.drain()
        await self._application.drain()
        refused = [each for each in self.told if isinstance(each, CallbackRefused) and each.callback == callback]
        assert not refused, refused
        return callback

    async def _until_there(self, callback: CallbackId) -> None:
        async def there() -> Any:
            return await self.sql("SELECT 1 FROM callback WHERE id = $1", callback)

        await eventually(there)

    # ------------------------------------------------------------------ commands and events

    async def order(self, aggregate: UUID, command: Any) -> None:
        """Send a command and leave it to others."""
        async with self.databases.application.transaction(self.business, name="command") as tx:
            await send(tx, self.business, Server.INTERACTIONS, aggregate, command)

    async def command(self, aggregate: UUID, command: Any) -> CommandAnswer:
        """Give a command as console or desk do, and return its answer."""
        async with self.databases.application.transaction(self.business, name="command") as tx:
            await send(tx, self.business, Server.INTERACTIONS, aggregate, command)
        await self.settle()
        async with self.databases.application.transaction(self.business, name="answer") as tx:
            found = await read_answer(tx, self.business, command.command)
        assert found is not None, "every command is answered"
        return found

    async def say(self, *events: Any, settle: bool = True) -> None:
        """Say what happened, as the session management server."""
        async with self.databases.sessions.transaction(self.business, name="event") as tx:
            for event in events:
                await send(tx, self.business, Server.INTERACTIONS, event.callback, event)
        if settle:
            await self.settle()

    def last(self, kind: type[M], source: list[Any] | None = None) -> M:
        """Return the newest message of a kind."""
        found = [each for each in (self.told + self.directions if source is None else source) if isinstance(each, kind)]
        assert found, f"no {kind.__name__} among {[type(each).__name__ for each in self.told + self.directions]}"
        return found[-1]

    def count(self, kind: type[Any]) -> int:
        return sum(isinstance(each, kind) for each in self.told + self.directions)

    async def agent_rings(self, perform: PerformCallback) -> int:
        """Dial the agent's leg through the gate, and say that it rings; return the controller's epoch."""
        async with self.databases.sessions.transaction(self.business, name="fence") as tx:
            epoch = await take_over(tx, self.business, perform.callback, attempt=perform.attempt)
            await fence(
                tx, self.business, perform.callback, attempt=perform.attempt, epoch=epoch,
                due_version=perform.due_version, token=new_id(),
            )  # fmt: skip
        await self.say(
            AgentRings(
                callback=perform.callback, attempt=perform.attempt, agent=perform.agent, agent_name=perform.agent_name,
                leg=LegId(new_id()), at=await self.now(),
            )
        )  # fmt: skip
        return epoch

    async def agent_accepts(self, perform: PerformCallback, agent: AgentId | None = None) -> None:
        await self.say(
            AgentAccepted(
                callback=perform.callback, attempt=perform.attempt, agent=agent or perform.agent, at=await self.now()
            )
        )

    async def agent_needed(self, perform: PerformCallback, agent: AgentId, why: str = "no_answer") -> None:
        await self.say(
            AgentNeeded(callback=perform.callback, attempt=perform.attempt, agent=agent, why=why, at=await self.now())
        )

    async def customer_rings(self, perform: PerformCallback) -> datetime:
        at, leg = await self.now(), LegId(new_id())
        await self.say(
            CustomerDialled(callback=perform.callback, attempt=perform.attempt, leg=leg, agent_name="x", at=at),
            CustomerRings(callback=perform.callback, attempt=perform.attempt, leg=leg, at=at),
        )
        return at

    async def joins(self, perform: PerformCallback, epoch: int, agent: AgentId | None = None) -> datetime:
        at, leg = await self.now(), LegId(new_id())
        async with self.databases.sessions.transaction(self.business, name="join") as tx:
            assert await record_join(tx, self.business, perform.callback, attempt=perform.attempt, epoch=epoch)
        await self.say(
            CustomerAnswered(callback=perform.callback, attempt=perform.attempt, leg=leg, at=at),
            Joined(
                callback=perform.callback, attempt=perform.attempt, agent=agent or perform.agent,
                agent_name=perform.agent_name, at=at + timedelta(seconds=1),
            ),
        )  # fmt: skip
        return at

    async def ends(self, perform: PerformCallback, outcome: Outcome, **facts: Any) -> AttemptEnded:
        facts.setdefault("agent", perform.agent)
        event = AttemptEnded(
            callback=perform.callback, attempt=perform.attempt, number=perform.number, outcome=outcome,
            at=await self.now(), **facts,
        )  # fmt: skip
        await self.say(event)
        return event

    async def talk(self, perform: PerformCallback) -> None:
        """Do all of one successful attempt."""
        epoch = await self.agent_rings(perform)
        await self.agent_accepts(perform)
        rang = await self.customer_rings(perform)
        answered = await self.joins(perform, epoch)
        await self.ends(
            perform, Outcome.TALKED, rang_at=rang, answered_at=answered, joined_at=answered + timedelta(seconds=1),
            may_have_rung=True,
        )  # fmt: skip

    # ------------------------------------------------------------------ looking

    async def callback(self, callback: CallbackId) -> Any:
        return (await self.sql("SELECT * FROM callback WHERE id = $1", callback))[0]

    async def agent_state(self, agent: AgentId) -> Any:
        return (await self.sql("SELECT * FROM agent_state WHERE agent = $1", agent))[0]

    async def promises(self, callback: CallbackId) -> list[Any]:
        return list(await self.sql("SELECT * FROM promise WHERE callback = $1 ORDER BY n", callback))

    async def gate(self, callback: CallbackId) -> Any:
        return (await self.sql("SELECT * FROM gate WHERE callback = $1", callback))[0]

    async def timers(self, subject: UUID) -> set[str]:
        return {row["kind"] for row in await self.sql("SELECT kind FROM due WHERE subject = $1", subject)}

    async def decisions(self, callback: CallbackId) -> list[str]:
        rows = await self.sql("SELECT kind FROM decision WHERE callback = $1 ORDER BY at, id", callback)
        return [row["kind"] for row in rows]


def new_command() -> CommandId:
    """A command's id."""
    return CommandId(new_id())
