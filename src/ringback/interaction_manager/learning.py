"""What each queue has learned about its waits: read for every estimate, taken further once a minute, kept in the database."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from typing import Any

from ringback.domain.ids import BusinessId, QueueId
from ringback.interaction_manager.rules.estimates.model import QueueModel, new_model
from ringback.interaction_manager.rules.snapshot import Queue
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


async def learn_waits(tx: Transaction, business: BusinessId, queues: Mapping[QueueId, Queue]) -> int:
    """Take what queues have learned further by what ended since; return how many events there were."""
    until = tx.now - _OPEN
    await tx.run(SQL["begin_learning"], business=business, queues=sorted(queues), since=until - _BEGINS, now=tx.now)
    rows = await tx.rows(SQL["lock_learned"], business=business, queues=sorted(queues))
    models = {row["queue"]: _model(queues[row["queue"]], row["model"]) for row in rows}
    begins = {row["queue"]: row["learned_until"] for row in rows}
    if not models:
        return 0
    part = {"business": business, "queues": sorted(models), "since": min(begins.values()), "until": until}
    changed: dict[QueueId, int] = {}
    for row in await tx.rows(SQL["handled_between"], **part):
        if row["at"] > begins[row["queue"]]:
            seconds = (row["at"] - row["began_at"]).total_seconds()
            models[row["queue"]].handling.ended(seconds, row["at"].timestamp())
            changed[row["queue"]] = changed.get(row["queue"], 0) + 1
    for row in await tx.rows(SQL["waits_between"], **part):
        if row["at"] > begins[row["queue"]]:
            _learn_wait(models[row["queue"]], dict(row))
            changed[row["queue"]] = changed.get(row["queue"], 0) + 1
    await tx.run_many(
        SQL["save_learned"],
        (
            {
                "business": business,
                "queue": id,
                "model": models[id].as_plain(),
                "until": max(until, begins[id]),
                "changed": id in changed,
                "now": tx.now,
            }
            for id in sorted(models)
        ),
    )
    return sum(changed.values())


def _learn_wait(model: QueueModel, row: Mapping[str, Any]) -> None:
    waited = (row["at"] - row["began_at"]).total_seconds()
    model.patience.ended(waited, row["at"].timestamp(), gave_up=not row["reached"])
    if row["reached"] and row["estimate_p50"] is not None:
        told = [(row[f"estimate_{p}"] - row["began_at"]).total_seconds() for p in ("p10", "p50", "p90")]
        if told[2] > told[0] and told[0] > 0:
            model.told(told, waited)


def _model(queue: Queue, plain: Mapping[str, Any]) -> QueueModel:
    policy = queue.policy
    model = new_model(prior=policy.prior_handling, weight=policy.prior_weight, memory=policy.rate_memory)
    if plain:
        model.fill(plain)
    return model
