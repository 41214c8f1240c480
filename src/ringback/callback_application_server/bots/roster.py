"""The bots of a business, with their questions indexed once per change: an index is kept in memory until the row's time of change differs."""

from __future__ import annotations

import asyncio
from collections import OrderedDict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Any
from uuid import UUID

import asyncpg

from ringback.callback_application_server.rules.bots.answers import Answers, Entry
from ringback.callback_application_server.rules.bots.turns import Bot, Kind
from ringback.domain.ids import BusinessId
from ringback.postgres.database import Transaction
from ringback.postgres.sql import load_sql

SQL = load_sql(__file__, "bots.sql")
_MOST_INDEXES = 200  # of all businesses together


@dataclass(frozen=True, slots=True, kw_only=True)
class Emergency:
    """What a business lists as an emergency."""

    words: tuple[str, ...]
    text: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Roster:
    """Who answers before people do. `addresses`: URL and secret of the bots that are the business's own programs."""

    bots: tuple[Bot, ...] = ()
    addresses: Mapping[UUID, tuple[str, str]] = field(default_factory=dict, repr=False)
    emergency: Emergency | None = None


class Rosters:
    """Reads rosters."""

    def __init__(self) -> None:
        self._indexes: OrderedDict[tuple[BusinessId, UUID], tuple[datetime, Answers]] = OrderedDict()

    async def load(self, tx: Transaction, business: BusinessId) -> Roster:
        """Return the roster as it is now."""
        rows = await tx.rows(SQL["bots"], business=business)
        emergency = await tx.row(SQL["emergency"], business=business)
        bots = [_bot(row) for row in rows]
        for number, row in enumerate(rows):
            if bots[number].kind is Kind.FAQ:
                bots[number] = replace(bots[number], answers=await self._answers(tx, business, row))
        return Roster(
            bots=tuple(bots),
            addresses={row["id"]: (row["url"], row["secret"]) for row in rows if row["url"]},
            emergency=None if emergency is None else Emergency(words=tuple(emergency["words"]), text=emergency["text"]),
        )

    async def _answers(self, tx: Transaction, business: BusinessId, row: asyncpg.Record) -> Answers:
        key = (business, row["id"])
        kept = self._indexes.get(key)
        if kept is not None and kept[0] == row["changed_at"]:
            self._indexes.move_to_end(key)
            return kept[1]
        found = await tx.row(SQL["questions"], business=business, id=row["id"])
        if found is None:
            return Answers([])
        answers = await asyncio.to_thread(Answers, entries_of(found["questions"]))
        self._indexes[key] = (found["changed_at"], answers)
        while len(self._indexes) > _MOST_INDEXES:
            self._indexes.popitem(last=False)
        return answers


def entries_of(questions: Iterable[Mapping[str, Any]]) -> list[Entry]:
    """Read stored questions."""
    return [
        Entry(question=each["question"], answer=each["answer"], also=tuple(each.get("also", ()))) for each in questions
    ]


def _bot(row: asyncpg.Record) -> Bot:
    return Bot(
        id=row["id"],
        slug=row["slug"],
        name=row["name"],
        kind=Kind(row["kind"]),
        about=tuple(row["about"]),
        is_default=row["is_default"],
    )
