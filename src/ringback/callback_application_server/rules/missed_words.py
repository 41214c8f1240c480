"""What a chat says of calls that reached nobody, and of those that were not made."""

from __future__ import annotations

from ringback.callback_application_server.rules.draft import Act
from ringback.domain.guards.verdict import GuardCause
from ringback.domain.status import Outcome

MISSED = {
    Outcome.BUSY: "The line was busy at {at}.",
    Outcome.MACHINE: "A machine answered at {at}.",
    Outcome.UNREACHABLE: "We could not reach you at {at}.",
    Outcome.CUSTOMER_ABSENT: "You were not on this page at {at}.",
    Outcome.DROPPED: "Our call was cut off at {at}.",
    Outcome.CARRIER_FAILURE: "Our line failed at {at}. Your phone did not ring.",
    Outcome.INVALID_NUMBER: "The number we have does not work.",
    Outcome.WRONG_PERSON: "Somebody else answered at {at}.",
    Outcome.AGENT_UNAVAILABLE: "Nobody of us was free at {at}.",
    Outcome.DECLINED: "You declined our call at {at}.",
    Outcome.NOT_PERMITTED: "We could not call you at {at}. Your phone did not ring.",
}


_NOT_CALLED = "We did not call: {}. No phone will ring."
NOT_RUNG = {
    cause.value.replace("-", "_"): _NOT_CALLED.format(why)
    for cause, why in {
        GuardCause.NUMBER: "it is a number that we cannot call",
        GuardCause.COUNTRY: "we do not call numbers in this country",
        GuardCause.DO_NOT_CALL: "the number is on the list of those that are not called",
        GuardCause.HOURS: "it is outside the hours in which we may",
        GuardCause.NUMBER_LIMIT: "the number was called often today",
        GuardCause.TARGET_LIMIT: "the number was called often today",
        GuardCause.PREFIX_LIMIT: "we make no more calls there just now",
        GuardCause.BUSINESS_LIMIT: "we make no more calls just now",
        GuardCause.SPENDING: "we make no more calls to telephones today",
        GuardCause.DIAL_STRING: "what we have is not a telephone number",
    }.items()
}


def retry_options(outcome: Outcome, at: str) -> tuple[tuple[str, Act, str], ...]:
    """Return what the customer may choose while the next call waits: after a call that was cut off, also to have it now."""
    keep = (f"Keep {at}", Act.KEEP, "primary")
    others = (("Another time", Act.MOVE, "option"), ("Cancel", Act.CANCEL, "danger"))
    if outcome is Outcome.DROPPED:
        return ("Call me back now", Act.AGAIN, "primary"), (keep[0], keep[1], "option"), *others
    return keep, *others
