"""Who is there, and when: the plan, corrected by who really came."""

from __future__ import annotations

from datetime import datetime, timedelta

from ringback.domain.status import AgentState
from ringback.domain.times import TimeWindow
from ringback.interaction_manager.rules.policy import Policy
from ringback.interaction_manager.rules.selection import speaks
from ringback.interaction_manager.rules.snapshot import Agent, Queue
from ringback.interaction_manager.rules.wall_clock import without

# A plan is believed beyond this; nearer, those who should be here and are not do not count.
REALLY_THERE = timedelta(hours=4)

SERVING = frozenset(
    {
        AgentState.AVAILABLE,
        AgentState.IN_CHATS,
        AgentState.HELD,
        AgentState.RESERVED,
        AgentState.ON_A_CALL,
        AgentState.WRAP_UP,
    }
)
FREE = frozenset({AgentState.AVAILABLE, AgentState.IN_CHATS})


def on_duty(agent: Agent) -> bool:
    """Tell whether the agent works now: free, or busy and free later; not paused, silent or gone."""
    return agent.state in SERVING


def qualified(agent: Agent, queue: Queue, language: str | None = None) -> bool:
    """Tell whether the agent may take the queue's callbacks, at the first step of its ladder of skills."""
    if queue.id not in agent.queues:
        return False
    step = queue.policy.skill_ladder[0]
    if language is not None and step.language and not speaks(agent.skills, language):
        return False
    return all(agent.skills.get(skill, 0) >= step.level for skill in queue.skills)


def planned(agent: Agent, queue: Queue, start: datetime, end: datetime) -> list[TimeWindow]:
    """Return when the agent is planned to work in the queue's opening hours."""
    opening = queue.hours.open_spans(start, end)
    return [
        TimeWindow(start=max(a.start, b.start), end=min(a.end, b.end))
        for a in agent.shifts.spans(start, end, opening)
        for b in opening
        if a.overlaps(b)
    ]


def staffed(agent: Agent, queue: Queue, now: datetime, start: datetime, end: datetime) -> list[TimeWindow]:
    """Return when the agent can be counted on: the plan, less the time they are missing from it just now."""
    spans = planned(agent, queue, start, end)
    missing = _missing(agent, queue, queue.policy, now)
    return without(spans, [missing]) if missing is not None else spans


def _missing(agent: Agent, queue: Queue, policy: Policy, now: datetime) -> TimeWindow | None:
    """Return the time for which an agent who is not there is not believed to come."""
    if agent.state in SERVING:
        return None
    grace = timedelta(seconds=policy.late_grace)
    if agent.state is not AgentState.OFFLINE:
        return TimeWindow(start=now, end=now + grace)  # paused or silent: back in a while
    current = next((s for s in planned(agent, queue, now - REALLY_THERE, now + REALLY_THERE) if s.contains(now)), None)
    if current is None or now - current.start < grace:
        return None  # not expected yet, or only a little late
    return TimeWindow(start=now, end=min(current.end, now + REALLY_THERE))
