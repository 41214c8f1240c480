"""Whether a callback is possible at a time: a slot, an instant, or the best moment inside a window; one judgement for offers, holds and bookings."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from ringback.domain.ids import AgentId, QueueId
from ringback.domain.offers import Reason, Refusal
from ringback.domain.times import TimeWindow, When, WhenKind
from ringback.interaction_manager.rules.dial_permission import in_calling_hours
from ringback.interaction_manager.rules.grid import slot_grid
from ringback.interaction_manager.rules.possibility import Possible, closed, refusal, slot_length, stopped
from ringback.interaction_manager.rules.promise import asked_window
from ringback.interaction_manager.rules.slots import Timetable
from ringback.interaction_manager.rules.snapshot import Agent, Queue, Snapshot
from ringback.interaction_manager.rules.words import clock, people

# Somebody who reads a time back and says yes may be a little after it.
LATE_YES = timedelta(seconds=60)
CLEARLY = 0.1  # of a slot's staffing: a place is not moved for less
_REMEMBERED = 50_000
_UNSAID = Reason(verdict="")


@dataclass(frozen=True, slots=True, kw_only=True)
class Frame:
    """What a time comes to by the queue's hours alone. `window` None: closed then. `slots`: those whose count it may take."""

    asked: TimeWindow
    window: TimeWindow | None
    slots: tuple[TimeWindow, ...]


def at_a_time(
    snapshot: Snapshot,
    timetable: Timetable,
    queue: Queue,
    agent: Agent | None,
    when: When,
    now: datetime,
    *,
    named_time: bool,
    by_message: bool = False,
    explain: bool = True,
) -> Possible | Refusal:
    """Judge a callback at a slot, an instant or in a window. `by_message`: it was offered so, not on a page; without `explain` a yes has no words."""
    policy = queue.policy
    assert when.start is not None
    refused = stopped(queue)
    if refused is not None:
        return refused
    frame = _frame(snapshot, queue, when)
    asked, window = frame.asked, frame.window
    zone = ZoneInfo(when.zone)
    if _last_chance(snapshot, queue, agent, when, by_message=by_message) < now or asked.end <= now:
        return refusal("past-time", f"{clock(when.start, zone, now)} has passed.", next="Pick a later time.")
    if asked.start > now + timedelta(days=policy.days_ahead + 1):
        return refusal(
            "too-far-ahead", f"{queue.name} plans {policy.days_ahead} days ahead.", next="Pick an earlier day.",
            days_ahead=policy.days_ahead,
        )  # fmt: skip
    if window is None:
        return closed(queue, asked.start, zone, now)
    if not named_time and not in_calling_hours(window.start, policy.calling_hours, zone):
        calling = policy.calling_hours
        return refusal(
            "outside-calling-hours",
            f"We call between {calling.start:%H:%M} and {calling.end:%H:%M} where you are.",
            next="Pick a time between, or name one yourself.",
        )
    slots = [slot for slot in frame.slots if when.kind is not WhenKind.WINDOW or slot.end > now]
    named = agent.id if agent is not None else None
    found = _place(timetable, queue, named, slots, when.kind, _kept_for(snapshot, queue, named))
    if found is None:
        return _why_not(timetable, queue, agent, slots, clock(when.start, zone, now))
    slot, room = found
    return Possible(
        window=window,
        ready_at=max(window.start, slot.start) if when.kind is WhenKind.WINDOW else window.start,
        slot=slot,
        room=room,
        reason=_why(timetable, queue.id, slot, room) if explain else _UNSAID,
    )


def _why(timetable: Timetable, queue: QueueId, slot: TimeWindow, room: int) -> Reason:
    booked, there = timetable.booked(queue, slot), timetable.on_shift(queue, slot)
    return Reason(
        verdict=f"{people(there)} planned, {booked} booked, room for {room}",
        detail={"planned": there, "booked": booked, "room": room, "slot": slot.start.isoformat()},
    )


def _last_chance(snapshot: Snapshot, queue: Queue, agent: Agent | None, when: When, *, by_message: bool) -> datetime:
    """Return until when a time can be taken: one that has begun, by those who were offered it, and longer where it is kept for them."""
    assert when.start is not None
    if when.kind is WhenKind.WINDOW and when.end is not None:
        return when.end
    hold = queue.policy.slot_hold_by_message if by_message else queue.policy.slot_hold
    length = slot_length(snapshot, queue)
    grace = LATE_YES if when.kind is WhenKind.INSTANT else timedelta(seconds=min(hold, length / 3))
    kept = _kept_for(snapshot, queue, agent.id if agent is not None else None)
    if kept is not None and kept.start <= when.start < kept.end:
        grace = max(grace, timedelta(seconds=min(hold, length)))
    return when.start + grace


def _kept_for(snapshot: Snapshot, queue: Queue, named: AgentId | None) -> TimeWindow | None:
    """Return the slot in which a place is kept for whoever asks, if it is of this queue and agent."""
    kept = snapshot.own_hold
    return kept.slot if kept is not None and (kept.queue, kept.named_agent) == (queue.id, named) else None


# ------------------------------------------------------------------ what a time comes to


def _frame(snapshot: Snapshot, queue: Queue, when: When) -> Frame:
    """Return a time's frame; remembered, because people ask for the same times."""
    structure = snapshot.structure
    if structure is None or not structure.has_hours(queue):
        return _new_frame(queue, when, slot_length(snapshot, queue))
    key = (queue.id, when.kind, when.start, when.end)
    known = structure.frames.get(key)
    if known is None:
        if len(structure.frames) >= _REMEMBERED:
            structure.frames.clear()
        known = structure.frames[key] = _new_frame(queue, when, slot_length(snapshot, queue))
    return known


def _new_frame(queue: Queue, when: When, length: float) -> Frame:
    asked = asked_window(when, queue.policy)
    spans = queue.hours.open_spans(asked.start, asked.end)
    in_window = when.kind is WhenKind.WINDOW
    if not spans or (not in_window and spans[0].start > asked.start):
        return Frame(asked=asked, window=None, slots=())  # a slot or an instant begins while it is open
    window = TimeWindow(start=spans[0].start, end=spans[-1].end if in_window else spans[0].end)
    step = timedelta(seconds=length)
    grid = slot_grid(queue.hours, length, window.start - step, window.end)
    if in_window:
        return Frame(asked=asked, window=window, slots=tuple(slot for slot in grid if slot.end > window.start))
    mine = next((slot for slot in grid if slot.start <= window.start < slot.end), None)
    return Frame(asked=asked, window=window, slots=(mine,) if mine is not None else ())


# ------------------------------------------------------------------ which slot takes it


def _place(
    timetable: Timetable,
    queue: Queue,
    named: AgentId | None,
    slots: list[TimeWindow],
    kind: WhenKind,
    kept: TimeWindow | None,
) -> tuple[TimeWindow, int] | None:
    """Return a slot with room, and how much. Inside a window: the one kept for whoever asks, else the least loaded, the earlier of equals."""
    found: tuple[TimeWindow, int] | None = None
    least = 0.0
    for slot in slots:
        # A place that is kept is there whatever happened to the rest of its slot.
        room = max(timetable.room(queue.id, slot, named), int(slot == kept))
        if room <= 0:
            continue
        if kind is not WhenKind.WINDOW or slot == kept:
            return slot, room
        load = timetable.load(queue.id, slot)
        if found is None or load < least - 1e-9:
            found, least = (slot, room), load
    return found


def stays(timetable: Timetable, queue: QueueId, current: datetime | None, found: Possible) -> bool:
    """Tell whether a place inside a window is good enough to keep: it can be carried out still, and no other is clearly less loaded."""
    if current is None or found.slot is None or found.slot.start == current:
        return True
    now_in = TimeWindow(start=current, end=current + found.slot.length)
    if timetable.room(queue, now_in) <= 0:
        return False
    return timetable.load(queue, now_in) <= timetable.load(queue, found.slot) + CLEARLY


def _why_not(timetable: Timetable, queue: Queue, agent: Agent | None, slots: list[TimeWindow], at: str) -> Refusal:
    if not slots:
        return refusal("too-close-to-closing", f"{at} is too close to closing.", next="Pick an earlier time.")
    there = max(timetable.on_shift(queue.id, slot) for slot in slots)
    if agent is not None and not any(timetable.is_there(agent.id, slot) for slot in slots):
        return refusal("agent-away", f"{agent.name} is not here at {at}.", next="Pick another time, or anyone else.")
    if there == 0:
        return refusal("no-staff", f"Nobody at {queue.name} is planned for {at}.", next="Pick another time.")
    return refusal(
        "slot-taken", f"{at} was just taken.", next="Pick another time.", planned=there,
        booked=sum(timetable.booked(queue.id, slot) for slot in slots),
    )  # fmt: skip
