"""The life of one attempt as a table, for all three dial orders. Only `ended` is final, and it is reached with evidence for every leg."""

from __future__ import annotations

from collections.abc import Mapping
from enum import StrEnum
from types import MappingProxyType

from ringback.domain.errors import IllegalTransition


class AttemptState(StrEnum):
    """Where an attempt stands."""

    DIRECTED = "directed"  # held until its time
    CALLING_CUSTOMER = "calling_customer"  # customer first, on-deck: the customer is rung while no agent is
    RINGING_AGENT = "ringing_agent"  # agent first: before the customer; else while the customer waits on the line
    SEEKING_AGENT = (
        "seeking_agent"  # the agent did not take it, or none was named: the interaction manager names one, or ends it
    )
    RINGING_CUSTOMER = "ringing_customer"  # the agent has accepted; the customer's leg is placed, rings, waits for the join, or is being let go
    JOINED = "joined"  # the two talk, or one of them has just hung up
    LEAVING_MESSAGE = "leaving_message"  # a machine answered and hears our message; the agent is let go
    WITHDRAWING = "withdrawing"  # cancelled, moved or given up: legs are being revoked
    ENDED = "ended"  # final: nothing of it can ring any more


class AttemptEvent(StrEnum):
    """What moves an attempt."""

    BEGIN = "begin"  # its time has come
    BEGIN_WITH_CUSTOMER = "begin_with_customer"  # the same, customer first or on-deck
    CUSTOMER_READY = "customer_ready"  # answered, and an agent is kept for them
    CUSTOMER_ALONE = "customer_alone"  # answered, and no agent is free yet
    AGENT_LOST = "agent_lost"  # declined, did not answer, could not be reached
    AGENT_FOUND = "agent_found"
    AGENT_ACCEPTED = "agent_accepted"
    JOIN = "join"  # recorded in the gate
    TRANSFER = "transfer"  # the customer goes to another agent
    LEAVE_MESSAGE = "leave_message"  # a machine answered, and there is a message for it
    WITHDRAW = "withdraw"
    END = "end"  # every leg is over


S, E = AttemptState, AttemptEvent

TRANSITIONS: Mapping[AttemptState, Mapping[AttemptEvent, AttemptState]] = MappingProxyType(
    {
        S.DIRECTED: {
            E.BEGIN: S.RINGING_AGENT,
            E.BEGIN_WITH_CUSTOMER: S.CALLING_CUSTOMER,
            E.WITHDRAW: S.WITHDRAWING,
        },
        S.CALLING_CUSTOMER: {
            E.AGENT_FOUND: S.CALLING_CUSTOMER,
            E.CUSTOMER_READY: S.RINGING_AGENT,
            E.CUSTOMER_ALONE: S.SEEKING_AGENT,
            E.LEAVE_MESSAGE: S.LEAVING_MESSAGE,
            E.WITHDRAW: S.WITHDRAWING,
            E.END: S.ENDED,
        },
        S.RINGING_AGENT: {
            E.AGENT_ACCEPTED: S.RINGING_CUSTOMER,
            E.AGENT_LOST: S.SEEKING_AGENT,
            E.WITHDRAW: S.WITHDRAWING,
            E.END: S.ENDED,  # the customer, who waited, is gone
        },
        S.SEEKING_AGENT: {E.AGENT_FOUND: S.RINGING_AGENT, E.WITHDRAW: S.WITHDRAWING, E.END: S.ENDED},
        S.RINGING_CUSTOMER: {
            E.JOIN: S.JOINED,
            E.LEAVE_MESSAGE: S.LEAVING_MESSAGE,
            E.WITHDRAW: S.WITHDRAWING,
            E.END: S.ENDED,
        },
        S.JOINED: {E.TRANSFER: S.RINGING_AGENT, E.LEAVE_MESSAGE: S.LEAVING_MESSAGE, E.END: S.ENDED},
        S.LEAVING_MESSAGE: {E.WITHDRAW: S.WITHDRAWING, E.END: S.ENDED},
        S.WITHDRAWING: {E.WITHDRAW: S.WITHDRAWING, E.END: S.ENDED},
        S.ENDED: {},
    }
)


def next_state(state: AttemptState, event: AttemptEvent) -> AttemptState:
    """Return the state after the event; raise IllegalTransition where the table has no arrow."""
    try:
        return TRANSITIONS[state][event]
    except KeyError:
        raise IllegalTransition("attempt", state, event) from None
