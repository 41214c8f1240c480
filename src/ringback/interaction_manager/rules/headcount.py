"""Named agents and their plans, made to agree with shifts from the business's own planning: pure, before anything is worked out from them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import date

from ringback.domain.ids import AgentId, QueueId
from ringback.domain.times import TimeWindow
from ringback.interaction_manager.rules.shift_import import FOR_QUEUE, Headcount
from ringback.interaction_manager.rules.snapshot import Agent, Queue
from ringback.interaction_manager.rules.wall_clock import ClockSpan

_NEVER: tuple[tuple[ClockSpan, ...], ...] = ((),) * 7


def with_shifts(agent: Agent, days: Mapping[date, tuple[ClockSpan, ...]]) -> Agent:
    """Return an agent whose plan on these days is another one. Without a weekly plan of their own they work by these alone."""
    if not days:
        return agent
    shifts = agent.shifts
    return replace(
        agent,
        shifts=replace(
            shifts, week=_NEVER if shifts.week is None else shifts.week, extra={**(shifts.extra or {}), **days}
        ),
    )


def with_headcount(
    agents: Mapping[AgentId, Agent], queues: Mapping[QueueId, Queue], headcounts: Sequence[Headcount]
) -> dict[AgentId, Agent]:
    """Return the agents with no more of a skill planned at any time than its headcount says.

    Who is cut is whose id comes last: whoever really works is not told by a headcount. One agent counts for all their skills, and
    is kept only where each of them has room: rather one too few is planned than one too many.
    """
    by_span: dict[TimeWindow, dict[str, int]] = {}
    for span, said in _pieces(headcounts):
        by_span.setdefault(span, {}).update(said)
    cut: dict[AgentId, list[TimeWindow]] = {}
    able = {id: _counts_for(agent, queues) for id, agent in agents.items()}
    for span, counts in by_span.items():
        left = dict(counts)
        for id in sorted(agents):
            mine = able[id] & left.keys()
            if not mine or not _planned(agents[id], queues, span):
                continue
            if all(left[skill] > 0 for skill in mine):
                for skill in mine:
                    left[skill] -= 1
            else:
                cut.setdefault(id, []).append(span)
    return {
        id: replace(agent, shifts=replace(agent.shifts, cut=tuple(cut[id]))) if id in cut else agent
        for id, agent in agents.items()
    }


def _pieces(headcounts: Sequence[Headcount]) -> list[tuple[TimeWindow, dict[str, int]]]:
    """Cut the intervals of all skills where any of them begins or ends."""
    edges = sorted({edge for each in headcounts for edge in (each.span.start, each.span.end)})
    begin = {edge: i for i, edge in enumerate(edges)}
    pieces: list[dict[str, int]] = [{} for _ in edges]
    for each in headcounts:
        for i in range(begin[each.span.start], begin[each.span.end]):
            pieces[i][each.skill] = each.agents
    return [(TimeWindow(start=edges[i], end=edges[i + 1]), counts) for i, counts in enumerate(pieces) if counts]


def _counts_for(agent: Agent, queues: Mapping[QueueId, Queue]) -> frozenset[str]:
    served = {f"{FOR_QUEUE}{queues[id].slug}" for id in agent.queues if id in queues}
    return frozenset(served | set(agent.skills))


def _planned(agent: Agent, queues: Mapping[QueueId, Queue], span: TimeWindow) -> bool:
    if agent.shifts.week is None:
        return any(queues[id].hours.open_spans(span.start, span.end) for id in agent.queues if id in queues)
    return bool(agent.shifts.spans(span.start, span.end))
