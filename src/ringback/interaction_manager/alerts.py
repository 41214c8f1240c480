"""Alerts in the database, and the look at the day that they rest on."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from ringback.domain.ids import BusinessId, CallbackId, QueueId, new_id
from ringback.domain.times import TimeWindow
from ringback.interaction_manager.outside import feeds_of
from ringback.interaction_manager.rules.alerts import AlertKind, Cause, OpenAlert, QueueLook, ShortSlot
from ringback.interaction_manager.rules.policy import Policy, policy_of
from ringback.interaction_manager.rules.staffing import REALLY_THERE, SERVING
from ringback.postgres.database import Transaction
from ringback.postgres.sql import load_sql

SQL = load_sql(__file__, "alerts.sql")
KEPT = timedelta(days=90)


@dataclass(frozen=True, slots=True, kw_only=True)
class Looked:
    """A queue with its policy, and what was seen of it."""

    slug: str
    policy: Policy
    look: QueueLook


@dataclass(frozen=True, slots=True, kw_only=True)
class AlertRow:
    """A stored alert. `short_since`: from when each of its slots has been short."""

    id: UUID
    verdict: str
    alert: OpenAlert
    short_since: Mapping[datetime, datetime]


async def alone(tx: Transaction, business: BusinessId) -> bool:
    """Tell whether this transaction may look at the day; another one does just now if not."""
    return bool(await tx.value(SQL["one_look"], key=f"{business}:day"))


async def look_at_day(tx: Transaction, business: BusinessId) -> list[Looked]:
    """Return every queue as it stands."""
    rows = await tx.rows(
        SQL["look_at_queues"], business=business, now=tx.now, serving=[state.value for state in SERVING]
    )
    policies = {row["id"]: policy_of(row["business_policy"], row["policy"]) for row in rows}
    soon = tx.now + timedelta(seconds=max((each.alert_before for each in policies.values()), default=0.0))
    due = await _by_queue(tx, "due_soon", business, soon=soon)
    risk = await _by_queue(tx, "at_risk", business)
    short = await _short(tx, business)
    feeds = await feeds_of(tx, business)
    return [
        Looked(
            slug=row["slug"],
            policy=policies[row["id"]],
            look=QueueLook(
                queue=row["id"],
                name=row["name"],
                waiting=row["waiting"],
                due=tuple(due.get(row["id"], ())),
                at_risk=tuple(risk.get(row["id"], ())),
                on_duty=row["on_duty"],
                backlog_cap=row["backlog_cap"],
                short=tuple(short.get(row["id"], ())),
                stale_for=feeds[row["id"]].stale_for(tx.now, policies[row["id"]].outside_stale_after)
                if row["id"] in feeds
                else None,
            ),
        )
        for row in rows
    ]


async def _by_queue(tx: Transaction, name: str, business: BusinessId, **given: Any) -> dict[QueueId, list[CallbackId]]:
    found: dict[QueueId, list[CallbackId]] = {}
    for row in await tx.rows(SQL[name], business=business, **given):
        found.setdefault(row["queue"], []).append(row["id"])
    return found


async def _short(tx: Transaction, business: BusinessId) -> dict[QueueId, list[ShortSlot]]:
    found: dict[QueueId, list[ShortSlot]] = {}
    for row in await tx.rows(SQL["short_slots"], business=business, now=tx.now, until=tx.now + REALLY_THERE):
        over = await tx.rows(
            SQL["booked_in"], business=business, queue=row["queue"], slot_start=row["starts_at"],
            most=row["booked"] - row["capacity"],
        )  # fmt: skip
        if over:
            short = ShortSlot(
                slot=TimeWindow(start=row["starts_at"], end=row["ends_at"]),
                promised=row["booked"],
                room=row["capacity"],
                too_many=tuple(each["id"] for each in over),
            )
            found.setdefault(row["queue"], []).append(short)
    return found


async def open_alerts(tx: Transaction, business: BusinessId) -> list[AlertRow]:
    """Return what was raised and is not over, oldest first, held."""
    return [
        AlertRow(
            id=row["id"],
            verdict=row["verdict"],
            alert=OpenAlert(
                kind=AlertKind(row["kind"]),
                queue=row["queue"],
                raised_at=row["raised_at"],
                seen_at=row["seen_at"],
                told=row["told_at"] is not None,
            ),
            short_since={
                datetime.fromisoformat(each["start"]): datetime.fromisoformat(each["since"])
                for each in row["detail"].get("short", [])
            },
        )
        for row in await tx.rows(SQL["open_alerts"], business=business)
    ]


def detail_of(cause: Cause, short_since: Mapping[datetime, datetime], now: datetime) -> dict[str, Any]:
    """Return what an alert keeps of its cause: who is affected, and which slots are short since when."""
    return {
        "callbacks": [str(callback) for callback in cause.callbacks],
        "short": [
            {
                "start": each.slot.start.isoformat(),
                "end": each.slot.end.isoformat(),
                "promised": each.promised,
                "room": each.room,
                "since": short_since.get(each.slot.start, now).isoformat(),
            }
            for each in cause.short
        ],
    }


async def raise_alert(tx: Transaction, business: BusinessId, cause: Cause) -> None:
    """Store something that is new."""
    await tx.run(
        SQL["raise_alert"], business=business, id=new_id(), kind=cause.kind.value, queue=cause.queue,
        verdict=cause.verdict, detail=detail_of(cause, {}, tx.now), now=tx.now,
    )  # fmt: skip


async def see_alert(tx: Transaction, business: BusinessId, row: AlertRow, cause: Cause) -> None:
    """Store that it goes on."""
    await tx.run(
        SQL["see_alert"], business=business, id=row.id, verdict=cause.verdict,
        detail=detail_of(cause, row.short_since, tx.now), now=tx.now,
    )  # fmt: skip


async def tell_alert(tx: Transaction, business: BusinessId, alert: UUID) -> None:
    """Note that it is sent out."""
    await tx.run(SQL["tell_alert"], business=business, id=alert, now=tx.now)


async def resolve_alert(tx: Transaction, business: BusinessId, alert: UUID) -> None:
    """Note that it is over, and forget those that were long ago."""
    await tx.run(SQL["resolve_alert"], business=business, id=alert, now=tx.now)
    await tx.run(SQL["forget_alerts"], business=business, before=tx.now - KEPT)


async def told_since(tx: Transaction, business: BusinessId, since: datetime) -> dict[QueueId, int]:
    """Return how many alerts of each queue were sent out since then."""
    return {row["queue"]: row["count"] for row in await tx.rows(SQL["told_since"], business=business, since=since)}
