"""How long somebody who guessed wrong waits: doubling from five failures of an account or twenty of an address, forgotten after a quiet while."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import Enum

FORGOTTEN_AFTER = timedelta(minutes=30)
LONGEST_WAIT = timedelta(minutes=15)
_FIRST_WAIT = timedelta(seconds=5)


class Subject(Enum):
    """What failures are counted by; the value is how many are free."""

    ACCOUNT = 5
    ADDRESS = 20


@dataclass(frozen=True, slots=True, kw_only=True)
class Failures:
    """Failures of one subject so far, and when the last one was."""

    count: int
    last_at: datetime


def wait_of(subject: Subject, failures: Failures | None, now: datetime) -> timedelta:
    """Return how long this subject still has to wait before the next try."""
    if failures is None or failures.count < subject.value or now - failures.last_at >= FORGOTTEN_AFTER:
        return timedelta(0)
    doublings = min(failures.count - subject.value, 16)
    wait = min(_FIRST_WAIT * (1 << doublings), LONGEST_WAIT)
    return max(timedelta(0), failures.last_at + wait - now)
