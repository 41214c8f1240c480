"""A backup comes back whole, and what came back does not dial until an operator says so."""

from __future__ import annotations

from pathlib import Path

import pytest

from ringback.domain.errors import ConfigurationError
from ringback.domain.ids import BusinessId, new_id
from ringback.postgres.address import Role, ServerAddress
from ringback.postgres.backup import back_up, restore
from ringback.postgres.cluster import ClusterWatch, resume_dialling
from ringback.postgres.database import Database
from tests.support.databases import SECRET, Databases, drop_database, open_databases


async def permit_of(address: ServerAddress) -> bool:
    dispatcher = await Database.connect(address, Role.DISPATCHER, secret=SECRET)
    watch = ClusterWatch(dispatcher, servers="sessions", process=new_id())
    try:
        await watch.look()
        return watch.permit.allowed
    finally:
        await dispatcher.close()


async def test_a_restored_database_has_everything_and_does_not_dial_until_resumed(
    databases: Databases, business: BusinessId, tmp_path: Path
) -> None:
    assert await permit_of(databases.address)
    backup = tmp_path / "ringback.backup"
    await back_up(databases.address, backup)
    assert backup.stat().st_mode & 0o077 == 0
    copy = databases.address.to(f"restored_{new_id().hex[:10]}")
    try:
        await restore(copy, backup, secret=SECRET)
        assert not await permit_of(copy)
        async with open_databases(copy) as opened:
            async with opened.administrator() as connection:
                assert await connection.fetchval("SELECT id FROM business") == business
                assert await connection.fetchval(
                    "SELECT bool_and(relforcerowsecurity) FROM pg_class WHERE relname IN ('callback', 'chat', 'leg', 'due', 'gate')"
                )
            await resume_dialling(opened.dispatcher)
        assert await permit_of(copy)
    finally:
        await drop_database(databases.address, copy.database)


async def test_a_restore_never_touches_a_database_in_use(
    databases: Databases, business: BusinessId, tmp_path: Path
) -> None:
    backup = tmp_path / "ringback.backup"
    await back_up(databases.address, backup)
    with pytest.raises(ConfigurationError, match="holds businesses already"):
        await restore(databases.address, backup, secret=SECRET)


async def test_a_file_that_is_no_backup_is_refused_with_the_tools_own_words(
    databases: Databases, tmp_path: Path
) -> None:
    wrong = tmp_path / "wrong"
    wrong.write_text("not a backup")
    empty = databases.address.to(f"restored_{new_id().hex[:10]}")
    try:
        with pytest.raises(ConfigurationError, match="pg_restore failed"):
            await restore(empty, wrong, secret=SECRET)
    finally:
        await drop_database(databases.address, empty.database)
