"""Find a business or an agent by the short name an operator types."""

from __future__ import annotations

from ringback.domain.errors import NotFound
from ringback.domain.ids import AgentId, BusinessId, QueueId
from ringback.installation import Installation
from ringback.postgres.address import Role
from ringback.postgres.sql import load_sql

SQL = load_sql(__file__, "queries.sql")


async def find_business(installation: Installation, slug: str) -> BusinessId:
    """Return the business's id; raise NotFound with the names there are."""
    dispatcher = await installation.pool(Role.DISPATCHER)
    async with dispatcher.connection() as connection:
        found = await connection.fetchval(SQL["find_business"].text, slug)
        there = [] if found else [row["slug"] for row in await connection.fetch(SQL["list_businesses"].text)]
    if found is None:
        raise NotFound(f"There is no business {slug!r}.", next=f"There are: {', '.join(there) or 'none yet'}.")
    return BusinessId(found)


async def find_agent(installation: Installation, business: BusinessId, slug: str) -> AgentId:
    """Return the agent's id; raise NotFound when there is none."""
    read = await installation.pool(Role.READ)
    async with read.transaction(business, name="find_agent") as tx:
        found = await tx.value(SQL["find_agent"], business=business, slug=slug)
    if found is None:
        raise NotFound(f"There is no agent {slug!r}.")
    return AgentId(found)


async def find_queue(installation: Installation, business: BusinessId, slug: str) -> QueueId:
    """Return the queue's id; raise NotFound when there is none."""
    read = await installation.pool(Role.READ)
    async with read.transaction(business, name="find_queue") as tx:
        found = await tx.value(SQL["find_queue"], business=business, slug=slug)
    if found is None:
        raise NotFound(f"There is no queue {slug!r}.")
    return QueueId(found)
