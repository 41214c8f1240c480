"""What follows an attempt: each outcome has its own rule (design.md §8)."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import TypeAlias

from ringback.domain.guards.verdict import GuardCause
from ringback.domain.status import Outcome
from ringback.interaction_manager.rules.policy import Policy


@dataclass(frozen=True, slots=True, kw_only=True)
class Finished:
    """They talked, and it is over."""


@dataclass(frozen=True, slots=True, kw_only=True)
class BackInLine:
    """The customer was not rung: it keeps its place and its promise. `not_before`: a pause before the next try."""

    why: str
    not_before: datetime | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class TryAgain:
    """A new attempt with a promise of its own, as soon as `at` (the end of day may make it later)."""

    at: datetime
    width: timedelta
    why: str
    we_chose: bool = True  # False: they were talking just now


@dataclass(frozen=True, slots=True, kw_only=True)
class AskCustomer:
    """The chat asks; nothing is dialled without an answer."""

    question: str
    until: datetime
    why: str


@dataclass(frozen=True, slots=True, kw_only=True)
class CloseWithMessage:
    """It ends here. `reason` is the code that CallbackFinished carries."""

    reason: str
    why: str


@dataclass(frozen=True, slots=True, kw_only=True)
class TakenBack:
    """It was cancelled, moved or closed while the attempt ran: what was asked for then follows now."""


WhatFollows: TypeAlias = Finished | BackInLine | TryAgain | AskCustomer | CloseWithMessage | TakenBack

# Those in which we tried the customer's end, whether or not it rang: they count against the limit.
COUNTS = frozenset(
    {
        Outcome.BUSY,
        Outcome.DECLINED,
        Outcome.NO_ANSWER,
        Outcome.MACHINE,
        Outcome.UNREACHABLE,
        Outcome.INVALID_NUMBER,
        Outcome.CUSTOMER_ABSENT,
        Outcome.WRONG_PERSON,
        Outcome.UNKNOWN,
        Outcome.TALKED,
        Outcome.DROPPED,
    }
)

WORDS = {
    Outcome.BUSY: "the line was busy",
    Outcome.NO_ANSWER: "nobody answered",
    Outcome.MACHINE: "a machine answered",
    Outcome.UNREACHABLE: "the number could not be reached",
    Outcome.CUSTOMER_ABSENT: "no page was open to ring",
    Outcome.CARRIER_FAILURE: "the call could not be placed",
    Outcome.DROPPED: "the connection broke",
    Outcome.NOT_PERMITTED: "a rule forbade the call just before the phone would have rung",
}


LATER, NEVER = "later", "never"


@dataclass(frozen=True, slots=True, kw_only=True)
class AttemptFacts:
    """One attempt that is over, and what came before it."""

    outcome: Outcome
    now: datetime
    customer_attempts: int  # this one included, if it counts
    nth: int = 1  # which one with this outcome it is: 1, 2 …
    earlier_joins: int = 0  # attempts before this one in which they talked
    may_have_rung: bool = False
    cause: str | None = None  # why a guard refused, or what the customer chose by key: later, never


def counts(outcome: Outcome, *, may_have_rung: bool) -> bool:
    """Tell whether an attempt spends one of the customer's."""
    return outcome is not Outcome.WITHDRAWN and (may_have_rung or outcome in COUNTS)


def what_follows(facts: AttemptFacts, policy: Policy) -> WhatFollows:
    """Decide what follows an attempt."""
    match facts.outcome:
        case Outcome.WITHDRAWN:
            # Nobody asked for it here: the session management server found its gate shut.
            return BackInLine(why="the attempt was given up before anything rang")
        case Outcome.AGENT_UNAVAILABLE:
            return _nobody_took_it(facts, policy)
        case Outcome.CARRIER_FAILURE:
            return _try_again(facts, policy)
        case Outcome.TALKED:
            return Finished()
        case _ if facts.earlier_joins:
            # They talked before the connection broke, and had the one new attempt that follows such a break.
            return Finished()
        case Outcome.DECLINED if facts.cause == LATER:
            return _later(facts, policy)
        case Outcome.DECLINED if facts.cause == NEVER:
            return CloseWithMessage(reason="asked_never", why="the customer pressed 9: never again")
        case Outcome.NOT_PERMITTED:
            return _not_permitted(facts, policy)
        case Outcome.DECLINED | Outcome.UNKNOWN:
            return AskCustomer(
                question=facts.outcome.value,
                until=facts.now + timedelta(seconds=policy.question_timeout),
                why="the customer declined" if facts.outcome is Outcome.DECLINED else "it is not known whether it rang",
            )
        case Outcome.INVALID_NUMBER:
            return CloseWithMessage(reason="invalid_number", why="the number does not exist")
        case Outcome.WRONG_PERSON:
            return CloseWithMessage(reason="wrong_person", why="somebody else answered")
        case Outcome.DROPPED:
            return _after_drop(facts, policy)
        case _:
            return _try_again(facts, policy)


def _later(facts: AttemptFacts, policy: Policy) -> WhatFollows:
    """The customer picked up and pressed 2: they are called later, by their own wish."""
    why = "the customer pressed 2: later"
    if facts.customer_attempts >= policy.customer_attempts:
        return CloseWithMessage(reason="attempts_used", why=f"{why}; {facts.customer_attempts} attempts were made")
    at = facts.now + timedelta(seconds=policy.telephony.later_after)
    return TryAgain(at=at, width=timedelta(seconds=policy.retry_width), why=why, we_chose=False)


def _not_permitted(facts: AttemptFacts, policy: Policy) -> WhatFollows:
    """A guard refused just before the fence: outside the hours it waits for them, anything else ends it, said in the chat."""
    why = WORDS[Outcome.NOT_PERMITTED]
    if facts.cause == GuardCause.HOURS:
        at = facts.now + timedelta(minutes=1)  # the calling hours make it later
        return TryAgain(at=at, width=timedelta(seconds=policy.retry_width), why=why)
    reason = (facts.cause or Outcome.NOT_PERMITTED.value).replace("-", "_")
    return CloseWithMessage(reason=reason, why=why)


def ask_when(again: TryAgain, now: datetime, policy: Policy) -> AskCustomer:
    """Where a number may be anywhere there is no hour that we may choose: the customer says when."""
    return AskCustomer(
        question=Outcome.DECLINED.value,  # "shall we ring again?"
        until=now + timedelta(seconds=policy.question_timeout),
        why=f"{again.why}; the number may lie in too many time zones for us to choose when",
    )


def _nobody_took_it(facts: AttemptFacts, policy: Policy) -> WhatFollows:
    """Keep its place. Where the customer's device may have rung already (the agent went away), it is let rest first."""
    delay = timedelta(seconds=policy.retry_delay(Outcome.AGENT_UNAVAILABLE, facts.nth) or 0.0)
    return BackInLine(
        why="no agent took it" if facts.may_have_rung else "no agent took it; the customer was not rung",
        not_before=facts.now + delay if facts.may_have_rung else None,
    )


def _after_drop(facts: AttemptFacts, policy: Policy) -> WhatFollows:
    """Try once more within a minute; a join that keeps failing spends the customer's attempts like any other outcome."""
    if facts.customer_attempts >= policy.customer_attempts:
        return CloseWithMessage(reason="attempts_used", why=f"{WORDS[Outcome.DROPPED]}; no attempt is left")
    delay = min(policy.retry_delay(Outcome.DROPPED, facts.nth) or 0.0, policy.reconnect_within)
    return TryAgain(
        at=facts.now + timedelta(seconds=delay),
        width=timedelta(seconds=max(1.0, policy.reconnect_within - delay)),
        why=WORDS[Outcome.DROPPED],
        we_chose=False,
    )


def _try_again(facts: AttemptFacts, policy: Policy) -> WhatFollows:
    delay = policy.retry_delay(facts.outcome, facts.nth)
    words = WORDS.get(facts.outcome, facts.outcome.value)
    if delay is None:
        return CloseWithMessage(reason=facts.outcome.value, why=words)
    at = facts.now + timedelta(seconds=delay)
    if facts.outcome is Outcome.CARRIER_FAILURE:
        # Known not to have rung: nothing was spent, and the promise can still be kept.
        return BackInLine(why=words, not_before=at)
    if facts.customer_attempts >= policy.customer_attempts:
        return CloseWithMessage(reason="attempts_used", why=f"{words}; {facts.customer_attempts} attempts were made")
    return TryAgain(at=at, width=timedelta(seconds=policy.retry_width), why=words)
