"""Apply what an outside contact centre reports: events in the order of their numbers, or all of it at once. Applying again changes nothing."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Any
from uuid import UUID

from ringback.domain.commands import ReportOutside
from ringback.domain.errors import Conflict, Invalid, Refused
from ringback.domain.ids import AgentId, BusinessId, CallbackId, QueueId
from ringback.domain.outside import Caller, OutsideAgentState, OutsideEvent, OutsideKind, OutsideSnapshot
from ringback.domain.status import Server
from ringback.interaction_manager.agents import queues_of
from ringback.interaction_manager.assignment import wake_queues
from ringback.interaction_manager.outside import (
    THROUGH,
    Names,
    Source,
    callbacks_of,
    find_names,
    interactions,
    live_interactions,
    lock_source,
    save_agents,
    save_interactions,
    save_source,
    speak_for,
)
from ringback.interaction_manager.rules.getting_through import match
from ringback.interaction_manager.rules.outside import EndedWhy, Happening, Interaction, step
from ringback.postgres.database import Transaction
from ringback.postgres.messages import answer
from ringback.postgres.timers import set_timer

SOURCE = re.compile(r"[a-z0-9][a-z0-9-]{0,62}")


@dataclass(frozen=True, slots=True, kw_only=True)
class Reported:
    """What a report did. `expected`: the event that is missing; `unknown`: queues and agents that are not ours; `joined`: whose callback each is."""

    applied: int
    repeated: int
    seq: int
    expected: int | None = None
    unknown: tuple[str, ...] = ()
    joined: Mapping[str, CallbackId] = field(default_factory=dict)


async def report_outside(tx: Transaction, business: BusinessId, command: ReportOutside) -> None:
    """Apply ReportOutside and leave its answer; before a gap everything is applied and kept."""
    try:
        if command.snapshot is not None:
            done = await take_snapshot(tx, business, command.source, command.snapshot)
        else:
            done = await take_events(tx, business, command.source, command.events)
    except Refused as refused:
        await answer(
            tx, business, command.command, problem=refused.id, detail=refused.detail, next=refused.next, field=refused.field
        )  # fmt: skip
        return
    body: dict[str, Any] = {
        "applied": done.applied,
        "repeated": done.repeated,
        "seq": done.seq,
        "unknown": list(done.unknown),
        "joined": {ref: str(callback) for ref, callback in done.joined.items()},
    }
    if done.expected is None:
        await answer(tx, business, command.command, **body)
        return
    await answer(
        tx,
        business,
        command.command,
        problem="event-missing",
        detail=f"Event {done.expected} is missing. What came before it was applied.",
        next=f"Send the events from {done.expected} on, or a snapshot.",
        **body,
    )


async def take_events(tx: Transaction, business: BusinessId, slug: str, events: Sequence[OutsideEvent]) -> Reported:
    """Apply events by their numbers; none at all says that the source is alive. Raises Conflict (`snapshot-needed`), Invalid."""
    source = await _held(tx, business, slug)
    if source.snapshot_at is None:
        raise Conflict("Nothing is known of this source yet.", id="snapshot-needed", next="Send a snapshot first.")
    fresh = sorted((each for each in events if each.seq > source.seq), key=lambda each: each.seq)
    ready, expected = _unbroken(fresh, source.seq)
    names = await _names(tx, business, ready)
    changes = _Changes(
        known=await interactions(tx, business, source.id, [e.interaction for e in ready if e.interaction])
    )
    for event in ready:
        changes.take(event, names, tx.now)
    last = ready[-1].seq if ready else source.seq
    newest = max((each.at for each in ready), default=source.last_at)
    gap_at = None if expected is None else (source.gap_at or tx.now)
    await speak_for(tx, business, source.id, {each.queue for each in changes.changed.values()})
    joined = await _save(tx, business, source, changes)
    await save_source(
        tx, business, replace(source, seq=last, gap_at=gap_at, last_at=_later(source.last_at, newest, tx.now))
    )
    return Reported(
        applied=len(ready), repeated=len(events) - len(fresh), seq=last, expected=expected,
        unknown=tuple(sorted(changes.unknown)), joined=joined,
    )  # fmt: skip


async def take_snapshot(
    tx: Transaction, business: BusinessId, slug: str, snapshot: OutsideSnapshot, *, anew: bool = False
) -> Reported:
    """Take the whole of it; one older than what is known is a repetition, unless the count begins `anew`. Raises Invalid."""
    source = await _held(tx, business, slug)
    if not anew and source.last_at is not None and snapshot.at <= source.last_at and snapshot.seq < source.seq:
        await save_source(tx, business, source)
        return Reported(applied=0, repeated=1, seq=source.seq, expected=_missing(source))
    names = await find_names(
        tx,
        business,
        [*snapshot.queues, *(e.queue for e in snapshot.interactions), *(e.agent for e in snapshot.interactions if e.agent),
         *(e.agent for e in snapshot.agents)],
    )  # fmt: skip
    known = await interactions(tx, business, source.id, [each.interaction for each in snapshot.interactions])
    known |= await live_interactions(tx, business, source.id)
    changes = _Changes(known=known)
    changes.take_all(snapshot, names, tx.now)
    queues = {names.queues[slug] for slug in snapshot.queues if slug in names.queues}
    changes.note_unknown(snapshot.queues, names.queues, "queue")
    await speak_for(tx, business, source.id, queues, only=True)
    joined = await _save(tx, business, source, changes, only=True)
    await save_source(
        tx,
        business,
        replace(source, seq=snapshot.seq, snapshot_at=snapshot.at, gap_at=None, last_at=min(snapshot.at, tx.now)),
    )
    await wake_queues(tx, business, queues)
    return Reported(
        applied=1, repeated=0, seq=snapshot.seq, unknown=tuple(sorted(changes.unknown)), joined=joined
    )  # fmt: skip


# ------------------------------------------------------------------ parts


class _Changes:
    """What a report makes of interactions and agents, before anything is saved."""

    def __init__(self, known: dict[str, Interaction]) -> None:
        self.known = known
        self.changed: dict[str, Interaction] = {}
        self.agents: dict[AgentId, tuple[OutsideAgentState, datetime]] = {}
        self.callers: dict[str, Caller] = {}
        self.touched: set[QueueId] = set()
        self.unknown: set[str] = set()

    def take(self, event: OutsideEvent, names: Names, now: datetime) -> None:
        """Apply one event; a queue or an agent that is not ours is noted and left out."""
        self.note_unknown([event.queue] if event.queue else [], names.queues, "queue")
        self.note_unknown([event.agent] if event.agent else [], names.agents, "agent")
        at = min(event.at, now)
        agent = names.agents.get(event.agent) if event.agent else None
        if event.kind is OutsideKind.AGENT:
            if agent is not None and event.state is not None:
                self.agents[agent] = (event.state, at)
            return
        assert event.interaction is not None, "the events of a report were checked"
        known = self.known.get(event.interaction)
        if event.queue is not None and event.queue not in names.queues:
            self._left_for_elsewhere(known, at)
            return
        happening = Happening(
            seq=event.seq, kind=event.kind, at=at, ref=event.interaction,
            queue=names.queues[event.queue] if event.queue else None,
            agent=agent, media=event.media, priority=event.priority,
        )  # fmt: skip
        made = step(known, happening)
        if made is None:
            return
        if made.closed is not None:
            self._put(made.closed)
        self._put(made.now)
        if event.caller is not None and event.caller.is_known:
            self.callers[event.interaction] = event.caller

    def take_all(self, snapshot: OutsideSnapshot, names: Names, now: datetime) -> None:
        """Make interactions and agents as a snapshot says; whatever is not in it is over, nobody heard how."""
        there = set()
        for each in snapshot.interactions:
            self.note_unknown([each.queue], names.queues, "queue")
            if each.queue not in names.queues:
                continue
            there.add(each.interaction)
            before = self.known.get(each.interaction)
            fresh = Interaction(
                ref=each.interaction, queue=names.queues[each.queue], arrived_at=min(each.arrived_at, now),
                media=each.media, priority=each.priority, callback=before.callback if before else None,
            )  # fmt: skip
            if each.answered_at is not None:
                heard = before.answered_at if before is not None and before.is_live else None
                fresh = fresh.answered(min(each.answered_at, heard or now, now), names.agents.get(each.agent or ""))
            self._put(fresh)
            if each.caller is not None and each.caller.is_known:
                self.callers[each.interaction] = each.caller
        for ref, before in self.known.items():
            if ref not in there and before.is_live:
                self._put(before.ended(min(snapshot.at, now), EndedWhy.LOST))
        self.note_unknown([each.agent for each in snapshot.agents], names.agents, "agent")
        for agent in snapshot.agents:
            if agent.agent in names.agents:
                self.agents[names.agents[agent.agent]] = (agent.state, min(agent.since, now))

    def note_unknown(self, given: Sequence[str], known: Mapping[str, UUID], kind: str) -> None:
        """Note short names that are not ours."""
        self.unknown |= {f"{kind} {name}" for name in given if name not in known}

    def _left_for_elsewhere(self, known: Interaction | None, at: datetime) -> None:
        if known is not None and known.is_live:
            talked = known.answered_at is not None
            self._put(known.ended(at, EndedWhy.TALKED if talked else EndedWhy.LEFT))

    def _put(self, interaction: Interaction) -> None:
        before = self.known.get(interaction.ref)
        self.touched |= {interaction.queue} | ({before.queue} if before is not None else set())
        self.known[interaction.ref] = self.changed[interaction.ref] = interaction


async def _held(tx: Transaction, business: BusinessId, slug: str) -> Source:
    if not SOURCE.fullmatch(slug):
        raise Invalid("Name the source in 1 to 63 lower-case letters, digits and hyphens.", field="source")
    return await lock_source(tx, business, slug)


def _unbroken(fresh: Sequence[OutsideEvent], seq: int) -> tuple[list[OutsideEvent], int | None]:
    """Return the events that follow on each other, and the first that is missing where one is. Each number counts once."""
    ready: list[OutsideEvent] = []
    for event in fresh:
        if event.seq == seq + 1:
            ready.append(event)
            seq += 1
        elif event.seq > seq + 1:
            return ready, seq + 1
    return ready, None


def _missing(source: Source) -> int | None:
    return source.seq + 1 if source.gap_at is not None else None


async def _names(tx: Transaction, business: BusinessId, events: Sequence[OutsideEvent]) -> Names:
    for event in events:
        if event.kind is OutsideKind.AGENT and (event.agent is None or event.state is None):
            raise Invalid(f"Event {event.seq} needs agent and state.", id="event-invalid", field="events")
        if event.kind is not OutsideKind.AGENT and not event.interaction:
            raise Invalid(f"Event {event.seq} needs an interaction.", id="event-invalid", field="events")
        if event.kind in (OutsideKind.ARRIVED, OutsideKind.TRANSFERRED) and not event.queue:
            raise Invalid(f"Event {event.seq} needs a queue.", id="event-invalid", field="events")
    return await find_names(tx, business, [name for e in events for name in (e.queue, e.agent) if name])


async def _save(
    tx: Transaction, business: BusinessId, source: Source, changes: _Changes, *, only: bool = False
) -> dict[str, CallbackId]:
    """Save what changed, join callers to the callbacks they wait for, and wake what that concerns."""
    joined: dict[str, CallbackId] = {}
    for ref, caller in changes.callers.items():
        now = changes.changed[ref]
        if now.callback is None and now.is_live:
            found = match(await callbacks_of(tx, business, now.queue, caller), now.queue)
            if found is not None:
                changes.changed[ref] = replace(now, callback=found.callback)
                joined[ref] = found.callback
    await save_interactions(tx, business, source.id, changes.changed.values())
    await save_agents(tx, business, source.id, changes.agents, only=only)
    # What follows for a callback is decided in a transaction of its own, under its own locks.
    for callback in sorted({each.callback for each in changes.changed.values() if each.callback is not None}):
        await set_timer(tx, business, Server.INTERACTIONS, THROUGH, callback, at=tx.now)
    queues = set(changes.touched)
    for agent in changes.agents:
        queues |= set(await queues_of(tx, business, agent))
    await wake_queues(tx, business, queues)
    if changes.changed or changes.agents:
        tx.hint("console", business)
    for agent in {
        each.agent for each in changes.changed.values() if each.agent is not None and each.callback is not None
    }:
        tx.hint("agent", agent)
    return joined


def _later(one: datetime | None, other: datetime | None, now: datetime) -> datetime | None:
    """Return the later one, and never a time to come: a clock that was wrong for a while must not outlaw what it says later."""
    return max((min(at, now) for at in (one, other) if at is not None), default=None)
