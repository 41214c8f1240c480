"""How long somebody who joins the line now will wait: a distribution, from the snapshot and from what the queue has learned.

The line becomes that of `estimates/`, which predicts it as it predicts the callers of a log (docs/estimate.md). What it predicts is
counted in agent seconds and turned into time along the staffing to come, so that shifts that end or begin within the wait move it.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from math import exp, sqrt

from ringback.domain.ids import AgentId
from ringback.domain.status import AgentState
from ringback.domain.times import TimeWindow
from ringback.interaction_manager.rules.estimates.model import QueueModel, new_model
from ringback.interaction_manager.rules.estimates.passage import Line
from ringback.interaction_manager.rules.grid import work_seconds
from ringback.interaction_manager.rules.policy import Policy
from ringback.interaction_manager.rules.snapshot import Agent, Queue, Rates, Snapshot, Waiting
from ringback.interaction_manager.rules.staffing import FREE, on_duty, planned, qualified

# Standard normal quantiles.
Z10, Z50, Z90, Z97 = -1.2815515655, 0.0, 1.2815515655, 1.8807936082
HORIZON = timedelta(hours=16)
SHORT = 300.0  # seconds: whose shift begins within so short a wait does not change it much


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


@dataclass(frozen=True, slots=True, kw_only=True)
class Server:
    """An agent as the line sees them: until when they work, what part of their time is this line's, and what they are at."""

    spans: tuple[TimeWindow, ...]
    share: float
    age: float | None = None  # seconds of the call in progress
    soon: float | None = None  # seconds until a wrap-up or a hold is over

    @property
    def free(self) -> bool:
        """Tell whether they wait for a call."""
        return self.age is None and self.soon is None


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
        share = lines[queue.id] / (lines[queue.id] + others)
        age, soon = (None, None) if agent.state in FREE else _at_work(agent, rates, queue.policy, work, now)
        found.append(Server(spans=tuple(spans), share=share, age=age, soon=soon))
    return found


def _at_work(
    agent: Agent, rates: Rates, policy: Policy, work: float, now: datetime
) -> tuple[float | None, float | None]:
    """Return the age of an agent's call, or how long something else takes still whose end is known."""
    age = max(0.0, (now - agent.since).total_seconds()) if agent.since else 0.0
    left = max(0.0, (agent.until - now).total_seconds()) if agent.until else 0.0
    match agent.state:
        case AgentState.WRAP_UP:
            return None, left if agent.until else policy.wrap_up
        case AgentState.HELD:
            return None, left + work
        case AgentState.RESERVED:
            return None, max(work - age, rates.handling)
        case _:
            return age, None


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
    free = sum(1 for server in servers if server.free)
    within, line = 0.0, ahead_of(snapshot, queue, now, priority=priority)
    if only is not None:
        line = _before_named(line, only, len(snapshot.serving(queue.id)))
    model, prediction = rates.model or _of_rates(rates, queue.policy), None
    for _ in range(3):  # who is booked within the wait lengthens it
        ahead = sum(each.count for each in line)
        if ahead < free:
            prediction = None
            break
        prediction = model.predict((_line(servers, line, now),), now.timestamp(), mean=work)
        if prediction.p50 <= within:
            break
        within = prediction.p50
        line = ahead_of(snapshot, queue, now, priority=priority, within=within)
        if only is not None:
            line = _before_named(line, only, len(snapshot.serving(queue.id)))
    if prediction is None:
        return _at_once(sum(each.count for each in line), len(servers), ring, work)
    total = sum(server.share for server in servers)
    coming = _coming(snapshot, queue, now, language, only) if prediction.p97 > SHORT else []

    def along(seconds: float) -> float:
        return _reached([*servers, *coming], now, seconds * total)

    return Wait(
        p10=along(prediction.p10),
        p50=along(prediction.p50),
        p90=along(prediction.p90),
        p97=along(prediction.p97) + 2 * ring,
        mean=along((prediction.p10 + 2 * prediction.p50 + prediction.p90) / 4),
        ahead=sum(each.count for each in line),
        servers=len(servers),
        free_now=False,
        handling=rates.handling,
    )


def _line(servers: Sequence[Server], waiting: Sequence[Waiting], now: datetime) -> Line:
    """Return the line as the estimate sees it, from the snapshot."""
    return Line(
        ahead=float(sum(each.count for each in waiting)),
        oldest=max((max(0.0, (now - each.ready_at).total_seconds()) for each in waiting), default=0.0),
        busy=[(server.age, server.share) for server in servers if server.age is not None],
        soon=[(server.soon, server.share) for server in servers if server.soon is not None],
        free=sum(server.share for server in servers if server.free),
    )


def _of_rates(rates: Rates, policy: Policy) -> QueueModel:
    """Return the model of a queue of which only the rates are known."""
    model = new_model(prior=rates.handling, weight=policy.prior_weight, memory=policy.rate_memory)
    model.patience.rates = [rates.abandonment] * len(model.patience.rates)
    return model


def _coming(
    snapshot: Snapshot, queue: Queue, now: datetime, language: str | None, only: AgentId | None
) -> list[Server]:
    """Return those whose shift begins within the time we can see, each by the share of planned people who come."""
    horizon = min(queue.hours.closing(now) or now + HORIZON, now + HORIZON)
    found = []
    for agent in snapshot.serving(queue.id):
        if agent.state is not AgentState.OFFLINE or not qualified(agent, queue, language):
            continue
        spans = [span for span in planned(agent, queue, now, horizon) if span.start > now]
        if spans and (only is None or agent.id == only):
            share = (1.0 - queue.policy.shrinkage) / max(len(agent.queues), 1)
            found.append(Server(spans=tuple(spans), share=share))
    return found


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
