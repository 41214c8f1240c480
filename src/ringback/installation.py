"""A reachable database of this installation, embedded or configured, and the pools on it; refused while it is not ready."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import AsyncIterator
from dataclasses import dataclass, field

import asyncpg

from ringback.domain.errors import ConfigurationError
from ringback.postgres.address import Role, ServerAddress
from ringback.postgres.database import Database
from ringback.postgres.embedded import EmbeddedPostgres
from ringback.postgres.migrations import migrate, pending_migrations
from ringback.settings import Settings


@dataclass(slots=True, kw_only=True)
class Installation:
    """A reachable database and the pools opened on it so far."""

    settings: Settings
    address: ServerAddress  # the administrator's, for the embedded database; as configured otherwise
    secret: str = field(repr=False)
    _pools: dict[Role, Database] = field(default_factory=dict)

    async def pool(self, role: Role, *, size: int = 8) -> Database:
        """Return the role's pool, opened on first use."""
        if role not in self._pools:
            self._pools[role] = await Database.connect(self.address, role, secret=self.secret, size=size)
        return self._pools[role]

    async def close(self) -> None:
        """Close every pool."""
        for pool in self._pools.values():
            await pool.close()


@contextlib.asynccontextmanager
async def open_installation(settings: Settings) -> AsyncIterator[Installation]:
    """Reach the configured database, or start, recover or adopt the embedded one; close what was opened at the end."""
    secret = settings.with_secret()
    embedded = None if settings.address else EmbeddedPostgres(settings.data / "database")
    address = settings.address or await _start(embedded)
    installation = Installation(settings=settings, address=address, secret=secret)
    keeper = asyncio.ensure_future(embedded.keep_running()) if embedded is not None else None
    try:
        yield installation
    finally:
        if keeper is not None:
            keeper.cancel()
            await asyncio.wait([keeper])
        await installation.close()
        if embedded is not None:
            await embedded.stop()


async def _start(embedded: EmbeddedPostgres | None) -> ServerAddress:
    assert embedded is not None, "either an address or the embedded database"
    return await embedded.start()


@contextlib.asynccontextmanager
async def ready_installation(settings: Settings) -> AsyncIterator[Installation]:
    """The same with the schema as this program needs it: the embedded database is migrated, any other one must have been."""
    async with open_installation(settings) as installation:
        if settings.address is None:
            await migrate(installation.address, secret=installation.secret)
        else:
            await _refuse_unready(installation)
        yield installation


async def _refuse_unready(installation: Installation) -> None:
    address = installation.address
    try:
        missing = await pending_migrations(address.as_role(Role.READ, installation.secret))
    except (
        asyncpg.InvalidPasswordError,
        asyncpg.InvalidAuthorizationSpecificationError,
        asyncpg.InvalidCatalogNameError,
    ) as error:
        raise ConfigurationError(
            f"the database is not set up for this installation ({error}): run ringback migrate"
        ) from error
    except (OSError, asyncpg.PostgresError, TimeoutError) as error:
        raise ConfigurationError(
            f"the database at {address.host}:{address.port} is not reachable: {str(error) or type(error).__name__}"
        ) from error
    if missing:
        raise ConfigurationError(f"the database lacks {', '.join(missing)}: run ringback migrate")
