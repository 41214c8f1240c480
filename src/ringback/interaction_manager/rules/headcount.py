"""Named agents and their plans, made to agree with shifts from the business's own planning: pure, before anything is worked out from them."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Hashable, Iterable, Mapping, Sequence
from dataclasses import replace
from datetime import date, datetime

from ringback.domain.ids import AgentId, QueueId
from ringback.domain.times import TimeWindow
from ringback.interaction_manager.rules.shift_import import FOR_QUEUE, Headcount
from ringback.interaction_manager.rules.snapshot import Agent, Queue
from ringback.interaction_manager.rules.wall_clock import ClockSpan, merged

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

    Who is cut is whose id comes last among those alike. One agent counts for all their skills, and is kept only where each of them
    has room: rather one too few is planned than one too many.
    """
    pieces = _pieces(headcounts)
    if not pieces:
        return dict(agents)
    alike = _alike(agents, queues, headcounts, TimeWindow(start=pieces[0][0].start, end=pieces[-1][0].end))
    for span, counts in pieces:
        left = dict(counts)
        for group in alike:
            mine = group.skills & left.keys()
            if not mine or not group.works_in(span):
                continue
            kept = min(len(group.agents), *(left[skill] for skill in mine))
            for skill in mine:
                left[skill] -= kept
            if kept < len(group.agents):
                group.cuts.append((span, kept))
    cut = {id: windows for group in alike for id, windows in group.cut().items()}
    return {
        id: replace(agent, shifts=replace(agent.shifts, cut=cut[id])) if id in cut else agent
        for id, agent in agents.items()
    }


class _Group:
    """Agents alike in what headcounts speak of and in when they work; asked about times in their order."""

    __slots__ = ("_next", "_works", "agents", "cuts", "skills")

    def __init__(self, skills: frozenset[str], works: Sequence[TimeWindow]) -> None:
        self.skills = skills
        self.agents: list[AgentId] = []
        self.cuts: list[tuple[TimeWindow, int]] = []  # in which time only so many of them are kept
        self._works = works
        self._next = 0

    def works_in(self, span: TimeWindow) -> bool:
        """Tell whether they are planned at any time of this span, which does not begin before the last one asked about."""
        while self._next < len(self._works) and self._works[self._next].end <= span.start:
            self._next += 1
        return self._next < len(self._works) and self._works[self._next].start < span.end

    def cut(self) -> dict[AgentId, tuple[TimeWindow, ...]]:
        """Return when each of them is planned without."""
        found: dict[AgentId, tuple[TimeWindow, ...]] = {}
        known: dict[int, tuple[TimeWindow, ...]] = {}
        levels = sorted({kept for _, kept in self.cuts})
        for place, id in enumerate(self.agents):
            level = bisect_right(levels, place)
            if level not in known:
                known[level] = _in_runs(span for span, kept in self.cuts if kept <= place)
            if known[level]:
                found[id] = known[level]
        return found


def _in_runs(spans: Iterable[TimeWindow]) -> tuple[TimeWindow, ...]:
    """Return spans, given in order of time and apart, with those that touch as one."""
    runs: list[tuple[datetime, datetime]] = []
    for span in spans:
        if runs and runs[-1][1] == span.start:
            runs[-1] = (runs[-1][0], span.end)
        else:
            runs.append((span.start, span.end))
    return tuple(TimeWindow(start=start, end=end) for start, end in runs)


def _alike(
    agents: Mapping[AgentId, Agent],
    queues: Mapping[QueueId, Queue],
    headcounts: Sequence[Headcount],
    whole: TimeWindow,
) -> list[_Group]:
    said = {each.skill for each in headcounts}
    groups: dict[tuple[frozenset[str], int], _Group] = {}
    # Few plans are distinct among thousands of agents: when they work is worked out, and compared, once for each.
    plans: dict[Hashable, int] = {}
    numbers: dict[tuple[TimeWindow, ...], int] = {}
    distinct: list[tuple[TimeWindow, ...]] = []
    for id in sorted(agents):
        agent = agents[id]
        skills = _counts_for(agent, queues) & said
        if not skills:
            continue
        plan = _plan(agent)
        if plan not in plans:
            works = tuple(_works(agent, queues, whole))
            plans[plan] = numbers.setdefault(works, len(numbers))
            if plans[plan] == len(distinct):
                distinct.append(works)
        number = plans[plan]
        if (skills, number) not in groups:
            groups[skills, number] = _Group(skills, distinct[number])
        groups[skills, number].agents.append(id)
    return list(groups.values())


def _plan(agent: Agent) -> Hashable:
    """Return what says when an agent is planned: equal for two who are planned alike."""
    shifts = agent.shifts
    extra = tuple(sorted(shifts.extra.items())) if shifts.extra else ()
    # Who has no week of their own works while their queues are open.
    queues = agent.queues if shifts.week is None else frozenset()
    return (shifts.zone.key, shifts.week, shifts.breaks, shifts.absences, extra, shifts.cut, shifts.out, queues)


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


def _works(agent: Agent, queues: Mapping[QueueId, Queue], whole: TimeWindow) -> list[TimeWindow]:
    """Return when an agent is planned; one without a plan is while any of their queues is open."""
    opening = [
        span
        for id in agent.queues
        if agent.shifts.week is None and id in queues
        for span in queues[id].hours.open_spans(whole.start, whole.end)
    ]
    return agent.shifts.spans(whole.start, whole.end, merged(opening))
