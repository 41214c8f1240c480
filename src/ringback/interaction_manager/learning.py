"""What each queue has learned about its waits: read for every estimate, taken further once a minute, kept in the database."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any

import asyncpg

from ringback.domain.ids import AgentId, BusinessId, QueueId
from ringback.interaction_manager.rules.estimates.basis import basis_of
from ringback.interaction_manager.rules.estimates.model import QueueModel, new_model
from ringback.interaction_manager.rules.snapshot import Agent, Queue
from ringback.postgres.database import Transaction
from ringback.postgres.sql import load_sql

SQL = load_sql(__file__, "learning.sql")

_BEGINS = timedelta(days=1)  # a queue that has learned nothing yet looks back so far
_OPEN = timedelta(seconds=10)  # longer than any transaction that could still bring an event of an earlier time
NEVER = datetime(1970, 1, 1, tzinfo=UTC)

Models = dict[tuple[BusinessId, QueueId], tuple[datetime, QueueModel]]


async def load_models(
    tx: Transaction, business: BusinessId, queues: Mapping[QueueId, Queue], known: Models
) -> dict[QueueId, QueueModel]:
    """Return what these queues have learned; `known`: what this process read before, brought up to date."""
    since = min((known[business, id][0] if (business, id) in known else NEVER for id in queues), default=NEVER)
    rows = await tx.rows(SQL["learned_since"], business=business, queues=sorted(queues), since=since - _OPEN)
    for row in rows:
        model = _model(queues[row["queue"]], row["model"])
        before = known.get((business, row["queue"]))
        if before is not None:
            model.handling.keep_table(before[1].handling)
        known[business, row["queue"]] = (tx.now, model)
    for id, queue in queues.items():
        before = known.get((business, id))
        known[business, id] = (tx.now, before[1] if before is not None else _model(queue, {}))
    return {id: known[business, id][1] for id in queues}


async def learn_waits(
    tx: Transaction, business: BusinessId, queues: Mapping[QueueId, Queue], agents: Mapping[AgentId, Agent]
) -> int:
    """Take what queues have learned further by what ended since; return how many events there were."""
    until = tx.now - _OPEN
    await tx.run(SQL["begin_learning"], business=business, queues=sorted(queues), since=until - _BEGINS, now=tx.now)
    rows = await tx.rows(SQL["lock_learned"], business=business, queues=sorted(queues))
    if not rows:
        return 0
    lesson = _Lesson(
        models={row["queue"]: _model(queues[row["queue"]], row["model"]) for row in rows},
        begins={row["queue"]: row["learned_until"] for row in rows},
    )
    part = {"business": business, "queues": sorted(lesson.models), "since": min(lesson.begins.values()), "until": until}
    for row in await tx.rows(SQL["handled_between"], **part):
        if (model := lesson.of(row)) is not None:
            model.handling.ended((row["at"] - row["began_at"]).total_seconds(), row["at"].timestamp())
    for row in await tx.rows(SQL["tries_between"], **part):
        if (model := lesson.of(row)) is not None:
            model.success.add(1.0 if row["talked"] else 0.0, row["at"].timestamp())
    waits = await tx.rows(SQL["waits_between"], **part)
    for row in waits:
        if (model := lesson.of(row)) is not None:
            _learn_wait(model, row)
    shared = {id: agent.queues & lesson.models.keys() for id, agent in agents.items() if len(agent.queues) > 1}
    taken = [row for row in await tx.rows(SQL["taken_between"], **part) if row["agent"] in shared] if shared else []
    if taken:
        still = await tx.rows(SQL["still_waiting"], business=business, queues=sorted(lesson.models), until=until)
        stretches = [(row["queue"], row["began_at"], row["at"]) for row in waits]
        stretches += [(row["queue"], row["since"], until) for row in still]
        for row in taken:
            _learn_division(lesson, row, shared[row["agent"]], stretches)
    await tx.run_many(
        SQL["save_learned"],
        (
            {
                "business": business,
                "queue": id,
                "model": model.as_plain(),
                "until": max(until, lesson.begins[id]),
                "changed": id in lesson.changed,
                "now": tx.now,
            }
            for id, model in sorted(lesson.models.items())
        ),
    )
    return lesson.events


@dataclass(slots=True, kw_only=True)
class _Lesson:
    """What is learned in one go. `begins`: by queue, up to when it knows everything already."""

    models: dict[QueueId, QueueModel]
    begins: dict[QueueId, datetime]
    changed: set[QueueId] = field(default_factory=set)
    events: int = 0

    def of(self, row: asyncpg.Record) -> QueueModel | None:
        """Return the model that learns from an event; None where it did already."""
        queue = row["queue"]
        if row["at"] <= self.begins[queue]:
            return None
        self.changed.add(queue)
        self.events += 1
        return self.models[queue]


def _learn_wait(model: QueueModel, row: asyncpg.Record) -> None:
    waited, at = (row["at"] - row["began_at"]).total_seconds(), row["at"].timestamp()
    model.patience.ended(waited, at, gave_up=not row["reached"])
    if row["reached"] and row["basis"] is not None:
        basis = basis_of(row["basis"])
        model.reached(basis.prediction, basis.worked(waited), at)


def _learn_division(
    lesson: _Lesson,
    row: asyncpg.Record,
    queues: frozenset[QueueId],
    stretches: Sequence[tuple[QueueId, datetime, datetime]],
) -> None:
    """Learn which of an agent's lines one was taken from, of those in which somebody waited."""
    at, ours = row["at"], row["queue"]
    waiting = {queue for queue, since, until in stretches if queue in queues and queue != ours and since < at <= until}
    if not waiting or at <= lesson.begins[ours]:
        return
    lesson.models[ours].division.chose(True, at.timestamp())
    for queue in waiting:
        lesson.models[queue].division.chose(False, at.timestamp())
    lesson.changed |= {ours, *waiting}


def _model(queue: Queue, plain: Mapping[str, Any]) -> QueueModel:
    policy = queue.policy
    model = new_model(prior=policy.prior_handling, weight=policy.prior_weight, memory=policy.rate_memory)
    if plain:
        model.fill(plain)
    return model
