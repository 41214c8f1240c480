"""What a process must know of its cluster before it may dial: how far its clock is off, and that no fail-over or restore is unlooked-at."""

from __future__ import annotations

import asyncio
import contextlib
import os
import socket
import time
from dataclasses import dataclass
from typing import Any
from uuid import UUID

import structlog

from ringback.postgres.database import RETRYABLE, Database
from ringback.postgres.sql import Statement, load_sql

log = structlog.get_logger(__name__)
SQL = load_sql(__file__, "cluster.sql")

CLOCK_TOLERANCE = 2.0  # seconds: a process further off does not dial


@dataclass(frozen=True, slots=True, kw_only=True)
class Permit:
    """Whether this process may dial now, and why not."""

    allowed: bool
    reason: str | None = None


class ClusterWatch:
    """Keeps this process's entry in the register and its permit to dial."""

    def __init__(self, dispatcher: Database, *, servers: str, process: UUID) -> None:
        self._dispatcher = dispatcher
        self._servers = servers
        self._process = process
        self._permit = Permit(allowed=False, reason="the cluster was not looked at yet")
        self.clock_offset = 0.0  # seconds this process's clock is ahead of the database's

    @property
    def permit(self) -> Permit:
        """The permit as of the last look, at most a second or two ago."""
        if abs(self.clock_offset) > CLOCK_TOLERANCE:
            return Permit(
                allowed=False, reason=f"this machine's clock is {self.clock_offset:+.1f} s off the database's"
            )
        return self._permit

    async def run(self) -> None:
        """Look every second until cancelled; unregister at the end."""
        try:
            while True:
                try:
                    await self.look()
                except RETRYABLE as error:
                    self._permit = Permit(allowed=False, reason=f"the database is away: {type(error).__name__}")
                await asyncio.sleep(1)
        finally:
            with contextlib.suppress(Exception):
                async with asyncio.timeout(2), self._dispatcher.connection() as connection:
                    await _run(connection, SQL["forget_process"], id=self._process)

    async def look(self) -> None:
        """Measure the clock, compare the cluster with the one remembered, and renew the register entry."""
        async with self._dispatcher.connection() as connection:
            before = time.time()
            database_now = await connection.fetchval(SQL["clock"].text)
            after = time.time()
            self.clock_offset = (before + after) / 2 - database_now.timestamp()
            await _run(
                connection,
                SQL["register_process"],
                id=self._process,
                server=self._servers,
                host=socket.gethostname(),
                pid=os.getpid(),
            )
            self._permit = await look_at_cluster(connection)


async def look_at_cluster(connection: Any) -> Permit:
    """Return the permit; take it away when the cluster is not the one it was given for (correctness: a fail-over may have lost commits)."""
    here = await _only(connection, SQL["identity_of_cluster"])
    permit = await _only(connection, SQL["permit"])
    if permit["system_identifier"] is None:
        await _run(
            connection,
            SQL["remember_cluster"],
            system_identifier=here["system_identifier"],
            timeline_id=here["timeline_id"],
        )
    elif (permit["system_identifier"], permit["timeline_id"]) != (here["system_identifier"], here["timeline_id"]):
        reason = "the database is another cluster or timeline than before (a fail-over or a restore): ringback doctor --resume"
        if await _run(connection, SQL["stop_dialling"], reason=reason) != "UPDATE 0":
            log.error("dialling_stopped", reason=reason)
        return Permit(allowed=False, reason=reason)
    return Permit(allowed=permit["allowed"], reason=permit["reason"])


async def resume_dialling(dispatcher: Database) -> None:
    """An operator has looked: dialling goes on, on the cluster as it is now."""
    async with dispatcher.connection() as connection:
        here = await _only(connection, SQL["identity_of_cluster"])
        await _run(
            connection,
            SQL["resume_dialling"],
            system_identifier=here["system_identifier"],
            timeline_id=here["timeline_id"],
        )


async def _run(connection: Any, statement: Statement, **parameters: Any) -> str:
    tag: str = await connection.execute(statement.text, *statement.arguments(parameters))
    return tag


async def _only(connection: Any, statement: Statement) -> Any:
    return await connection.fetchrow(statement.text)
