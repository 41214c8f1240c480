"""The life of a callback as a table: what may follow what. The database repeats the states as CHECKs and partial unique indexes."""

from __future__ import annotations

from collections.abc import Mapping
from enum import StrEnum
from types import MappingProxyType

from ringback.domain.errors import IllegalTransition
from ringback.domain.status import CallbackState


class CallbackEvent(StrEnum):
    """What can happen to a callback."""

    DIRECT = "direct"  # an agent is found, and the session management server has the direction
    RETURN = "return"  # the attempt ended before the customer was rung: back to its place
    RETRY = "retry"  # the attempt ended without a talk, and a new one is promised
    MOVE = "move"  # another time, with the old place kept until the new one is certain
    JOIN = "join"  # agent and customer are joined
    ASK = "ask"  # the customer must say something before anything else happens
    FINISH = "finish"  # they talked, and the attempt is over
    CANCEL = "cancel"  # taken back, and no phone will ring
    WITHDRAW = "withdraw"  # taken back, while a leg may still ring
    CLOSE = "close"  # ended by us, with a reason and a message


S, E = CallbackState, CallbackEvent

TRANSITIONS: Mapping[CallbackState, Mapping[CallbackEvent, CallbackState]] = MappingProxyType(
    {
        S.WAITING: {
            E.DIRECT: S.CALLING,
            E.MOVE: S.WAITING,
            E.CANCEL: S.CANCELLED,
            E.CLOSE: S.CLOSED,
        },
        S.CALLING: {
            E.RETURN: S.WAITING,
            E.RETRY: S.WAITING,
            E.MOVE: S.WAITING,
            E.JOIN: S.TALKING,
            E.ASK: S.ASKING,
            E.FINISH: S.DONE,
            E.CANCEL: S.CANCELLED,
            E.WITHDRAW: S.CANCELLING,
            E.CLOSE: S.CLOSED,
        },
        S.TALKING: {
            E.RETRY: S.WAITING,
            E.ASK: S.ASKING,
            E.FINISH: S.DONE,
            E.CLOSE: S.CLOSED,
        },
        S.ASKING: {
            E.RETRY: S.WAITING,
            E.MOVE: S.WAITING,
            E.CANCEL: S.CANCELLED,
            E.CLOSE: S.CLOSED,
        },
        S.CANCELLING: {
            E.WITHDRAW: S.CANCELLING,
            E.CANCEL: S.CANCELLED,
            E.FINISH: S.DONE,
            E.CLOSE: S.CLOSED,
        },
        S.DONE: {},
        S.CANCELLED: {},
        S.CLOSED: {},
    }
)


def next_state(state: CallbackState, event: CallbackEvent) -> CallbackState:
    """Return the state after the event; raise IllegalTransition where the table has no arrow."""
    try:
        return TRANSITIONS[state][event]
    except KeyError:
        raise IllegalTransition("callback", state, event) from None
