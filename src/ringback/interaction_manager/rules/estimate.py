"""How long somebody who joins the line now will wait: a distribution, from the snapshot and from what the queue has learned.

The line becomes that of `estimates/`, which predicts it as it predicts the callers of a log (docs/estimate.md). What it predicts is
counted in agent seconds and turned into time along the staffing to come, so that shifts that end or begin within the wait move it.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from ringback.domain.ids import AgentId
from ringback.domain.status import AgentState
from ringback.domain.times import TimeWindow
from ringback.interaction_manager.rules.estimates.basis import Basis
from ringback.interaction_manager.rules.estimates.division import Shared
from ringback.interaction_manager.rules.estimates.model import Prediction, QueueModel, new_model
from ringback.interaction_manager.rules.estimates.passage import Line
from ringback.interaction_manager.rules.grid import turn_seconds
from ringback.interaction_manager.rules.policy import Policy
from ringback.interaction_manager.rules.snapshot import Agent, Queue, Rates, Snapshot, Waiting
from ringback.interaction_manager.rules.staffing import FREE, on_duty, planned_of, qualified

HORIZON = timedelta(hours=16)
SHORT = 300.0  # seconds: whose shift begins within so short a wait does not change it much
_TRIES = 10.0  # before the success of tries is believed rather than that they all succeed


@dataclass(frozen=True, slots=True, kw_only=True)
class Wait:
    """The predicted wait, in seconds, with what it came from; `basis`: what its outcome teaches, None where it teaches nothing."""

    p10: float
    p50: float
    p90: float
    p97: float
    mean: float
    ahead: int
    servers: int
    free_now: bool
    handling: float
    basis: Basis | None = None


def rates_of(model: QueueModel, now: datetime) -> Rates:
    """Return the single figures of what a queue has learned."""
    at = now.timestamp()
    known = model.success.weight >= 1.0
    return Rates(
        handling=model.handling.mean(at),
        handling_p90=model.handling.quantile(0.9, at),
        success=model.success.mean(1.0, _TRIES) if known else None,
        model=model,
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class Server:
    """An agent as the line sees them: until when they work, what part of their time is this line's, and what they are at."""

    spans: tuple[TimeWindow, ...]
    share: float
    shared: bool = False  # they serve other lines, too
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
    return _servers(snapshot, queue, now, _serving(snapshot, queue, language, only), _model(snapshot, queue))[0]


def _serving(snapshot: Snapshot, queue: Queue, language: str | None, only: AgentId | None) -> list[Agent]:
    return [
        agent
        for agent in snapshot.serving(queue.id)
        if on_duty(agent) and (agent.id == only if only is not None else qualified(agent, queue, language))
    ]


def _servers(
    snapshot: Snapshot, queue: Queue, now: datetime, agents: Sequence[Agent], model: QueueModel
) -> tuple[list[Server], Shared]:
    """Return the agents as the line sees them, and those of them whose time is divided, with what it is divided by."""
    rates = snapshot.rate(queue.id)
    work = turn_seconds(queue, rates)
    closing = queue.hours.closing(now) or now + HORIZON
    rivals = {id for agent in agents for id in agent.queues if id != queue.id and id in snapshot.queues}
    others = sum(each.count for each in snapshot.waiting if each.queue in rivals and each.ready_at <= now)
    theirs = {
        agent.id for id in rivals for agent in snapshot.serving(id) if queue.id not in agent.queues and on_duty(agent)
    }
    part = model.division.part(others)
    found = []
    for agent in agents:
        spans = planned_of(snapshot, agent, queue, now, min(closing, now + HORIZON))
        if not spans or spans[0].start > now:
            # They are here outside their plan: count on them for as long as one callback takes.
            spans = [TimeWindow(start=now, end=min(closing, now + timedelta(seconds=work))), *spans]
        age, soon = (None, None) if agent.state in FREE else _at_work(agent, rates, queue.policy, work, now)
        shared = not rivals.isdisjoint(agent.queues)
        share = part if shared else 1.0
        found.append(Server(spans=tuple(spans), share=share, shared=shared, age=age, soon=soon))
    divided = Shared(
        ages=[each.age for each in found if each.shared and each.age is not None],
        soon=[each.soon for each in found if each.shared and each.soon is not None],
        others=float(others),
        theirs=len(theirs),
    )
    return found, divided


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


def _steps(servers: Sequence[Server], now: datetime) -> list[tuple[float, float]]:
    """Return the staffing to come as steps: how many seconds each lasts, and the agent seconds it gives this line a second."""
    edges = sorted(
        {edge for server in servers for span in server.spans for edge in (span.start, span.end) if edge > now}
    )
    at, steps = now, []
    for edge in edges:
        rate = sum([server.share for server in servers if any(s.start <= at < s.end for s in server.spans)])
        steps.append(((edge - at).total_seconds(), rate))
        at = edge
    return steps


def _reached(steps: Sequence[tuple[float, float]], needed: float) -> float:
    """Return after how many seconds the staffing has given `needed` agent seconds to this line."""
    at = given = 0.0
    for length, rate in steps:
        if rate > 0 and given + rate * length >= needed:
            return at + (needed - given) / rate
        at, given = at + length, given + rate * length
    return at + 86400.0  # not within the staffing we can see: beyond any closing


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
    # After the time the policy waits for the named agent, anyone of the queue may call. What comes true of it teaches nothing of the line.
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
    model = _model(snapshot, queue)
    agents = _serving(snapshot, queue, language, only)
    if not agents:
        return None
    servers, shared = _servers(snapshot, queue, now, agents, model)
    rates = snapshot.rate(queue.id)
    work = turn_seconds(queue, rates)
    # A caller outside takes no ringing of ours, and may be taken by agents who take no callbacks.
    outside = rates.handling / work * len(servers) / (len(servers) + snapshot.elsewhere.get(queue.id, 0))

    def before(within: float) -> list[Waiting]:
        line = ahead_of(snapshot, queue, now, priority=priority, within=within)
        return line if only is None else _before_named(line, only, len(snapshot.serving(queue.id)))

    def predicted(line: Sequence[Waiting]) -> Prediction:
        return model.predict(_line(servers, line, now, outside), now.timestamp(), shared=shared, mean=work)

    line, within = before(0.0), 0.0
    prediction = predicted(line)
    for _ in range(2):  # who is booked within the wait lengthens it
        if prediction.at_once or prediction.p50 <= within:
            break
        within = prediction.p50
        longer = before(within)
        if longer == line:
            break
        line, prediction = longer, predicted(longer)
    return _along(prediction, snapshot, queue, now, servers, language=language, only=only, line=line)


def _along(
    prediction: Prediction,
    snapshot: Snapshot,
    queue: Queue,
    now: datetime,
    servers: list[Server],
    *,
    language: str | None,
    only: AgentId | None,
    line: Sequence[Waiting],
) -> Wait:
    """Return the wait along the shifts to come."""
    total = sum(server.share for server in servers)
    coming = _coming(snapshot, queue, now, language, only) if prediction.p97 > SHORT else []
    said = (prediction.p10, prediction.p50, prediction.p90, prediction.p97)
    p10, p50, p90, p97 = said
    if not prediction.at_once:
        steps = _steps([*servers, *coming], now)
        p10, p50, p90, p97 = (_reached(steps, each * total) for each in said)
    rates = snapshot.rate(queue.id)
    return Wait(
        p10=p10,
        p50=p50,
        p90=p90,
        p97=p97 + 2 * queue.policy.agent_ring,
        mean=(p10 + 2 * p50 + p90) / 4,
        ahead=sum(each.count for each in line),
        servers=len(servers),
        free_now=prediction.at_once,
        handling=turn_seconds(queue, rates) if prediction.at_once else rates.handling,
        basis=Basis(prediction=prediction, told=(p10, p50, p90, p97)),
    )


def _line(servers: Sequence[Server], waiting: Sequence[Waiting], now: datetime, outside: float) -> Line:
    """Return the line as the estimate sees it, from the snapshot; `outside`: what part of a turn a caller outside takes of us."""
    free = sum(1 for server in servers if server.free)
    count = sum(each.count for each in waiting)
    ahead = sum(each.count * (outside if each.outside else 1.0) for each in waiting)
    return Line(
        # Agents who are free are not, for somebody behind as many people: those take them.
        ahead=max(ahead, float(min(count, free))),
        oldest=max((max(0.0, (now - each.ready_at).total_seconds()) for each in waiting), default=0.0),
        busy=[(server.age, 1.0) for server in servers if server.age is not None and not server.shared],
        soon=[(server.soon, 1.0) for server in servers if server.soon is not None and not server.shared],
        free=float(free),
    )


def _model(snapshot: Snapshot, queue: Queue) -> QueueModel:
    """Return what the queue has learned; where only its rates are known, a model that knows no more than they."""
    rates = snapshot.rate(queue.id)
    if rates.model is not None:
        return rates.model
    return new_model(prior=rates.handling, weight=queue.policy.prior_weight, memory=queue.policy.rate_memory)


def _coming(
    snapshot: Snapshot, queue: Queue, now: datetime, language: str | None, only: AgentId | None
) -> list[Server]:
    """Return those whose shift begins within the time we can see, each by the share of planned people who come."""
    horizon = min(queue.hours.closing(now) or now + HORIZON, now + HORIZON)
    found = []
    for agent in snapshot.serving(queue.id):
        if agent.state is not AgentState.OFFLINE or not qualified(agent, queue, language):
            continue
        spans = [span for span in planned_of(snapshot, agent, queue, now, horizon) if span.start > now]
        if spans and (only is None or agent.id == only):
            share = (1.0 - queue.policy.shrinkage) / max(len(agent.queues), 1)
            found.append(Server(spans=tuple(spans), share=share))
    return found


def _before_named(line: list[Waiting], agent: AgentId, team: int) -> list[Waiting]:
    """Return whom a named agent will probably call first: those who named them too, and their part of the others."""
    theirs = [each for each in line if each.named_agent == agent]
    others = [each for each in line if each.named_agent is None]
    part = round(sum(each.count for each in others) / max(team, 1))
    return [*theirs, replace(others[0], count=part)] if part else theirs
