"""Workplaces read once per version of their documents: desks are drawn many times, settings change seldom."""

from __future__ import annotations

from uuid import UUID

from ringback.console.rules.rows import Row
from ringback.domain.workplaces import Document, Workplace, WorkplaceReader

_MOST = 2000


class KnownWorkplaces:
    """The workplaces of this process."""

    def __init__(self, reader: WorkplaceReader) -> None:
        self.reader = reader
        self._known: dict[tuple[UUID, int, int], Workplace] = {}

    def of(self, business: Row, queue: UUID, queue_policy: Document, version: int) -> Workplace:
        """Return a queue's workplace; `business` has `business_policy` and `business_version`."""
        key = (queue, version, business["business_version"])
        if key not in self._known:
            if len(self._known) >= _MOST:
                self._known.clear()
            self._known[key] = self.reader.workplace(business["business_policy"], queue_policy)
        return self._known[key]
