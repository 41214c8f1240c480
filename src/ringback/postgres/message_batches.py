"""Messages of many aggregates applied in one transaction, where a server says of a kind that it can: they share locks, round trips and a commit.

Order is as ever: of each aggregate the next message only, under its cursor's lock. Whatever is under way is waited for by all that
comes meanwhile, so batches grow with the load. One that fails is carried out one by one, and then counted as any failure is.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping, Sequence
from typing import Any
from uuid import UUID

import structlog

from ringback.domain.ids import BusinessId
from ringback.domain.status import Server
from ringback.postgres.database import Database, Transaction
from ringback.postgres.group_writer import GroupWriter
from ringback.postgres.message_kinds import read_message
from ringback.postgres.sql import load_sql

log = structlog.get_logger(__name__)
SQL = load_sql(__file__, "messages.sql")

BatchHandler = Callable[[Transaction, BusinessId, Sequence[Any]], Awaitable[None]]
MOST = 128  # messages of one batch: about the time a person may wait for another's commit


class MessageBatches:
    """Applies messages of some kinds of one server, all that wait of one business together."""

    def __init__(self, server: Server, database: Database, handlers: Mapping[type, BatchHandler]) -> None:
        self._server = server
        self._database = database
        self._handlers = {kind.__name__: handler for kind, handler in handlers.items()}
        self._writers: dict[BusinessId, GroupWriter[UUID, bool]] = {}

    async def find(self, business: BusinessId, aggregates: Sequence[UUID]) -> set[UUID]:
        """Return which aggregates have a message next that can be applied with others, and make sure of their cursors."""
        which = {"business": business, "recipient": self._server.value}
        async with self._database.transaction(business, name="claim_message") as tx:
            rows = await tx.rows(SQL["batchable"], **which, aggregates=sorted(aggregates), kinds=sorted(self._handlers))
            found = sorted(row["aggregate"] for row in rows)
            if found:
                tx.later(SQL["make_cursors"], **which, aggregates=found)
        return set(found)

    async def apply(self, business: BusinessId, aggregate: UUID) -> bool:
        """Apply the aggregate's next message together with whatever else waits; False when it has none now, or another process has it."""
        writer = self._writers.get(business)
        if writer is None:

            async def flush(aggregates: Sequence[UUID]) -> Sequence[bool]:
                return await self._apply(business, aggregates)

            writer = self._writers[business] = GroupWriter(flush, key=lambda each: each, most=MOST)
        return await writer.submit(aggregate)

    async def _apply(self, business: BusinessId, aggregates: Sequence[UUID]) -> list[bool]:
        which = {"business": business, "recipient": self._server.value}
        async with self._database.transaction(business, name=f"apply_{self._server}") as tx:
            held = await tx.rows(SQL["lock_cursors"], **which, aggregates=sorted(aggregates))
            rows = await tx.rows(
                SQL["next_messages"],
                **which,
                aggregates=[row["aggregate"] for row in held],
                seqs=[row["applied_seq"] + 1 for row in held],
                kinds=sorted(self._handlers),
            )
            kind = rows[0]["kind"] if rows else ""
            rows = [row for row in rows if row["kind"] == kind]
            if rows:
                tx.name = f"apply_{self._server}.{kind}"
                await self._handlers[kind](tx, business, [read_message(kind, row["payload"]) for row in rows])
                done = {"aggregates": [row["aggregate"] for row in rows], "seqs": [row["seq"] for row in rows]}
                tx.later(SQL["delete_messages"], **which, **done)
                tx.later(SQL["advance_cursors"], **which, **done)
        log.debug("messages_applied", server=self._server, kind=kind, business=str(business), count=len(rows))
        applied = {row["aggregate"] for row in rows}
        return [aggregate in applied for aggregate in aggregates]
