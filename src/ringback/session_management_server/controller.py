"""Drives one attempt for as long as this process holds its lease: takes in what happens, has it recorded, and asks carriers for what follows."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable, Coroutine, Mapping
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

import structlog

from ringback.domain.commands import PerformCallback
from ringback.domain.errors import CommitUnknown
from ringback.domain.ids import AttemptId, BusinessId, LegId, new_id
from ringback.postgres.database import RETRYABLE, Database
from ringback.session_management_server import legs_at_work as work
from ringback.session_management_server import queries, talk_at_work
from ringback.session_management_server.carriers.protocol import Carrier, LegEvent, LegEventKind
from ringback.session_management_server.queries import Driven
from ringback.session_management_server.rules import happenings as on
from ringback.session_management_server.rules import picking_up
from ringback.session_management_server.rules.attempt import advance, lasts_until
from ringback.session_management_server.rules.snapshot import Attempt
from ringback.session_management_server.rules.verbs import Join, LookUp, Place, Release, Verb, to_join, wanted
from ringback.session_management_server.workflows.record_happenings import LeaseLost, record

log = structlog.get_logger(__name__)

LOOK_AROUND = 5.0  # seconds: carriers may lose events, so live legs are looked up


class AttemptController:
    """One attempt, one controller. `legs_changed` is told whose events are wanted here."""

    def __init__(
        self,
        business: BusinessId,
        attempt: AttemptId,
        *,
        database: Database,
        carriers: Mapping[str, Carrier],
        process: UUID,
        clock: Callable[[], datetime],
        leased_until: float,
        legs_changed: Callable[[Attempt], None],
    ) -> None:
        self.business = business
        self.attempt = attempt
        self.version = 0
        self.leased_until = leased_until  # monotonic
        self._database = database
        self._process = process
        self._legs_changed = legs_changed
        self._inbox: asyncio.Queue[on.Happening | None] = asyncio.Queue()  # None: look at what is wanted again
        self._asked: set[LegId] = set()
        self._begun: set[Verb] = set()  # of those that are asked once by each process
        self._running: dict[Verb, asyncio.Task[None]] = {}
        self._joining: asyncio.Task[on.JoinFailed | None] | None = None
        self._driven: Driven | None = None
        self._read_at = 0.0  # monotonic, when the database's clock read `_driven.now`
        self._look_around_at = time.monotonic() + LOOK_AROUND
        self._hands = work.Hands(
            database=database,
            carriers=carriers,
            controller=process,
            clock=clock,
            view=self._view,
            say=self._inbox.put_nowait,
            leased=lambda: time.monotonic() < self.leased_until,
        )

    def hear(self, event: LegEvent) -> None:
        """Take a carrier's event about one of its legs."""
        self._inbox.put_nowait(
            on.Heard(
                leg=event.leg,
                event=event.event,
                account=event.account,
                kind=event.kind,
                at=event.at,
                cause=event.cause,
                detail=event.detail,
                words=event.reason,
            )
        )

    def wake(self) -> None:
        """Look at the attempt again: somebody else may have changed it."""
        self._inbox.put_nowait(on.TimePassed())

    async def run(self, *, taken_over: bool) -> None:
        """Drive it to its end, or until another process does. A controller that took over asks about every leg first."""
        try:
            if not await self._load():
                return
            about = {"attempt": str(self.attempt), "callback": str(self._driven_attempt.callback)}
            log.info("attempt_begun", **about, taken_over=taken_over)
            if taken_over:
                for leg in self._driven_attempt.live_legs:
                    if leg.fenced:
                        self._start(LookUp(leg.id))
            while not self._driven_attempt.over:
                self._start_wanted()
                batch = await self._next()
                self._join_at_once(batch)
                if batch or self._joining is not None:
                    await self._record(batch)
            ending = self._driven_attempt.ending
            log.info("attempt_over", **about, outcome=ending.outcome.value if ending else None)
        except LeaseLost as error:
            log.info("lease_lost", attempt=str(self.attempt), why=str(error))
        finally:
            await self._stop()

    def _view(self) -> tuple[Attempt, PerformCallback]:
        assert self._driven is not None, "the attempt is loaded before anything is done with it"
        return self._driven.attempt, self._driven.direction

    @property
    def _driven_attempt(self) -> Attempt:
        return self._view()[0]

    async def _load(self) -> bool:
        pause = 0.1
        while True:
            try:
                async with self._database.transaction(self.business, name="load_attempt") as tx:
                    found = await queries.find_attempt(tx, self.business, self.attempt)
            except (*RETRYABLE, CommitUnknown):
                await asyncio.sleep(pause)
                pause = min(1.0, pause * 2)
                continue
            if found is None or found.controller != self._process:
                return False
            self._keep(found)
            return not found.attempt.over

    def _keep(self, driven: Driven) -> None:
        self._driven = driven
        self._read_at = time.monotonic()
        self.version = driven.version
        self._legs_changed(driven.attempt)

    # ------------------------------------------------------------------ what follows from the state

    def _start_wanted(self) -> None:
        verbs = wanted(self._driven_attempt)
        self._begun &= set(verbs)
        for verb in verbs:
            self._start(verb)
        if time.monotonic() >= self._look_around_at:
            self._look_around_at = time.monotonic() + LOOK_AROUND
            for leg in self._driven_attempt.live_legs:
                if leg.fenced and leg.release_why is None and Place(leg.id) not in self._running:
                    self._start(LookUp(leg.id), tries=1)

    def _start(self, verb: Verb, *, tries: int | None = None) -> None:
        """Begin a verb that is not under way already."""
        if verb in self._running:
            return
        match verb:
            case Place(leg):
                self._spawn(verb, work.place(self._hands, leg))
            case Release(leg):
                self._spawn(verb, work.release(self._hands, leg))
            case LookUp(leg):
                self._spawn(verb, work.look_up(self._hands, leg, tries=tries))
            case Join():
                if self._joining is None:
                    self._joining = asyncio.create_task(work.join(self._hands, verb))
            case _ if verb not in self._begun:  # asked once by each process: nothing is recorded when it is done
                self._begun.add(verb)
                self._spawn(verb, talk_at_work.do(self._hands, verb))

    def _spawn(self, verb: Verb, doing: Coroutine[Any, Any, None]) -> None:
        task = asyncio.create_task(doing, name=f"{type(verb).__name__} of attempt {self.attempt}")
        self._running[verb] = task
        task.add_done_callback(lambda done: self._done(verb, done))

    def _done(self, verb: Verb, task: asyncio.Task[None]) -> None:
        if self._running.get(verb) is task:
            del self._running[verb]
        if not task.cancelled() and (error := task.exception()) is not None:
            if isinstance(error, LeaseLost):
                self.leased_until = 0.0
            else:
                log.error("verb_failed", verb=type(verb).__name__, attempt=str(self.attempt), exc_info=error)
        self._inbox.put_nowait(None)

    # ------------------------------------------------------------------ what happens

    async def _next(self) -> list[on.Happening]:
        """Wait for the next thing that happens, for a leg that has rung too long, or for the join to be made."""
        if self._joining is None and self._inbox.empty():
            try:
                async with asyncio.timeout(self._patience()):
                    first = await self._inbox.get()
            except TimeoutError:
                return [on.TimePassed()]
            return self._drain(first)
        return self._drain()

    def _drain(self, *first: on.Happening | None) -> list[on.Happening]:
        """Take all that is there; several looks at the clock are one."""
        batch = [each for each in first if each is not None]
        while not self._inbox.empty():
            each = self._inbox.get_nowait()
            if each is not None and each not in batch:
                batch.append(each)
        return self._without_loose_ends(batch)

    def _without_loose_ends(self, batch: list[on.Happening]) -> list[on.Happening]:
        """Where a customer's leg ended and nothing was heard of its ringing, ask before believing it: that event may be lost or late."""
        customer = self._driven_attempt.customer_leg
        if customer is None or not customer.fenced or customer.ringing_at is not None:
            return batch
        kinds = {each.kind for each in batch if isinstance(each, on.Heard) and each.leg == customer.id}
        if LegEventKind.ENDED not in kinds or kinds & {LegEventKind.RINGING, LegEventKind.ANSWERED}:
            return batch
        if customer.id in self._asked:
            return batch
        self._asked.add(customer.id)
        ended = [each for each in batch if isinstance(each, on.Heard) and each.leg == customer.id]
        self._spawn(LookUp(customer.id), self._ask_then_say(customer.id, ended))
        return [each for each in batch if each not in ended]

    async def _ask_then_say(self, leg: LegId, ended: list[on.Heard]) -> None:
        await work.look_up(self._hands, leg, tries=3)
        for each in ended:
            self._hands.say(each)

    def _patience(self) -> float:
        """Seconds until something is due by the clock."""
        elapsed = time.monotonic() - self._read_at
        now = self._view_now()
        instants = [*(picking_up.due(leg) for leg in self._driven_attempt.legs), lasts_until(self._driven_attempt)]
        deadlines = [(at - now).total_seconds() - elapsed for at in instants if at is not None]
        since = self._driven_attempt.customer_waits_since
        if since is not None:
            wait = timedelta(seconds=self._driven_attempt.ring.customer_wait)
            deadlines.append((since + wait - now).total_seconds() - elapsed)
        return max(0.0, min((LOOK_AROUND, self._look_around_at - time.monotonic(), *deadlines)))

    def _view_now(self) -> datetime:
        assert self._driven is not None, "the attempt is loaded before anything is waited for"
        return self._driven.now

    def _join_at_once(self, batch: list[on.Happening]) -> None:
        """Connect the two before anything is committed, when what was just heard makes both answered."""
        if self._joining is not None or self._driven is None or time.monotonic() >= self.leased_until:
            return
        seen = self._driven.attempt
        for happening in batch:
            if isinstance(happening, on.Heard | on.Reported):
                seen = advance(seen, happening, now=self._driven.now, leg_id=LegId(new_id())).attempt
        due = to_join(seen)
        if due is not None:
            self._start(due)

    async def _record(self, batch: list[on.Happening]) -> None:
        """Record it, as often as it takes: everything recorded twice changes nothing the second time."""
        joined = False
        if self._joining is not None:
            failed = await asyncio.shield(self._joining)
            self._joining = None
            joined = failed is None
            batch = [*batch, *self._drain()] if failed is None else [*batch, *self._drain(), failed]
        pause = 0.05
        while True:
            try:
                self._keep(
                    await record(self._database, self._driven_attempt, batch, controller=self._process, joined=joined)
                )
                return
            except CommitUnknown:
                log.info("record_unknown", attempt=str(self.attempt))
            except RETRYABLE as error:
                log.info("record_again", attempt=str(self.attempt), error=type(error).__name__)
            await asyncio.sleep(pause)
            pause = min(1.0, pause * 2)

    async def _stop(self) -> None:
        tasks: list[asyncio.Task[Any]] = list(self._running.values())
        if self._joining is not None:
            tasks.append(self._joining)
        for task in tasks:
            task.cancel()
        if tasks:
            await asyncio.wait(tasks)
