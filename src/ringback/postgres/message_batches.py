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

Handler = Callable[[Transaction, BusinessId, Any], Awaitable[None]]
BatchHandler = Callable[[Transaction, BusinessId, Sequence[Any]], Awaitable[None]]
MOST = 128  # messages of one batch: about the time a person may wait for another's commit
FEW = 8  # where they are carried out one after another
AT_ONCE = 4  # batches under way


def in_turn(handler: Handler) -> BatchHandler:
    """Let messages that have nothing to do with one another share a commit, one after another."""

    async def handle(tx: Transaction, business: BusinessId, messages: Sequence[Any]) -> None:
        for each in messages:
            await handler(tx, business, each)

    return handle


class MessageBatches:
    """Applies messages of some kinds of one server, all that wait of one business together. `apart`: they have nothing to do
    with one another, so that several small batches are under way at once; else one, with all that gathered.
    """

    def __init__(
        self, server: Server, database: Database, handlers: Mapping[type, BatchHandler], *, apart: bool
    ) -> None:
        self._writing = {"writers": AT_ONCE, "most": FEW} if apart else {"writers": 1, "most": MOST}
        self._server = server
        self._database = database
        self._handlers = {kind.__name__: handler for kind, handler in handlers.items()}
        self._writers: dict[BusinessId, GroupWriter[UUID, bool]] = {}

    async def find(self, business: BusinessId, aggregates: Sequence[UUID]) -> set[UUID]:
        """Return which aggregates have a message next that can be applied with others."""
        which = {"business": business, "recipient": self._server.value}
        async with self._database.transaction(business, name="sort_messages") as tx:
            rows = await tx.rows(SQL["batchable"], **which, aggregates=sorted(aggregates), kinds=sorted(self._handlers))
        return {row["aggregate"] for row in rows}

    async def apply(self, business: BusinessId, aggregate: UUID) -> bool:
        """Apply the aggregate's next message together with whatever else waits; False when it has none now, or another process has it."""
        writer = self._writers.get(business)
        if writer is None:

            async def flush(aggregates: Sequence[UUID]) -> Sequence[bool]:
                return await self._apply(business, aggregates)

            writer = self._writers[business] = GroupWriter(flush, key=lambda each: each, **self._writing)
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
