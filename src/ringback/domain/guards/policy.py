"""What a business settles about telephones (`guards` in its policy), and what of it travels with each direction to ring one."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from types import MappingProxyType

from ringback.domain.guards.hours import CallingTimes
from ringback.domain.guards.limits import Limits
from ringback.domain.guards.numbers import NumberRules


class ProveBy(StrEnum):
    """How an unproved number is proved before it is rung."""

    OFF = "off"
    SMS = "sms"


@dataclass(frozen=True, slots=True, kw_only=True)
class Guards:
    """The policy. Prices are for a minute, by prefix (`""`: all others); a call not made yet counts `estimated_minutes`."""

    numbers: NumberRules = field(default_factory=NumberRules)
    limits: Limits = field(default_factory=Limits)
    prices: Mapping[str, float] = field(default_factory=lambda: MappingProxyType({"": 1.0}))
    estimated_minutes: float = 10.0
    prove_numbers: ProveBy = ProveBy.OFF  # what customers ask for in a chat; colleagues and the API vouch for theirs


@dataclass(frozen=True, slots=True, kw_only=True)
class RingRules:
    """What the session management server looks at again just before the fence, for the customer's number."""

    numbers: NumberRules = field(default_factory=NumberRules)
    limits: Limits = field(default_factory=Limits)
    prices: dict[str, float] = field(default_factory=dict)
    estimated_minutes: float = 0.0
    day_zone: str = "UTC"  # whose midnight begins a day of spending
    calling: CallingTimes | None = None  # none: the customer named the time
