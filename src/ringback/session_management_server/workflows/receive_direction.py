"""Store a direction and set its timer. From here the callback is performed on time whatever the interaction manager does."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

from ringback.domain.commands import PerformCallback
from ringback.domain.events import AttemptEnded
from ringback.domain.ids import BusinessId
from ringback.domain.status import Outcome, Server
from ringback.postgres.database import Transaction
from ringback.postgres.messages import send
from ringback.postgres.timers import set_timer
from ringback.session_management_server.carriers.protocol import Abilities
from ringback.session_management_server.queries import insert_attempt
from ringback.session_management_server.rules.announcements import possible

PERFORM = "perform"


async def receive_direction(
    tx: Transaction, business: BusinessId, direction: PerformCallback, *, carriers: Mapping[str, Abilities]
) -> None:
    """Keep it until not_before; refuse at once what no carrier here can do."""
    problem = _problem(direction, carriers)
    if problem is not None:
        refused = AttemptEnded(
            callback=direction.callback,
            attempt=direction.attempt,
            number=direction.number,
            outcome=Outcome.CARRIER_FAILURE,
            at=tx.now,
            agent=direction.agent,
            detail=problem,
        )
        for server in (Server.INTERACTIONS, Server.APPLICATION):
            await send(tx, business, server, direction.callback, refused)
        return
    able = possible(direction.handling, carriers[direction.customer_carrier])
    await insert_attempt(tx, business, replace(direction, handling=able))
    await set_timer(tx, business, Server.SESSIONS, PERFORM, direction.attempt, at=direction.not_before)


def _problem(direction: PerformCallback, carriers: Mapping[str, Abilities]) -> str | None:
    for name in (direction.agent_carrier, direction.customer_carrier):
        if name not in carriers:
            return f"carrier {name} is not configured"
    if direction.agent_carrier != direction.customer_carrier:
        return f"carriers {direction.agent_carrier} and {direction.customer_carrier} can not be joined with each other"
    return None
