"""The public states of a callback and of an agent, and the outcomes of an attempt: shared by all three servers and the API."""

from __future__ import annotations

from enum import StrEnum


class CallbackState(StrEnum):
    """Where a callback stands. Open ones have a timer, a live attempt, or a question out; final ones never come back."""

    WAITING = "waiting"  # accepted; for its window, its retry time or its turn
    CALLING = "calling"  # an attempt is directed: an agent or the customer is being rung
    TALKING = "talking"  # the two are joined
    ASKING = "asking"  # the customer must say something first (declined, unknown)
    CANCELLING = "cancelling"  # cancelled, while a leg may still ring: "cancelled" is said after its evidence
    DONE = "done"  # final: they talked
    CANCELLED = "cancelled"  # final: the customer took it back, or got through another way
    CLOSED = "closed"  # final: by us, with a reason and a message


OPEN_STATES = frozenset(
    {
        CallbackState.WAITING,
        CallbackState.CALLING,
        CallbackState.TALKING,
        CallbackState.ASKING,
        CallbackState.CANCELLING,
    }
)


class AgentState(StrEnum):
    """What an agent is doing."""

    OFFLINE = "offline"  # not logged in, or their page is gone
    AVAILABLE = "available"
    IN_CHATS = "in_chats"  # live chats below capacity: may still be called
    HELD = "held"  # kept free for a booked callback
    RESERVED = "reserved"  # being rung for a callback
    ON_A_CALL = "on_a_call"
    WRAP_UP = "wrap_up"
    PAUSED = "paused"  # with a reason
    NOT_RESPONDING = "not_responding"  # did not answer the last offer; becomes available by their own act


class Outcome(StrEnum):
    """How an attempt ended. Each has a rule of its own."""

    TALKED = "talked"
    BUSY = "busy"
    DECLINED = "declined"
    NO_ANSWER = "no_answer"
    MACHINE = "machine"
    UNREACHABLE = "unreachable"
    INVALID_NUMBER = "invalid_number"
    CUSTOMER_ABSENT = "customer_absent"  # browser: no page is there to ring
    AGENT_UNAVAILABLE = "agent_unavailable"  # no agent accepted; the customer was not rung
    WRONG_PERSON = "wrong_person"
    DROPPED = "dropped"  # an abnormal end after joining
    CARRIER_FAILURE = "carrier_failure"  # known not to have rung
    NOT_PERMITTED = "not_permitted"  # a guard refused just before the fence; nothing rang
    WITHDRAWN = "withdrawn"  # cancelled or moved; nothing rings any more
    UNKNOWN = "unknown"  # may have rung; never redialled by itself


class Party(StrEnum):
    """Whose leg it is."""

    AGENT = "agent"
    CUSTOMER = "customer"


class DialOrder(StrEnum):
    """Who is rung first."""

    AGENT_FIRST = "agent_first"
    CUSTOMER_FIRST = "customer_first"
    ON_DECK = "on_deck"


class PromiseKind(StrEnum):
    """What the promise was made for; the headline score takes FIRST only."""

    FIRST = "first"
    RETRY = "retry"
    MOVED = "moved"


class PromiseResult(StrEnum):
    """How a promise ended, by the definitions of the score."""

    OPEN = "open"
    KEPT = "kept"
    BROKEN = "broken"
    WITHDRAWN = "withdrawn"


class BrokenCause(StrEnum):
    """Why a promise was broken: exactly one."""

    NEVER_DIALLED = "never_dialled"
    LATE = "late"
    NO_AGENT = "no_agent"
    JOIN_TOO_SLOW = "join_too_slow"
    CARRIER = "carrier"
    UNKNOWN = "unknown"
    CLOSED_BY_US = "closed_by_us"
    CHANGED_AFTER_NOTICE = "changed_after_notice"
    EXPIRED = "expired"


class Server(StrEnum):
    """The three servers: recipients of messages and owners of timers."""

    APPLICATION = "application"
    INTERACTIONS = "interactions"
    SESSIONS = "sessions"
