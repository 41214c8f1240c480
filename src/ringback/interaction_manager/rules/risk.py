"""How likely a promise is to be kept, and when the customer must hear that it is not."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import pairwise

from ringback.domain.commands import Estimate
from ringback.domain.times import TimeWindow
from ringback.interaction_manager.rules.policy import Policy


@dataclass(frozen=True, slots=True, kw_only=True)
class Notice:
    """What to do about one promise now: say it, or look again later."""

    say_it: bool
    probability: float
    look_again_at: datetime | None


def probability_by(estimate: Estimate, deadline: datetime) -> float:
    """Return the probability that the wait is over by the deadline: linear between the known quantiles, and on beyond them."""
    known = ((estimate.p10, 0.1), (estimate.p50, 0.5), (estimate.p90, 0.9))
    if deadline <= known[0][0]:
        return _through(known[0], known[1], deadline)
    if deadline >= known[2][0]:
        return 1.0 if known[1][0] >= known[2][0] else _through(known[1], known[2], deadline)
    for low, high in pairwise(known):
        if deadline <= high[0]:
            return _through(low, high, deadline)
    raise AssertionError("the quantiles cover the deadline")


def _through(low: tuple[datetime, float], high: tuple[datetime, float], at: datetime) -> float:
    span = (high[0] - low[0]).total_seconds()
    if span <= 0:
        return low[1] if at < low[0] else high[1]
    share = (at - low[0]).total_seconds() / span
    return min(1.0, max(0.0, low[1] + share * (high[1] - low[1])))


def probability_kept(window: TimeWindow, estimate: Estimate, *, agent_ring: float) -> float:
    """Return the probability that the customer's device rings by the window's end; the agent must have accepted before."""
    return probability_by(estimate, window.end - timedelta(seconds=min(agent_ring, window.length.total_seconds() / 2)))


def last_moment(window: TimeWindow, policy: Policy) -> datetime:
    """Return when a notice must be out: 5 min before the end, or as soon as a shorter window allows."""
    before_end = min(timedelta(seconds=policy.notice_before_end), window.length / 2)
    return window.end - before_end


def warn(now: datetime, window: TimeWindow, probability: float, *, notices: int, policy: Policy) -> Notice:
    """Decide whether the customer hears now that the promise will probably be missed, and when to look again at the latest.

    `probability` is the one at this moment. The second word comes only when the window is over and nothing rang; past the
    end a promise that nobody spoke of is told at the first chance.
    """
    over = now >= window.end
    if notices >= policy.notices:
        return Notice(say_it=False, probability=probability, look_again_at=None)
    if notices > 0:
        return Notice(say_it=over, probability=probability, look_again_at=None if over else window.end)
    if over:
        return Notice(say_it=True, probability=probability, look_again_at=None)
    latest = last_moment(window, policy)
    return Notice(
        say_it=probability < policy.notice_below,
        probability=probability,
        look_again_at=latest if now < latest else window.end,
    )
