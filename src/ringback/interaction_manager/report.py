"""Reads the ledger, with the read role, and makes the report that commands, API and console show."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import asdict, dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Any
from zoneinfo import ZoneInfo

import asyncpg

from ringback.domain.errors import Invalid, NotFound
from ringback.domain.ids import BusinessId
from ringback.domain.status import AgentState, BrokenCause, Outcome, PromiseKind, PromiseResult
from ringback.interaction_manager.callbacks import estimate_of
from ringback.interaction_manager.ledger import facts_of
from ringback.interaction_manager.rules.policy import Policy, policy_of
from ringback.interaction_manager.rules.report import (
    CustomerLeg,
    Figures,
    Handling,
    PromiseRecord,
    Stretch,
    figures,
    grouped,
    rung_twice,
)
from ringback.postgres.database import Transaction
from ringback.postgres.sql import load_sql

SQL = load_sql(__file__, "report.sql")

# Leg outcomes that say the device did not ring, unless there is evidence of a ring.
_SILENT = frozenset({"busy", "unreachable", "invalid_number", "absent", "failed"})


class GroupBy(StrEnum):
    """What a report is divided by."""

    QUEUE = "queue"
    CHANNEL = "channel"
    PROVIDER = "provider"
    INTERVAL = "interval"


@dataclass(frozen=True, slots=True, kw_only=True)
class Report:
    """The figures of an interval. `lost` and `rung_twice` are to be 0."""

    begins: datetime
    ends: datetime
    zone: str
    queue: str | None
    total: Figures
    by: str | None
    groups: tuple[Figures, ...]
    lost: int
    rung_twice: int

    def as_json(self) -> dict[str, Any]:
        """Return it as plain values: instants in ISO 8601, shares in per cent, durations in seconds."""
        plain = asdict(self)
        return {**plain, "begins": self.begins.isoformat(), "ends": self.ends.isoformat()}


async def make_report(
    tx: Transaction,
    business: BusinessId,
    *,
    begins: datetime,
    ends: datetime,
    queue: str | None = None,
    by: GroupBy | None = None,
    interval: timedelta = timedelta(minutes=30),
) -> Report:
    """Make the report of an interval, of one queue or all; `interval`: 15 or 30 minutes, for GroupBy.INTERVAL.

    Needs the read role: it looks at all three servers' tables and writes nothing.
    """
    if ends <= begins:
        raise Invalid("The report's interval ends before it begins.", field="until")
    head = await tx.row(SQL["business_zone"], business=business)
    if head is None:
        raise NotFound("There is no such business.")
    where = {"business": business, "begins": begins, "ends": ends, "queue": queue}
    zone = ZoneInfo(head["zone"])
    within = policy_of(head["policy"], {}).service_level
    promises = [_promise(row) for row in await tx.rows(SQL["promises_ended"], **where)]
    handlings = [_handling(row) for row in await tx.rows(SQL["handlings"], **where)]
    stretches = [_stretch(row) for row in await tx.rows(SQL["agent_stretches"], **where, now=tx.now)]
    legs = [_leg(row, head["policy"]) for row in await tx.rows(SQL["customer_legs"], **where)]
    lost = {
        row["id"] for row in await tx.rows(SQL["yes_without_callback"], business=business, begins=begins, ends=ends)
    }
    lost |= {row["id"] for row in await tx.rows(SQL["open_and_forgotten"], business=business, now=tx.now)}
    return Report(
        begins=begins,
        ends=ends,
        zone=zone.key,
        queue=queue,
        total=figures("all", promises, handlings, stretches, within=within),
        by=by,
        groups=()
        if by is None
        else tuple(
            grouped(
                promises,
                handlings,
                stretches,
                key=_key(by, zone, interval),
                time_key=(lambda each: each.queue) if by is GroupBy.QUEUE else None,
                within=within,
            )
        ),
        lost=len(lost),
        rung_twice=len(rung_twice(legs)),
    )


def _key(by: GroupBy, zone: ZoneInfo, interval: timedelta) -> Callable[[PromiseRecord | Handling], str]:
    match by:
        case GroupBy.QUEUE:
            return lambda each: each.queue
        case GroupBy.CHANNEL:
            return lambda each: each.channel
        case GroupBy.PROVIDER:
            return lambda each: each.provider
        case GroupBy.INTERVAL:
            return lambda each: interval_of(_when(each), zone, interval)


def _when(each: PromiseRecord | Handling) -> datetime:
    return each.facts.window.end if isinstance(each, PromiseRecord) else each.over_at


def interval_of(at: datetime, zone: ZoneInfo, length: timedelta) -> str:
    """Return the wall-clock beginning of the interval an instant lies in, with its offset, so that an hour that comes twice is two."""
    local = at.astimezone(zone)
    minutes = int(length.total_seconds() // 60)
    since_midnight = local.hour * 60 + local.minute
    begins = since_midnight - since_midnight % minutes
    return local.replace(hour=begins // 60, minute=begins % 60, second=0, microsecond=0).isoformat(timespec="minutes")


def _promise(row: asyncpg.Record) -> PromiseRecord:
    return PromiseRecord(
        callback=row["callback"],
        kind=PromiseKind(row["kind"]),
        queue=row["queue_slug"],
        channel=row["channel"],
        provider=row["provider"],
        made_at=row["made_at"],
        facts=facts_of(row),
        estimate=estimate_of(row),
        result=PromiseResult(row["result"]),
        cause=BrokenCause(row["cause"]) if row["cause"] else None,
    )


def _handling(row: asyncpg.Record) -> Handling:
    return Handling(
        queue=row["queue_slug"],
        channel=row["channel"],
        provider=row["provider"],
        accepted_at=row["accepted_at"],
        joined_at=row["joined_at"],
        over_at=row["over_at"],
    )


def _stretch(row: asyncpg.Record) -> Stretch:
    return Stretch(
        queue=row["queue_slug"],
        state=AgentState(row["state"]),
        begins=row["begins"],
        ends=row["ends"],
        chat_capacity=row["chat_capacity"],
    )


def _leg(row: asyncpg.Record, business_policy: Mapping[str, object]) -> CustomerLeg:
    outcome = Outcome(row["attempt_outcome"]) if row["attempt_outcome"] else None
    policy = policy_of(business_policy, row["queue_policy"])
    rang = row["ringing_at"] is not None or row["answered_at"] is not None
    return CustomerLeg(
        callback=row["callback"],
        attempt=row["attempt"],
        began_at=row["dialled_at"],
        ended_at=row["ended_at"],
        may_have_rung=rang or row["outcome"] not in _SILENT,
        joined=row["joined_at"] is not None,
        outcome=outcome,
        least_gap=least_gap(outcome, policy),
    )


def least_gap(outcome: Outcome | None, policy: Policy) -> float:
    """Return how many seconds the retry rule leaves at least after an outcome; 0 where the customer decides (asked in the chat)."""
    delays = policy.retry.get(outcome, ()) if outcome is not None else ()
    gap = min(delays, default=0.0)
    return min(gap, policy.reconnect_within) if outcome is Outcome.DROPPED else gap
