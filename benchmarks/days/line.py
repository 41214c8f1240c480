"""The line at work: whose turn it is, which agent takes them, who is warned, and what becomes of those who wait at closing."""

from __future__ import annotations

from bisect import insort
from dataclasses import replace
from datetime import timedelta
from re import sub

from benchmarks.days import calls
from benchmarks.days.centre import ZONE, Centre
from benchmarks.days.load import SERVICE, SERVICE_CV, log_normal
from benchmarks.days.people import Agent, Call, Callback, seconds
from ringback.domain.commands import Estimate
from ringback.domain.status import AgentState, CallbackState, PromiseKind
from ringback.interaction_manager.rules.dial_permission import permission
from ringback.interaction_manager.rules.end_of_day import CloseIt, at_closing
from ringback.interaction_manager.rules.estimate import forecast
from ringback.interaction_manager.rules.ledger import Ending
from ringback.interaction_manager.rules.line import (
    Place,
    in_line,
    in_turn,
    must_go,
    overtaken,
    place_changes,
    why_overtaken,
)
from ringback.interaction_manager.rules.outside import Caller, callers_before
from ringback.interaction_manager.rules.promise import estimate_of
from ringback.interaction_manager.rules.risk import probability_kept, warn
from ringback.interaction_manager.rules.selection import Chosen, Nobody, choose
from ringback.interaction_manager.rules.turns import Turn, ripeness

CALLS_FIRST = "callers on the line were there before it"


def work(centre: Centre) -> None:
    """Give agents to whoever's turn it is: callbacks and callers stand in one line."""
    turns, line = _turns(centre)
    ahead = [callback.place(centre.policy.agent_ring) for callback, turn in turns.values() if turn is not Turn.CALL]
    taken = []
    for id in in_turn(line, ahead, centre.now):
        callback, turn = turns[id]
        if _assign(centre, callback, turn):
            taken.append(id)
    _note_overtaken(centre, line, [id for id in taken if any(place.callback == id for place in line)])
    _answer_callers(centre, [place for place in line if place.callback not in taken])


def _turns(centre: Centre) -> tuple[dict[object, tuple[Callback, Turn]], list[Place]]:
    now, policy = centre.now, centre.policy
    held = {agent.callback for agent in centre.agents.values() if agent.state is AgentState.HELD}
    turns: dict[object, tuple[Callback, Turn]] = {}
    for callback in centre.line.values():
        ripe = ripeness(
            now, ready_at=callback.ready_at, window_start=callback.window.start, booked=callback.booked,
            held=callback.id in held, hold_before=policy.hold_before,
        )  # fmt: skip
        centre.wake(ripe.next_at, lambda: work(centre))
        if ripe.turn is Turn.WAIT:
            continue
        allowed = permission(
            max(now, callback.window.start) if callback.booked else now, ready_at=callback.ready_at,
            hours=centre.queue.hours, policy=policy, zone=ZONE, we_chose_the_time=callback.at_our_time,
        )  # fmt: skip
        if allowed.allowed:
            turns[callback.id] = (callback, ripe.turn)
        else:
            callback.why = allowed.why
            centre.wake(allowed.again_at, lambda: work(centre))
    places = [callback.place(policy.agent_ring) for callback, turn in turns.values() if turn is Turn.CALL]
    return turns, in_line(places, now, ages_every=policy.priority_ages_every)


def _assign(centre: Centre, callback: Callback, turn: Turn) -> bool:
    """Find an agent for a callback whose turn it is; True when it left the line."""
    policy, now = centre.policy, centre.now
    holder = next(
        (each for each in centre.agents.values() if each.state is AgentState.HELD and each.callback == callback.id),
        None,
    )
    if holder is not None:
        if turn is Turn.HOLD:
            return False
        calls.direct(centre, callback, holder)
        return True
    if turn is Turn.CALL and not must_go(callback.place(policy.agent_ring), now):
        before = callers_before(
            [Caller(arrived_at=each.arrived_at) for each in centre.callers], now, ready_at=callback.ready_at,
            priority=callback.priority, ages_every=policy.priority_ages_every,
        )  # fmt: skip
        if before and before >= len(centre.free()):
            callback.why = CALLS_FIRST
            return False
    choice = choose(
        calls.wanted(callback), (each.candidate() for each in centre.agents.values()), policy, now
    )  # fmt: skip
    if isinstance(choice, Nobody):
        callback.why = choice.reason.verdict
        centre.wake(choice.look_again_at, lambda: work(centre))
        return False
    assert isinstance(choice, Chosen)
    agent = centre.agents[choice.agent]
    if turn is Turn.HOLD:
        centre.set_state(agent, AgentState.HELD, until=callback.window.start)
        agent.callback = callback.id
        return False
    calls.direct(centre, callback, agent)
    return True


def _note_overtaken(centre: Centre, line: list[Place], taken: list) -> None:
    changes = place_changes(line, taken)
    for id, count in changes.gained.items():
        centre.callbacks[id].gained += count
    for id, count in changes.lost.items():
        centre.callbacks[id].lost += count
    places = {place.callback: place for place in line}
    for stayed, first in overtaken(line, taken).items():
        reason = why_overtaken(
            places[stayed], places[first], centre.now, ages_every=centre.policy.priority_ages_every,
            could_not=centre.callbacks[stayed].why,
        )  # fmt: skip
        _note(centre, reason)


def _note(centre: Centre, reason: str | None) -> None:
    if reason is None:
        centre.books.unexplained += 1
    else:
        centre.books.overtaken[sub(r"\d+", "n", reason)] += 1


# ------------------------------------------------------------------ callers on the line


def _answer_callers(centre: Centre, waiting: list[Place]) -> None:
    for agent in sorted(centre.free(), key=lambda each: (each.idle_since or centre.now, each.id)):
        if not centre.callers:
            return
        call = centre.callers.popleft()
        for place in waiting:
            if place.ready_at < call.arrived_at:
                why = centre.callbacks[place.callback].why
                _note(
                    centre,
                    None if why is None else f"A caller who came later was answered first: {why[:1].lower()}{why[1:]}",
                )
                centre.callbacks[place.callback].lost += 1
        _talk(centre, agent, call)


def _talk(centre: Centre, agent: Agent, call: Call) -> None:
    centre.waited(call.arrived_at, left=False)
    centre.books.answered.append((centre.now - call.arrived_at).total_seconds())
    centre.set_state(agent, AgentState.ON_A_CALL)
    took = log_normal(centre.chance, SERVICE, SERVICE_CV)

    def hang_up() -> None:
        centre.was_handled(took)
        centre.release(agent)
        work(centre)

    centre.at(centre.now + seconds(took), hang_up)


def give_up(centre: Centre, call: Call) -> None:
    """Let somebody on the line hang up who was not answered."""
    if call in centre.callers:
        centre.callers.remove(call)
        centre.books.gave_up += 1
        centre.waited(call.arrived_at, left=True)


# ------------------------------------------------------------------ every minute


def sweep(centre: Centre) -> None:
    """Warn those whose promise is at risk; at closing, do with those who wait what the policy says."""
    is_open = centre.queue.hours.is_open(centre.now)
    places = [
        each.place(centre.policy.agent_ring)
        for each in centre.line.values()
        if each.state is CallbackState.WAITING and each.ready_at <= centre.now
    ]
    order = [centre.callbacks[p.callback] for p in in_line(places, centre.now, ages_every=centre.policy.priority_ages_every)]  # fmt: skip
    for index, callback in enumerate(order):
        look(centre, callback, order[:index])
    if not is_open:
        _close(centre, order)


def look(centre: Centre, callback: Callback, ahead: list[Callback] | None = None) -> None:
    """Warn one waiting callback's customer if its promise will probably be missed."""
    over = centre.now >= callback.window.end
    if callback.notices >= centre.policy.notices or (callback.notices and not over):
        return
    probability = 0.0
    if not over:
        if ahead is None:
            mine = callback.place(centre.policy.agent_ring)
            ahead = [each for each in centre.line.values() if each is not callback and (each.ready_at, each.accepted_at) < (mine.ready_at, mine.accepted_at)]  # fmt: skip
        wait = forecast(centre.snapshot(without=callback, ahead=ahead), centre.queue, centre.now)
        estimate: Estimate | None = None if wait is None else estimate_of(wait, centre.now)
        if estimate is not None:
            probability = probability_kept(callback.window, estimate, agent_ring=centre.policy.agent_ring)
    notice = warn(centre.now, callback.window, probability, notices=callback.notices, policy=centre.policy)
    if notice.say_it:
        callback.notices += 1
        promise = callback.promise
        centre.books.notices.setdefault((callback.id, promise.n), centre.now)
        if promise.facts.notice_at is None and not promise.settled:
            promise.facts = replace(promise.facts, notice_at=centre.now)


def _close(centre: Centre, waiting: list[Callback]) -> None:
    taken = sorted(each.window.start for each in centre.line.values() if each.window.start > centre.now)
    for callback in waiting:
        rule = at_closing(
            centre.now, ready_at=callback.ready_at, hours=centre.queue.hours, policy=centre.policy, zone=ZONE,
            agents=len(centre.agents), taken=taken,
        )  # fmt: skip
        if rule is None:
            continue
        if isinstance(rule, CloseIt):
            calls.finish(centre, callback, CallbackState.CLOSED, Ending(closed_by_us=True))
        else:
            insort(taken, rule.window.start)
            ending = Ending(closed_by_us=centre.now < callback.window.end)
            callback.priority += centre.policy.next_day_priority
            calls.renew(centre, callback, rule.window, PromiseKind.MOVED, ending)


def every_minute(centre: Centre) -> None:
    """Sweep, and again in a minute, as long as the centre is open or somebody waits."""
    sweep(centre)
    if centre.line or centre.queue.hours.is_open(centre.now):
        centre.at(centre.now + timedelta(minutes=1), lambda: every_minute(centre))
