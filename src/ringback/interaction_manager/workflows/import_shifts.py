"""Take shifts from the business's own planning: the difference is worked out first, and either all of it is applied or nothing."""

from __future__ import annotations

import json
from datetime import date
from typing import Any
from zoneinfo import ZoneInfo

from ringback.domain.commands import ImportShifts
from ringback.domain.errors import Invalid
from ringback.domain.ids import AgentId, BusinessId
from ringback.interaction_manager.assignment import wake_queues
from ringback.interaction_manager.configuration import SQL as CONFIGURATION
from ringback.interaction_manager.ledger import record_decision
from ringback.interaction_manager.rules.shift_import import Headcount, Known, ShiftImport, in_words, read_import
from ringback.interaction_manager.shifts import KEPT_FOR, SQL, headcounts, imported_days
from ringback.postgres.database import Transaction
from ringback.postgres.messages import answer

Change = dict[str, Any]


async def answer_import(tx: Transaction, business: BusinessId, command: ImportShifts) -> None:
    """Apply ImportShifts and leave its answer: the difference, or everything that is wrong by line."""
    try:
        changes = await import_shifts(
            tx, business, json.loads(command.document), by=command.by, dry_run=command.dry_run
        )
    except Invalid as error:
        await answer(tx, business, command.command, problem=error.id, detail=error.detail, field=error.field)
        return
    await answer(tx, business, command.command, changes=changes)


async def import_shifts(
    tx: Transaction, business: BusinessId, document: dict[str, Any], *, by: str, dry_run: bool = False
) -> list[Change]:
    """Make agents' days, or headcounts, as the document says; return what that changes. Raises Invalid (`shifts-invalid`) with every line that is wrong."""
    head = await tx.row(CONFIGURATION["lock_business"], business=business)
    assert head is not None, "a principal's business exists"
    agents = [
        row for row in await tx.rows(CONFIGURATION["read_agents"], business=business) if row["retired_at"] is None
    ]
    queues = [
        row for row in await tx.rows(CONFIGURATION["read_queues"], business=business) if row["retired_at"] is None
    ]
    known = Known(
        agents=frozenset(row["slug"] for row in agents),
        skills=frozenset(skill for row in agents for skill in row["skills"])
        | frozenset(skill for row in queues for skill in row["skills"]),
        queues=frozenset(row["slug"] for row in queues),
        zone=ZoneInfo(head["zone"]),
    )
    found, problems = read_import(document, known)
    if found is None:
        raise Invalid(in_words(problems), id="shifts-invalid", field="document")
    changes = await _days(tx, business, found, {row["slug"]: row["id"] for row in agents}, dry_run=dry_run)
    changes += await _counts(tx, business, found.headcounts, dry_run=dry_run)
    if changes and not dry_run:
        await tx.run(SQL["forget_shifts"], business=business, before=(tx.now - KEPT_FOR).date())
        await tx.run(SQL["forget_headcounts"], business=business, before=tx.now - KEPT_FOR)
        await record_decision(
            tx, business, kind="shifts", verdict=f"{len(changes)} changes of the plan were imported", by=by, changes=changes[:100]
        )  # fmt: skip
        await wake_queues(tx, business, [row["id"] for row in queues])
        tx.hint("console", business)
    return changes


async def _days(
    tx: Transaction, business: BusinessId, found: ShiftImport, ids: dict[str, AgentId], *, dry_run: bool
) -> list[Change]:
    if not found.days:
        return []
    before = await imported_days(tx, business, min(day for _, day in found.days))
    changed: list[tuple[str, date, tuple[str, ...]]] = [
        (agent, day, spans)
        for (agent, day), spans in sorted(found.days.items())
        if before.get((ids[agent], day)) != spans
    ]
    if not dry_run:
        await tx.run_many(
            SQL["save_shift"],
            (
                {"business": business, "agent": ids[agent], "day": day, "spans": list(spans)}
                for agent, day, spans in changed
            ),
        )
    return [
        {
            "agent": agent,
            "day": day.isoformat(),
            "before": _written(before.get((ids[agent], day))),
            "after": _written(spans),
        }
        for agent, day, spans in changed
    ]


def _written(spans: tuple[str, ...] | None) -> str | None:
    return None if spans is None else ", ".join(spans) or "off"


async def _counts(
    tx: Transaction, business: BusinessId, found: tuple[Headcount, ...], *, dry_run: bool
) -> list[Change]:
    if not found:
        return []
    stored = await headcounts(tx, business, min(each.span.start for each in found))
    changed = [each for each in found if each not in stored]
    replaced = {
        each: next((old.agents for old in stored if old.skill == each.skill and old.span == each.span), None)
        for each in changed
    }
    if not dry_run:
        await tx.run_many(
            SQL["clear_headcount"],
            (
                {"business": business, "skill": each.skill, "starts_at": each.span.start, "ends_at": each.span.end}
                for each in changed
            ),
        )
        await tx.run_many(
            SQL["save_headcount"],
            (
                {
                    "business": business,
                    "skill": each.skill,
                    "starts_at": each.span.start,
                    "ends_at": each.span.end,
                    "agents": each.agents,
                }
                for each in changed
            ),
        )
    return [
        {
            "skill": each.skill,
            "from": each.span.start.isoformat(),
            "to": each.span.end.isoformat(),
            "before": replaced[each],
            "after": each.agents,
        }
        for each in changed
    ]
