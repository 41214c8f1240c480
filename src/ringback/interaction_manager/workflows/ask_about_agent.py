"""The agent a customer asked for is not there, and the time comes: ask in the chat whether somebody else may call, a while before."""

from __future__ import annotations

from datetime import timedelta

from ringback.domain.events import AgentAway
from ringback.domain.ids import BusinessId
from ringback.domain.status import Server
from ringback.interaction_manager.ledger import add_facts, record_decision
from ringback.interaction_manager.operators import ask_about_away
from ringback.interaction_manager.rules.staffing import SERVING
from ringback.postgres.database import Transaction
from ringback.postgres.messages import send

BEFORE = timedelta(minutes=30)  # time enough to answer, and for the agent to come in
BATCH = 100


async def ask_about_agent(tx: Transaction, business: BusinessId) -> int:
    """Ask each of them once; return how many. No answer keeps the place: what the policy says of named agents then applies.

    It is a notice: the agent who was promised is not there, and whoever moves or cancels now did not give the promise up.
    """
    alone = await ask_about_away(
        tx, business, soon=tx.now + BEFORE, serving=[state.value for state in SERVING], most=BATCH
    )
    for each in alone:
        await record_decision(
            tx, business, kind="asked", verdict=f"{each.agent_name} is not there: asked whether somebody else may call",
            callback=each.callback, queue=each.queue,
        )  # fmt: skip
    for each in alone:
        await add_facts(tx, business, each.callback, notice_at=tx.now)
    for each in alone:
        asks = AgentAway(callback=each.callback, agent_name=each.agent_name, window=each.window)
        await send(tx, business, Server.APPLICATION, each.callback, asks)
    return len(alone)
