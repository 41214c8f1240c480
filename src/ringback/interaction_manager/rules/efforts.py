"""What the calls took: handling time, agents' occupancy, attempts per success, places gained and lost."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from ringback.domain.status import AgentState
from ringback.interaction_manager.rules.records import CallbackRecord, CustomerLeg, Handling, Stretch


@dataclass(frozen=True, slots=True, kw_only=True)
class HandlingTime:
    """Accept to end of wrap-up, seconds, per joined callback; attempts the customer did not answer apart."""

    joined: int
    mean: float | None
    unanswered: int
    unanswered_mean: float | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Occupancy:
    """Shares of the time agents were logged in and not paused."""

    occupied: float | None
    held: float | None
    staffed_hours: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Attempts:
    """How often customers were dialled for each callback that led to a talk."""

    dialled: int
    joined: int  # callbacks, each once
    per_success: float | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Places:
    """Places in line that were gained by being called before others, and lost by being overtaken."""

    gained: int
    lost: int
    overtaken: int  # callbacks that lost any


def handling_of(handlings: Iterable[Handling]) -> HandlingTime:
    """Average accept to end of wrap-up over joined callbacks (all joined attempts of one together), and beside it the attempts nobody answered."""
    every = list(handlings)
    joined = [each for each in every if each.joined_at is not None]
    missed = [_seconds(each) for each in every if each.joined_at is None]
    callbacks = len({each.callback for each in joined})
    return HandlingTime(
        joined=callbacks,
        mean=sum(_seconds(each) for each in joined) / callbacks if callbacks else None,
        unanswered=len(missed),
        unanswered_mean=sum(missed) / len(missed) if missed else None,
    )


def _seconds(each: Handling) -> float:
    return (each.over_at - each.accepted_at).total_seconds()


_OCCUPIED = frozenset({AgentState.RESERVED, AgentState.ON_A_CALL, AgentState.WRAP_UP})
_OFF = frozenset({AgentState.OFFLINE, AgentState.PAUSED})


def occupancy_of(stretches: Iterable[Stretch]) -> Occupancy:
    """Divide ringing, talk, hold, wrap-up and chats (a chat by the agent's capacity for them) by the time logged in and not paused; held apart."""
    staffed = occupied = held = 0.0
    for each in stretches:
        seconds = (each.ends - each.begins).total_seconds()
        if each.state in _OFF or seconds <= 0:
            continue
        staffed += seconds
        if each.state in _OCCUPIED:
            occupied += seconds
        elif each.state is AgentState.IN_CHATS:
            occupied += seconds / max(1, each.chat_capacity)
        elif each.state is AgentState.HELD:
            held += seconds
    return Occupancy(
        occupied=100.0 * occupied / staffed if staffed else None,
        held=100.0 * held / staffed if staffed else None,
        staffed_hours=staffed / 3600.0,
    )


def attempts_of(legs: Iterable[CustomerLeg]) -> Attempts:
    """Count customer legs that were dialled, and the callbacks of which one was joined."""
    every = list(legs)
    joined = len({each.callback for each in every if each.joined})
    return Attempts(dialled=len(every), joined=joined, per_success=len(every) / joined if joined else None)


def places_of(callbacks: Iterable[CallbackRecord]) -> Places:
    """Add up the places gained and lost."""
    every = list(callbacks)
    return Places(
        gained=sum(each.places_gained for each in every),
        lost=sum(each.places_lost for each in every),
        overtaken=sum(each.places_lost > 0 for each in every),
    )
