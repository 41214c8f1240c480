"""Hand a callback over: gate, agent, assignment, ledger and the direction to the session management server, in one transaction.

From its commit on nothing depends on the interaction manager: the call happens on time without it.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from datetime import datetime

from ringback.domain.commands import PerformCallback, RingTimes
from ringback.domain.destinations import DestinationKind
from ringback.domain.ids import AttemptId, BusinessId, new_id
from ringback.domain.offers import Reason
from ringback.domain.status import AgentState, DialOrder, Server
from ringback.interaction_manager import dialled_first
from ringback.interaction_manager.agents import AgentRow, move_agent, save_agent
from ringback.interaction_manager.assignment import QueueRow, insert_assignment
from ringback.interaction_manager.callbacks import CallbackRow, save_callback
from ringback.interaction_manager.guarding import ring_rules
from ringback.interaction_manager.ledger import add_facts, record_decision
from ringback.interaction_manager.rules.agent_states import AgentEvent
from ringback.interaction_manager.rules.callback_states import CallbackEvent, next_state
from ringback.postgres.database import Transaction
from ringback.postgres.gate import begin_attempt
from ringback.postgres.messages import send

Carriers = Mapping[DestinationKind, str]


async def direct_callback(
    tx: Transaction,
    business: BusinessId,
    queue: QueueRow,
    callback: CallbackRow,
    agent: AgentRow,
    reason: Reason,
    *,
    not_before: datetime,
    not_after: datetime,
    carriers: Carriers,
    order: DialOrder = DialOrder.AGENT_FIRST,
) -> CallbackRow:
    """Direct the session management server to perform a callback; its row, and the agent's, must be held.

    Customer first the agent is held meanwhile. On-deck the agent is only whom it is aimed at, and is left to what they do.
    Raises GateShut, with nothing changed, when the gate is not open for this due version.
    """
    attempt = AttemptId(new_id())
    epoch = await begin_attempt(tx, business, callback.id, due_version=callback.due_version, attempt=attempt)
    if order is DialOrder.ON_DECK:
        pass
    elif agent.state is AgentState.HELD:
        # Held until the device rings: the session management server says so (AgentRings).
        await save_agent(tx, business, agent, replace(agent, attempt=attempt))
    else:
        event = AgentEvent.HOLD if order is DialOrder.CUSTOMER_FIRST else AgentEvent.RESERVE
        await move_agent(tx, business, agent, event, callback=callback.id, attempt=attempt)
    on_deck = order is DialOrder.ON_DECK
    if not on_deck:
        await insert_assignment(tx, business, callback=callback.id, attempt=attempt, agent=agent.agent, reason=reason)
    if order is not DialOrder.AGENT_FIRST:
        await dialled_first.insert(
            tx, business, queue, attempt=attempt, callback=callback.id, agent=None if on_deck else agent.agent
        )
    who = queue.name if on_deck else agent.name
    directed = replace(
        callback,
        state=next_state(callback.state, CallbackEvent.DIRECT),
        reason=f"{who} calls",
        attempt=attempt,
        attempts=callback.attempts + 1,
    )
    await save_callback(tx, business, directed)
    if not on_deck:
        await add_facts(tx, business, callback.id, agent_ready_at=tx.now)
    await record_decision(
        tx,
        business,
        kind="chosen",
        verdict=f"{who}: {reason.verdict}",
        callback=callback.id,
        queue=callback.queue,
        agent=None if on_deck else agent.agent,
        attempt=attempt,
        number=directed.attempts,
        detail=reason.detail,
    )
    await send(
        tx,
        business,
        Server.SESSIONS,
        callback.id,
        PerformCallback(
            callback=callback.id,
            attempt=attempt,
            number=directed.attempts,
            agent=agent.agent,
            agent_name=who,
            agent_address=agent.address,
            agent_carrier=agent.carrier,
            customer=callback.destination,
            customer_carrier=carriers[callback.destination.kind],
            customer_name=callback.person_name or "Customer",
            not_before=not_before,
            not_after=not_after,
            dial_order=order,
            agent_named=not on_deck,
            epoch=epoch,
            due_version=callback.due_version,
            queue_name=queue.name,
            topic=callback.topic,
            handling=queue.policy.telephony,
            guards=ring_rules(
                callback.destination,
                callback.zone,
                queue.policy,
                tx.now,
                business_zone=queue.business_zone.key,
                we_chose=callback.at_our_time,
            ),
            ring=RingTimes(
                agent_ring=queue.policy.agent_ring,
                customer_ring=queue.policy.customer_ring,
                customer_wait=queue.policy.customer_wait,
            ),
        ),
    )
    return directed
