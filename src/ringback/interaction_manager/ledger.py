"""The promise ledger: promises, what happened to them, how they ended, and every decision with its reason."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from datetime import datetime
from typing import Any

import asyncpg

from ringback.domain.commands import Estimate
from ringback.domain.events import PromiseSettled
from ringback.domain.ids import AgentId, AttemptId, BusinessId, CallbackId, PromiseId, QueueId, new_id
from ringback.domain.status import BrokenCause, PromiseKind, PromiseResult, Server
from ringback.domain.times import TimeWindow
from ringback.interaction_manager.callbacks import CallbackRow
from ringback.interaction_manager.rules.estimates.basis import Basis
from ringback.interaction_manager.rules.ledger import Ending, PromiseFacts, Settlement, known_facts, refine, settle
from ringback.postgres.database import Transaction
from ringback.postgres.messages import send
from ringback.postgres.sql import load_sql
from ringback.postgres.timers import cancel_timer

SQL = load_sql(__file__, "ledger.sql")

# Timers that mean nothing once a promise is settled.
_PROMISE_TIMERS = ("promise", "risk", "reminder", "narrow", "page")


@dataclass(frozen=True, slots=True, kw_only=True)
class PromiseRow:
    """One promise of the ledger."""

    id: PromiseId
    callback: CallbackId
    n: int
    kind: PromiseKind
    made_at: datetime
    facts: PromiseFacts
    result: PromiseResult
    cause: BrokenCause | None

    @property
    def is_open(self) -> bool:
        """Tell whether it can still be kept or broken."""
        return self.result is PromiseResult.OPEN


def _promise(row: asyncpg.Record) -> PromiseRow:
    return PromiseRow(
        id=row["id"],
        callback=row["callback"],
        n=row["n"],
        kind=PromiseKind(row["kind"]),
        made_at=row["made_at"],
        facts=facts_of(row),
        result=PromiseResult(row["result"]),
        cause=BrokenCause(row["cause"]) if row["cause"] else None,
    )


def facts_of(row: asyncpg.Record) -> PromiseFacts:
    """Read what happened to a promise."""
    return PromiseFacts(
        window=TimeWindow(start=row["window_start"], end=row["window_end"]),
        early_is_fine=row["early_is_fine"],
        notice_at=row["notice_at"],
        agent_ready_at=row["agent_ready_at"],
        dialled_at=row["dialled_at"],
        first_ring_at=row["first_ring_at"],
        answered_at=row["answered_at"],
        joined_at=row["joined_at"],
    )


def ending_of(document: Mapping[str, Any] | None) -> Ending | None:
    """Read why a promise was judged when it was; None while it is open."""
    if document is None:
        return None
    at = document.get("withdrawn_at")
    flags = {name: bool(document.get(name)) for name in ("closed_by_us", "unknown", "stopped", "strayed")}
    return Ending(withdrawn_at=datetime.fromisoformat(at) if at else None, **flags)


def known_then(document: Mapping[str, Any] | None, facts: PromiseFacts, settled_at: datetime | None) -> tuple[str, ...]:
    """Read which facts a promise was judged by; where that was not written down yet, those of its time."""
    if document is not None and "known" in document:
        return tuple(document["known"])
    return tuple(name for name in known_facts(facts) if settled_at is not None and getattr(facts, name) <= settled_at)


def written_ending(ending: Ending, facts: PromiseFacts) -> dict[str, Any]:
    """Write an ending and the facts it was judged by: of the ending, only what differs from nothing in particular."""
    given = {name: value for name, value in asdict(ending).items() if value}
    if ending.withdrawn_at is not None:
        given["withdrawn_at"] = ending.withdrawn_at.isoformat()
    return {**given, "known": list(known_facts(facts))}


async def make_promise(
    tx: Transaction,
    business: BusinessId,
    callback: CallbackRow,
    *,
    kind: PromiseKind,
    window: TimeWindow,
    early_is_fine: bool = False,
    estimate: Estimate | None = None,
    basis: Basis | None = None,
) -> None:
    """Write down what the customer is told from now on, and what the estimate was made from; the promise before must be settled."""
    first = kind is PromiseKind.FIRST
    tx.later(
        SQL["insert_promise"],
        business=business,
        id=new_id(),
        callback=callback.id,
        n=1 if first else (await last_promise(tx, business, callback.id)).n + 1,
        kind=kind.value,
        queue=callback.queue,
        channel=callback.channel,
        provider=callback.provider,
        made_at=tx.now,
        window_start=window.start,
        window_end=window.end,
        early_is_fine=early_is_fine,
        estimate_p10=estimate.p10 if estimate else None,
        estimate_p50=estimate.p50 if estimate else None,
        estimate_p90=estimate.p90 if estimate else None,
        basis=basis.as_plain() if basis else None,
    )


async def last_promise(tx: Transaction, business: BusinessId, callback: CallbackId) -> PromiseRow:
    """Return the newest promise of a callback and hold its row."""
    row = await tx.row(SQL["lock_last_promise"], business=business, callback=callback)
    assert row is not None, "a callback is made together with its promise"
    return _promise(row)


async def add_facts(
    tx: Transaction,
    business: BusinessId,
    callback: CallbackId,
    *,
    agent_ready_at: datetime | None = None,
    dialled_at: datetime | None = None,
    first_ring_at: datetime | None = None,
    answered_at: datetime | None = None,
    joined_at: datetime | None = None,
    notice_at: datetime | None = None,
) -> PromiseRow:
    """Add what happened to the newest promise; a promise that broke at its window's end keeps learning why."""
    promise = await last_promise(tx, business, callback)
    row = await tx.row(
        SQL["add_facts"],
        business=business,
        id=promise.id,
        agent_ready_at=agent_ready_at,
        dialled_at=dialled_at,
        first_ring_at=first_ring_at,
        answered_at=answered_at,
        joined_at=joined_at,
        notice_at=notice_at,
    )
    assert row is not None, "its row is held"
    promise = _promise(row)
    if promise.cause is not None and (better := refine(promise.cause, promise.facts)) is not promise.cause:
        await tx.run(SQL["refine_cause"], business=business, id=promise.id, cause=better.value)
    return promise


async def settle_last(tx: Transaction, business: BusinessId, callback: CallbackId, ending: Ending) -> Settlement | None:
    """Judge the newest promise if it is open, and put its timers away; None when it was settled before."""
    promise = await last_promise(tx, business, callback)
    for kind in _PROMISE_TIMERS:
        await cancel_timer(tx, business, kind, callback)
    if not promise.is_open:
        return None
    settlement = settle(promise.facts, ending)
    await tx.run(
        SQL["settle_promise"],
        business=business,
        id=promise.id,
        result=settlement.result.value,
        cause=settlement.cause.value if settlement.cause else None,
        settled_at=tx.now,
        ending=written_ending(ending, promise.facts),
    )
    await send(
        tx,
        business,
        Server.APPLICATION,
        callback,
        PromiseSettled(
            callback=callback,
            number=promise.n,
            kind=promise.kind,
            window=promise.facts.window,
            result=settlement.result,
            cause=settlement.cause,
            first_ring_at=promise.facts.first_ring_at,
            joined_at=promise.facts.joined_at,
        ),
    )
    tx.hint("console", business)
    return settlement


async def record_decision(
    tx: Transaction,
    business: BusinessId,
    *,
    kind: str,
    verdict: str,
    callback: CallbackId | None = None,
    queue: QueueId | None = None,
    by: str = "interaction_manager",
    detail: Mapping[str, Any] | None = None,
    **facts: Any,
) -> None:
    """Write down why: one line, and what it rests on (`detail` of a rule's reason, and single facts)."""
    tx.later(
        SQL["insert_decision"],
        business=business,
        id=new_id(),
        callback=callback,
        queue=queue,
        kind=kind,
        at=tx.now,
        by=by,
        verdict=verdict,
        detail={**(detail or {}), **facts},
    )


async def record_overtaken(
    tx: Transaction, business: BusinessId, queue: QueueId, reasons: Mapping[CallbackId, str]
) -> None:
    """Write down why callbacks were overtaken; a reason that is there already is not repeated."""
    if reasons:
        ordered = sorted(reasons)
        await tx.run(
            SQL["insert_overtaken"],
            business=business,
            ids=[new_id() for _ in ordered],
            callbacks=ordered,
            verdicts=[reasons[each] for each in ordered],
            queue=queue,
            at=tx.now,
        )


async def begin_talk(
    tx: Transaction,
    business: BusinessId,
    callback: CallbackRow,
    *,
    attempt: AttemptId,
    agent: AgentId,
    accepted_at: datetime,
    joined_at: datetime,
) -> None:
    """Note that a talk began; a second time changes nothing."""
    await tx.run(
        SQL["insert_handled"],
        business=business,
        queue=callback.queue,
        callback=callback.id,
        attempt=attempt,
        agent=agent,
        accepted_at=accepted_at,
        joined_at=joined_at,
    )


async def end_talk(
    tx: Transaction, business: BusinessId, attempt: AttemptId, *, at: datetime, wrapped_at: datetime | None
) -> None:
    """Note that a talk ended, and whether its handling ended with it."""
    await tx.run(SQL["end_talk"], business=business, attempt=attempt, talk_ended_at=at, wrapped_at=wrapped_at)


async def end_handling(tx: Transaction, business: BusinessId, attempt: AttemptId) -> None:
    """Note that the wrap-up of a talk ended."""
    await tx.run(SQL["end_handling"], business=business, attempt=attempt, wrapped_at=tx.now)


async def count_joins(tx: Transaction, business: BusinessId, callback: CallbackId, *, before: AttemptId) -> int:
    """Return in how many attempts of a callback the two talked, this one left out."""
    return int(await tx.value(SQL["count_joins"], business=business, callback=callback, attempt=before))
