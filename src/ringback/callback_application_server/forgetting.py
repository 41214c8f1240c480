"""Forgets in time, for every business, once an hour. Any number of processes may: held rows are skipped, and forgetting twice changes nothing."""

from __future__ import annotations

import asyncio
import random

import structlog

from ringback.callback_application_server.retention import SQL
from ringback.callback_application_server.workflows.purge_chats import purge_chats, purge_consents
from ringback.callback_application_server.workflows.purge_persons import purge_persons
from ringback.callback_application_server.workflows.purge_traces import purge_traces
from ringback.domain.errors import CommitUnknown
from ringback.domain.ids import BusinessId
from ringback.postgres.database import RETRYABLE, Database

log = structlog.get_logger(__name__)

HOUR = 3600.0


class Forgetting:
    """The retention job."""

    def __init__(self, database: Database, dispatcher: Database, *, every: float = HOUR) -> None:
        self._database = database
        self._dispatcher = dispatcher
        self._every = every

    async def run(self) -> None:
        """Forget until cancelled; the first time soon after the start, so that a process that lives briefly does its part."""
        wait = min(60.0, self._every)
        while True:
            await asyncio.sleep(wait * random.uniform(0.5, 1.0))  # noqa: S311 -- spreads processes that start together
            wait = self._every
            try:
                await self.sweep()
            except (*RETRYABLE, CommitUnknown) as error:
                log.warning("forgetting_later", error=type(error).__name__)

    async def sweep(self) -> None:
        """Forget everything that is due now."""
        async with self._dispatcher.connection() as connection:
            businesses = [BusinessId(row["id"]) for row in await connection.fetch(SQL["businesses"].text)]
        for business in businesses:
            chats = await purge_chats(self._database, business)
            persons = await purge_persons(self._database, business)
            await purge_consents(self._database, business)
            await purge_traces(self._database, business)
            if chats or persons:
                log.info("forgotten", business=str(business), chats=chats, persons=persons)
