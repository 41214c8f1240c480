"""Pull a queue's levers: what it offers, dials and takes, when it closes, and what stands instead of offers; with who did it and why."""

from __future__ import annotations

from ringback.domain.commands import SetLevers
from ringback.domain.errors import Refused
from ringback.domain.ids import BusinessId
from ringback.domain.status import Server
from ringback.interaction_manager.assignment import wake_queue
from ringback.interaction_manager.configuration import lock_levers, save_levers
from ringback.interaction_manager.ledger import record_decision
from ringback.interaction_manager.rules.hours import hours_of
from ringback.interaction_manager.rules.levers import Levers, changes, levers_of, pulled, written
from ringback.interaction_manager.workflows.ask_still_needed import STILL_NEEDED
from ringback.interaction_manager.workflows.keep_waitlist import INVITE
from ringback.interaction_manager.workflows.raise_alerts import LOOK_AT_DAY
from ringback.postgres.database import Transaction
from ringback.postgres.messages import answer
from ringback.postgres.timers import set_timer


async def set_levers(tx: Transaction, business: BusinessId, command: SetLevers) -> None:
    """Apply SetLevers and leave its answer."""
    try:
        row = await lock_levers(tx, business, command.queue)
        before, hours = levers_of(row), hours_of(row["hours"])
        after = pulled(before, command, hours, tx.now)
    except Refused as refused:
        await answer(tx, business, command.command, problem=refused.id, detail=refused.detail, field=refused.field)
        return
    queue = row["id"]
    if after != before:
        await save_levers(tx, business, queue, after)
    said = changes(before, after, hours, tx.now)
    await record_decision(
        tx, business, kind="levers", verdict=f"{row['name']}: {', '.join(said) or 'nothing changed'}: {command.reason}",
        queue=queue, by=command.by, reason=command.reason, **written(after),
    )  # fmt: skip
    if _is_new_incident(before, after):
        await set_timer(tx, business, Server.INTERACTIONS, STILL_NEEDED, queue, at=tx.now)
    if after.shut != before.shut:
        await set_timer(tx, business, Server.INTERACTIONS, LOOK_AT_DAY, business, at=tx.now)
    if after != before and (before.waitlist or after.waitlist):
        await set_timer(tx, business, Server.INTERACTIONS, INVITE, queue, at=tx.now)
    await wake_queue(tx, business, queue)
    tx.hint("console", business)
    await answer(tx, business, command.command, **written(after))


def _is_new_incident(before: Levers, after: Levers) -> bool:
    return after.incident is not None and after.incident_at != before.incident_at
