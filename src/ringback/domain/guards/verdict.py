"""What a guard says when it refuses."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum


class GuardCause(StrEnum):
    """Why a telephone is not rung: a problem id by the API, and the cause of an attempt that ended for it."""

    NUMBER = "number-not-allowed"  # premium, shared cost, emergency, satellite …
    COUNTRY = "country-not-allowed"
    DO_NOT_CALL = "do-not-call"
    HOURS = "outside-calling-hours"
    NUMBER_LIMIT = "number-called-too-often"
    PREFIX_LIMIT = "too-many-calls-nearby"  # to one block of numbers
    BUSINESS_LIMIT = "too-many-calls"
    TARGET_LIMIT = "number-called-by-others"  # across businesses
    SPENDING = "spending-limit"
    NOT_PROVED = "number-not-proved"  # nobody vouches that it is the customer's
    DIAL_STRING = "not-a-number"  # a carrier is only ever given E.164


@dataclass(frozen=True, slots=True, kw_only=True)
class GuardRefusal:
    """`words` are for the person who asked; `again_at`: from when on it may be allowed."""

    cause: GuardCause
    words: str
    next: str | None = None
    again_at: datetime | None = None
