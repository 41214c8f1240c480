"""Whether a callback is possible, now or at a time: the one judgement that offers show and admission applies."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime
from zoneinfo import ZoneInfo

from ringback.domain.offers import Reason, Refusal
from ringback.domain.outside import StaleThen
from ringback.domain.times import TimeWindow
from ringback.interaction_manager.rules.estimate import Wait, forecast
from ringback.interaction_manager.rules.grid import work_seconds
from ringback.interaction_manager.rules.outside import WIDER_DOWN, WIDER_UP
from ringback.interaction_manager.rules.promise import asap_window
from ringback.interaction_manager.rules.snapshot import Agent, Queue, Snapshot
from ringback.interaction_manager.rules.staffing import on_duty, qualified
from ringback.interaction_manager.rules.words import clock, minutes, people

_EXPONENTIAL = 2.3026  # nine of ten are shorter than so many means, until more is known


@dataclass(frozen=True, slots=True, kw_only=True)
class Possible:
    """It can be promised: the window, the slot whose count it takes (none for as soon as possible), and why."""

    window: TimeWindow
    ready_at: datetime
    reason: Reason
    slot: TimeWindow | None = None
    room: int = 0
    wait: Wait | None = None


def refusal(id: str, verdict: str, *, next: str | None = None, **detail: str | float | None) -> Refusal:
    """Make a refusal from its words and figures."""
    return Refusal(id=id, reason=Reason(verdict=verdict, detail=detail), next=next)


def stopped(queue: Queue) -> Refusal | None:
    """Refuse while an incident's words stand instead of offers, or the queue's lever for offering is off."""
    if queue.incident is not None:
        return refusal("incident", queue.incident, next="You can go on chatting here.")
    if queue.offering:
        return None
    return refusal(
        "offering-stopped", f"{queue.name} takes no new callbacks just now.", next="You can go on chatting here."
    )


def closed(queue: Queue, at: datetime, zone: ZoneInfo, now: datetime) -> Refusal:
    """Refuse because the queue is closed then, with when it opens."""
    opening = queue.hours.next_opening(at)
    why = queue.hours.closed_name(at.astimezone(queue.hours.zone).date())
    until = f" until {clock(opening, zone, now)}" if opening is not None else ""
    return refusal(
        "closed",
        f"{queue.name} is closed{until}." + (f" {why}." if why else ""),
        next=f"{queue.name} opens {clock(opening, zone, now)}." if opening is not None else None,
        opens=opening.isoformat() if opening is not None else None,
        why=queue.hours.why_closed(at),
    )


def as_soon_as_possible(
    snapshot: Snapshot,
    queue: Queue,
    agent: Agent | None,
    now: datetime,
    zone: ZoneInfo,
    *,
    language: str | None = None,
    priority: int = 0,
) -> Possible | Refusal:
    """Judge a callback as soon as possible: the estimate, the promise, and whether both end before closing."""
    refused = stopped(queue)
    if refused is not None:
        return refused
    if not queue.hours.is_open(now):
        return closed(queue, now, zone, now)
    if not queue.dialling:
        return refusal("dialling-stopped", f"{queue.name} cannot call just now.", next="Pick a later time.")
    if agent is not None and not on_duty(agent):
        return refusal("agent-away", f"{agent.name} is not here just now.", next="Pick a time, or anyone else.")
    waiting = sum(
        each.count for each in snapshot.waiting if each.queue == queue.id and not each.booked and not each.outside
    )
    if queue.backlog_cap is not None and waiting >= queue.backlog_cap:
        return refusal(
            "backlog-full",
            f"Too many people are waiting for {queue.name} just now.",
            next="Pick a time.",
            waiting=waiting,
            cap=queue.backlog_cap,
        )
    listed = snapshot.listed.get(queue.id, 0)
    full = queue.id not in snapshot.invited if queue.backlog_cap is None else waiting + listed >= queue.backlog_cap
    if queue.waitlist and listed and full:
        return refusal(
            "waitlist",
            f"{people(listed)} {_waits(listed)} for room at {queue.name}.",
            next="Pick a time.",
            listed=listed,
        )
    wait = forecast(
        snapshot, queue, now, language=language, named=agent.id if agent is not None else None, priority=priority
    )
    if wait is None:
        serving = [each for each in snapshot.serving(queue.id) if qualified(each, queue, language)]
        return refusal(
            "no-staff", f"Nobody at {queue.name} is on duty just now.", next="Pick a time.", serve_it=len(serving)
        )
    stale = stale_for(snapshot, queue, now)
    if stale is not None and queue.policy.outside_stale_then is StaleThen.STOP:
        return refusal(
            "status-stale",
            f"We cannot see how long the line of {queue.name} is just now.",
            next="Pick a time.",
            status_age=round(stale),
        )
    if stale is not None:
        wait = widened(wait)
    if queue.wait_cap is not None and wait.p90 > queue.wait_cap:
        return refusal(
            "wait-too-long",
            f"The wait for {queue.name} is too long just now.",
            next="Pick a time.",
            wait_p90=round(wait.p90),
            cap=queue.wait_cap,
        )
    return _before_closing(snapshot, queue, wait, now, zone, waiting)


def _waits(count: int) -> str:
    return "waits" if count == 1 else "wait"


def stale_for(snapshot: Snapshot, queue: Queue, now: datetime) -> float | None:
    """Return for how many seconds a queue's live status from outside has been stale; None where it is live, or comes from nowhere."""
    feed = snapshot.feeds.get(queue.id)
    return None if feed is None else feed.stale_for(now, queue.policy.outside_stale_after)


def widened(wait: Wait) -> Wait:
    """Return a wait as wide as it must be when nobody can say who came and left meanwhile; "at once" is not said then."""
    least = wait.handling if wait.free_now else 0.0
    return replace(
        wait,
        p10=wait.p10 * WIDER_DOWN,
        p50=max(wait.p50, least * WIDER_DOWN),
        p90=max(wait.p90 * WIDER_UP, least),
        p97=max(wait.p97 * WIDER_UP, least * WIDER_UP),
        free_now=False,
        basis=None,
    )


def _before_closing(
    snapshot: Snapshot, queue: Queue, wait: Wait, now: datetime, zone: ZoneInfo, waiting: int
) -> Possible | Refusal:
    policy, rates = queue.policy, snapshot.rate(queue.id)
    window = asap_window(wait, now, policy)
    closing = queue.hours.closing(now)
    handling = rates.handling_p90 if rates.handling_p90 is not None else _EXPONENTIAL * rates.handling
    detail: dict[str, str | int | float | None] = {
        "ahead": wait.ahead,
        "on_duty": wait.servers,
        "free_now": int(wait.free_now),
        "handling_seconds": round(wait.handling),
        "wait_p10": round(wait.p10),
        "wait_p90": round(wait.p90),
        "wait_p97": round(wait.p97),
        "closing": closing.isoformat() if closing else None,
    }
    if closing is not None:
        left = (closing - now).total_seconds()
        work = work_seconds(queue, rates)
        load = (wait.ahead + 1) * work / max(1.0, wait.servers * left)
        if wait.p97 + handling > left:
            return refusal(
                "too-late-today",
                f"{queue.name} closes at {clock(closing, zone, now)}, and the wait is too long before that.",
                next="Pick a time on the next day.",
                **detail,
            )
        if load > policy.refuse_above and not wait.free_now:
            return refusal("backlog-full", f"{queue.name} has no time left today.", next="Pick a time.", **detail)
        window = TimeWindow(start=window.start, end=min(window.end, closing))
    words = "somebody is free" if wait.free_now else minutes(wait.p10, wait.p90)
    stale = stale_for(snapshot, queue, now)
    if stale is not None:
        detail["status_age"] = round(stale)
        words += f"; the live line was last known {round(stale)} s ago"
    return Possible(
        window=window,
        ready_at=now,
        wait=wait,
        room=max(0, queue.backlog_cap - waiting) if queue.backlog_cap is not None else 1,
        reason=Reason(verdict=f"{wait.ahead} ahead, {people(wait.servers)} on duty: {words}", detail=detail),
    )


def slot_length(snapshot: Snapshot, queue: Queue) -> float:
    """Return the seconds of one slot of this queue."""
    return queue.policy.slot_seconds(snapshot.serve_it(queue.id))
