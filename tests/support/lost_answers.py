"""A database whose answer to a COMMIT is lost, with the commit done or not done."""

from __future__ import annotations

import contextlib
from collections.abc import AsyncIterator
from typing import Any

from ringback.domain.errors import CommitUnknown
from ringback.domain.ids import BusinessId
from ringback.postgres.database import Database, Transaction


class LosesAnswers:
    """Passes everything on, and loses the answer to the next commits of some workflows."""

    def __init__(self, database: Database, *, committed: bool) -> None:
        self.role = database.role
        self.lost: list[str] = []
        self._database = database
        self._committed = committed
        self._to_lose: dict[str, int] = {}

    def lose(self, name: str, times: int = 1) -> None:
        """Lose the next answers of a workflow, or of those whose names begin so."""
        self._to_lose[name] = times

    @contextlib.asynccontextmanager
    async def transaction(self, *businesses: BusinessId, name: str) -> AsyncIterator[Transaction]:
        mark = next((each for each in self._to_lose if name.startswith(each) and self._to_lose[each]), None)
        if mark is None:
            async with self._database.transaction(*businesses, name=name) as tx:
                yield tx
            return
        self._to_lose[mark] -= 1
        self.lost.append(name)
        with contextlib.suppress(_NotCommitted):
            async with self._database.transaction(*businesses, name=name) as tx:
                yield tx
                if not self._committed:
                    raise _NotCommitted
        raise CommitUnknown("the answer was lost")

    def __getattr__(self, name: str) -> Any:
        return getattr(self._database, name)


class _NotCommitted(Exception):
    pass
