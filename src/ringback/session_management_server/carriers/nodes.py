"""The machines of a carrier that has several: which of them has a leg, how many calls each begins in a second, and which are drained."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from ringback.domain.ids import BusinessId, CallbackId, LegId
from ringback.postgres.database import Database, Transaction
from ringback.postgres.sql import load_sql

SQL = load_sql(__file__, "nodes.sql")


@dataclass(frozen=True, slots=True, kw_only=True)
class NodeState:
    """One machine as an operator left it."""

    name: str
    drained_at: datetime | None
    drained_by: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Peer:
    """The other live leg of a call, and its machine where that is known."""

    leg: LegId
    node: str | None


class NodeBook:
    """What the database keeps about one carrier's machines. All of its commits come before a machine hears of a leg."""

    def __init__(self, database: Database, carrier: str) -> None:
        self._database = database
        self._carrier = carrier

    async def register(self, names: Iterable[str]) -> None:
        """Make the machines known, so that they can be drained by name."""
        async with self._database.transaction(name="register_nodes") as tx:
            for name in names:
                await tx.run(SQL["register_node"], carrier=self._carrier, node=name)

    async def states(self) -> list[NodeState]:
        """Return every machine that was ever named."""
        async with self._database.transaction(name="list_nodes") as tx:
            rows = await tx.rows(SQL["nodes"], carrier=self._carrier)
        return [NodeState(name=row["node"], drained_at=row["drained_at"], drained_by=row["drained_by"]) for row in rows]

    async def drain(self, name: str, *, drained: bool, by: str) -> bool:
        """Drain a machine, or let it begin calls again; False when there is none of this name."""
        async with self._database.transaction(name="drain_node") as tx:
            found = await tx.rows(SQL["drain"], carrier=self._carrier, node=name, drained=drained, by=by)
        return bool(found)

    async def peer(self, business: BusinessId, callback: CallbackId, leg: LegId) -> Peer | None:
        """Return the leg that this one is to be joined with, if there is one."""
        async with self._database.transaction(business, name="find_peer") as tx:
            row = await tx.row(SQL["peer_of_leg"], business=business, callback=callback, leg=leg)
        return None if row is None else Peer(leg=LegId(row["id"]), node=row["node"])

    async def place(self, business: BusinessId, leg: LegId, nodes: Iterable[str], *, rate: float | None) -> str | None:
        """Give the leg to the first of these machines that may begin a call now (`rate`: of each, a second; None: any may). None: none may."""
        async with self._database.transaction(business, name="place_leg") as tx:
            for node in nodes:
                if rate is None or await self._take(tx, node, rate):
                    await tx.run(SQL["place_leg"], business=business, leg=leg, carrier=self._carrier, node=node)
                    return node
        return None

    async def _take(self, tx: Transaction, node: str, rate: float) -> bool:
        return await tx.value(SQL["take_start"], carrier=self._carrier, node=node, rate=float(rate)) is not None

    async def node_of(self, business: BusinessId, leg: LegId) -> str | None:
        """Return which machine has the leg."""
        async with self._database.transaction(business, name="find_node") as tx:
            found: str | None = await tx.value(SQL["node_of_leg"], business=business, leg=leg)
        return found

    async def nodes_of(self, business: BusinessId, legs: Iterable[UUID]) -> dict[UUID, str]:
        """Return which machines have these legs."""
        async with self._database.transaction(business, name="find_nodes") as tx:
            rows = await tx.rows(SQL["nodes_of_legs"], business=business, legs=list(legs))
        return {row["leg"]: row["node"] for row in rows}


async def forget_placements(tx: Transaction, business: BusinessId) -> None:
    """Forget which machines had the legs of long ago."""
    await tx.run(SQL["forget_placements"], business=business)
