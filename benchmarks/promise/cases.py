"""The cases: real arrivals scaled to a size of team, staffing by the half-hour, sudden steps, two skills with shared agents."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from math import log
from random import Random

from benchmarks.days.load import HALF_HOUR, PATIENCE, SERVICE, Day, open_days
from benchmarks.promise.centre import Arrival, Centre, Duty, Found


@dataclass(frozen=True, slots=True, kw_only=True)
class Case:
    """One queue log to make. `team`: agents at a busy time; `load`: offered work ÷ staffing on average; `steps`: sudden changes a day."""

    name: str
    team: int
    seed: int
    days: int = 20
    first: date = date(1999, 2, 1)
    load: float = 1.05
    steps: int = 0
    two_skills: bool = False
    members: bool = True
    queues: tuple[str, ...] = ("support",)


@dataclass(frozen=True, slots=True, kw_only=True)
class Made:
    """A queue log, and the truth behind it: what each caller found, by call."""

    lines: list[str]
    found: dict[str, Found]


CASES = (
    Case(name="5 agents", team=5, seed=11),
    Case(name="30 agents", team=30, seed=12),
    Case(name="120 agents", team=120, seed=13),
    Case(name="5 agents, steps", team=5, seed=14, steps=4, first=date(1999, 5, 2)),
    Case(name="30 agents, steps", team=30, seed=15, steps=4, first=date(1999, 5, 2)),
    Case(name="two skills", team=30, seed=16, two_skills=True, queues=("billing", "support"), first=date(1999, 3, 1)),
)


def make(case: Case) -> Made:
    """Make a case's log; the same case always gives the same."""
    chance = Random(case.seed)
    days = open_days(case.first, case.days)
    busy = sorted(_half_hours(days), reverse=True)[len(list(_half_hours(days))) // 4]
    scale = case.team * 1800 / (SERVICE * busy * 1.0)
    arrivals = [each for day in days for each in _arrivals(day, scale, case, chance)]
    duties = [each for day in days for each in _duties(day, scale, case, chance)]
    centre = Centre(chance=chance, members=case.members)
    centre.run(arrivals, duties, case.queues)
    return Made(lines=centre.lines, found=centre.found)


def _open(day: Day) -> list[tuple[datetime, float]]:
    return [(begins, count) for begins, count in day.counts if day.opens <= begins < day.closes]


def _half_hours(days: Sequence[Day]) -> Iterator[float]:
    for day in days:
        counts = [count for _, count in _open(day)]
        yield from (sum(counts[i : i + 5]) for i in range(0, len(counts), 5))


def poisson(chance: Random, mean: float) -> int:
    """Draw from the Poisson distribution, by the gaps between its events."""
    count, passed = 0, -log(1 - chance.random())
    while passed < mean:
        count += 1
        passed -= log(1 - chance.random())
    return count


def _arrivals(day: Day, scale: float, case: Case, chance: Random) -> list[Arrival]:
    found = []
    for begins, count in _open(day):
        for _ in range(poisson(chance, count * scale)):
            queue = case.queues[0] if len(case.queues) == 1 or chance.random() < 0.5 else case.queues[1]
            found.append(Arrival(at=begins.timestamp() + 360 * chance.random(), queue=queue))
    return sorted(found, key=lambda each: each.at)


def _duties(day: Day, scale: float, case: Case, chance: Random) -> list[Duty]:
    """Staff each half-hour for its load, as well as a planner guesses it; then send some away, suddenly, and back."""
    counts = [count for _, count in _open(day)]
    wanted = []
    for i in range(0, len(counts), 5):
        near = counts[max(0, i - 5) : i + 10]
        expected = sum(near) / len(near) * 5 * scale * chance.lognormvariate(0, 0.06)
        wanted.append(max(1, round(expected * SERVICE / 1800 / case.load)))
    opens = day.opens.timestamp()
    edges = [(opens + i * HALF_HOUR.total_seconds(), n) for i, n in enumerate(wanted)]
    away: list[tuple[float, float, float]] = []
    for _ in range(case.steps):
        begins = opens + chance.random() * (day.closes.timestamp() - opens)
        away.append((begins, begins + chance.uniform(1200, 5400), chance.uniform(0.25, 0.5)))
    times = sorted({at for at, _ in edges} | {at for begins, ends, _ in away for at in (begins, ends)})
    times = [at for at in times if at < day.closes.timestamp()]
    closing = (day.closes + timedelta(minutes=0)).timestamp()
    working: dict[int, float] = {}
    duties = []
    for at in times:
        planned = [n for begins, n in edges if begins <= at][-1]
        share = 1.0
        for begins, ends, part in away:
            share *= 1 - part if begins <= at < ends else 1.0
        number = max(1, round(planned * share))
        # Whoever has worked longest goes first.
        while len(working) > number:
            agent = min(working, key=lambda each: (working[each], each))
            duties.append(_duty(agent, working.pop(agent), at, case))
        free = (n for n in range(10_000) if n not in working)
        while len(working) < number:
            working[next(free)] = at
    duties += [_duty(agent, begins, closing, case) for agent, begins in working.items()]
    return [duty for duty in duties if duty.ends > duty.begins]


def _duty(agent: int, begins: float, ends: float, case: Case) -> Duty:
    queues = case.queues
    if case.two_skills:
        queues = (case.queues[:1], case.queues[1:], case.queues)[agent % 3]
    return Duty(agent=f"PJSIP/{1000 + agent}", queues=queues, begins=begins, ends=ends)


def qla(found: Found) -> float:
    """Return the queue-length estimate with abandonment, given the true mean rates."""
    mu, theta = 1 / SERVICE, 1 / PATIENCE
    return sum(1 / (max(found.agents, 1) * mu + k * theta) for k in range(found.ahead + 1))
