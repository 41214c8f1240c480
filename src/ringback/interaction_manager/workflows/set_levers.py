"""Stop or resume offering and dialling, and cap the backlog; with who did it and why."""

from __future__ import annotations

from ringback.domain.commands import SetLevers
from ringback.domain.errors import Invalid, Refused
from ringback.domain.ids import BusinessId
from ringback.interaction_manager.assignment import wake_queue
from ringback.interaction_manager.configuration import lock_queue_by_slug
from ringback.interaction_manager.configuration import set_levers as save_levers
from ringback.interaction_manager.ledger import record_decision
from ringback.postgres.database import Transaction
from ringback.postgres.messages import answer


async def set_levers(tx: Transaction, business: BusinessId, command: SetLevers) -> None:
    """Apply SetLevers and leave its answer."""
    try:
        if not command.reason.strip():
            raise Invalid("Say why.", field="reason")
        queue, name = await lock_queue_by_slug(tx, business, command.queue)
    except Refused as refused:
        await answer(tx, business, command.command, problem=refused.id, detail=refused.detail, field=refused.field)
        return
    now = await save_levers(
        tx,
        business,
        queue,
        offering=command.offering,
        dialling=command.dialling,
        backlog_cap=command.backlog_cap,
    )
    levers = {"offering": now["offering"], "dialling": now["dialling"], "backlog_cap": now["backlog_cap"]}
    await record_decision(
        tx, business, kind="levers", verdict=_verdict(name, command), queue=queue, by=command.by, reason=command.reason, **levers
    )  # fmt: skip
    await wake_queue(tx, business, queue)
    tx.hint("console", business)
    await answer(tx, business, command.command, **levers)


def _verdict(name: str, command: SetLevers) -> str:
    acts = []
    if command.offering is not None:
        acts.append("offering resumed" if command.offering else "offering stopped")
    if command.dialling is not None:
        acts.append("dialling resumed" if command.dialling else "dialling stopped")
    if command.backlog_cap is not None:
        acts.append("backlog cap removed" if command.backlog_cap < 0 else f"backlog capped at {command.backlog_cap}")
    return f"{name}: {', '.join(acts) or 'nothing changed'}: {command.reason}"
