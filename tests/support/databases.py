"""A real PostgreSQL for the session, a migrated template, and a fresh copy of it for each test."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import AsyncIterator
from dataclasses import dataclass
from datetime import timedelta
from typing import Any
from uuid import uuid4

import asyncpg

from ringback.domain.ids import BusinessId, new_id
from ringback.postgres.address import Role, ServerAddress
from ringback.postgres.database import Database
from ringback.postgres.hints import Hints
from ringback.postgres.migrations import migrate
from ringback.postgres.sql import parse_sql

SECRET = "a secret for tests, long enough"
TEMPLATE = "ringback_template"

_MAKE_BUSINESS = parse_sql(
    "-- name: make\nINSERT INTO business (id, slug, name, zone) VALUES (:id, :slug, :name, :zone);"
)["make"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Databases:
    """One database as each role sees it."""

    address: ServerAddress
    application: Database
    interactions: Database
    sessions: Database
    identity: Database
    dispatcher: Database
    read: Database
    operator: Database
    hints: Hints

    async def make_business(
        self, slug: str = "acme", *, name: str = "Acme Energy", zone: str = "Europe/London"
    ) -> BusinessId:
        """Insert a bare business."""
        business = BusinessId(new_id())
        async with self.interactions.transaction(business, name="make_business") as tx:
            await tx.run(_MAKE_BUSINESS, id=business, slug=slug, name=name, zone=zone)
        return business

    async def hear_pages(self, since: timedelta = timedelta(hours=1)) -> None:
        """Register an application server that has heard pages for so long, and stays."""
        async with self.administrator() as connection:
            await connection.execute(
                "INSERT INTO process (id, server, host, pid, started_at, seen_at, steady_since) "
                "VALUES ($1, 'application+sessions', 'here', 1, now(), now() + interval '1 hour', now() - $2::interval)",
                new_id(),
                since,
            )

    @contextlib.asynccontextmanager
    async def administrator(self) -> AsyncIterator[Any]:
        """Give a superuser's connection, which row-level security does not bind: for arranging and for looking."""
        connection = await connect(self.address)
        try:
            await connection.execute("SET search_path = ringback")
            yield connection
        finally:
            await connection.close()


async def connect(address: ServerAddress) -> Any:
    """Open a bare connection."""
    return await asyncpg.connect(
        host=address.host, port=address.port, user=address.user, password=address.password, database=address.database
    )


@contextlib.asynccontextmanager
async def open_databases(address: ServerAddress) -> AsyncIterator[Databases]:
    """Open a pool for each role, and a listener."""
    pools = {
        role.name.lower(): await Database.connect(address, role, secret=SECRET, size=20)
        for role in Role
        if role is not Role.MIGRATOR
    }
    hints = Hints(address.as_role(Role.DISPATCHER, SECRET))
    listener = asyncio.create_task(hints.run())
    try:
        yield Databases(address=address, hints=hints, **pools)
    finally:
        listener.cancel()
        with contextlib.suppress(asyncio.CancelledError):
            await listener
        for pool in pools.values():
            await pool.close()


async def make_template(server: ServerAddress) -> None:
    """Migrate an empty database once, to be copied."""
    await migrate(server.to(TEMPLATE), secret=SECRET)


async def copy_template(server: ServerAddress) -> ServerAddress:
    """Make a database like the template and return its address."""
    name = f"test_{uuid4().hex[:12]}"
    connection = await connect(server.to("postgres"))
    try:
        await connection.execute(f"CREATE DATABASE {name} TEMPLATE {TEMPLATE} STRATEGY FILE_COPY")
        everybody = ", ".join(role.value for role in Role)
        await connection.execute(f"GRANT CONNECT ON DATABASE {name} TO {everybody}")
    finally:
        await connection.close()
    return server.to(name)


async def drop_database(server: ServerAddress, name: str) -> None:
    """Remove a test's database, whoever is still connected."""
    connection = await connect(server.to("postgres"))
    try:
        await connection.execute(f"DROP DATABASE IF EXISTS {name} WITH (FORCE)")
    finally:
        await connection.close()
