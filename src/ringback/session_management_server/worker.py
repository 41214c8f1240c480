"""The session management server's worker: applies what it is told, begins attempts at their time, drives those it holds, takes over those nobody drives."""

from __future__ import annotations

import asyncio
import contextlib
import functools
import time
from collections.abc import Awaitable, Callable, Mapping
from datetime import UTC, datetime
from uuid import UUID

import structlog

from ringback.domain.commands import (
    ChangeTalk,
    EndAttempt,
    ForgetPerson,
    HandCustomerOver,
    HangUpLeg,
    MarkCustomer,
    OfferAgent,
    PerformCallback,
)
from ringback.domain.errors import CarrierError, CommitUnknown
from ringback.domain.ids import AttemptId, BusinessId, LegId, new_id
from ringback.domain.status import Server
from ringback.postgres.database import RETRYABLE, Database, Transaction
from ringback.postgres.hints import Hints
from ringback.postgres.messages import MessageWorker
from ringback.postgres.timers import Timer, TimerWorker
from ringback.session_management_server import queries, recordings
from ringback.session_management_server.carriers.protocol import Carrier
from ringback.session_management_server.controller import AttemptController
from ringback.session_management_server.queries import LEASE
from ringback.session_management_server.rules.snapshot import Attempt
from ringback.session_management_server.workflows.change_talk import change_talk, hand_customer_over
from ringback.session_management_server.workflows.claim_attempt import begin_attempt, take_over
from ringback.session_management_server.workflows.end_attempt import end_attempt
from ringback.session_management_server.workflows.forget_events import forget_events
from ringback.session_management_server.workflows.forget_person import forget_person
from ringback.session_management_server.workflows.hang_up_leg import hang_up_leg
from ringback.session_management_server.workflows.mark_customer import mark_customer
from ringback.session_management_server.workflows.offer_agent import offer_agent
from ringback.session_management_server.workflows.receive_direction import PERFORM, receive_direction
from ringback.session_management_server.workflows.sweep_orphans import sweep_orphans

log = structlog.get_logger(__name__)

RENEW = 1.0  # seconds between renewals, less with a short lease: several fit into one
SWEEP = 30.0
COLLECT = 2.0  # between looks for recordings of talks that are over
FORGET = 3600.0


def _system_clock() -> datetime:
    return datetime.now(UTC)


class SessionManager:
    """Everything the session management server does in one process. Any number may run; each attempt is driven by one at a time."""

    def __init__(
        self,
        *,
        database: Database,
        dispatcher: Database,
        hints: Hints,
        carriers: Mapping[str, Carrier],
        process: UUID | None = None,
        lease: float = LEASE,
        sweep_every: float = SWEEP,
        clock: Callable[[], datetime] = _system_clock,
    ) -> None:
        self.process = process or new_id()
        self._database = database
        self._dispatcher = dispatcher
        self._hints = hints
        self._carriers = carriers
        self._lease = lease
        self._renew_every = min(RENEW, lease / 4)
        self._sweep_every = sweep_every
        self._clock = clock
        self._controllers: dict[AttemptId, AttemptController] = {}
        self._of_leg: dict[LegId, AttemptController] = {}
        self._forget_at = time.monotonic() + FORGET
        self._left: list[tuple[BusinessId, AttemptId]] = []  # driven here until the stop
        self._begun: asyncio.Queue[tuple[BusinessId, AttemptId, float, bool]] = asyncio.Queue()
        self.messages = MessageWorker(Server.SESSIONS, database, dispatcher, hints, self._handlers())
        self.timers = TimerWorker(
            Server.SESSIONS, database, dispatcher, hints, {PERFORM: self._perform}, process=self.process, lease=lease
        )

    def _handlers(self) -> Mapping[type, Callable[..., Awaitable[None]]]:
        return {
            PerformCallback: functools.partial(
                receive_direction, carriers={name: each.abilities for name, each in self._carriers.items()}
            ),
            OfferAgent: offer_agent,
            EndAttempt: end_attempt,
            MarkCustomer: mark_customer,
            HangUpLeg: hang_up_leg,
            ChangeTalk: change_talk,
            HandCustomerOver: hand_customer_over,
            ForgetPerson: forget_person,
        }

    async def run(self) -> None:
        """Work until cancelled; then let others take over at once."""
        for carrier in self._carriers.values():
            await carrier.start()
        try:
            async with asyncio.TaskGroup() as group:
                for worker in (self.messages.run, self.timers.run, self._renew_for_ever, self._take_over_for_ever):
                    group.create_task(worker())
                group.create_task(self._wake_for_ever())
                group.create_task(self._sweep_for_ever())
                group.create_task(self._collect_for_ever())
                for carrier in self._carriers.values():
                    group.create_task(self._listen(carrier))
                while True:
                    business, attempt, leased_until, taken_over = await self._begun.get()
                    if attempt not in self._controllers:
                        controller = self._controller(business, attempt, leased_until)
                        group.create_task(self._drive(controller, taken_over=taken_over))
        finally:
            await self._hand_over()
            for carrier in self._carriers.values():
                await carrier.stop()

    # ------------------------------------------------------------------ attempts driven here

    async def _perform(self, tx: Transaction, timer: Timer) -> None:
        leased_until = time.monotonic() + self._lease
        if await begin_attempt(tx, timer, controller=self.process, lease=self._lease):
            begun = (timer.business, AttemptId(timer.subject), leased_until, False)
            tx.after_commit(lambda: self._begun.put_nowait(begun))

    def _controller(self, business: BusinessId, attempt: AttemptId, leased_until: float) -> AttemptController:
        def legs_changed(seen: Attempt) -> None:
            for leg in seen.legs:
                self._of_leg[leg.id] = controller

        controller = AttemptController(
            business,
            attempt,
            database=self._database,
            carriers=self._carriers,
            process=self.process,
            clock=self._clock,
            leased_until=leased_until,
            legs_changed=legs_changed,
        )
        self._controllers[attempt] = controller
        return controller

    async def _drive(self, controller: AttemptController, *, taken_over: bool) -> None:
        try:
            await controller.run(taken_over=taken_over)
        except asyncio.CancelledError:
            self._left.append((controller.business, controller.attempt))
            raise
        except Exception as error:  # the lease runs out, and whoever takes over looks at it afresh
            log.error("controller_failed", attempt=str(controller.attempt), exc_info=error)
        finally:
            self._controllers.pop(controller.attempt, None)
            for leg in [leg for leg, owner in self._of_leg.items() if owner is controller]:
                del self._of_leg[leg]

    async def _listen(self, carrier: Carrier) -> None:
        """Hand each event to the controller of its leg. Others' legs are theirs; what nobody drives is looked up by whoever takes it over."""
        async for event in carrier.events():
            controller = self._of_leg.get(event.leg)
            if controller is not None and controller.business == event.business:
                controller.hear(event)

    async def _wake_for_ever(self) -> None:
        with self._hints.subscribe("attempt") as hinted:
            while True:
                for attempt in await hinted.wait(60.0):
                    controller = self._controllers.get(AttemptId(attempt))
                    if controller is not None:
                        controller.wake()

    # ------------------------------------------------------------------ leases

    async def _renew_for_ever(self) -> None:
        while True:
            await asyncio.sleep(self._renew_every)
            if self._controllers:
                with contextlib.suppress(*RETRYABLE, CommitUnknown):
                    await self._renew()

    async def _renew(self) -> None:
        """Renew every lease, and learn by the versions which attempts others have changed."""
        driven = dict(self._controllers)
        before = time.monotonic()
        businesses = {controller.business for controller in driven.values()}
        async with self._database.transaction(*businesses, name="renew_leases") as tx:
            renewed = await queries.renew(
                tx,
                [(controller.business, attempt) for attempt, controller in driven.items()],
                controller=self.process,
                lease=self._lease,
            )
        for attempt, controller in driven.items():
            if attempt in renewed:
                controller.leased_until = before + self._lease
            if renewed.get(attempt) != controller.version:
                controller.wake()

    async def _take_over_for_ever(self) -> None:
        while True:
            with contextlib.suppress(*RETRYABLE, CommitUnknown):
                await self._take_over()
            await asyncio.sleep(self._renew_every)

    async def _take_over(self) -> None:
        async with self._dispatcher.transaction(name="find_abandoned") as tx:
            abandoned = await queries.abandoned_attempts(tx)
        for business, attempt in abandoned:
            if attempt in self._controllers:
                continue
            with contextlib.suppress(*RETRYABLE, CommitUnknown):  # one that is locked keeps none of the others waiting
                leased_until = time.monotonic() + self._lease
                if await take_over(self._database, business, attempt, controller=self.process, lease=self._lease):
                    log.info("taken_over", attempt=str(attempt))
                    self._begun.put_nowait((business, attempt, leased_until, True))

    async def _hand_over(self) -> None:
        """Drop every lease, so that the next process need not wait."""
        driven = self._left
        if driven:
            with contextlib.suppress(*RETRYABLE, CommitUnknown):
                async with self._database.transaction(*{business for business, _ in driven}, name="hand_over") as tx:
                    await queries.drop_leases(tx, driven, controller=self.process)

    # ------------------------------------------------------------------ orphans

    async def _sweep_for_ever(self) -> None:
        while True:
            await asyncio.sleep(self._sweep_every)
            with contextlib.suppress(*RETRYABLE, CommitUnknown):
                await self.sweep()

    async def _collect_for_ever(self) -> None:
        while True:
            await asyncio.sleep(COLLECT)
            with contextlib.suppress(*RETRYABLE, CommitUnknown):
                await recordings.collect(self._database, self._dispatcher, self._carriers)

    async def sweep(self) -> int:
        """Revoke legs at carriers that belong to nothing here; return how many there were."""
        async with self._dispatcher.transaction(name="find_businesses") as tx:
            businesses = await queries.all_businesses(tx)
        count = 0
        for business in businesses:
            for carrier in self._carriers.values():
                with contextlib.suppress(CarrierError):
                    count += await sweep_orphans(self._database, business, carrier)
            if time.monotonic() >= self._forget_at:
                await forget_events(self._database, business)
                await recordings.purge(self._database, business)
        if time.monotonic() >= self._forget_at:
            self._forget_at = time.monotonic() + FORGET
        return count
