"""Reads the ledger of an interval, with the read role, for the report and for its export."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any

import asyncpg

from ringback.domain.errors import Invalid, NotFound
from ringback.domain.ids import BusinessId
from ringback.domain.status import AgentState, BrokenCause, Outcome, PromiseKind, PromiseResult
from ringback.interaction_manager.callbacks import estimate_of
from ringback.interaction_manager.ledger import ending_of, facts_of, known_then
from ringback.interaction_manager.rules.failures import Failures, failures
from ringback.interaction_manager.rules.intervals import Interval
from ringback.interaction_manager.rules.policy import Policy, policy_of
from ringback.interaction_manager.rules.records import (
    CallbackRecord,
    CustomerLeg,
    Handling,
    Ledger,
    PromiseRecord,
    Stretch,
)
from ringback.interaction_manager.rules.report import GroupBy, Report, report_of
from ringback.postgres.database import Transaction
from ringback.postgres.sql import load_sql

SQL = load_sql(__file__, "report.sql")

# Leg outcomes that say the device did not ring, unless there is evidence of a ring.
_SILENT = frozenset({"busy", "unreachable", "invalid_number", "absent", "failed"})


async def make_report(
    tx: Transaction,
    business: BusinessId,
    *,
    begins: datetime,
    ends: datetime,
    queue: str | None = None,
    by: GroupBy | None = None,
    interval: Interval = Interval.HALF_HOUR,
) -> Report:
    """Make the report of an interval, of one queue or all. Raises NotFound for a queue the business does not have."""
    ledger = await load_ledger(tx, business, begins=begins, ends=ends, queue=queue)
    return report_of(ledger, queue=queue, by=by, interval=interval)


async def count_failures(tx: Transaction, business: BusinessId, *, begins: datetime, ends: datetime) -> Failures:
    """Count what is lost and what rang twice, as the report does, from the few rows that can show it: for pages that look often."""
    policies = await _policies(tx, business)
    where = {"business": business, "begins": begins, "ends": ends, "queue": None}
    callbacks = await tx.rows(SQL["callbacks_open"], **where)
    ledger = Ledger(
        business="",
        zone="UTC",
        begins=begins,
        ends=ends,
        as_of=tx.now,
        legs=tuple(_leg(row, policies) for row in await tx.rows(SQL["customer_legs"], **where, repeated=True)),
        callbacks=tuple(
            _callback(row) for row in [*callbacks, *await tx.rows(SQL["yes_without_callback"], **_span(where))]
        ),
    )
    return failures(ledger)


async def load_ledger(
    tx: Transaction, business: BusinessId, *, begins: datetime, ends: datetime, queue: str | None = None
) -> Ledger:
    """Load everything the report of an interval rests on.

    Needs the read role: it looks at all three servers' tables and writes nothing.
    """
    if ends <= begins:
        raise Invalid("The report's interval ends before it begins.", field="until")
    head = await tx.row(SQL["business_zone"], business=business)
    if head is None:
        raise NotFound("There is no such business.")
    policies = await _policies(tx, business)
    if queue is not None and queue not in policies:
        raise NotFound(f"There is no queue {queue}.", id="unknown-queue", field="queue")
    where = {"business": business, "begins": begins, "ends": ends, "queue": queue}
    callbacks = [*await tx.rows(SQL["callbacks_ended"], **where), *await tx.rows(SQL["callbacks_open"], **where)]
    return Ledger(
        business=head["slug"],
        zone=head["zone"],
        begins=begins,
        ends=ends,
        as_of=tx.now,
        service_level={
            "": policy_of(head["policy"], {}).service_level,
            **{slug: policy.service_level for slug, policy in sorted(policies.items())},
        },
        promises=tuple(_promise(row) for row in await tx.rows(SQL["promises_ended"], **where)),
        handlings=tuple(_handling(row) for row in await tx.rows(SQL["handlings"], **where)),
        stretches=tuple(_stretch(row) for row in await tx.rows(SQL["agent_stretches"], **where, now=tx.now)),
        legs=tuple(_leg(row, policies) for row in await tx.rows(SQL["customer_legs"], **where, repeated=False)),
        callbacks=tuple(
            _callback(row) for row in [*callbacks, *await tx.rows(SQL["yes_without_callback"], **_span(where))]
        ),
    )


async def _policies(tx: Transaction, business: BusinessId) -> dict[str, Policy]:
    """Return the policy of each queue, retired ones too."""
    rows = await tx.rows(SQL["queue_policies"], business=business)
    return {row["slug"]: policy_of(row["business_policy"], row["policy"]) for row in rows}


def _span(where: Mapping[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in where.items() if name != "queue"}


def _promise(row: asyncpg.Record) -> PromiseRecord:
    return PromiseRecord(
        callback=row["callback"],
        n=row["n"],
        kind=PromiseKind(row["kind"]),
        queue=row["queue_slug"],
        channel=row["channel"],
        provider=row["provider"],
        made_at=row["made_at"],
        facts=(facts := facts_of(row)),
        estimate=estimate_of(row),
        result=PromiseResult(row["result"]),
        cause=BrokenCause(row["cause"]) if row["cause"] else None,
        settled_at=row["settled_at"],
        ending=ending_of(row["ending"]),
        known=known_then(row["ending"], facts, row["settled_at"]),
    )


def _handling(row: asyncpg.Record) -> Handling:
    return Handling(
        callback=row["callback"],
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


def _leg(row: asyncpg.Record, policies: Mapping[str, Policy]) -> CustomerLeg:
    outcome = Outcome(row["attempt_outcome"]) if row["attempt_outcome"] else None
    rang = row["ringing_at"] is not None or row["answered_at"] is not None
    return CustomerLeg(
        callback=row["callback"],
        attempt=row["attempt"],
        began_at=row["dialled_at"],
        ended_at=row["ended_at"],
        may_have_rung=rang or row["outcome"] not in _SILENT,
        joined=row["joined_at"] is not None,
        outcome=outcome,
        least_gap=least_gap(outcome, policies[row["queue_slug"]]),
        queue=row["queue_slug"],
        channel=row["channel"],
        provider=row["provider"],
        moved_at=row["moved_at"],
    )


def _callback(row: asyncpg.Record) -> CallbackRecord:
    return CallbackRecord(
        callback=row["id"],
        queue=row["queue_slug"],
        channel=row["channel"],
        provider=row["provider"],
        accepted_at=row["accepted_at"],
        shown_yes=row["shown_yes"],
        exists=row["exists"],
        is_open=row["is_open"],
        due_at=row["due_at"],
        wakes=row["wakes"],
        places_gained=row["places_gained"],
        places_lost=row["places_lost"],
    )


def least_gap(outcome: Outcome | None, policy: Policy) -> float:
    """Return how many seconds the retry rule leaves at least after an outcome; 0 where the customer decides (asked in the chat)."""
    delays = policy.retry.get(outcome, ()) if outcome is not None else ()
    gap = min(delays, default=0.0)
    return min(gap, policy.reconnect_within) if outcome is Outcome.DROPPED else gap
