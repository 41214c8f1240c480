"""Give the head of a queue's line to agents: under the queue's lock, in batches, each choice with its reasons.

Runs when the queue's `work` timer fires: something was booked, an agent became free, or time alone gave it work.
"""

from __future__ import annotations

from collections.abc import Container, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from ringback.domain.errors import GateShut
from ringback.domain.ids import AgentId, BusinessId, CallbackId, PersonId, QueueId
from ringback.domain.offers import Reason
from ringback.domain.outside import OutsideAgentState
from ringback.domain.status import AgentState, CallbackState, DialOrder
from ringback.interaction_manager import dialled_first
from ringback.interaction_manager.agents import AgentRow, lock_agents
from ringback.interaction_manager.assignment import (
    Helper,
    QueueRow,
    candidates,
    head_of_line,
    last_spoke,
    lock_queue,
    look_again,
    may_dial,
    next_ready,
    refusals,
    repeats,
    wake_queue,
)
from ringback.interaction_manager.callbacks import CallbackRow, change_places, lock_callbacks, place_of, say_why
from ringback.interaction_manager.guarding import person_zones
from ringback.interaction_manager.ledger import record_overtaken
from ringback.interaction_manager.outside import callers
from ringback.interaction_manager.rules.agent_states import FREE
from ringback.interaction_manager.rules.dial_permission import Permission, permission
from ringback.interaction_manager.rules.line import (
    Place,
    in_line,
    in_turn,
    must_go,
    overtaken,
    place_changes,
    why_overtaken,
)
from ringback.interaction_manager.rules.on_deck import order_today
from ringback.interaction_manager.rules.outside import callers_before, seen_outside
from ringback.interaction_manager.rules.selection import Candidate, Chosen, Nobody, Wanted, choose
from ringback.interaction_manager.rules.staffing import SERVING
from ringback.interaction_manager.rules.turns import Turn, hold_from, ripeness
from ringback.interaction_manager.workflows.call_on_deck import call_ahead, serve_those_dialled, was_left_alone
from ringback.interaction_manager.workflows.direct_callback import Carriers, direct_callback
from ringback.interaction_manager.workflows.hold_agent import hold_agent
from ringback.interaction_manager.workflows.say_stopped import say_stopped
from ringback.interaction_manager.workflows.tell_places import tell_places
from ringback.postgres.database import Transaction

BATCH = 100  # assignments in one transaction
EXPLAINED = 20  # waiting callbacks whose one-line reason is kept up to date
NO_PERMIT = timedelta(seconds=5)
# While anything waits its queue is looked at so often, whatever wake-up was lost: an open callback always has a timer.
AT_LATEST = timedelta(seconds=30)


@dataclass(frozen=True, slots=True, kw_only=True)
class Ready:
    """A callback for which something can be done now."""

    callback: CallbackRow
    turn: Turn
    permission: Permission


@dataclass(slots=True, kw_only=True)
class Plan:
    """What one look at the queue found: what can be done, why the rest waits, and when to look again."""

    ready: list[Ready] = field(default_factory=list)
    why: dict[CallbackId, str] = field(default_factory=dict)
    again_at: list[datetime] = field(default_factory=list)
    order: DialOrder = DialOrder.AGENT_FIRST  # in which a customer for whom an agent is free is called

    def soonest(self) -> datetime | None:
        """Return when to look again."""
        return min(self.again_at, default=None)


async def assign_agents(tx: Transaction, business: BusinessId, queue_id: QueueId, *, carriers: Carriers) -> None:
    """Assign what can be assigned now, and set the queue's next look."""
    queue = await lock_queue(tx, business, queue_id)
    if queue is None:
        await look_again(tx, business, queue_id, None)
        return
    if not queue.dialling or not await may_dial(tx):
        await say_stopped(tx, business, queue)
        await look_again(tx, business, queue_id, tx.now + (NO_PERMIT if queue.dialling else AT_LATEST))
        return
    horizon = tx.now + timedelta(seconds=queue.policy.hold_before)
    waiting = await head_of_line(tx, business, queue, horizon=horizon, most=2 * BATCH)
    later = await next_ready(tx, business, queue.id, horizon=horizon)
    wanted = queue.policy.dial_order
    helpers = await candidates(tx, business, queue) if waiting or wanted is DialOrder.ON_DECK else []
    if wanted is DialOrder.ON_DECK and await serve_those_dialled(tx, business, queue, helpers):
        await look_again(tx, business, queue.id, tx.now + AT_LATEST)
        await wake_queue(tx, business, queue.id)  # the others' turn, with whoever is free then
        return
    held = {helper.callback: helper for helper in helpers if helper.candidate.state is AgentState.HELD}
    plan = _plan(waiting, queue, held.keys(), tx.now, carriers)
    if wanted is not DialOrder.AGENT_FIRST:
        plan.order = order_today(wanted, await dialled_first.today(tx, business, queue))
    if waiting:
        plan.again_at.append(tx.now + AT_LATEST)
    if later is not None:
        plan.again_at.append(hold_from(later, hold_before=queue.policy.hold_before))
    free = [helper for helper in helpers if helper.candidate.state in FREE and helper.candidate.present]
    taken: list[CallbackId] = []
    line = _line(plan, queue, tx.now)
    if plan.ready and (free or any(ready.callback.id in held for ready in plan.ready)):
        taken = await _assign(tx, business, queue, plan, helpers, carriers)
    else:
        plan.why |= {ready.callback.id: _nobody_free(helpers) for ready in plan.ready}
        if wanted is DialOrder.ON_DECK and plan.ready:
            ahead = [(each.callback, each.permission.until) for each in _order(plan, queue, tx.now)
                     if each.turn is Turn.CALL]  # fmt: skip
            taken, again_at = await call_ahead(tx, business, queue, ahead, carriers)
            plan.again_at += [again_at] if again_at is not None else []
    waits = [place.callback for place in line if place.callback not in taken]
    unsaid = [each.id for each in waiting if each.id in plan.why and each.id not in taken]
    await say_why(tx, business, {callback: plan.why[callback] for callback in unsaid[:EXPLAINED]})
    if taken and any(place.callback in taken for place in line):
        await tell_places(tx, business, waits, [each for each in waiting if each.id in waits])
    await look_again(tx, business, queue.id, plan.soonest())
    if len(taken) >= BATCH:
        await wake_queue(tx, business, queue.id)


def _plan(
    waiting: Sequence[CallbackRow],
    queue: QueueRow,
    held: Container[CallbackId | None],
    now: datetime,
    carriers: Carriers,
) -> Plan:
    plan = Plan()
    for callback in waiting:
        ripe = ripeness(
            now,
            ready_at=callback.ready_at,
            window_start=callback.planned_at,
            booked=callback.is_booked,
            held=callback.id in held,
            hold_before=queue.policy.hold_before,
        )
        if ripe.next_at is not None:
            plan.again_at.append(ripe.next_at)
        if ripe.turn is Turn.WAIT:
            continue
        allowed = permission(
            max(now, callback.window.start) if callback.is_booked else now,
            ready_at=callback.ready_at,
            hours=queue.hours,
            policy=queue.policy,
            zone=ZoneInfo(callback.zone),
            we_chose_the_time=callback.at_our_time,
            also=person_zones(callback.destination, callback.zone, queue.policy, now)[1:],
        )
        if not allowed.allowed:
            plan.why[callback.id] = allowed.why or "not now"
            if allowed.again_at is not None:
                plan.again_at.append(allowed.again_at)
        elif callback.destination.kind not in carriers:
            plan.why[callback.id] = f"no carrier is configured that can ring a {callback.destination.kind}"
        else:
            plan.ready.append(Ready(callback=callback, turn=ripe.turn, permission=allowed))
    return plan


def _line(plan: Plan, queue: QueueRow, now: datetime) -> list[Place]:
    """Return those whose turn in the line it can be; callbacks that wait for hours or a carrier do not stand in it."""
    places = [
        place_of(each.callback, agent_ring=queue.policy.agent_ring) for each in plan.ready if each.turn is Turn.CALL
    ]
    return in_line(places, now, ages_every=queue.policy.priority_ages_every)


def _order(plan: Plan, queue: QueueRow, now: datetime) -> list[Ready]:
    """Order all that can be done."""
    by_id = {ready.callback.id: ready for ready in plan.ready}
    ahead = [
        place_of(ready.callback, agent_ring=queue.policy.agent_ring)
        for ready in plan.ready
        if ready.turn is not Turn.CALL
    ]
    return [by_id[callback] for callback in in_turn(_line(plan, queue, now), ahead, now)]


async def _assign(
    tx: Transaction,
    business: BusinessId,
    queue: QueueRow,
    plan: Plan,
    helpers: Sequence[Helper],
    carriers: Carriers,
) -> list[CallbackId]:
    """Choose and hand over, head first; return the callbacks that left the line."""
    order = _order(plan, queue, tx.now)
    free = sum(1 for helper in helpers if helper.candidate.state in FREE and helper.candidate.present)
    order = order[: min(2 * BATCH, 2 * free + len(helpers) + EXPLAINED)]
    locked = await lock_callbacks(tx, business, [ready.callback.id for ready in order])
    wanted_rows = [ready.callback for ready in order]
    again = await repeats(tx, business, [row.id for row in wanted_rows])
    spoke = await last_spoke(tx, business, [row.person for row in wanted_rows])
    refused = await refusals(tx, business, wanted_rows)
    agents = await lock_agents(
        tx,
        business,
        [h.candidate.agent for h in helpers if h.candidate.state in FREE or h.candidate.state is AgentState.HELD],
    )
    pool = _as_locked(helpers, agents)
    taken: list[CallbackId] = []
    there = await callers(tx, business, queue.id)
    for ready in order:
        callback = locked.get(ready.callback.id)
        if callback is None or callback != ready.callback or len(taken) >= BATCH:
            continue  # changed before its row was held: whoever changed it wakes the queue
        holder = next((a for a in agents.values() if a.state is AgentState.HELD and a.callback == callback.id), None)
        before = 0 if ready.turn is not Turn.CALL or _must_go(callback, queue, tx.now) else callers_before(
            there, tx.now, ready_at=callback.ready_at, priority=callback.priority,
            ages_every=queue.policy.priority_ages_every,
        )  # fmt: skip
        choice = _choice(queue, callback, _not_for(before, pool, helpers), holder, spoke, refused, again, tx.now)
        if isinstance(choice, Nobody) and before:
            plan.why[callback.id] = f"{before} of the callers outside {'was' if before == 1 else 'were'} there before"
            continue
        if isinstance(choice, Nobody):
            plan.why[callback.id] = choice.reason.verdict
            if choice.look_again_at is not None:
                plan.again_at.append(choice.look_again_at)
            continue
        agent = agents[choice.agent]
        if ready.turn is Turn.HOLD:
            agents[choice.agent] = await hold_agent(tx, business, callback, agent, choice.reason)
            plan.why[callback.id] = f"{agent.name} is kept free for it"
        else:
            try:
                await _hand_over(tx, business, queue, ready, callback, agent, choice.reason, carriers, plan.order)
            except GateShut:
                continue  # cancelled or moved by a server that holds no row of ours
            agents[choice.agent] = replace(agent, state=AgentState.RESERVED, callback=callback.id)
            taken.append(callback.id)
        pool = _as_locked(helpers, agents)
    line = [place_of(each.callback, agent_ring=queue.policy.agent_ring) for each in order if each.turn is Turn.CALL]
    left = [callback for callback in taken if any(place.callback == callback for place in line)]
    await change_places(tx, business, place_changes(line, left))
    await _say_who_was_overtaken(tx, business, queue, plan, line, left)
    return taken


async def _say_who_was_overtaken(
    tx: Transaction,
    business: BusinessId,
    queue: QueueRow,
    plan: Plan,
    line: Sequence[Place],
    taken: Sequence[CallbackId],
) -> None:
    """Record for each that was overtaken why it was, once for each reason."""
    places = {place.callback: place for place in line}
    reasons = {
        stayed: why_overtaken(
            places[stayed],
            places[first],
            tx.now,
            ages_every=queue.policy.priority_ages_every,
            could_not=plan.why.get(stayed),
        )
        or "One that came later was called first: this one was being changed at that moment"
        for stayed, first in overtaken(line, taken).items()
    }
    await record_overtaken(tx, business, queue.id, reasons)


def _must_go(callback: CallbackRow, queue: QueueRow, now: datetime) -> bool:
    return must_go(place_of(callback, agent_ring=queue.policy.agent_ring), now)


def _not_for(before: int, pool: Sequence[Candidate], helpers: Sequence[Helper]) -> Sequence[Candidate]:
    """Leave out the agents whom callers outside, who were there before, take first: they are known there, and free."""
    known = {helper.candidate.agent for helper in helpers if helper.outside is OutsideAgentState.AVAILABLE}
    theirs = [each for each in pool if each.agent in known and each.state in FREE and each.present]
    if not before or before < len(theirs):
        return pool
    return [replace(each, state=AgentState.RESERVED) if each in theirs else each for each in pool]


def _as_locked(helpers: Sequence[Helper], agents: dict[AgentId, AgentRow]) -> list[Candidate]:
    """Return the candidates as their locked rows say they are."""
    return [
        replace(h.candidate, state=seen_outside(agents[h.candidate.agent].state, h.outside))
        if h.candidate.agent in agents
        else h.candidate
        for h in helpers
    ]


def _choice(
    queue: QueueRow,
    callback: CallbackRow,
    pool: Sequence[Candidate],
    holder: AgentRow | None,
    spoke: dict[PersonId, AgentId],
    refused: dict[CallbackId, dict[AgentId, datetime]],
    again: Container[CallbackId],
    now: datetime,
) -> Chosen | Nobody:
    if holder is not None:
        return Chosen(agent=holder.agent, name=holder.name, reason=Reason(verdict="Was kept free for it"))
    wanted = Wanted(
        skills=queue.skills,
        language=callback.language,
        ready_at=callback.ready_at,
        window=callback.window,
        named=callback.named_agent,
        last_spoke_with=spoke.get(callback.person),
        repeats=callback.id in again,
        refused=refused.get(callback.id, {}),
    )
    return choose(wanted, pool, queue.policy, now)


async def _hand_over(
    tx: Transaction,
    business: BusinessId,
    queue: QueueRow,
    ready: Ready,
    callback: CallbackRow,
    agent: AgentRow,
    reason: Reason,
    carriers: Carriers,
    order: DialOrder,
) -> None:
    assert callback.state is CallbackState.WAITING, "it was compared with the row that was planned for"
    begins = max(tx.now, callback.window.start) if not callback.early_is_fine else tx.now
    ends = ready.permission.until or begins
    await direct_callback(
        tx,
        business,
        queue,
        callback,
        agent,
        reason,
        not_before=begins,
        not_after=max(ends, begins + timedelta(seconds=queue.policy.agent_ring)),
        carriers=carriers,
        order=DialOrder.AGENT_FIRST if was_left_alone(callback) else order,
    )


def _nobody_free(helpers: Sequence[Helper]) -> str:
    there = [h for h in helpers if h.candidate.present and h.candidate.state is not AgentState.OFFLINE]
    if any(h.candidate.state in SERVING for h in there):
        return "Everybody who can take it is busy"
    return "Everybody is paused or does not respond" if there else "Nobody is logged in"
