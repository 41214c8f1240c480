"""Roles and migrations: numbered SQL files, forward only, each applied once; a database newer than this program is refused."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from importlib import resources
from typing import Any

import asyncpg

from ringback.domain.errors import ConfigurationError
from ringback.postgres.address import Role, ServerAddress, role_password

_LOCK = 0x72696E67  # "ring": one migration at a time on one database


@dataclass(frozen=True, slots=True, kw_only=True)
class Migration:
    """One numbered file."""

    name: str
    text: str

    @property
    def digest(self) -> str:
        """What the file held when it was applied."""
        return hashlib.sha256(self.text.encode()).hexdigest()


def all_migrations() -> list[Migration]:
    """Return the migrations this program knows, in order."""
    folder = resources.files("ringback.postgres") / "migrations"
    files = sorted((each for each in folder.iterdir() if each.name.endswith(".sql")), key=lambda each: each.name)
    return [Migration(name=each.name.removesuffix(".sql"), text=each.read_text(encoding="utf-8")) for each in files]


async def migrate(administrator: ServerAddress, *, secret: str) -> list[str]:
    """Make the database, the roles and the schema as this program needs them; return the names of the migrations applied.

    `administrator` may create roles (a superuser, or CREATEROLE). Raises ConfigurationError for a newer database, a changed migration, or missing rights.
    """
    await make_database_and_roles(administrator, secret=secret)
    connection = await _connect(administrator)
    try:
        await connection.execute("SELECT pg_advisory_lock($1)", _LOCK)
        return await _apply(connection)
    finally:
        await connection.close()


async def make_database_and_roles(administrator: ServerAddress, *, secret: str) -> None:
    """Make what a schema of ours needs to stand on: the database, the roles with their passwords, their way in."""
    try:
        await _make_database(administrator)
    except (asyncpg.InvalidPasswordError, asyncpg.InvalidAuthorizationSpecificationError) as error:
        raise ConfigurationError(f"the database does not let {administrator.user} in: {error}") from error
    except (OSError, TimeoutError, asyncpg.PostgresConnectionError) as error:
        raise ConfigurationError(
            f"the database at {administrator.host}:{administrator.port} is not reachable: "
            f"{str(error) or type(error).__name__}"
        ) from error
    connection = await _connect(administrator)
    try:
        await _make_roles(connection, secret)
    except asyncpg.InsufficientPrivilegeError as error:
        raise ConfigurationError(f"{administrator.user} may not create roles on this server: {error}") from error
    finally:
        await connection.close()


async def pending_migrations(address: ServerAddress) -> list[str]:
    """Return what `migrate` would apply. Raises ConfigurationError when the database is newer than this program, or has none of our tables."""
    connection = await _connect(address)
    try:
        if not await connection.fetchval("SELECT to_regclass('ringback.migration') IS NOT NULL"):
            return [each.name for each in all_migrations()]
        return [each.name for each in _missing(await _applied(connection))]
    finally:
        await connection.close()


async def _make_database(administrator: ServerAddress) -> None:
    try:
        connection = await _connect(administrator)
    except asyncpg.InvalidCatalogNameError:
        connection = await _connect(administrator.to("postgres"))
        try:
            await connection.execute(
                f"CREATE DATABASE {_quoted(administrator.database)} ENCODING 'UTF8' TEMPLATE template0"
            )
        except asyncpg.DuplicateDatabaseError:
            pass  # another start made it meanwhile
        except asyncpg.InsufficientPrivilegeError as error:
            raise ConfigurationError(
                f"database {administrator.database!r} does not exist and {administrator.user} may not create it"
            ) from error
    await connection.close()


async def _make_roles(connection: Any, secret: str) -> None:
    version = await connection.fetchval("SELECT current_setting('server_version_num')::int")
    if version < 150000:
        raise ConfigurationError(f"PostgreSQL {version // 10000} is too old: Ringback needs 15 or newer")
    async with connection.transaction():
        await connection.execute("SELECT pg_advisory_xact_lock($1)", _LOCK)
        await connection.execute((resources.files("ringback.postgres") / "roles.sql").read_text(encoding="utf-8"))
        for role in Role:
            await connection.execute(f"ALTER ROLE {role.value} PASSWORD {_literal(role_password(role, secret))}")
        if not await connection.fetchval("SELECT pg_has_role(current_user, 'ringback_owner', 'MEMBER')"):
            await connection.execute("GRANT ringback_owner TO current_user")
        database = await connection.fetchval("SELECT current_database()")
        await connection.execute(f"REVOKE ALL ON DATABASE {_quoted(database)} FROM public")
        everybody = ", ".join(role.value for role in Role)
        await connection.execute(f"GRANT CONNECT ON DATABASE {_quoted(database)} TO {everybody}")
        if not await connection.fetchval("SELECT to_regnamespace('ringback') IS NOT NULL"):
            await connection.execute("CREATE SCHEMA ringback AUTHORIZATION ringback_owner")
        await connection.execute(f"GRANT USAGE ON SCHEMA ringback TO {everybody}")


async def _apply(connection: Any) -> list[str]:
    await connection.execute("SET search_path = ringback; SET ROLE ringback_owner")
    await connection.execute(
        "CREATE TABLE IF NOT EXISTS migration (name text PRIMARY KEY, digest text NOT NULL, applied_at timestamptz NOT NULL DEFAULT now());"
        "GRANT SELECT ON migration TO public"
    )
    missing = _missing(await _applied(connection))
    for migration in missing:
        async with connection.transaction():
            await connection.execute(migration.text)
            await connection.execute(
                "INSERT INTO migration (name, digest) VALUES ($1, $2)", migration.name, migration.digest
            )
    return [each.name for each in missing]


async def _applied(connection: Any) -> dict[str, str]:
    return {row["name"]: row["digest"] for row in await connection.fetch("SELECT name, digest FROM ringback.migration")}


def _missing(applied: dict[str, str]) -> list[Migration]:
    known = {each.name: each for each in all_migrations()}
    newer = sorted(applied.keys() - known.keys())
    if newer:
        raise ConfigurationError(
            f"the database is newer than this program (it has {newer[-1]}): install the newer Ringback"
        )
    for name, digest in applied.items():
        if known[name].digest != digest:
            raise ConfigurationError(
                f"migration {name} was changed after it was applied; a new database or the original file is needed"
            )
    return [each for each in known.values() if each.name not in applied]


async def _connect(address: ServerAddress) -> Any:
    return await asyncpg.connect(
        host=address.host,
        port=address.port,
        user=address.user,
        password=address.password,
        database=address.database,
        ssl=address.ssl,
        timeout=10,
    )


def _quoted(name: str) -> str:
    return '"' + name.replace('"', '""') + '"'


def _literal(text: str) -> str:
    return "'" + text.replace("'", "''") + "'"
