"""How often a number, a block of numbers, a business and a target are rung, and what a business spends in a day."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass

from ringback.domain.guards.verdict import GuardCause, GuardRefusal

_LATER = "Pick a later time, or use this browser."


@dataclass(frozen=True, slots=True, kw_only=True)
class Limits:
    """Rings at most; none: no limit. Money is in the unit of the price table."""

    per_number_day: int | None = 8
    per_target_day: int | None = 12  # by all businesses together
    per_prefix_hour: int | None = 60  # one block of ten thousand numbers
    per_business_hour: int | None = 2000
    daily_spending: float | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Counted:
    """What was rung and spent so far: the last day, the last hour, and the money since the business's midnight."""

    number: int = 0
    target: int = 0
    prefix: int = 0
    business: int = 0
    spent: float = 0.0


def price_per_minute(number: str, prices: Mapping[str, float]) -> float:
    """Return the price of the longest prefix that fits; the dearest of all where none does."""
    for length in range(len(number), -1, -1):
        if number[:length] in prices:
            return prices[number[:length]]
    return max(prices.values(), default=0.0)


def cost_of(per_minute: float, seconds: float) -> float:
    """Return what a talk costs: begun minutes are whole ones, and what was not answered costs nothing."""
    return per_minute * math.ceil(max(0.0, seconds) / 60.0)


def judge_counts(counted: Counted, limits: Limits, *, estimate: float) -> GuardRefusal | None:
    """Refuse one more ring that a limit forbids; `estimate` is what it may cost at most."""
    reached = (
        (counted.number, limits.per_number_day, GuardCause.NUMBER_LIMIT, "We have called this number often today."),
        (counted.target, limits.per_target_day, GuardCause.TARGET_LIMIT, "This number was called often today."),
        (counted.prefix, limits.per_prefix_hour, GuardCause.PREFIX_LIMIT, "We cannot call this number just now."),
        (counted.business, limits.per_business_hour, GuardCause.BUSINESS_LIMIT, "We cannot make more calls just now."),
    )
    for count, most, cause, words in reached:
        if most is not None and count >= most:
            return GuardRefusal(cause=cause, words=words, next=_LATER)
    if limits.daily_spending is not None and counted.spent + estimate > limits.daily_spending:
        return GuardRefusal(
            cause=GuardCause.SPENDING, words="We cannot call telephones any more today.", next="Use this browser, or pick another day."
        )  # fmt: skip
    return None
