"""The life of one leg as a table. Phases only move forward and the final one sticks, however late or often evidence arrives."""

from __future__ import annotations

from collections.abc import Mapping
from enum import StrEnum
from types import MappingProxyType

from ringback.domain.errors import IllegalTransition


class LegPhase(StrEnum):
    """How far a leg is, by what was committed and what its carrier said."""

    NEW = "new"  # we mean to place it; the carrier may not know it yet
    PREPARED = "prepared"  # the carrier has its object; nothing rings
    DIALLING = "dialling"  # the gate let it through: it may ring from now on
    RINGING = "ringing"  # evidence that the device rang
    PICKED_UP = "picked_up"  # the device is off the hook; who did it has not said yes, or may be a machine
    ANSWERED = "answered"  # there is somebody to be joined
    JOINED = "joined"  # with the other party
    UNRESOLVED = "unresolved"  # it may ring or talk, and its carrier cannot be asked: blocks the attempt
    ENDED = "ended"  # final, with its evidence


class LegHappening(StrEnum):
    """What can be learnt about a leg, or done to it."""

    PREPARE = "prepare"  # the carrier confirmed its object
    FENCE = "fence"  # the permission to dial was committed
    RING = "ring"
    PICK_UP = "pick_up"
    ANSWER = "answer"
    JOIN = "join"
    LOSE_SIGHT = "lose_sight"  # the carrier does not answer
    SEE_AGAIN = "see_again"  # it does again: the leg is at least being dialled
    END = "end"


P, H = LegPhase, LegHappening

TRANSITIONS: Mapping[LegPhase, Mapping[LegHappening, LegPhase]] = MappingProxyType(
    {
        P.NEW: {H.PREPARE: P.PREPARED, H.END: P.ENDED},
        P.PREPARED: {H.FENCE: P.DIALLING, H.END: P.ENDED},
        P.DIALLING: {
            H.RING: P.RINGING,
            H.PICK_UP: P.PICKED_UP,
            H.ANSWER: P.ANSWERED,
            H.JOIN: P.JOINED,
            H.LOSE_SIGHT: P.UNRESOLVED,
            H.END: P.ENDED,
        },
        P.RINGING: {
            H.PICK_UP: P.PICKED_UP,
            H.ANSWER: P.ANSWERED,
            H.JOIN: P.JOINED,
            H.LOSE_SIGHT: P.UNRESOLVED,
            H.END: P.ENDED,
        },
        P.PICKED_UP: {H.ANSWER: P.ANSWERED, H.JOIN: P.JOINED, H.LOSE_SIGHT: P.UNRESOLVED, H.END: P.ENDED},
        P.ANSWERED: {H.JOIN: P.JOINED, H.LOSE_SIGHT: P.UNRESOLVED, H.END: P.ENDED},
        P.JOINED: {H.LOSE_SIGHT: P.UNRESOLVED, H.END: P.ENDED},
        P.UNRESOLVED: {
            H.SEE_AGAIN: P.DIALLING,
            H.RING: P.RINGING,
            H.PICK_UP: P.PICKED_UP,
            H.ANSWER: P.ANSWERED,
            H.JOIN: P.JOINED,
            H.END: P.ENDED,
        },
        P.ENDED: {},
    }
)

MAY_RING = frozenset({P.DIALLING, P.RINGING, P.PICKED_UP, P.ANSWERED, P.JOINED, P.UNRESOLVED})


def next_phase(phase: LegPhase, happening: LegHappening) -> LegPhase:
    """Return the phase after it. Evidence that is late or repeated changes nothing; a fence out of place is IllegalTransition."""
    arrows = TRANSITIONS[phase]
    if happening is LegHappening.FENCE and happening not in arrows:
        raise IllegalTransition("leg", phase, happening)
    return arrows.get(happening, phase)
