"""Who asks for callbacks: one request of a person, and of a number, at a time, and what they have open already."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field, replace

import asyncpg

from ringback.domain.destinations import Destination, DestinationKind
from ringback.domain.ids import BusinessId, PersonId
from ringback.domain.times import TimeWindow
from ringback.interaction_manager.rules.snapshot import OpenCallback, Snapshot
from ringback.postgres.database import Transaction
from ringback.postgres.sql import load_sql

SQL = load_sql(__file__, "asking.sql")


@dataclass(frozen=True, slots=True, kw_only=True)
class Asker:
    """Who asks: a person, and the number they want to be called at."""

    person: PersonId | None
    number: str | None = None

    @classmethod
    def of(cls, person: PersonId, destination: Destination) -> Asker:
        """Return who asks for a callback to this destination."""
        return cls(person=person, number=destination.address if destination.kind is DestinationKind.PHONE else None)


async def lock_persons(tx: Transaction, business: BusinessId, askers: Iterable[Asker]) -> None:
    """Let one request of a person, and of a number, be judged at a time; the same order everywhere."""
    keys = {f"{business}:{key}" for each in askers for key in (each.person, each.number) if key is not None}
    await tx.run(SQL["lock_person"], keys=sorted(keys))


async def lock_person(tx: Transaction, business: BusinessId, asker: Asker) -> None:
    """Let one request of this person, and of their number, be judged at a time."""
    await lock_persons(tx, business, [asker])


@dataclass(slots=True)
class OpenBefore:
    """What those who ask have open, by person and by number, and who of them is not to be called."""

    of_person: dict[PersonId, list[OpenCallback]] = field(default_factory=dict)
    of_number: dict[str, list[OpenCallback]] = field(default_factory=dict)
    blocked: set[PersonId] = field(default_factory=set)

    def add(self, asker: Asker, opened: OpenCallback) -> None:
        """Remember what was accepted just now."""
        if asker.person is not None:
            self.of_person.setdefault(asker.person, []).append(opened)
        if asker.number is not None:
            self.of_number.setdefault(asker.number, []).append(opened)

    def seen_by(self, snapshot: Snapshot, asker: Asker) -> Snapshot:
        """Return the snapshot as it is for one of those who ask."""
        if asker.person is None:
            return snapshot
        mine = list(self.of_person.get(asker.person, ()))
        if asker.number is not None:
            mine += self.of_number.get(asker.number, ())
        found = tuple({each.callback: each for each in mine}.values())
        return replace(snapshot, open_callbacks=found, blocked=asker.person in self.blocked)


async def read_open(tx: Transaction, business: BusinessId, askers: Iterable[Asker]) -> OpenBefore:
    """Return what these people and numbers have open, and whom an agent's last word forbids to call."""
    known = [each for each in askers if each.person is not None]
    persons, numbers = {each.person for each in known}, {each.number for each in known if each.number is not None}
    before = OpenBefore()
    if persons:
        for row in await tx.rows(SQL["open_callbacks"], business=business, persons=list(persons)):
            before.of_person.setdefault(row["person"], []).append(_open_callback(row))
        rows = await tx.rows(SQL["blocked"], business=business, persons=list(persons))
        before.blocked = {row["person"] for row in rows}
    if numbers:
        for row in await tx.rows(SQL["open_of_numbers"], business=business, numbers=list(numbers)):
            before.of_number.setdefault(row["number"], []).append(_open_callback(row))
    return before


def _open_callback(row: asyncpg.Record) -> OpenCallback:
    window = TimeWindow(start=row["window_start"], end=row["window_end"])
    return OpenCallback(callback=row["id"], queue=row["queue"], window=window)


async def load_open(tx: Transaction, business: BusinessId, snapshot: Snapshot, asker: Asker) -> Snapshot:
    """Add what the asker has open, and whether they are not to be called."""
    return (await read_open(tx, business, [asker])).seen_by(snapshot, asker)
