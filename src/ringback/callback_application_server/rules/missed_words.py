"""What a chat says of calls that reached nobody, and of those that were not made."""

from __future__ import annotations

from ringback.callback_application_server.rules.draft import Act
from ringback.callback_application_server.rules.wording import mark, t
from ringback.domain.guards.verdict import GuardCause
from ringback.domain.status import Outcome

MISSED = {
    Outcome.BUSY: mark("The line was busy at {at}."),
    Outcome.MACHINE: mark("A machine answered at {at}."),
    Outcome.UNREACHABLE: mark("We could not reach you at {at}."),
    Outcome.CUSTOMER_ABSENT: mark("You were not on this page at {at}."),
    Outcome.DROPPED: mark("Our call was cut off at {at}."),
    Outcome.CARRIER_FAILURE: mark("Our line failed at {at}. Your phone did not ring."),
    Outcome.INVALID_NUMBER: mark("The number we have does not work."),
    Outcome.WRONG_PERSON: mark("Somebody else answered at {at}."),
    Outcome.AGENT_UNAVAILABLE: mark("Nobody of us was free at {at}."),
    Outcome.DECLINED: mark("You declined our call at {at}."),
    Outcome.NOT_PERMITTED: mark("We could not call you at {at}. Your phone did not ring."),
}


NOT_RUNG = {
    cause.value.replace("-", "_"): why
    for cause, why in {
        GuardCause.NUMBER: mark("We did not call: it is a number that we cannot call. No phone will ring."),
        GuardCause.COUNTRY: mark("We did not call: we do not call numbers in this country. No phone will ring."),
        GuardCause.DO_NOT_CALL: mark(
            "We did not call: the number is on the list of those that are not called. No phone will ring."
        ),
        GuardCause.HOURS: mark("We did not call: it is outside the hours in which we may. No phone will ring."),
        GuardCause.NUMBER_LIMIT: mark("We did not call: the number was called often today. No phone will ring."),
        GuardCause.TARGET_LIMIT: mark("We did not call: the number was called often today. No phone will ring."),
        GuardCause.PREFIX_LIMIT: mark("We did not call: we make no more calls there just now. No phone will ring."),
        GuardCause.BUSINESS_LIMIT: mark("We did not call: we make no more calls just now. No phone will ring."),
        GuardCause.SPENDING: mark("We did not call: we make no more calls to telephones today. No phone will ring."),
        GuardCause.DIAL_STRING: mark("We did not call: what we have is not a telephone number. No phone will ring."),
    }.items()
}


def retry_options(outcome: Outcome, at: str) -> tuple[tuple[str, Act, str], ...]:
    """Return what the customer may choose while the next call waits: after a call that was cut off, also to have it now."""
    keep = (t("Keep {at}", at=at), Act.KEEP, "primary")
    others = ((t("Another time"), Act.MOVE, "option"), (t("Cancel"), Act.CANCEL, "danger"))
    if outcome is Outcome.DROPPED:
        return (t("Call me back now"), Act.AGAIN, "primary"), (keep[0], keep[1], "option"), *others
    return keep, *others
