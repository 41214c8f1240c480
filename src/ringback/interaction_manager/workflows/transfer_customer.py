"""Hand a customer who is on the line to another agent, or to whoever is free in a queue: blind, and answered at once."""

from __future__ import annotations

from dataclasses import replace

from ringback.domain.commands import HandCustomerOver, TransferCustomer
from ringback.domain.errors import Conflict, NotFound, Refused
from ringback.domain.ids import AgentId, BusinessId, QueueId
from ringback.domain.offers import Reason
from ringback.domain.status import CallbackState, Server
from ringback.interaction_manager.agents import AgentRow, lock_agents, move_agent
from ringback.interaction_manager.assignment import candidates, end_assignment, insert_assignment, read_queue
from ringback.interaction_manager.callbacks import CallbackRow, lock_callback, save_callback
from ringback.interaction_manager.ledger import record_decision
from ringback.interaction_manager.rules.agent_states import FREE, AgentEvent
from ringback.interaction_manager.workflows.free_agent import TRANSFERRED
from ringback.postgres.database import Transaction
from ringback.postgres.messages import answer, send


async def transfer_customer(tx: Transaction, business: BusinessId, command: TransferCustomer) -> None:
    """Apply TransferCustomer, or refuse it with the talk as it was."""
    try:
        name = await _transfer(tx, business, command)
    except Refused as refusal:
        await answer(tx, business, command.command, problem=refusal.id, detail=refusal.detail)
        return
    await answer(tx, business, command.command, agent=name)


async def _transfer(tx: Transaction, business: BusinessId, command: TransferCustomer) -> str:
    callback = await lock_callback(tx, business, command.callback)
    if callback.attempt != command.attempt or callback.state is not CallbackState.TALKING:
        raise Conflict("Only a customer who is on the line can be handed over.", id="not-talking")
    free = await _free(tx, business, callback.queue if command.to_queue is None else command.to_queue)
    wanted = list(free) if command.to_agent is None else [command.to_agent]
    agents = await lock_agents(tx, business, [command.agent, *wanted])
    old = agents.get(command.agent)
    if old is None or not old.works_for(callback.id, command.attempt):
        raise Conflict("This customer does not talk with you any more.", id="not-talking")
    new = _first(agents, [each for each in wanted if each in free], old)
    await _hand_over(tx, business, callback, old, new, command)
    return new.name


async def _free(tx: Transaction, business: BusinessId, queue: QueueId) -> list[AgentId]:
    """List who is free in a queue, who has waited longest first."""
    try:
        row = await read_queue(tx, business, queue)
    except AssertionError as error:
        raise NotFound("There is no such queue.") from error
    found = [each.candidate for each in await candidates(tx, business, row)]
    there = [each for each in found if each.state in FREE and each.present]
    return [
        each.agent for each in sorted(there, key=lambda each: (each.idle_since is None, each.idle_since, each.agent))
    ]


def _first(agents: dict[AgentId, AgentRow], wanted: list[AgentId], old: AgentRow) -> AgentRow:
    for id in wanted:
        agent = agents.get(id)
        if agent is not None and agent.state in FREE and agent.carrier == old.carrier and agent.agent != old.agent:
            return agent
    raise Conflict("Nobody is free there just now. You still talk with the customer.", id="nobody-free")


async def _hand_over(
    tx: Transaction,
    business: BusinessId,
    callback: CallbackRow,
    old: AgentRow,
    new: AgentRow,
    command: TransferCustomer,
) -> None:
    verdict = f"{old.name} hands the customer over to {new.name}"
    await end_assignment(tx, business, callback=callback.id, attempt=command.attempt, agent=old.agent, why=TRANSFERRED)
    await move_agent(tx, business, new, AgentEvent.RESERVE, callback=callback.id, attempt=command.attempt)
    reason = Reason(verdict=verdict, detail={"transferred_by": str(old.agent)})
    await insert_assignment(tx, business, callback=callback.id, attempt=command.attempt, agent=new.agent, reason=reason)
    await save_callback(tx, business, replace(callback, reason=verdict))
    await record_decision(
        tx, business, kind="transferred", verdict=verdict, callback=callback.id, queue=callback.queue,
        by=f"agent:{old.agent}", agent=new.agent, attempt=command.attempt,
    )  # fmt: skip
    await send(
        tx,
        business,
        Server.SESSIONS,
        callback.id,
        HandCustomerOver(
            callback=callback.id,
            attempt=command.attempt,
            agent=new.agent,
            agent_name=new.name,
            agent_address=new.address,
            agent_carrier=new.carrier,
        ),
    )
