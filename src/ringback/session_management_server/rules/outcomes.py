"""How an attempt ended, from the facts of its legs. What may have rung and cannot be known is `unknown`."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from ringback.domain.status import Outcome, Party
from ringback.session_management_server.rules.legs import Leg, LegOutcome, ReleaseWhy
from ringback.session_management_server.rules.picking_up import CHOICES, choice_of

VOICEMAIL = "voicemail"
WRONG_PERSON = "wrong_person"
NO_AGENT = "no_agent"
NOT_PERMITTED = "not_permitted"

_FOUND = {NOT_PERMITTED: Outcome.NOT_PERMITTED, VOICEMAIL: Outcome.MACHINE, WRONG_PERSON: Outcome.WRONG_PERSON}

_OF_CUSTOMER = {
    LegOutcome.BUSY: Outcome.BUSY,
    LegOutcome.DECLINED: Outcome.DECLINED,
    LegOutcome.NO_ANSWER: Outcome.NO_ANSWER,
    LegOutcome.UNREACHABLE: Outcome.UNREACHABLE,
    LegOutcome.INVALID_NUMBER: Outcome.INVALID_NUMBER,
    LegOutcome.ABSENT: Outcome.CUSTOMER_ABSENT,
    LegOutcome.FAILED: Outcome.CARRIER_FAILURE,
    LegOutcome.HUNG_UP: Outcome.DECLINED,  # answered, and gone before anybody was there: ask, never ring again by ourselves
    LegOutcome.LOST: Outcome.DROPPED,
    LegOutcome.CARRIER_LOST: Outcome.UNKNOWN,
    LegOutcome.UNKNOWN: Outcome.UNKNOWN,
}

_OF_RELEASE = {
    ReleaseWhy.RING_TIMEOUT: Outcome.NO_ANSWER,
    ReleaseWhy.OPERATOR: Outcome.NO_ANSWER,
    ReleaseWhy.NOT_ACCEPTED: Outcome.NO_ANSWER,
    ReleaseWhy.AGENT_GONE: Outcome.AGENT_UNAVAILABLE,
    ReleaseWhy.NOT_DIALLED: Outcome.CARRIER_FAILURE,
    ReleaseWhy.ABANDONED: Outcome.UNKNOWN,
    ReleaseWhy.JOIN_FAILED: Outcome.DROPPED,
    ReleaseWhy.WITHDRAWN: Outcome.WITHDRAWN,
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Ending:
    """The end of an attempt: its outcome, who hung up, whether the customer's device may have rung."""

    outcome: Outcome
    ended_by: Party | None
    may_have_rung: bool
    detail: str | None = None


def ending_of(
    legs: Sequence[Leg], *, joined_at: datetime | None, found: str | None, withdraw_reason: str | None
) -> Ending:
    """Judge an attempt whose legs are all over."""
    customer = next((leg for leg in legs if leg.party is Party.CUSTOMER), None)
    may_have_rung = customer is not None and customer.may_have_rung
    first = _first_to_end(legs)
    detail = withdraw_reason or (customer.detail if customer is not None else None)
    if joined_at is not None:
        outcome = _FOUND.get(found or "", _of_talk(first))
        by = first.party if first is not None and first.outcome in (LegOutcome.HUNG_UP, LegOutcome.LOST) else None
        return Ending(outcome=outcome, ended_by=by, may_have_rung=True, detail=detail)
    if found in _FOUND:
        outcome = _FOUND[found or ""]
    elif customer is not None and choice_of(customer) in CHOICES.values():
        return Ending(outcome=Outcome.DECLINED, ended_by=Party.CUSTOMER, may_have_rung=True, detail=customer.detail)
    elif withdraw_reason is not None:
        outcome = Outcome.AGENT_UNAVAILABLE if withdraw_reason == NO_AGENT else Outcome.WITHDRAWN
    else:
        outcome = Outcome.AGENT_UNAVAILABLE if customer is None else _of_customer(customer)
    by = Party.CUSTOMER if customer is not None and customer.outcome in _BY_CUSTOMER else None
    return Ending(outcome=outcome, ended_by=by, may_have_rung=may_have_rung, detail=detail)


_BY_CUSTOMER = frozenset({LegOutcome.DECLINED, LegOutcome.HUNG_UP})


def _of_talk(first: Leg | None) -> Outcome:
    """A talk that a party or the carrier ended was a talk; one whose page or sound was lost was dropped."""
    return Outcome.DROPPED if first is not None and first.outcome is LegOutcome.LOST else Outcome.TALKED


def _of_customer(leg: Leg) -> Outcome:
    """Judge by the customer's leg. `carrier_failure` says that nothing rang, so it needs certainty; `unknown` says that something may have."""
    outcome = _by_cause(leg)
    if outcome is Outcome.AGENT_UNAVAILABLE or leg.may_have_rung:
        return Outcome.UNKNOWN if outcome is Outcome.CARRIER_FAILURE else outcome
    return outcome if leg.fenced and outcome is not Outcome.UNKNOWN else Outcome.CARRIER_FAILURE


def _by_cause(leg: Leg) -> Outcome:
    if leg.outcome is None:
        return Outcome.UNKNOWN
    if leg.outcome is LegOutcome.FAILED and leg.release_why is ReleaseWhy.AGENT_GONE:
        return Outcome.AGENT_UNAVAILABLE
    if leg.outcome is LegOutcome.RELEASED:
        return _OF_RELEASE.get(leg.release_why, Outcome.UNKNOWN) if leg.release_why else Outcome.UNKNOWN
    return _OF_CUSTOMER[leg.outcome]


def _first_to_end(legs: Sequence[Leg]) -> Leg | None:
    """Return the leg that ended the call: the first that ended by itself, not by our release."""
    own = [(leg.ended_at, leg.party, leg) for leg in legs if leg.ended_at and leg.answered_at and not leg.release_why]
    return min(own, key=lambda end: end[:2])[2] if own else None
