"""A client for a person's own rights: everything kept about them, and its erasure."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Protocol

from ringback.domain.ids import BusinessId, PersonId
from ringback.domain.repetition import UNKEYED, Once


class PersonsClient(Protocol):
    """Exports and erases one person, across the servers' tables."""

    async def export(self, business: BusinessId, person: PersonId) -> Mapping[str, Any]:
        """Return everything kept about the person as plain JSON values; raise NotFound."""

    async def erase(
        self, business: BusinessId, person: PersonId, *, by: str, reason: str | None = None, once: Once = UNKEYED
    ) -> Mapping[str, Any]:
        """Erase what may be erased, write it into the audit with it, and say what was; raise NotFound, or Conflict (`callback-open`) while a callback is open."""
