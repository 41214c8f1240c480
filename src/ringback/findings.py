"""What `ringback doctor` says of one thing: what it is, how it is, and the mend."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum


class Health(StrEnum):
    """How a thing is."""

    GOOD = "good"
    WARNING = "warning"  # works, and somebody should look
    BAD = "bad"  # does not work


@dataclass(frozen=True, slots=True, kw_only=True)
class Finding:
    """One thing that was looked at; `mend` says what to do."""

    what: str
    health: Health
    line: str
    mend: str | None = None


def good(what: str, line: str) -> Finding:
    """A thing that is as it should be."""
    return Finding(what=what, health=Health.GOOD, line=line)


def bad(what: str, line: str, mend: str) -> Finding:
    """A thing that does not work."""
    return Finding(what=what, health=Health.BAD, line=line, mend=mend)


def warning(what: str, line: str, mend: str) -> Finding:
    """A thing that works, and that somebody should look at."""
    return Finding(what=what, health=Health.WARNING, line=line, mend=mend)
