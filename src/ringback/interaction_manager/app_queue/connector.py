"""Follows the queues of one Asterisk: subscribe, snapshot, then events; anew after every loss. One process does, by a lease in the database."""

from __future__ import annotations

import asyncio
import random
import time
from collections.abc import Sequence
from datetime import UTC, datetime
from uuid import UUID

import structlog

from ringback.domain.errors import CommitUnknown, RingbackError
from ringback.domain.ids import BusinessId, CallbackId
from ringback.domain.outside import OutsideEvent, OutsideSnapshot
from ringback.interaction_manager.app_queue.ami import AmiClient, AmiError
from ringback.interaction_manager.app_queue.configuration import AppQueues
from ringback.interaction_manager.outside import live_interactions, lock_source
from ringback.interaction_manager.rules.app_queue import QueueBook
from ringback.interaction_manager.workflows.report_outside import Reported, take_events, take_snapshot
from ringback.postgres.database import RETRYABLE, Database, Transaction
from ringback.postgres.sql import load_sql

log = structlog.get_logger(__name__)
SQL = load_sql(__file__, "connector.sql")

ALIVE_EVERY = 5.0
LOOK_EVERY = 1.0
FIRST_PAUSE, LONGEST_PAUSE = 0.5, 30.0
LONGEST_WORDS = 200


class NotOurs(RingbackError):
    """Another process follows this source."""


class QueueConnector:
    """One Asterisk of one business."""

    def __init__(
        self, queues: AppQueues, *, database: Database, dispatcher: Database, process: UUID, lease: float
    ) -> None:
        self._queues = queues
        self._database = database
        self._dispatcher = dispatcher
        self._process = process
        self._lease = 2 * ALIVE_EVERY + lease
        self._business: BusinessId | None = None
        self._log = log.bind(business=queues.business, source=queues.source)

    async def run(self) -> None:
        """Follow until cancelled."""
        pause = FIRST_PAUSE
        try:
            while True:
                began = time.monotonic()
                try:
                    await self._once()
                except NotOurs:
                    pause = FIRST_PAUSE
                    await asyncio.sleep(self._lease / 2)
                    continue
                except (AmiError, CommitUnknown, *RETRYABLE) as error:
                    self._log.warning("queues_away", error=type(error).__name__, words=_words(error))
                if time.monotonic() - began > LONGEST_PAUSE:
                    pause = FIRST_PAUSE
                await asyncio.sleep(pause * random.uniform(0.7, 1.3))  # noqa: S311 - spreads those who come back
                pause = min(2 * pause, LONGEST_PAUSE)
        finally:
            await self._let_go()

    async def _once(self) -> None:
        """Claim the source, connect, and follow until something is lost."""
        business = await self._known_business()
        await self._claim(business)
        async with AmiClient(self._queues.address) as ami:
            book = QueueBook(self._queues.plan)
            await self._begin(business, ami, book)
            self._log.info("queues_followed", queues=sorted(self._queues.plan.queues))
            await self._follow(business, ami, book)

    async def _known_business(self) -> BusinessId:
        if self._business is None:
            async with self._dispatcher.transaction(name="find_business") as tx:
                found = await tx.value(SQL["find_business"], slug=self._queues.business)
            if found is None:
                raise AmiError(f"there is no business {self._queues.business}")
            self._business = BusinessId(found)
        return self._business

    async def _claim(self, business: BusinessId) -> None:
        async with self._database.transaction(business, name="claim_source") as tx:
            await lock_source(tx, business, self._queues.source)
            claimed = await tx.value(
                SQL["claim_source"],
                business=business,
                slug=self._queues.source,
                process=self._process,
                now=tx.now,
                lease=self._lease,
            )
        if claimed is None:
            raise NotOurs(f"another process follows {self._queues.source}")

    async def _begin(self, business: BusinessId, ami: AmiClient, book: QueueBook) -> None:
        """Take the whole of it; events that come meanwhile wait, and say again what is known or what came after."""
        async with self._database.transaction(business, name="known_talks") as tx:
            source = await lock_source(tx, business, self._queues.source)
            known = await live_interactions(tx, business, source.id)
        status = await ami.listed("QueueStatus")
        channels = await ami.listed("CoreShowChannels")
        talking = {ref: each.answered_at for ref, each in known.items() if each.answered_at is not None}
        snapshot = book.snapshot(status, channels, talking, datetime.now(UTC))
        await self._report(business, ami, book, snapshot=snapshot)

    async def _follow(self, business: BusinessId, ami: AmiClient, book: QueueBook) -> None:
        said_at = time.monotonic()
        while True:
            messages = await ami.heard(within=LOOK_EVERY)
            now = datetime.now(UTC)
            events = [event for message in messages for event in book.take(message, now)] + book.due(now)
            if not events and time.monotonic() - said_at < ALIVE_EVERY:
                continue
            if time.monotonic() - said_at >= ALIVE_EVERY:
                await ami.action("Ping")
            await self._report(business, ami, book, events=events)
            said_at = time.monotonic()

    async def _report(
        self,
        business: BusinessId,
        ami: AmiClient,
        book: QueueBook,
        *,
        events: Sequence[OutsideEvent] = (),
        snapshot: OutsideSnapshot | None = None,
    ) -> None:
        """Apply a report as long as the source is ours, and put those first who wait for a callback."""
        async with self._database.transaction(business, name="report_queues") as tx:
            await self._still_ours(tx, business)
            if snapshot is not None:
                done = await take_snapshot(tx, business, self._queues.source, snapshot, anew=True)
            else:
                done = await take_events(tx, business, self._queues.source, events)
            notes = {callback: await _notes(tx, business, callback) for callback in done.joined.values()}
        if done.expected is not None:
            raise AmiError(f"event {done.expected} is missing: begin anew")
        if done.unknown:
            self._log.info("not_ours", names=list(done.unknown))
        await self._put_first(ami, book, done, notes)

    async def _still_ours(self, tx: Transaction, business: BusinessId) -> None:
        kept = await tx.value(
            SQL["keep_source"],
            business=business,
            slug=self._queues.source,
            process=self._process,
            now=tx.now,
            lease=self._lease,
        )
        if kept is None:
            raise NotOurs(f"another process follows {self._queues.source} now")

    async def _put_first(
        self, ami: AmiClient, book: QueueBook, done: Reported, notes: dict[CallbackId, dict[str, str]]
    ) -> None:
        """Say to Asterisk who waits for a callback: their place, and what an agent's screen may show. It may refuse; the line goes on."""
        for ref, callback in done.joined.items():
            channel, queue = book.channels.get(ref, ("", ""))
            if not channel:
                continue
            try:
                if self._queues.priority is not None:
                    await ami.action(
                        "QueueChangePriorityCaller",
                        Queue=queue,
                        Caller=channel,
                        Priority=str(self._queues.priority),
                        Immediate="1",
                    )
                for name, value in notes[callback].items():
                    await ami.action("Setvar", Channel=channel, Variable=f"__RINGBACK_{name}", Value=value)
            except AmiError as error:
                self._log.warning("not_put_first", callback=str(callback), words=_words(error))

    async def _let_go(self) -> None:
        if self._business is None:
            return
        try:
            async with asyncio.timeout(2), self._database.transaction(self._business, name="let_source_go") as tx:
                await tx.run(
                    SQL["let_source_go"],
                    business=self._business,
                    slug=self._queues.source,
                    process=self._process,
                    now=tx.now,
                )
        except (TimeoutError, CommitUnknown, *RETRYABLE):
            return  # the lease runs out by itself


async def _notes(tx: Transaction, business: BusinessId, callback: CallbackId) -> dict[str, str]:
    row = await tx.row(SQL["notes"], business=business, callback=callback)
    assert row is not None, "a joined callback exists"
    said = {"CALLBACK": str(callback), "NAME": row["person_name"], "TOPIC": row["topic"]}
    return {name: " ".join(words.split())[:LONGEST_WORDS] for name, words in said.items() if words}


def _words(error: BaseException) -> str | None:
    return str(error) if isinstance(error, AmiError) else None
