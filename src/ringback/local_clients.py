"""Clients of what other servers compute, read in this process with the read role: it sees every server's tables and writes none."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import UTC, date, datetime, time, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from ringback.domain.errors import Invalid, NotFound
from ringback.domain.ids import BusinessId, CallbackId
from ringback.domain.reports import Sentence
from ringback.interaction_manager.ledger_file import written
from ringback.interaction_manager.report import count_failures, load_ledger
from ringback.interaction_manager.rules.intervals import Interval
from ringback.interaction_manager.rules.records import Ledger
from ringback.interaction_manager.rules.report import GroupBy, report_of
from ringback.interaction_manager.why import sentences_of
from ringback.postgres.database import Database
from ringback.postgres.sql import parse_sql

FIND_ZONE = parse_sql("-- name: find\nSELECT zone FROM business WHERE id = :business;")["find"]


class LocalReports:
    """The figures of the ledger (domain.reports.ReportsClient)."""

    def __init__(self, read: Database) -> None:
        self._read = read

    async def today(self, business: BusinessId) -> date:
        """Return the day it is at the business."""
        async with self._read.transaction(business, name="read_zone") as tx:
            zone = await tx.value(FIND_ZONE, business=business)
            return tx.now.astimezone(ZoneInfo(zone)).date()

    async def zone(self, business: BusinessId) -> ZoneInfo:
        """Return the zone of the business."""
        async with self._read.transaction(business, name="read_zone") as tx:
            return ZoneInfo(await tx.value(FIND_ZONE, business=business))

    async def report(
        self,
        business: BusinessId,
        *,
        since: date,
        until: date,
        queue: str | None,
        by: str | None = None,
        interval: str | None = None,
    ) -> Mapping[str, Any]:
        """Return the figures of these days of the business's zone, both included."""
        divided, length = read_group(by), read_interval(interval)
        ledger = await self.ledger(business, since=since, until=until, queue=queue)
        return report_of(ledger, queue=queue, by=divided, interval=length).as_json()

    async def ledger(self, business: BusinessId, *, since: date, until: date, queue: str | None = None) -> Ledger:
        """Return what the report of these days rests on, up to now: a window that is still open has no place in a score."""
        if until < since:
            raise Invalid("The last day lies before the first.", field="until")
        async with self._read.transaction(business, name="report") as tx:
            zone = await tx.value(FIND_ZONE, business=business)
            if zone is None:
                raise NotFound("There is no such business.")
            begins, ends = days_as_instants(since, until, ZoneInfo(zone))
            ended = max(min(ends, tx.now), begins + timedelta(seconds=1))
            return await load_ledger(tx, business, begins=begins, ends=ended, queue=queue)

    async def export(self, business: BusinessId, *, since: date, until: date, queue: str | None) -> Sequence[str]:
        """Return the lines of the ledger of these days."""
        ledger = await self.ledger(business, since=since, until=until, queue=queue)
        return list(written(ledger, queue=queue))

    async def failures(self, business: BusinessId, day: date) -> tuple[int, int]:
        """Return how many were lost, and how many legs rang that should not have, on a day."""
        async with self._read.transaction(business, name="count_failures") as tx:
            begins, ends = days_as_instants(day, day, ZoneInfo(await tx.value(FIND_ZONE, business=business)))
            found = await count_failures(tx, business, begins=begins, ends=ends)
        return found.lost, found.rung_twice

    async def sentences(self, business: BusinessId, callback: CallbackId) -> Sequence[Sentence]:
        """Return in sentences what was decided about a callback, and from what."""
        async with self._read.transaction(business, name="why_in_sentences") as tx:
            return await sentences_of(tx, business, callback)


def read_group(word: str | None) -> GroupBy | None:
    """Read what a report is divided by; raise Invalid for anything else."""
    try:
        return GroupBy(word) if word else None
    except ValueError:
        raise Invalid(f"{word!r} is not one of {', '.join(GroupBy)}.", id="group-invalid", field="by") from None


def read_interval(word: str | None) -> Interval:
    """Read the length of a report's intervals; raise Invalid for anything else."""
    try:
        return Interval(word) if word else Interval.HALF_HOUR
    except ValueError:
        words = ", ".join(Interval)
        raise Invalid(f"{word!r} is not one of {words}.", id="interval-invalid", field="interval") from None


def days_as_instants(since: date, until: date, zone: ZoneInfo) -> tuple[datetime, datetime]:
    """Return the first instant of the first day and the first one after the last, in UTC."""
    begins = datetime.combine(since, time(), tzinfo=zone).astimezone(UTC)
    return begins, datetime.combine(until + timedelta(days=1), time(), tzinfo=zone).astimezone(UTC)
