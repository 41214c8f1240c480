"""When a webhook is tried again, when one is given up, and when an address is not called any more."""

from __future__ import annotations

from datetime import datetime, timedelta
from uuid import UUID

DELAYS = tuple(
    timedelta(seconds=seconds) for seconds in (5, 30, 300, 1800, 7200, 18000, 28800, 36000)
)  # nine tries over about a day
DISABLED_AFTER = timedelta(days=4)
_GONE = 410


def next_try(delivery: UUID, tries: int, now: datetime) -> datetime | None:
    """Return when to try again after so many tries, spread by a tenth so that a receiver that comes back is not met by all at once; None: given up."""
    if tries > len(DELAYS):
        return None
    delay = DELAYS[tries - 1]
    return now + delay + delay * (delivery.int % 1000) / 10_000


def is_delivered(status: int) -> bool:
    """Tell whether the receiver took it: any 2xx; a redirect is not followed."""
    return 200 <= status < 300


def is_disabled(*, failing_since: datetime, now: datetime, status: int | None) -> bool:
    """Tell whether to stop calling the address: it has failed for days, or says that it is gone."""
    return status == _GONE or now - failing_since >= DISABLED_AFTER
