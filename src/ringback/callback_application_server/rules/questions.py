"""What is still missing for a callback, asked for by name: twice at most, in other words and with buttons the second time, then the buttons are left."""

from __future__ import annotations

from enum import StrEnum

from ringback.callback_application_server.rules.wording import mark, t

MOST = 2  # times that one thing is asked


class Missing(StrEnum):
    """What is asked for."""

    WHEN = "when"
    WHO = "who"
    NUMBER = "number"
    YES = "yes"


_WORDS = {
    Missing.WHEN: (
        mark("When should we call you? Write a time, such as “tomorrow at 10”, or choose one."),
        mark("I could not read a time in that. Which of these times should we call you at?"),
    ),
    Missing.WHO: (
        mark("Who should call you?"),
        mark("I could not read a name in that. Which of these should call you?"),
    ),
    Missing.NUMBER: (
        mark("Which number should we call? Write it here, or “browser” to be called on this page."),
        mark("I still need the number to call, with its country, such as +44 20 7946 0123. “browser” does without."),
    ),
    Missing.YES: (
        mark("Shall I book this? Answer yes, or write what should be different."),
        mark("I need a yes before anything is booked. Is it right as it stands?"),
    ),
}
LEFT_TO_BUTTONS = mark(
    "That is not clear to me, so nothing is booked. What is above can still be chosen, and whoever calls you reads what you wrote."
)


def question_for(missing: Missing, asked: tuple[str, ...]) -> str | None:
    """Return how to ask for it now; None when it was asked often enough."""
    times = asked.count(missing.value)
    return t(_WORDS[missing][times]) if times < MOST else None


def missing_for(kind: str) -> Missing:
    """Return what an unanswered prompt of this kind was waiting for."""
    return {
        "readback": Missing.YES,
        "confirm": Missing.YES,
        "provider": Missing.WHO,
        "number": Missing.NUMBER,
    }.get(kind, Missing.WHEN)
