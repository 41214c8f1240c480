"""How long somebody who joins the line now will wait: a distribution, learned from the last two hours.

The mean is the queue-length estimator with abandonment (QLA; Ibrahim and Whitt, "Real-time delay estimation in overloaded
multiserver queues with abandonments", Management Science 2009): the wait is a sum of independent exponential steps, one for each
completion or departure until it is one's turn. A sum of exponentials of different rates (hypoexponential) is taken as the gamma
distribution with the same mean and variance, and its quantiles by the Wilson-Hilferty cube (1931). The sum is counted in agent
seconds and turned into time along the staffing to come, so that shifts that end or begin within the wait move it.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from math import exp, log, sqrt

from ringback.domain.ids import AgentId
from ringback.domain.status import AgentState
from ringback.domain.times import TimeWindow
from ringback.interaction_manager.rules.grid import work_seconds
from ringback.interaction_manager.rules.policy import Policy
from ringback.interaction_manager.rules.snapshot import Agent, Queue, Rates, Snapshot, Waiting
from ringback.interaction_manager.rules.staffing import FREE, on_duty, planned, qualified

# Standard normal quantiles.
Z10, Z50, Z90, Z97 = -1.2815515655, 0.0, 1.2815515655, 1.8807936082
SMALL_TEAM = 5
EXACTLY = 64  # terms of a sum; the rest by its integral
HORIZON = timedelta(hours=16)


@dataclass(frozen=True, slots=True, kw_only=True)
class Handled:
    """One callback that was carried out: from the agent's accepting to the end of the wrap-up, and how long ago that end was."""

    seconds: float
    age: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Wait:
    """The predicted wait, in seconds, with what it came from. None in a quantile: not within the staffing we can see."""

    p10: float
    p50: float
    p90: float
    p97: float
    mean: float
    ahead: int
    servers: int
    free_now: bool
    handling: float


def learn(handled: Iterable[Handled], *, waited: float, withdrawn: int, policy: Policy) -> Rates:
    """Learn a queue's rates. `waited`: seconds waited in all within the memory; `withdrawn`: how many left while waiting."""
    weight, total = policy.prior_weight, policy.prior_weight * policy.prior_handling
    recent = sorted(handled, key=lambda each: each.age)
    for each in recent:
        share = exp(-each.age / policy.rate_memory)
        weight += share
        total += share * each.seconds
    # The prior for leaving: nobody left in an hour of waiting.
    abandonment = withdrawn / (waited + 3600.0)
    return Rates(handling=total / weight, abandonment=abandonment, samples=tuple(each.seconds for each in recent[:200]))


def remaining(rates: Rates, age: float, weight: float) -> float:
    """Return the mean time that a call of this age still takes: from calls that lasted longer, and an exponential prior."""
    longer = [sample - age for sample in rates.samples if sample > age]
    prior = weight * exp(-age / rates.handling)
    if not longer and prior < 1e-6:
        return rates.handling
    return (sum(longer) + prior * rates.handling) / (len(longer) + prior)


def gamma_quantile(mean: float, variance: float, z: float) -> float:
    """Return a quantile of the gamma distribution with this mean and variance; `z` is the normal quantile."""
    if mean <= 0 or variance <= 0:
        return max(mean, 0.0)
    shape = mean * mean / variance
    if shape < 0.7 and z < 0:
        # The cube is poor here; below the median a gamma of small shape is close to (p · Γ(shape + 1))^(1/shape).
        return 0.0
    root = 1 - 1 / (9 * shape) + z * sqrt(1 / (9 * shape))
    return mean * max(root, 0.0) ** 3


def steps(ahead: int, residuals: Sequence[float], handling: float, abandonment: float) -> tuple[float, float]:
    """Return mean and variance, in seconds, of the sum of exponential steps until `ahead` + 1 have been taken out of the line.

    `residuals`: the mean remaining time of each busy agent. With equal ones this is the QLA: sum over k of 1 / (s·mu + k·theta).
    """
    servers = len(residuals)
    in_progress = sorted(residuals)
    rates = [1 / max(residual, 0.5) for residual in in_progress]
    mu = 1 / max(handling, 0.5)
    busy = sum(rates)
    mean = variance = 0.0
    for step in range(ahead + 1):
        if step < servers:
            rate = step * mu + busy
            busy -= rates[step]
        else:
            # From here on all steps are alike but for those who leave: sum in closed form, by the integral of 1/x.
            mean_rest, variance_rest = _alike(ahead - step + 1, servers * mu, abandonment)
            return mean + mean_rest, variance + variance_rest
        rate += (ahead - step) * abandonment
        mean += 1 / rate
        variance += 1 / (rate * rate)
    return mean, variance


def _alike(count: int, rate: float, abandonment: float) -> tuple[float, float]:
    """Return the sum over k = 0 … count - 1 of 1/(rate + k·abandonment), and of its square."""
    if abandonment <= 0:
        return count / rate, count / (rate * rate)
    terms = [1 / (rate + k * abandonment) for k in range(min(count, EXACTLY))]
    mean, variance = sum(terms), sum(term * term for term in terms)
    if count > EXACTLY:
        # Euler-Maclaurin with two corrections: what digamma and trigamma would give.
        first, last = rate + EXACTLY * abandonment, rate + (count - 1) * abandonment
        mean += log(last / first) / abandonment + (1 / first + 1 / last) / 2
        mean += abandonment * (1 / first**2 - 1 / last**2) / 12
        variance += (1 / first - 1 / last) / abandonment + (1 / first**2 + 1 / last**2) / 2
        variance += abandonment * (1 / first**3 - 1 / last**3) / 6
    return mean, variance


@dataclass(frozen=True, slots=True, kw_only=True)
class Server:
    """An agent as the line sees them: until when they work, what part of their time is this line's, and what is left of their call."""

    spans: tuple[TimeWindow, ...]
    share: float
    residual: float | None  # seconds; None: free now


def servers_of(
    snapshot: Snapshot, queue: Queue, now: datetime, language: str | None, only: AgentId | None
) -> list[Server]:
    """Return those on duty who may take this queue's callbacks."""
    rates = snapshot.rate(queue.id)
    work = work_seconds(queue, rates)
    lines = {id: 1 + snapshot.line(id, now) for id in snapshot.queues}
    closing = queue.hours.closing(now) or now + HORIZON
    found = []
    for agent in snapshot.serving(queue.id):
        if not on_duty(agent) or (only is not None and agent.id != only):
            continue
        if only is None and not qualified(agent, queue, language):
            continue
        others = sum(lines.get(id, 1) - 1 for id in agent.queues if id != queue.id)
        spans = planned(agent, queue, now, min(closing, now + HORIZON))
        if not spans or spans[0].start > now:
            # They are here outside their plan: count on them for as long as one callback takes.
            spans = [TimeWindow(start=now, end=min(closing, now + timedelta(seconds=work))), *spans]
        residual = None if agent.state in FREE else _residual(agent, rates, queue.policy, work, now)
        share = lines[queue.id] / (lines[queue.id] + others)
        found.append(Server(spans=tuple(spans), share=share, residual=residual))
    return found


def _residual(agent: Agent, rates: Rates, policy: Policy, work: float, now: datetime) -> float:
    age = max(0.0, (now - agent.since).total_seconds()) if agent.since else 0.0
    left = max(0.0, (agent.until - now).total_seconds()) if agent.until else 0.0
    match agent.state:
        case AgentState.WRAP_UP:
            return left if agent.until else policy.wrap_up
        case AgentState.HELD:
            return left + work
        case AgentState.RESERVED:
            return max(work - age, rates.handling)
        case _:
            return remaining(rates, age, policy.prior_weight)


def _reached(servers: Sequence[Server], now: datetime, needed: float) -> float:
    """Return after how many seconds the servers, along their shifts, have given `needed` agent seconds to this line."""
    edges = sorted(
        {edge for server in servers for span in server.spans for edge in (span.start, span.end) if edge > now}
    )
    at, given = now, 0.0
    for edge in edges:
        rate = sum(server.share for server in servers if any(s.start <= at < s.end for s in server.spans))
        length = (edge - at).total_seconds()
        if rate > 0 and given + rate * length >= needed:
            return (at - now).total_seconds() + (needed - given) / rate
        at, given = edge, given + rate * length
    return (at - now).total_seconds() + 86400.0  # not within the staffing we can see: beyond any closing


def ahead_of(
    snapshot: Snapshot, queue: Queue, now: datetime, *, priority: int = 0, within: float = 0.0
) -> list[Waiting]:
    """Return those who are called before somebody who joins the line now: those ready, and those booked within so many seconds."""
    soon = now + timedelta(seconds=within)
    return [
        each
        for each in snapshot.waiting
        if each.queue == queue.id
        and ((each.ready_at <= now and each.priority >= priority) or (each.booked and now < each.ready_at <= soon))
    ]


def forecast(
    snapshot: Snapshot,
    queue: Queue,
    now: datetime,
    *,
    language: str | None = None,
    named: AgentId | None = None,
    priority: int = 0,
) -> Wait | None:
    """Predict the wait of somebody who joins the line now; None when nobody is on duty."""
    everyone = _forecast(snapshot, queue, now, language, None, priority)
    if named is None:
        return everyone
    alone = _forecast(snapshot, queue, now, language, named, priority)
    if alone is None or everyone is None:
        return alone
    # After the time the policy waits for the named agent, anyone of the queue may call.
    patience = queue.policy.named_agent_wait
    return Wait(
        p10=alone.p10,
        p50=min(alone.p50, patience + everyone.p50),
        p90=min(alone.p90, patience + everyone.p90),
        p97=min(alone.p97, patience + everyone.p97),
        mean=min(alone.mean, patience + everyone.mean),
        ahead=everyone.ahead,
        servers=everyone.servers,
        free_now=alone.free_now,
        handling=alone.handling,
    )


def _forecast(
    snapshot: Snapshot, queue: Queue, now: datetime, language: str | None, only: AgentId | None, priority: int
) -> Wait | None:
    servers = servers_of(snapshot, queue, now, language, only)
    if not servers:
        return None
    rates = snapshot.rate(queue.id)
    work = work_seconds(queue, rates)
    ring = queue.policy.agent_ring
    free = sum(1 for server in servers if server.residual is None)
    within, line = 0.0, ahead_of(snapshot, queue, now, priority=priority)
    if only is not None:
        line = _before_named(line, only, len(snapshot.serving(queue.id)))
    mean = variance = 0.0
    for _ in range(3):  # who is booked within the wait lengthens it
        ahead = sum(each.count for each in line)
        if ahead < free:
            mean = variance = 0.0
            break
        # Free agents take the first at once and are busy from then on; the rest wait for completions.
        residuals = [work if server.residual is None else server.residual for server in servers]
        mean, variance = steps(ahead - free, residuals, work, rates.abandonment)
        if mean <= within:
            break
        within = mean
        line = ahead_of(snapshot, queue, now, priority=priority, within=within)
        if only is not None:
            line = _before_named(line, only, len(snapshot.serving(queue.id)))
    if mean == 0.0:
        return _at_once(sum(each.count for each in line), len(servers), ring, work)
    scale = _head_of_line(line, now, mean, len(servers), work)
    mean, variance = mean * scale, variance * scale * scale
    total = sum(server.share for server in servers)

    def quantile(z: float) -> float:
        return _reached(servers, now, gamma_quantile(mean, variance, z) * len(servers)) if total > 0 else 86400.0

    return Wait(
        p10=quantile(Z10),
        p50=quantile(Z50),
        p90=quantile(Z90),
        p97=quantile(Z97) + 2 * ring,
        mean=_reached(servers, now, mean * len(servers)),
        ahead=sum(each.count for each in line),
        servers=len(servers),
        free_now=False,
        handling=rates.handling,
    )


def _at_once(ahead: int, servers: int, ring: float, work: float) -> Wait:
    """An agent is free: only their answering, and perhaps the next one's, stands between."""
    return Wait(
        p10=0.0,
        p50=ring / 4,
        p90=ring,
        p97=3 * ring,
        mean=ring / 4,
        ahead=ahead,
        servers=servers,
        free_now=True,
        handling=work,
    )


def _before_named(line: list[Waiting], agent: AgentId, team: int) -> list[Waiting]:
    """Return whom a named agent will probably call first: those who named them too, and their part of the others."""
    theirs = [each for each in line if each.named_agent == agent]
    others = [each for each in line if each.named_agent is None]
    part = round(sum(each.count for each in others) / max(team, 1))
    return [*theirs, replace(others[0], count=part)] if part else theirs


def _head_of_line(line: list[Waiting], now: datetime, mean: float, servers: int, work: float) -> float:
    """For small teams, correct the mean half-way towards how long the first in line has waited already.

    That figure is only the beginning of their wait until it is about as long as a call, so that it counts from there on.
    """
    if servers > SMALL_TEAM or not line:
        return 1.0
    waited = max((now - each.ready_at).total_seconds() for each in line)
    if waited < work / 2 or waited < mean / 2:
        return 1.0
    return min(2.0, max(0.5, (mean + waited) / (2 * mean)))
