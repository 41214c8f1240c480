"""Who is there, and when: the plan, corrected by who really came."""

from __future__ import annotations

from datetime import datetime, timedelta

from ringback.domain.status import AgentState
from ringback.domain.times import TimeWindow
from ringback.interaction_manager.rules.selection import speaks
from ringback.interaction_manager.rules.snapshot import Agent, Queue, Snapshot

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


def planned_of(snapshot: Snapshot, agent: Agent, queue: Queue, start: datetime, end: datetime) -> list[TimeWindow]:
    """Return the same for an agent of a snapshot; worked out once where several requests are judged at one moment."""
    if snapshot.plans is None:
        return planned(agent, queue, start, end)
    key = (agent.id, queue.id, start, end)
    if key not in snapshot.plans:
        snapshot.plans[key] = planned(agent, queue, start, end)
    return snapshot.plans[key]


def missing(agent: Agent, plan: list[TimeWindow], now: datetime, *, grace: float) -> TimeWindow | None:
    """Return the time for which an agent who is not there is not believed to come. `plan`: when they are planned around now."""
    if agent.state in SERVING:
        return None
    late = timedelta(seconds=grace)
    if agent.state is not AgentState.OFFLINE:
        return TimeWindow(start=now, end=now + late)  # paused or silent: back in a while
    current = next((span for span in plan if span.contains(now)), None)
    if current is None or now - current.start < late:
        return None  # not expected yet, or only a little late
    return TimeWindow(start=now, end=min(current.end, now + REALLY_THERE))
