"""Reads everything recorded about one callback, with the read role, so that it can be told in sentences."""

from __future__ import annotations

from typing import Any
from zoneinfo import ZoneInfo

import asyncpg

from ringback.domain.errors import NotFound
from ringback.domain.ids import BusinessId, CallbackId
from ringback.domain.reports import Sentence
from ringback.domain.status import BrokenCause, PromiseKind, PromiseResult
from ringback.interaction_manager.callbacks import estimate_of
from ringback.interaction_manager.ledger import ending_of, facts_of
from ringback.interaction_manager.rules.why import AttemptTold, Decision, PromiseTold, Story, Tried, tell
from ringback.postgres.database import Transaction
from ringback.postgres.sql import load_sql

SQL = load_sql(__file__, "why.sql")


async def sentences_of(tx: Transaction, business: BusinessId, callback: CallbackId) -> list[Sentence]:
    """Return in sentences what was decided about a callback, or about a request that was refused. Raises NotFound for neither."""
    return tell(await load_story(tx, business, callback))


async def load_story(tx: Transaction, business: BusinessId, callback: CallbackId) -> Story:
    """Load everything recorded about it. Raises NotFound when there is nothing."""
    found = {"business": business, "callback": callback}
    head = await tx.row(SQL["request_head"], **found)
    decisions = await tx.rows(SQL["decisions"], **found)
    if head is None or (head["made_at"] is None and head["accepted_at"] is None and not decisions):
        raise NotFound("There is no such callback.")
    agents = await tx.rows(SQL["agents"], **found)
    request: dict[str, Any] = head["request"] or {}
    refused: dict[str, Any] = next((row["detail"] for row in decisions if row["kind"] == "refused"), {})
    first = min(
        at for at in (head["made_at"], head["accepted_at"], *(row["at"] for row in decisions)) if at is not None
    )
    return Story(
        zone=ZoneInfo(head["zone"]),
        asked_at=first,
        provider=head["provider"] or refused.get("provider") or "",
        channel=head["channel"] or request.get("channel") or "",
        created_by=head["created_by"] or head["principal"] or "customer",
        when_kind=head["when_kind"] or (request.get("when") or {}).get("kind") or refused.get("asked") or "asap",
        queue=head["queue_name"],
        routed_why=head["routed_why"],
        decisions=tuple(Decision(**dict(row)) for row in decisions),
        promises=tuple(_promise(row) for row in await tx.rows(SQL["promises"], **found)),
        attempts=tuple(_attempt(row, agents) for row in await tx.rows(SQL["attempts"], **found)),
        places_lost=head["places_lost"] or 0,
        state=head["callback_state"],
    )


def _promise(row: asyncpg.Record) -> PromiseTold:
    return PromiseTold(
        kind=PromiseKind(row["kind"]),
        made_at=row["made_at"],
        facts=facts_of(row),
        estimate=estimate_of(row),
        result=PromiseResult(row["result"]),
        cause=BrokenCause(row["cause"]) if row["cause"] else None,
        settled_at=row["settled_at"],
        ending=ending_of(row["ending"]),
    )


def _attempt(row: asyncpg.Record, agents: list[asyncpg.Record]) -> AttemptTold:
    return AttemptTold(
        number=row["number"],
        began_at=row["began_at"],
        agents=tuple(
            Tried(
                name=each["name"],
                asked_at=each["made_at"],
                accepted_at=each["accepted_at"],
                ended_why=each["ended_why"],
            )
            for each in agents
            if each["attempt"] == row["id"]
        ),
        carrier=row["carrier"],
        dialled_at=row["dialled_at"],
        rang_at=row["ringing_at"],
        answered_at=row["answered_at"],
        joined_at=row["joined_at"],
        ended_at=row["ended_at"],
        outcome=row["outcome"],
        evidence=row["evidence"],
        said=row["detail"],
    )
