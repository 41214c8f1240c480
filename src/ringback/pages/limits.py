"""Limits a process keeps in memory: so many requests at once, so many a minute, for each address or chat."""

from __future__ import annotations

import time
from collections import OrderedDict
from collections.abc import Callable, Hashable
from dataclasses import dataclass, field
from datetime import timedelta

from ringback.domain.errors import TooMany

MOST_REMEMBERED = 50_000


@dataclass(slots=True, kw_only=True)
class RateLimit:
    """A token bucket for each subject: `burst` at once, then `per_second`."""

    burst: float
    per_second: float
    _buckets: OrderedDict[Hashable, tuple[float, float]] = field(default_factory=OrderedDict)

    def spend(self, subject: Hashable, *, now: float | None = None) -> None:
        """Take one token. Raises TooMany with the time until the next one."""
        at = time.monotonic() if now is None else now
        tokens, before = self._buckets.pop(subject, (self.burst, at))
        tokens = min(self.burst, tokens + (at - before) * self.per_second)
        self._buckets[subject] = (tokens - 1 if tokens >= 1 else tokens, at)
        if len(self._buckets) > MOST_REMEMBERED:
            self._buckets.popitem(last=False)
        if tokens < 1:
            wait = timedelta(seconds=(1 - tokens) / self.per_second)
            raise TooMany("Too many requests. Try again in a moment.", retry_after=wait)


def limit_of_rate(per_second: float) -> Callable[[Hashable], None]:
    """Return what counts a subject's requests and lets four seconds' worth through at once; a rate of 0 limits nothing."""
    if per_second <= 0:
        return lambda _: None
    return RateLimit(burst=max(1.0, 4 * per_second), per_second=per_second).spend
