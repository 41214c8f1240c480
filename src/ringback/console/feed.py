"""One business's console, read once for all of its open pages: at most every 300 ms, and always after the hint that asked."""

from __future__ import annotations

import asyncio
import time
from dataclasses import dataclass, field
from datetime import date
from typing import Any
from uuid import UUID

import structlog

from ringback.console.parts import Parts
from ringback.console.rules.clock_words import start_of_day, zone
from ringback.console.rules.overview import AHEAD, Snapshot, closed_cells, present_overview, shut_of
from ringback.console.views import SQL
from ringback.console.wire import ConsoleView
from ringback.domain.commands import Estimate
from ringback.domain.errors import NotFound, RingbackError
from ringback.domain.ids import BusinessId
from ringback.domain.offers import OffersQuery
from ringback.identity.principal import Principal
from ringback.identity.rules.rights import Right
from ringback.postgres.database import RETRYABLE

log = structlog.get_logger(__name__)

EVERY = 0.3  # seconds between two readings of one business
FORECASTS_EVERY = 20.0  # what a new one is told, and the counts that are to be 0: both cost more than a glance
_PATIENCE = 1.0  # seconds for one offer


@dataclass(slots=True)
class _Business:
    """What was last read of one business."""

    lock: asyncio.Lock = field(default_factory=asyncio.Lock)
    snapshot: Snapshot | None = None
    begun: float = 0.0
    estimates: dict[UUID, Estimate | None] = field(default_factory=dict)
    forecast: float = 0.0
    lost: int = 0
    rung_twice: int = 0
    views: dict[tuple[frozenset[UUID] | None, bool], ConsoleView] = field(default_factory=dict)


class OverviewFeed:
    """The consoles of this process."""

    def __init__(self, parts: Parts) -> None:
        self._parts = parts
        self._businesses: dict[BusinessId, _Business] = {}

    async def view(self, principal: Principal, queue: str | None) -> ConsoleView:
        """Return the console of this principal's queues, or of one of them, no older than the call. Raises NotFound for a queue that is not theirs."""
        known = self._businesses.setdefault(principal.business, _Business())
        snapshot = await self._fresh(principal.business, known)
        queues = _shown(snapshot, principal, queue)
        can_act = principal.may(Right.CALLBACKS_WRITE)
        if (queues, can_act) not in known.views or known.snapshot is not snapshot:
            known.views[queues, can_act] = present_overview(
                snapshot, queues=queues, can_act=can_act, chance=self._parts.workplaces.reader.chance
            )
        return known.views[queues, can_act]

    async def _fresh(self, business: BusinessId, known: _Business) -> Snapshot:
        """Return a reading that began after this call; whoever waits meanwhile shares it."""
        asked = time.monotonic()
        async with known.lock:
            if known.snapshot is not None and known.begun >= asked:
                return known.snapshot
            await asyncio.sleep(max(0.0, known.begun + EVERY - time.monotonic()))
            known.begun = time.monotonic()
            snapshot = await self._read(business, known)
            known.snapshot = snapshot
            known.views.clear()
            return snapshot

    async def _read(self, business: BusinessId, known: _Business) -> Snapshot:
        async with self._parts.read.transaction(business, name="read_overview") as tx:
            head = await tx.row(SQL["console_business"], business=business)
            if head is None:
                raise NotFound("There is no such business.")
            now = tx.now
            day_start = start_of_day(now, zone(head["zone"]))
            today: dict[str, Any] = {"business": business, "day_start": day_start}
            queues = await tx.rows(SQL["console_queues"], business=business, now=now)
            agents = await tx.rows(SQL["console_agents"], business=business, now=now)
            opened = await tx.rows(SQL["console_open"], business=business)
            done = await tx.rows(SQL["console_done"], **today)
            promises = await tx.rows(SQL["console_promises"], **today, zone=head["zone"], now=now)
            alerts = await tx.rows(SQL["console_alerts"], business=business)
            slots = await tx.rows(SQL["console_staffing"], business=business, now=now, until=now + AHEAD)
        reader = self._parts.workplaces.reader
        owner = {"business_policy": head["policy"], "business_version": head["version"]}
        if time.monotonic() - known.forecast >= FORECASTS_EVERY:
            known.forecast = time.monotonic()
            known.estimates = {row["id"]: await self._estimate(business, head, row) for row in queues}
            await self._count(business, known, now.astimezone(zone(head["zone"])).date())
        return Snapshot(
            now=now,
            business=head,
            queues=queues,
            agents=agents,
            open=opened,
            done=done,
            promises=promises,
            lost=known.lost,
            rung_twice=known.rung_twice,
            slots=slots,
            alerts=alerts,
            workplaces={
                row["id"]: self._parts.workplaces.of(owner, row["id"], row["policy"], row["version"]) for row in queues
            },
            openings={row["id"]: reader.opening(row["hours"], now, shut_of(row)) for row in queues},
            closed={
                row["id"]: frozenset(
                    cell.start for cell in closed_cells(now) if reader.closed(row["hours"], cell, shut_of(row))
                )
                for row in queues
            },
            estimates=known.estimates,
        )

    async def _count(self, business: BusinessId, known: _Business, today: date) -> None:
        """Take the counts that are to be 0 from the report: they have one definition."""
        try:
            known.lost, known.rung_twice = await self._parts.reports.failures(business, today)
        except (*RETRYABLE, RingbackError) as error:
            log.info("no_counts", error=type(error).__name__)

    async def _estimate(self, business: BusinessId, head: Any, queue: Any) -> Estimate | None:
        query = OffersQuery(business=business, provider=f"biz:{head['slug']}/q:{queue['slug']}", zone=head["zone"])
        try:
            async with asyncio.timeout(_PATIENCE):
                offers = await self._parts.offers.offers(query)
        except (RingbackError, TimeoutError, OSError) as error:
            log.info("no_estimate", queue=queue["slug"], error=type(error).__name__)
            return None
        return offers.asap.estimate if offers.asap else None


def _shown(snapshot: Snapshot, principal: Principal, queue: str | None) -> frozenset[UUID] | None:
    """Return the queues to show; None: all."""
    if queue is None:
        return None if principal.queues is None else frozenset(principal.queues)
    found = next((row["id"] for row in snapshot.queues if row["slug"] == queue), None)
    if found is None or not principal.may_see(found):
        raise NotFound("There is no such queue.")
    return frozenset({found})
