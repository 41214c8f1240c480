"""An agent is away, sick or for another reason: off duty now, out of the plan, and whoever waits for them by name is cared for at once."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import datetime

from ringback.domain.commands import MarkAway, OfferMove, ReassignCallback
from ringback.domain.errors import Conflict, Invalid, Refused
from ringback.domain.events import AgentAway, OperatorWrote
from ringback.domain.ids import AgentId, BusinessId, CommandId, QueueId, new_id
from ringback.domain.status import AgentState, CallbackState, Server
from ringback.domain.times import TimeWindow
from ringback.interaction_manager.agents import lock_agent, queues_of, save_agent
from ringback.interaction_manager.assignment import wake_queues
from ringback.interaction_manager.booking import load_bookings, load_line, load_rates
from ringback.interaction_manager.callbacks import CallbackRow
from ringback.interaction_manager.configuration import SettingsCache, load_agents, load_settings
from ringback.interaction_manager.ledger import add_facts, record_decision
from ringback.interaction_manager.operators import callbacks_for_agent, lock_away, save_away
from ringback.interaction_manager.rules.agent_states import BUSY
from ringback.interaction_manager.rules.levers import LONGEST_CLOSURE
from ringback.interaction_manager.rules.plans import CHANGES, Does, Planned, fingerprint, stays
from ringback.interaction_manager.rules.policy import NamedAgentThen
from ringback.interaction_manager.rules.slots import FAR, Timetable
from ringback.interaction_manager.rules.snapshot import Booking, Snapshot
from ringback.interaction_manager.workflows.act_in_bulk import CHANGED
from ringback.interaction_manager.workflows.raise_alerts import LOOK_AT_DAY
from ringback.interaction_manager.workflows.set_agent_state import leave
from ringback.postgres.database import Transaction
from ringback.postgres.messages import answer, send
from ringback.postgres.timers import set_timer

Slots = Mapping[tuple[QueueId, datetime], TimeWindow]


async def mark_away(cache: SettingsCache, tx: Transaction, business: BusinessId, command: MarkAway) -> None:
    """Apply MarkAway and leave its answer: the plan, and for an act what was sent."""
    try:
        name, _ = await lock_away(tx, business, command.agent)
        until = _until(command, tx.now)
        away = None if until is None else TimeWindow(start=tx.now, end=until)
        rows = [] if until is None else await callbacks_for_agent(tx, business, command.agent, until=until)
        planned = [] if away is None else await _plan(cache, tx, business, command.agent, rows, away)
        mark = fingerprint((command.agent, until), planned)
        if command.plan not in (None, mark):
            raise Conflict(CHANGED, id="plan-changed")
    except Refused as refused:
        await answer(tx, business, command.command, problem=refused.id, detail=refused.detail, field=refused.field)
        return
    if not command.dry_run:
        await save_away(tx, business, command.agent, away, why=command.reason)
        if away is not None:
            await _off_duty(tx, business, command)
        until_words = f"away until {until:%Y-%m-%d %H:%M} UTC" if until is not None else "back"
        await record_decision(
            tx, business, kind="away", verdict=f"{name}: {until_words}: {command.reason}", by=command.by,
            agent=command.agent, until=until, callbacks=len(planned),
        )  # fmt: skip
        await wake_queues(tx, business, await queues_of(tx, business, command.agent))
        await set_timer(tx, business, Server.INTERACTIONS, LOOK_AT_DAY, business, at=tx.now)
        await _care_for(tx, business, command, name, rows, planned)
    tx.hint("console", business)
    effects = {str(each.callback): each.does for each in planned}
    await answer(tx, business, command.command, plan=mark, effects=effects, away_until=until)


def _until(command: MarkAway, now: datetime) -> datetime | None:
    if not command.reason.strip() and not command.dry_run:
        raise Invalid("Say why.", id="reason-missing", field="reason")
    if command.until is None:
        return None
    if not now < command.until <= now + LONGEST_CLOSURE:
        raise Invalid("Away until a time in the next 14 days.", id="time-invalid", field="until")
    return command.until


async def _off_duty(tx: Transaction, business: BusinessId, command: MarkAway) -> None:
    agent = await lock_agent(tx, business, command.agent)
    if agent.state is AgentState.HELD or agent.state not in BUSY:
        await leave(tx, business, agent, why=command.reason)
    else:
        await save_agent(tx, business, agent, replace(agent, then_state="offline", reason=command.reason))


async def _plan(
    cache: SettingsCache,
    tx: Transaction,
    business: BusinessId,
    agent: AgentId,
    rows: Sequence[CallbackRow],
    away: TimeWindow,
) -> list[Planned]:
    """Say what becomes of each callback that waits for the agent: others take it where the allocation without them has room."""
    if not rows:
        return []
    snapshot = await load_agents(tx, business, await load_settings(tx, business, cache))
    queues = frozenset(related for row in rows for related in snapshot.related(row.queue))
    snapshot = await load_line(tx, business, snapshot, queues)
    snapshot = await load_rates(tx, business, snapshot, queues, cache)
    times = TimeWindow(start=min(row.window.start for row in rows) - FAR, end=max(row.window.end for row in rows) + FAR)
    booked = await load_bookings(tx, business, snapshot, queues, [times])
    slots = {(each.queue, each.slot.start): each.slot for each in booked.bookings if each.named_agent == agent}
    snapshot = _without(booked, agent, away)
    tables: dict[frozenset[QueueId], Timetable] = {}
    planned = []
    for row in rows:
        related = snapshot.related(row.queue)
        if related not in tables:
            tables[related] = Timetable(snapshot, row.queue, tx.now)
        planned.append(Planned(callback=row.id, does=_what(row, agent, snapshot, tables[related], slots)))
    return planned


def _without(snapshot: Snapshot, agent: AgentId, away: TimeWindow) -> Snapshot:
    """Return the snapshot as it is when the agent is away, without what was booked with them; what was worked out from the settings does not hold then."""
    one = snapshot.agents[agent]
    gone = replace(one, shifts=replace(one.shifts, out=away), state=AgentState.OFFLINE)
    left = tuple(each for each in snapshot.bookings if each.named_agent != agent or not each.slot.overlaps(away))
    return replace(snapshot, agents={**snapshot.agents, agent: gone}, bookings=left, structure=None)


def _what(row: CallbackRow, agent: AgentId, snapshot: Snapshot, timetable: Timetable, slots: Slots) -> Does:
    left_alone = stays("reassign", row.state, has_chat=True, notices=0, most_notices=1)
    if left_alone is not None:
        return left_alone
    queue = snapshot.queues.get(row.queue)
    if queue is None:
        return Does.NOT_IN_QUEUE
    others = any(each.id != agent for each in snapshot.serving(queue.id))
    if row.slot_start is not None and others:
        slot = slots.get((row.queue, row.slot_start))
        others = slot is not None and _others_can(row.queue, slot, timetable)
    if not others:
        return Does.OFFERS_MOVE if row.chat is not None else Does.NO_CHAT
    asked_first = queue.policy.named_agent_then is NamedAgentThen.ASK and row.chat is not None
    return Does.ASKS if asked_first else Does.REASSIGNS


def _others_can(queue: QueueId, slot: TimeWindow, timetable: Timetable) -> bool:
    """Tell whether the slot has room for one more with somebody else, and if so count it there."""
    if timetable.room(queue, slot) <= 0:
        return False
    timetable.add(Booking(queue=queue, slot=slot))
    return True


async def _care_for(
    tx: Transaction,
    business: BusinessId,
    command: MarkAway,
    name: str,
    rows: Sequence[CallbackRow],
    planned: Sequence[Planned],
) -> None:
    by_id = {row.id: row for row in rows}
    planned = sorted(planned, key=lambda each: each.callback.int)
    for each in planned:
        if each.does is Does.ASKS:
            await add_facts(tx, business, each.callback, notice_at=tx.now)
    for each in planned:
        if each.does not in CHANGES:
            continue
        row, id = by_id[each.callback], CommandId(new_id())
        assert row.state is CallbackState.WAITING, "others are left alone"
        if each.does is Does.REASSIGNS:
            order = ReassignCallback(
                command=id, callback=row.id, agent=None, by=command.by, reason=f"{name} is away: {command.reason}"
            )
            await send(tx, business, Server.INTERACTIONS, row.id, order)
            if row.chat is not None:
                words = f"{name} is not here for your call. Somebody else calls you, at the time we said."
                await send(tx, business, Server.APPLICATION, row.id, OperatorWrote(callback=row.id, text=words))
        elif each.does is Does.ASKS:
            asks = AgentAway(callback=row.id, agent_name=name, window=row.window)
            await send(tx, business, Server.APPLICATION, row.id, asks)
        else:
            offer = OfferMove(
                command=id, callback=row.id, by=command.by, reason=f"{name} is away: {command.reason}",
                why=f"{name} is away.",
            )  # fmt: skip
            await send(tx, business, Server.INTERACTIONS, row.id, offer)
