"""Backup and restore with PostgreSQL's own tools. A restored database does not dial until an operator has looked."""

from __future__ import annotations

import asyncio
import shutil
import tempfile
from pathlib import Path

import asyncpg

from ringback.domain.errors import ConfigurationError
from ringback.postgres.address import ServerAddress
from ringback.postgres.embedded.layout import packaged_programs
from ringback.postgres.migrations import make_database_and_roles, migrate

RESTORED = "the database was restored from a backup: look at what was promised since, then ringback doctor --resume"


async def back_up(address: ServerAddress, file: Path) -> None:
    """Write the whole database to a file; a half-written one never takes the file's place."""
    unfinished = file.with_name(file.name + ".unfinished")
    await _run(
        "pg_dump",
        address,
        "--format=custom",
        "--schema=ringback",
        f"--file={unfinished}",
    )
    unfinished.chmod(0o600)
    unfinished.replace(file)


async def restore(address: ServerAddress, file: Path, *, secret: str) -> list[str]:
    """Put a backup into a database without businesses, migrate it, and keep it from dialling; return the migrations that it lacked.

    Raises ConfigurationError when the database holds businesses, or the file is no backup. `address` needs a superuser.
    """
    if not await asyncio.to_thread(file.is_file):
        raise ConfigurationError(f"{file} does not exist")
    await make_database_and_roles(address, secret=secret)
    connection = await _connect(address)
    try:
        ours = await connection.fetchval("SELECT to_regclass('ringback.business') IS NOT NULL")
        if ours and await connection.fetchval("SELECT EXISTS (SELECT FROM ringback.business)"):
            raise ConfigurationError(
                f"database {address.database!r} holds businesses already: restore into an empty one"
            )
        await connection.execute("DROP SCHEMA IF EXISTS ringback CASCADE")
        await _load(address, file)
        await connection.execute("UPDATE ringback.dialling_permit SET allowed = false, reason = $1", RESTORED)
    finally:
        await connection.close()
    return await migrate(address, secret=secret)


async def _load(address: ServerAddress, file: Path) -> None:
    """Put a backup in, all or nothing, by way of a script: pg_restore's first words are not known to every server."""
    with tempfile.TemporaryDirectory() as folder:
        script = Path(folder) / "restore.sql"
        await _run("pg_restore", None, f"--file={script}", str(file))
        await asyncio.to_thread(_blank_newer_settings, script)
        await _run(
            "psql",
            address,
            "--no-psqlrc",
            "--quiet",
            "--single-transaction",
            "--set=ON_ERROR_STOP=1",
            f"--file={script}",
        )


def _blank_newer_settings(script: Path) -> None:
    """Blank in place what pg_restore 17 and newer set first and servers before 17 refuse; it only says "no limit"."""
    newer = b"SET transaction_timeout = 0;"
    with script.open("r+b") as file:
        at = file.read(4096).find(newer)
        if at >= 0:
            file.seek(at)
            file.write(b" " * len(newer))


async def _run(tool: str, address: ServerAddress | None, *options: str) -> None:
    """Run one of PostgreSQL's tools; the password goes by the environment, never by the command line."""
    way_in: list[str] = []
    if address is not None:
        way_in += [f"--host={address.host}", f"--port={address.port}", f"--username={address.user}"]
        way_in += [f"--dbname={address.database}", "--no-password"]
    password = address.password if address is not None else None
    process = await asyncio.create_subprocess_exec(
        str(_find(tool)),
        *way_in,
        *options,
        env={"PATH": "/usr/bin:/bin", "PGPASSWORD": password or "", "LC_ALL": "C"},
        stdout=asyncio.subprocess.DEVNULL,
        stderr=asyncio.subprocess.PIPE,
    )
    _, complaint = await process.communicate()
    if process.returncode:
        raise ConfigurationError(f"{tool} failed: {complaint.decode(errors='replace').strip()[-800:]}")


def _find(tool: str) -> Path:
    """Prefer the embedded server's tools, which are at least as new as most servers; else what is installed."""
    try:
        return packaged_programs() / tool
    except ConfigurationError:
        found = shutil.which(tool)
        if found is None:
            raise ConfigurationError(f"{tool} was not found: install PostgreSQL's client programs") from None
        return Path(found)


async def _connect(address: ServerAddress) -> asyncpg.Connection[asyncpg.Record]:
    return await asyncpg.connect(
        host=address.host,
        port=address.port,
        user=address.user,
        password=address.password,
        database=address.database,
        ssl=address.ssl,
        timeout=10,
    )
