"""What a carrier is given when it is opened."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from types import MappingProxyType

from ringback.postgres.database import Database
from ringback.postgres.hints import Hints


@dataclass(frozen=True, slots=True, kw_only=True)
class CarrierEnvironment:
    """The sessions role's pool, the dispatcher's (ids across businesses), wake-ups, and the carrier's own settings."""

    database: Database
    dispatcher: Database
    hints: Hints
    options: Mapping[str, str] = field(default_factory=lambda: MappingProxyType({}), repr=False)
