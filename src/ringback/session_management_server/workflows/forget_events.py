"""Forget carriers' events that can not come again, and rings that no limit looks at any more."""

from __future__ import annotations

from ringback.domain.ids import BusinessId
from ringback.postgres.database import Database
from ringback.session_management_server import queries
from ringback.session_management_server.carriers.nodes import forget_placements
from ringback.session_management_server.guarding import purge_rings


async def forget_events(database: Database, business: BusinessId) -> None:
    """Delete what is older than a month."""
    async with database.transaction(business, name="forget_events") as tx:
        await queries.purge_events(tx, business)
        await forget_placements(tx, business)
        await purge_rings(tx, business)
