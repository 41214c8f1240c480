"""Make a business as its document says, in one transaction: created, changed and retired, with the difference; or nothing, with all that is wrong.

`ringback apply FILE` and the API come here (business_document.py). Log-ins and widgets belong to other servers, in the same transaction.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import Any

import asyncpg

from ringback.domain.documents import Act, Change, ConfigurationInvalid, Problem
from ringback.domain.errors import NotFound
from ringback.domain.ids import AgentId, BusinessId, QueueId, new_id
from ringback.interaction_manager.assignment import wake_queues
from ringback.interaction_manager.configuration import SQL
from ringback.interaction_manager.ledger import record_decision
from ringback.interaction_manager.rules.configuration import (
    AgentItem,
    BusinessItem,
    Configuration,
    QueueItem,
    difference,
    home_first,
    read_configuration,
    written_configuration,
)
from ringback.interaction_manager.rules.hours import hours_of, written_hours
from ringback.interaction_manager.rules.shifts import shifts_of, written_shifts
from ringback.postgres.database import Transaction


@dataclass(frozen=True, slots=True, kw_only=True)
class Applied:
    """What was done (or, dry, would be), and the agents and queues that are there then, by their short names."""

    business: BusinessId
    changes: tuple[Change, ...]
    agents: frozenset[str]
    queues: frozenset[str]


@dataclass(frozen=True, slots=True, kw_only=True)
class _Stored:
    """What there is. The ids are those of retired ones too: they come back under their names."""

    configuration: Configuration | None
    queue_ids: Mapping[str, QueueId]
    agent_ids: Mapping[str, AgentId]


async def apply_configuration(
    tx: Transaction, business: BusinessId, document: object, *, by: str, dry_run: bool = False
) -> Applied:
    """Apply a document to a business, which is made when there is none of this id; raise ConfigurationInvalid, and change nothing."""
    wanted, problems = read_configuration(document)
    if wanted is None:
        raise ConfigurationInvalid(problems)
    stored = await _read(tx, business, lock=not dry_run)
    changes = difference(stored.configuration, wanted)
    in_the_way = await _in_the_way(tx, business, stored, wanted, changes)
    if in_the_way:
        raise ConfigurationInvalid(in_the_way)
    if changes and not dry_run:
        await _save(tx, business, stored, wanted, changes, by)
    current = stored.configuration
    agents = wanted.agents if wanted.agents is not None else (current.agents if current else None)
    queues = wanted.queues if wanted.queues is not None else (current.queues if current else None)
    return Applied(
        business=business,
        changes=changes,
        agents=frozenset(each.slug for each in agents or ()),
        queues=frozenset(each.slug for each in queues or ()),
    )


async def configuration_of(tx: Transaction, business: BusinessId) -> dict[str, Any]:
    """Return the document of a business as it is; applying it changes nothing."""
    stored = await _read(tx, business, lock=False)
    if stored.configuration is None:
        raise NotFound("There is no such business.")
    return written_configuration(stored.configuration)


async def names_of(tx: Transaction, business: BusinessId) -> tuple[dict[str, AgentId], dict[str, QueueId]]:
    """Return the agents and the queues that are there, by their short names."""
    agents = await tx.rows(SQL["read_agents"], business=business)
    queues = await tx.rows(SQL["read_queues"], business=business)
    return (
        {row["slug"]: row["id"] for row in agents if row["retired_at"] is None},
        {row["slug"]: row["id"] for row in queues if row["retired_at"] is None},
    )


# ------------------------------------------------------------------ what there is


async def _read(tx: Transaction, business: BusinessId, *, lock: bool) -> _Stored:
    head = await tx.row(SQL["lock_business" if lock else "read_business"], business=business)
    if head is None:
        return _Stored(configuration=None, queue_ids={}, agent_ids={})
    queue_rows = await tx.rows(SQL["read_queues"], business=business)
    agent_rows = await tx.rows(SQL["read_agents"], business=business)
    names = {row["id"]: row["slug"] for row in queue_rows if row["retired_at"] is None}
    item = BusinessItem(
        slug=head["slug"], name=head["name"], zone=head["zone"], language=head["language"], policy=head["policy"]
    )
    return _Stored(
        configuration=Configuration(
            business=item,
            queues=tuple(_queue_item(row) for row in queue_rows if row["retired_at"] is None),
            agents=tuple(_agent_item(row, names, head["zone"]) for row in agent_rows if row["retired_at"] is None),
        ),
        queue_ids={row["slug"]: row["id"] for row in queue_rows},
        agent_ids={row["slug"]: row["id"] for row in agent_rows},
    )


def _queue_item(row: asyncpg.Record) -> QueueItem:
    return QueueItem(
        slug=row["slug"],
        name=row["name"],
        default=row["is_default"],
        skills=tuple(row["skills"]),
        topics=tuple(row["topics"]),
        hours=written_hours(hours_of(row["hours"])),
        policy=row["policy"],
    )


def _agent_item(row: asyncpg.Record, names: Mapping[QueueId, str], zone: str) -> AgentItem:
    home = names.get(row["home_queue"], "")
    served = [names[queue] for queue in row["queues"] if queue in names]
    return AgentItem(
        slug=row["slug"],
        name=row["name"],
        home=home,
        queues=home_first(home, served),
        skills=row["skills"],
        shifts=written_shifts(shifts_of(row["shifts"], zone=zone), zone),
        chat_capacity=row["chat_capacity"],
        carrier=row["carrier"],
        address=row["address"],
    )


# ------------------------------------------------------------------ what forbids it


async def _in_the_way(
    tx: Transaction, business: BusinessId, stored: _Stored, wanted: Configuration, changes: Sequence[Change]
) -> list[Problem]:
    current = stored.configuration
    if current is None:
        missing = [key for key in ("queues", "agents") if getattr(wanted, key) is None]
        return [Problem(path=key, detail="is missing, and the business is new") for key in missing]
    problems = []
    if wanted.business.slug != current.business.slug:
        words = f"is {current.business.slug} and stays so: addresses given to customers name it"
        problems.append(Problem(path="business.slug", detail=words))
    gone = {(change.kind, change.slug) for change in changes if change.act is Act.RETIRED} - {
        ("business", current.business.slug)
    }
    kept = {each.slug for each in (wanted.queues if wanted.queues is not None else current.queues) or ()}
    problems += [
        Problem(path=f"agents.{agent.slug}.queues", detail=f"there is no queue {queue}")
        for agent in (wanted.agents if wanted.agents is not None else current.agents) or ()
        for queue in agent.queues
        if queue not in kept
    ]
    if not gone:
        return problems
    by_queue = {row["queue"]: row["count"] for row in await tx.rows(SQL["open_by_queue"], business=business)}
    by_agent = {row["agent"]: row["count"] for row in await tx.rows(SQL["open_by_agent"], business=business)}
    for kind, slug in sorted(gone):
        count = by_queue.get(stored.queue_ids[slug], 0) if kind == "queue" else by_agent.get(stored.agent_ids[slug], 0)
        if count:
            words = f"{slug} is left out and has {count} open callbacks: move or cancel them first, or keep it"
            problems.append(Problem(path=f"{kind}s", detail=words))
    return problems


# ------------------------------------------------------------------ doing it


async def _save(
    tx: Transaction,
    business: BusinessId,
    stored: _Stored,
    wanted: Configuration,
    changes: Sequence[Change],
    by: str,
) -> None:
    touched = {(change.kind, change.slug): change.act for change in changes}
    await _save_business(tx, business, stored, wanted.business)
    queue_ids = dict(stored.queue_ids)
    await tx.rows(SQL["lock_queues"], business=business, queues=sorted(queue_ids.values()))
    for queue in wanted.queues or ():
        queue_ids.setdefault(queue.slug, QueueId(new_id()))
    default = next((queue.slug for queue in wanted.queues or () if queue.default), None)
    if default is not None:
        await tx.run(SQL["clear_default"], business=business, queue=queue_ids[default])
    for queue in wanted.queues or ():
        if ("queue", queue.slug) in touched:
            await _save_queue(tx, business, queue_ids[queue.slug], queue)
    for agent in wanted.agents or ():
        if ("agent", agent.slug) in touched:
            await _save_agent(tx, business, stored.agent_ids.get(agent.slug), agent, queue_ids)
    for (kind, slug), act in touched.items():
        if act is Act.RETIRED and kind == "agent":
            agent_id = stored.agent_ids[slug]
            await tx.run(SQL["retire_agent"], business=business, id=agent_id, now=tx.now)
            await tx.run(SQL["sign_off"], business=business, agent=agent_id, now=tx.now)
        elif act is Act.RETIRED:
            await tx.run(SQL["retire_queue"], business=business, id=queue_ids[slug], now=tx.now)
    await record_decision(
        tx, business, kind="configuration", verdict=_verdict(changes), by=by, changes=[asdict(each) for each in changes]
    )  # fmt: skip
    await wake_queues(tx, business, queue_ids.values())
    tx.hint("console", business)


def _verdict(changes: Sequence[Change]) -> str:
    return "; ".join(f"{change.kind} {change.slug} {change.act}" for change in changes)[:500]


async def _save_business(tx: Transaction, business: BusinessId, stored: _Stored, item: BusinessItem) -> None:
    said = {"name": item.name, "zone": item.zone, "language": item.language, "policy": dict(item.policy)}
    if stored.configuration is None:
        await tx.run(SQL["insert_business"], business=business, slug=item.slug, **said)
    else:
        await tx.run(SQL["save_business"], business=business, **said)


async def _save_queue(tx: Transaction, business: BusinessId, id: QueueId, queue: QueueItem) -> None:
    await tx.run(
        SQL["save_queue"],
        business=business,
        id=id,
        slug=queue.slug,
        name=queue.name,
        is_default=queue.default,
        skills=list(queue.skills),
        topics=list(queue.topics),
        hours=dict(queue.hours),
        policy=dict(queue.policy),
    )


async def _save_agent(
    tx: Transaction, business: BusinessId, known: AgentId | None, agent: AgentItem, queue_ids: Mapping[str, QueueId]
) -> None:
    id = known or AgentId(new_id())
    served = sorted(queue_ids[slug] for slug in agent.queues)
    await tx.run(
        SQL["save_agent"],
        business=business,
        id=id,
        slug=agent.slug,
        name=agent.name,
        home_queue=queue_ids[agent.home],
        skills=dict(agent.skills),
        shifts=dict(agent.shifts),
        chat_capacity=agent.chat_capacity,
        carrier=agent.carrier,
        address=agent.address,
    )
    await tx.run(SQL["remove_agent_queues"], business=business, agent=id, queues=served)
    await tx.run(SQL["add_agent_queues"], business=business, agent=id, queues=served)
    await tx.run(SQL["make_agent_state"], business=business, agent=id, now=tx.now)
