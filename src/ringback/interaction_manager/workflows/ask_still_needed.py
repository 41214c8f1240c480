"""An incident was announced: whoever waits for a call from this queue is asked in the chat whether they still need it, a batch at a time."""

from __future__ import annotations

from ringback.domain.events import StillNeeded
from ringback.domain.ids import QueueId
from ringback.domain.status import Server
from ringback.interaction_manager.assignment import read_queue
from ringback.interaction_manager.ledger import record_decision
from ringback.interaction_manager.operators import ask_about_incident
from ringback.postgres.database import Transaction
from ringback.postgres.messages import send
from ringback.postgres.timers import Timer, set_timer

STILL_NEEDED = "still_needed"
BATCH = 100


async def ask_still_needed(tx: Transaction, timer: Timer) -> None:
    """Timer `still_needed` of a queue: ask those of its open requesters who were not asked about this incident yet."""
    business = timer.business
    queue = await read_queue(tx, business, QueueId(timer.subject))
    incident, since = queue.levers.incident, queue.levers.incident_at
    if incident is None or since is None:
        return  # over before they were asked
    asked = await ask_about_incident(tx, business, queue.id, since=since, most=BATCH)
    for callback in asked:
        await record_decision(
            tx, business, kind="asked", verdict=f"Asked whether the call is still needed: {incident}",
            callback=callback, queue=queue.id,
        )  # fmt: skip
    if len(asked) == BATCH:
        await set_timer(tx, business, Server.INTERACTIONS, STILL_NEEDED, queue.id, at=tx.now)
    for callback in asked:
        await send(tx, business, Server.APPLICATION, callback, StillNeeded(callback=callback, incident=incident))
