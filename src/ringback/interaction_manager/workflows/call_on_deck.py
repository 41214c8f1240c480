"""On-deck: customers are dialled before an agent is free for them, as many as the rule allows; whoever frees up goes to them first."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta

from ringback.domain.errors import GateShut
from ringback.domain.ids import BusinessId, CallbackId
from ringback.domain.offers import Reason
from ringback.domain.status import CallbackState, DialOrder, Outcome
from ringback.interaction_manager import dialled_first
from ringback.interaction_manager.agents import lock_agents
from ringback.interaction_manager.assignment import Helper, QueueRow
from ringback.interaction_manager.callbacks import CallbackRow, lock_callbacks
from ringback.interaction_manager.rules.agent_states import FREE
from ringback.interaction_manager.rules.on_deck import allowance
from ringback.interaction_manager.rules.selection import Nobody
from ringback.interaction_manager.workflows.direct_callback import Carriers, direct_callback
from ringback.interaction_manager.workflows.offer_next_agent import choose_agent, offer_agent
from ringback.postgres.database import Transaction


def was_left_alone(callback: CallbackRow) -> bool:
    """Tell whether nobody came the last time: such a customer is called again agent first, whatever the queue's order."""
    return callback.outcome is Outcome.AGENT_UNAVAILABLE


async def serve_those_dialled(tx: Transaction, business: BusinessId, queue: QueueRow, helpers: Sequence[Helper]) -> int:
    """Give free agents to customers who ring or wait on the line; return how many got one. The queue must be held."""
    free = [h.candidate.agent for h in helpers if h.candidate.state in FREE and h.candidate.present]
    waiting = await dialled_first.without_agent(tx, business, queue.id) if free else []
    if not waiting:
        return 0
    locked = await lock_callbacks(tx, business, [each.callback for each in waiting])
    agents = await lock_agents(tx, business, free)
    served = 0
    for each in waiting:
        callback = locked.get(each.callback)
        if callback is None or callback.attempt != each.attempt or callback.state is not CallbackState.CALLING:
            continue  # cancelled or moved: the end of its attempt is on its way
        choice = await choose_agent(tx, business, queue, callback, each.attempt, agents)
        if isinstance(choice, Nobody):
            continue
        await offer_agent(tx, business, callback, agents[choice.agent], choice.reason, each.attempt)
        await dialled_first.give(tx, business, each.attempt, choice.agent)
        del agents[choice.agent]
        served += 1
    return served


async def call_ahead(
    tx: Transaction,
    business: BusinessId,
    queue: QueueRow,
    line: Sequence[tuple[CallbackRow, datetime | None]],
    carriers: Carriers,
) -> tuple[list[CallbackId], datetime | None]:
    """Dial the head of the line on-deck while nobody is free; return who was dialled, and when time alone allows more.

    `line`: callbacks whose turn it is, head first, with until when they may be dialled. The queue must be held.
    """
    within = await dialled_first.answered_after(tx, business, queue)
    soon = await dialled_first.soon_free(tx, business, queue, within=within)
    found = allowance(
        held=0,
        dialled=len(await dialled_first.without_agent(tx, business, queue.id)),
        busy=[each.busy for each in soon],
        answered_after=within,
        cap=queue.policy.on_deck_cap,
        day=await dialled_first.today(tx, business, queue),
    )
    later = [each.until - timedelta(seconds=within) for each in soon if each.until is not None]
    again_at = min((at for at in later if at > tx.now), default=None)
    anybody = [
        (callback, until) for callback, until in line if callback.named_agent is None and not was_left_alone(callback)
    ][: found.more]
    if not anybody:
        return [], again_at
    locked = await lock_callbacks(tx, business, [callback.id for callback, _ in anybody])
    aimed_at = (await lock_agents(tx, business, [soon[0].agent]))[soon[0].agent]
    dialled: list[CallbackId] = []
    for callback, until in anybody:
        if locked.get(callback.id) != callback:
            continue  # changed before its row was held: whoever changed it wakes the queue
        begins = tx.now if callback.early_is_fine else max(tx.now, callback.window.start)
        try:
            await direct_callback(
                tx,
                business,
                queue,
                callback,
                aimed_at,
                Reason(verdict=f"on-deck, {found.why}", detail={"answered_after": round(within, 1)}),
                not_before=begins,
                not_after=max(until or begins, begins + timedelta(seconds=queue.policy.customer_ring)),
                carriers=carriers,
                order=DialOrder.ON_DECK,
            )
        except GateShut:
            continue
        dialled.append(callback.id)
    return dialled, again_at
