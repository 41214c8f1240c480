"""What we are held to: the window of a promise, made from what was asked for and, for as soon as possible, from the wait."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from ringback.domain.commands import Estimate, PromiseMade
from ringback.domain.times import TimeWindow, When, WhenKind
from ringback.interaction_manager.rules.estimate import Wait
from ringback.interaction_manager.rules.policy import Policy

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


def rounded_up(at: datetime, step: float) -> datetime:
    """Return the first instant from `at` on that is a multiple of `step` seconds (every zone shows it as a round time)."""
    microseconds = (at - _EPOCH) // timedelta(microseconds=1)
    return at + timedelta(microseconds=-microseconds % round(step * 1_000_000))


def estimate_of(wait: Wait, now: datetime) -> Estimate:
    """Return the quantiles of the wait as instants."""
    return Estimate(
        p10=now + timedelta(seconds=wait.p10),
        p50=now + timedelta(seconds=wait.p50),
        p90=now + timedelta(seconds=wait.p90),
    )


def asap_window(wait: Wait, now: datetime, policy: Policy) -> TimeWindow:
    """Return now to the 97 % quantile, rounded outward, and never narrower than the policy's least width."""
    end = now + timedelta(seconds=max(wait.p97, policy.promise_minimum_width))
    return TimeWindow(start=now, end=rounded_up(end, policy.promise_rounding))


def as_told(window: TimeWindow, wait: Wait, now: datetime, told_by: datetime) -> TimeWindow | None:
    """Return the window that ends when the customer was told; None when fewer than nine in ten would be called by then any more.

    What stood on the button is what is promised: a step of the rounding, or one more in the line, is no reason for another word.
    """
    if now + timedelta(seconds=wait.p90) > told_by or told_by <= window.start:
        return None
    return TimeWindow(start=window.start, end=told_by)


def instant_window(at: datetime, policy: Policy) -> TimeWindow:
    """Return T to T + 10 min (by policy): never early."""
    return TimeWindow(start=at, end=at + timedelta(seconds=policy.instant_width))


def asked_window(when: When, policy: Policy) -> TimeWindow:
    """Return the window of a slot, an instant or a window that was asked for; a window is widened to the least width."""
    assert when.start is not None
    match when.kind:
        case WhenKind.INSTANT:
            return instant_window(when.start, policy)
        case WhenKind.WINDOW:
            assert when.end is not None
            least = when.start + timedelta(seconds=policy.promise_minimum_width)
            return TimeWindow(start=when.start, end=max(when.end, least))
        case _:
            assert when.end is not None
            return TimeWindow(start=when.start, end=when.end)


def promise_of(when: When, policy: Policy, now: datetime, wait: Wait | None) -> PromiseMade:
    """Return the promise for what was asked. As soon as possible needs the wait; early is fine for it alone."""
    if when.kind is WhenKind.ASAP:
        assert wait is not None
        return PromiseMade(window=asap_window(wait, now, policy), early_is_fine=True, estimate=estimate_of(wait, now))
    return PromiseMade(window=asked_window(when, policy), early_is_fine=False)
