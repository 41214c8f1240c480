"""Carrying callbacks out: the agent's telephone, the customer's, and what follows each outcome by the product's rules."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime, timedelta

from benchmarks.days import line
from benchmarks.days.centre import ZONE, Centre
from benchmarks.days.load import SERVICE, SERVICE_CV, dial, log_normal
from benchmarks.days.people import Agent, Callback, Promise, seconds
from ringback.domain.ids import AttemptId
from ringback.domain.status import AgentState, CallbackState, Outcome, PromiseKind
from ringback.domain.times import TimeWindow
from ringback.interaction_manager.report import least_gap
from ringback.interaction_manager.rules.end_of_day import CloseIt, put_at
from ringback.interaction_manager.rules.estimate import Wait
from ringback.interaction_manager.rules.ledger import Ending, PromiseFacts, known_facts, settle
from ringback.interaction_manager.rules.promise import estimate_of
from ringback.interaction_manager.rules.records import CustomerLeg, Handling, PromiseRecord
from ringback.interaction_manager.rules.retries import (
    AskCustomer,
    AttemptFacts,
    BackInLine,
    CloseWithMessage,
    Finished,
    TryAgain,
    counts,
    what_follows,
)
from ringback.interaction_manager.rules.risk import last_moment
from ringback.interaction_manager.rules.selection import Chosen, Wanted, choose

NO_ANSWER_OF_AGENTS = 0.03
AWAY = timedelta(minutes=3)  # until somebody who did not answer says that they are back


def wanted(callback: Callback) -> Wanted:
    """Return what a callback needs of an agent."""
    return Wanted(
        skills=(), language="en", ready_at=callback.ready_at, window=callback.window, refused=callback.refused
    )


def fact(callback: Callback, **changes: datetime) -> None:
    """Add what happened to the open promise: the first word on each stays."""
    facts = callback.promise.facts
    new = {name: at for name, at in changes.items() if getattr(facts, name) is None}
    callback.promise.facts = replace(facts, **new)  # type: ignore[arg-type]


# ------------------------------------------------------------------ promises


def promise(
    centre: Centre, callback: Callback, kind: PromiseKind, window: TimeWindow, wait: Wait | None = None
) -> None:
    """Write down what the customer is told from now on, with what must be looked at in time."""
    n = 1 if kind is PromiseKind.FIRST else callback.promise.n + 1
    made = callback.promise = Promise(
        n=n, kind=kind, made_at=centre.now, estimate=None if wait is None else estimate_of(wait, centre.now),
        basis=None if wait is None else wait.basis,
        facts=PromiseFacts(window=window, early_is_fine=callback.early_is_fine),
    )  # fmt: skip
    centre.at(window.end, lambda: _window_ends(centre, callback, made))
    centre.at(max(last_moment(window, centre.policy), callback.ready_at), lambda: _risk(centre, callback, made))


def _window_ends(centre: Centre, callback: Callback, made: Promise) -> None:
    if callback.promise is made and callback.state is CallbackState.WAITING:
        judge(centre, callback, Ending())
        line.look(centre, callback)


def _risk(centre: Centre, callback: Callback, made: Promise) -> None:
    if callback.promise is made and callback.state is CallbackState.WAITING and not made.settled:
        line.look(centre, callback)


def judge(centre: Centre, callback: Callback, ending: Ending) -> None:
    """Settle the open promise."""
    made = callback.promise
    if made.settled:
        return
    made.settled = True
    found = settle(made.facts, ending)
    centre.books.promises.append(
        PromiseRecord(
            callback=callback.id, n=made.n, kind=made.kind, queue="service", channel="web", provider="biz:bank",
            made_at=made.made_at, facts=made.facts, estimate=made.estimate, result=found.result, cause=found.cause,
            settled_at=centre.now, ending=ending, known=known_facts(made.facts),
        )
    )  # fmt: skip


def renew(centre: Centre, callback: Callback, window: TimeWindow, kind: PromiseKind, ending: Ending) -> None:
    """Put another promise in the old one's place, and the callback back in line for it."""
    judge(centre, callback, ending)
    centre.line.pop(callback.id, None)
    centre.booked.pop(callback.id, None)
    callback.slot, callback.early_is_fine, callback.notices = None, False, 0
    callback.window, callback.ready_at, callback.state = window, window.start, CallbackState.WAITING
    if kind is PromiseKind.MOVED:
        callback.moved_at = centre.now
    promise(centre, callback, kind, window)
    centre.place_in_line(callback, centre.policy.hold_before, lambda: line.work(centre))


def finish(centre: Centre, callback: Callback, state: CallbackState, ending: Ending) -> None:
    """End a callback."""
    judge(centre, callback, ending)
    callback.state, callback.attempt = state, None
    centre.line.pop(callback.id, None)
    centre.booked.pop(callback.id, None)
    for agent in centre.agents.values():
        if agent.state is AgentState.HELD and agent.callback == callback.id:
            centre.release(agent)


# ------------------------------------------------------------------ one attempt


def direct(centre: Centre, callback: Callback, agent: Agent) -> None:
    """Hand a callback over to be called with this agent: at once, or when its time begins."""
    centre.line.pop(callback.id, None)
    callback.state, callback.attempts = CallbackState.CALLING, callback.attempts + 1
    callback.attempt = AttemptId(centre.new_id())
    fact(callback, agent_ready_at=centre.now)
    if callback.promise.kind is PromiseKind.FIRST and callback.early_is_fine:
        centre.waited(callback.accepted_at, left=False, basis=callback.promise.basis)
    begins = max(centre.now, callback.window.start) if callback.booked else centre.now
    if agent.state is not AgentState.HELD:
        centre.set_state(agent, AgentState.RESERVED)
    agent.callback = callback.id
    centre.at(begins, lambda: _ring_agent(centre, callback, agent, 1))


def _ring_agent(centre: Centre, callback: Callback, agent: Agent, tried: int) -> None:
    if agent.state is AgentState.HELD:
        centre.set_state(agent, AgentState.RESERVED)
        agent.callback = callback.id
    if centre.chance.random() < NO_ANSWER_OF_AGENTS:
        after = centre.policy.agent_ring
        centre.at(centre.now + seconds(after), lambda: _agent_missed(centre, callback, agent, tried))
    else:
        after = 2 + 6 * centre.chance.random()
        centre.at(centre.now + seconds(after), lambda: _dial(centre, callback, agent))


def _agent_missed(centre: Centre, callback: Callback, agent: Agent, tried: int) -> None:
    centre.set_state(agent, AgentState.NOT_RESPONDING)
    agent.callback = None
    callback.refused[agent.id] = centre.now
    centre.at(centre.now + AWAY, lambda: _back(centre, agent))
    if tried < centre.policy.agents_per_attempt:
        choice = choose(
            wanted(callback), (each.candidate() for each in centre.agents.values()), centre.policy, centre.now
        )
        if isinstance(choice, Chosen):
            following = centre.agents[choice.agent]
            centre.set_state(following, AgentState.RESERVED)
            following.callback = callback.id
            _ring_agent(centre, callback, following, tried + 1)
            return
    _over(centre, callback, None, Outcome.AGENT_UNAVAILABLE, rang=False)


def _back(centre: Centre, agent: Agent) -> None:
    if agent.state is AgentState.NOT_RESPONDING:
        centre.release(agent)
        line.work(centre)


def _dial(centre: Centre, callback: Callback, agent: Agent) -> None:
    begun, attempt = centre.now, callback.attempt
    assert attempt is not None
    took = log_normal(centre.chance, SERVICE, SERVICE_CV)
    drawn = dial(centre.chance, patience=centre.policy.customer_ring, talk=0.8 * took)
    centre.set_state(agent, AgentState.ON_A_CALL)
    agent.callback = callback.id
    fact(callback, dialled_at=begun)
    if drawn.rings is not None:
        fact(callback, first_ring_at=begun + seconds(drawn.rings))
    joined = drawn.answers is not None
    if drawn.answers is not None:
        answered = begun + seconds(drawn.answers)
        centre.at(answered + seconds(0.3), lambda: _joined(centre, callback, answered))
    may_have_rung = drawn.rings is not None or drawn.outcome is Outcome.UNKNOWN

    def hung_up() -> None:
        centre.books.legs.append(
            CustomerLeg(
                callback=callback.id, attempt=attempt, began_at=begun, ended_at=centre.now, may_have_rung=may_have_rung,
                joined=joined, outcome=drawn.outcome, least_gap=least_gap(drawn.outcome, centre.policy),
                queue="service", channel="web", provider="biz:bank", moved_at=callback.moved_at,
            )
        )  # fmt: skip
        wrap_up = min(0.2 * took, centre.policy.wrap_up) if drawn.outcome is Outcome.TALKED else 0.0
        _wrap_up(centre, callback, agent, begun, wrap_up, joined=joined)
        _over(centre, callback, agent, drawn.outcome, rang=may_have_rung)

    centre.at(begun + seconds(drawn.ends + (0.3 if joined else 0.0)), hung_up)


def _joined(centre: Centre, callback: Callback, answered: datetime) -> None:
    fact(callback, answered_at=answered, joined_at=centre.now)
    callback.state = CallbackState.TALKING
    judge(centre, callback, Ending())


def _wrap_up(centre: Centre, callback: Callback, agent: Agent, begun: datetime, after: float, *, joined: bool) -> None:
    centre.was_tried(talked=joined)

    def done() -> None:
        if joined:
            centre.was_handled((centre.now - begun).total_seconds())
        centre.books.handlings.append(
            Handling(
                callback=callback.id, queue="service", channel="web", provider="biz:bank", accepted_at=begun,
                joined_at=begun if joined else None, over_at=centre.now,
            )
        )  # fmt: skip
        centre.release(agent)
        line.work(centre)

    if after > 0:
        centre.set_state(agent, AgentState.WRAP_UP, until=centre.now + seconds(centre.policy.wrap_up))
        agent.callback = callback.id
        centre.at(centre.now + seconds(after), done)
    else:
        done()


# ------------------------------------------------------------------ what follows


def _over(centre: Centre, callback: Callback, agent: Agent | None, outcome: Outcome, *, rang: bool) -> None:
    callback.attempt = None
    callback.outcomes[outcome] += 1
    callback.customer_attempts += counts(outcome, may_have_rung=rang)
    follows = what_follows(
        AttemptFacts(
            outcome=outcome, now=centre.now, customer_attempts=callback.customer_attempts,
            nth=callback.outcomes[outcome], earlier_joins=callback.joins, may_have_rung=rang,
        ),
        centre.policy,
    )  # fmt: skip
    callback.joins += outcome in (Outcome.TALKED, Outcome.DROPPED)
    match follows:
        case Finished():
            finish(centre, callback, CallbackState.DONE, Ending())
        case BackInLine():
            if centre.now >= callback.window.end:
                judge(centre, callback, Ending())
            callback.ready_at = max(callback.ready_at, follows.not_before or callback.ready_at)
            callback.state = CallbackState.WAITING
            centre.place_in_line(callback, centre.policy.hold_before, lambda: line.work(centre))
        case TryAgain():
            _again(centre, callback, follows.at, follows.width, we_chose=follows.we_chose)
        case AskCustomer():
            centre.booked.pop(callback.id, None)
            callback.state = CallbackState.ASKING
            judge(centre, callback, Ending(unknown=outcome is Outcome.UNKNOWN))
            if centre.chance.random() < 0.5:
                centre.at(centre.now + seconds(90), lambda: _asked_again(centre, callback))
            else:
                centre.at(follows.until, lambda: finish(centre, callback, CallbackState.CLOSED, Ending()))
        case CloseWithMessage():
            finish(centre, callback, CallbackState.CLOSED, Ending())
    line.work(centre)


def _asked_again(centre: Centre, callback: Callback) -> None:
    _again(centre, callback, centre.now, timedelta(seconds=centre.policy.retry_width), we_chose=False)
    line.work(centre)


def _again(centre: Centre, callback: Callback, at: datetime, width: timedelta, *, we_chose: bool) -> None:
    put = put_at(
        at,
        width,
        hours=centre.queue.hours,
        policy=centre.policy,
        zone=ZONE,
        ready_at=callback.ready_at,
        we_chose=we_chose,
    )
    if isinstance(put, CloseIt):
        finish(centre, callback, CallbackState.CLOSED, Ending())
        return
    callback.named_time = not we_chose and not put.next_day
    callback.priority += centre.policy.next_day_priority if put.next_day else 0
    renew(centre, callback, put.window, PromiseKind.RETRY, Ending())
