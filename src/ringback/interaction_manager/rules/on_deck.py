"""How many customers may be dialled ahead of their agents: no more than will probably have one, and none on a day when too many were left alone.

Dialling on-deck rings a customer while the agent still talks. It is bounded by the number of agents who will be free when the customer answers:
n are dialled only if at least n are free then with high probability. Each busy agent is free by then with a probability of their own, so that the
number who are is Poisson-binomial. Whoever is dialled before an agent, on-deck or customer first, and has nobody soon after answering, is counted:
above a share in a day both orders become agent first until the next one.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from math import exp

from ringback.domain.status import DialOrder

MOST_ALONE = 0.03  # of those who were ready in a day: above, the queue falls back to agent first
JUDGED_FROM = 50  # ready in a day: fewer say nothing about a share of 3 %


@dataclass(frozen=True, slots=True, kw_only=True)
class Busy:
    """An agent who talks or wraps up: for how long already, and how much longer it takes on average from here, seconds."""

    age: float
    remaining: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Day:
    """What became today of the customers dialled before an agent: `ready` (answered, and through what the policy asks for), `alone`: not joined within 2 s of it."""

    ready: int = 0
    alone: int = 0

    def too_many_alone(self, at_most: float = MOST_ALONE) -> bool:
        """Tell whether more than the share were left alone, among enough to judge by."""
        return self.ready >= JUDGED_FROM and self.alone > at_most * self.ready


@dataclass(frozen=True, slots=True, kw_only=True)
class Allowance:
    """How many more customers may be dialled now, and why."""

    more: int
    why: str
    fallback: bool = False  # agent first for the rest of the day


def order_today(wanted: DialOrder, day: Day) -> DialOrder:
    """Return in which order a customer for whom an agent is free is called: on-deck they come first too, unless too many were left alone."""
    if wanted is DialOrder.AGENT_FIRST or day.too_many_alone():
        return DialOrder.AGENT_FIRST
    return DialOrder.CUSTOMER_FIRST


def free_by(busy: Busy, within: float) -> float:
    """Return the probability that a busy agent is free within so many seconds: memoryless from here, given the mean that is left."""
    if within <= 0:
        return 0.0
    return 1.0 if busy.remaining <= 0 else 1.0 - exp(-within / busy.remaining)


def at_least(probabilities: Sequence[float]) -> list[float]:
    """Return, for n = 0, 1 …, the probability that at least n of independent events happen (Poisson-binomial, by convolution)."""
    exactly = [1.0]
    for p in probabilities:
        exactly = [
            (exactly[n] if n < len(exactly) else 0.0) * (1 - p) + (exactly[n - 1] * p if n else 0.0)
            for n in range(len(exactly) + 1)
        ]
    tail, found = 0.0, [0.0] * len(exactly)
    for n in range(len(exactly) - 1, -1, -1):
        tail += exactly[n]
        found[n] = min(1.0, tail)
    return found


def allowance(
    *,
    held: int,
    dialled: int,
    busy: Sequence[Busy],
    answered_after: float,
    cap: int,
    day: Day,
    alone_at_most: float = MOST_ALONE,
) -> Allowance:
    """Say how many more may be dialled. `held`: agents kept free; `dialled`: customers who ring or wait; `cap`: ahead of agents, per queue.

    With k held agents, k + n customers are in order if at least n of the busy ones are free when the last of them answers,
    with a probability of 1 - `alone_at_most`.
    """
    sure = max(0, held - dialled)
    if day.too_many_alone(alone_at_most):
        share = round(100 * day.alone / day.ready, 1)
        return Allowance(
            more=sure, why=f"{share} % of {day.ready} were left alone today: agent first from now on", fallback=True
        )
    chances = at_least([free_by(each, answered_after) for each in busy])
    ahead = max((n for n in range(len(chances)) if n <= cap and chances[n] >= 1 - alone_at_most), default=0)
    more = max(0, held + ahead - dialled)
    return Allowance(
        more=more, why=f"{held} held and {ahead} of {len(busy)} busy are free in time; {dialled} are dialled"
    )
