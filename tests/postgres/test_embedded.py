"""The embedded server, really started, killed and found again."""

from __future__ import annotations

import asyncio
import contextlib
import os
import pwd
import re
import shutil
import signal
import subprocess
import sys
import textwrap
from collections.abc import AsyncIterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from pathlib import Path

import asyncpg
import psutil
import pytest

from ringback.domain.errors import ConfigurationError
from ringback.postgres.address import ServerAddress
from ringback.postgres.embedded import EmbeddedPostgres, layout, postmaster
from ringback.postgres.embedded.account import _make, server_account
from ringback.postgres.embedded.server import _create_database
from tests.support.folders import passable_folder

pytestmark = pytest.mark.durability


@contextlib.asynccontextmanager
async def running(folder: Path) -> AsyncIterator[tuple[EmbeddedPostgres, ServerAddress]]:
    """Run an embedded server, and end it whatever the test did to it."""
    server = EmbeddedPostgres(folder)
    try:
        yield server, await server.start()
    finally:
        await server.stop(force=True)


async def ask(address: ServerAddress, query: str) -> object:
    """Run one query on a connection of its own."""
    connection = await asyncpg.connect(address.url, ssl=False)
    try:
        return await connection.fetchval(query)
    finally:
        await connection.close()


def process_of(server: EmbeddedPostgres) -> psutil.Process:
    """Return the server's own process."""
    found = postmaster.find_postmaster(server.layout)
    assert found is not None
    return psutil.Process(found.pid)


def copy_package(folder: Path) -> None:
    """Copy what the server needs of the package that brings it."""
    package = layout.packaged_programs().parent.parent
    unneeded = shutil.ignore_patterns("pginstall", "include", "*.a")
    for part in (package, *package.parent.glob(f"{package.name}.libs")):
        shutil.copytree(part, folder / part.name, symlinks=True, ignore=unneeded)


async def test_it_starts_answers_and_stops(empty_folder):
    async with running(empty_folder) as (server, address):
        assert server.is_running()
        assert str(await ask(address, "SHOW server_version")).startswith("18.")
        await server.stop()
        assert not server.is_running()


async def test_what_was_committed_is_there_after_a_restart(folder):
    async with running(folder) as (server, address):
        await ask(address, "CREATE TABLE note AS SELECT 'kept' AS text")
        await server.stop()
        address = await server.start()
        assert await ask(address, "SELECT text FROM note") == "kept"


async def test_it_is_durable_private_and_deterministic(empty_folder):
    async with running(empty_folder) as (server, address):
        for name, value in {
            "fsync": "on",
            "synchronous_commit": "on",
            "full_page_writes": "on",
            "data_checksums": "on",
            "listen_addresses": "",
            "idle_in_transaction_session_timeout": "5s",
            "password_encryption": "scram-sha-256",
            "server_encoding": "UTF8",
        }.items():
            assert await ask(address, f"SHOW {name}") == value
        assert await ask(address, "SELECT datlocale FROM pg_database WHERE datname = current_database()") == "C.UTF-8"
        owner = server_account().uid
        for path in (server.layout.folder, server.layout.data, server.layout.socket):
            assert path.stat().st_mode & 0o777 == 0o700
            assert path.stat().st_uid == owner
        assert server.layout.password.stat().st_mode & 0o777 == 0o600


async def test_nobody_gets_in_without_the_password(folder):
    async with running(folder) as (_, address):
        wrong = address.url.replace(str(address.password), "guess")
        with pytest.raises(asyncpg.InvalidPasswordError):
            await asyncpg.connect(wrong, ssl=False)
        assert address.password is not None
        assert address.password not in repr(address)


async def test_a_killed_server_comes_back_with_what_was_committed(folder):
    async with running(folder) as (server, address):
        await ask(address, "CREATE TABLE note AS SELECT 'kept' AS text")
        process_of(server).kill()
        address = await server.start()
        assert await ask(address, "SELECT text FROM note") == "kept"


async def test_a_server_that_dies_while_it_is_used_is_started_again_by_itself(folder):
    async with running(folder) as (server, address):
        await ask(address, "CREATE TABLE kept AS SELECT 1")
        keeper = asyncio.ensure_future(server.keep_running())
        try:
            process_of(server).kill()
            async with asyncio.timeout(60):
                while True:
                    with contextlib.suppress(OSError, asyncpg.PostgresError):
                        assert await ask(address, "SELECT count(*) FROM kept") == 1
                        break
                    await asyncio.sleep(0.05)
        finally:
            keeper.cancel()
            await asyncio.wait([keeper])


async def test_data_that_another_program_uses_is_not_thrown_away(folder):
    async with running(folder) as (_, address):
        with pytest.raises(ConfigurationError, match="stop it first"):
            await EmbeddedPostgres(folder).discard()
        assert await ask(address, "SELECT 1") == 1
    await EmbeddedPostgres(folder).discard()
    assert not folder.exists()


async def test_a_killed_server_comes_back_while_its_backend_still_works(folder):
    async with running(folder) as (server, address):
        connection = await asyncpg.connect(address.url, ssl=False)
        busy = asyncio.create_task(
            connection.execute("DO $$ BEGIN PERFORM count(*) FROM generate_series(1, 2000000000); END $$")
        )
        await asyncio.wait_for(_until_busy(address), 10)
        process_of(server).kill()
        address = await server.start()
        assert await ask(address, "SELECT 1") == 1
        with pytest.raises((asyncpg.PostgresError, OSError)):
            await busy
        connection.terminate()


async def _until_busy(address: ServerAddress) -> None:
    while not await ask(address, "SELECT count(*) FROM pg_stat_activity WHERE state = 'active' AND query LIKE 'DO %'"):
        await asyncio.sleep(0.02)


async def test_a_lock_file_whose_number_is_another_programs_by_now_is_no_hindrance(folder):
    async with running(folder) as (server, _):
        process_of(server).kill()
        locks = (server.layout.postmaster_pid, server.layout.socket / f".s.PGSQL.{layout.PORT}.lock")
        await asyncio.to_thread(postmaster.end_strays, server.layout.data)
        stranger = subprocess.Popen(["sleep", "60"], **server_account().switch())
        try:
            for lock in locks:
                lock.write_text(re.sub(r"^\d+", str(stranger.pid), lock.read_text()))
            assert not server.is_running()
            assert await ask(await server.start(), "SELECT 1") == 1
        finally:
            stranger.kill()
            stranger.wait()


async def test_a_half_written_lock_file_is_no_hindrance(folder):
    async with running(folder) as (server, _):
        await server.stop()
        server.layout.postmaster_pid.write_text("")
        assert await ask(await server.start(), "SELECT 1") == 1


async def test_a_starter_killed_at_once_leaves_a_server_that_the_next_one_adopts(empty_folder):
    program = """
        import asyncio, os, signal, sys
        from pathlib import Path
        from ringback.postgres.embedded import EmbeddedPostgres
        async def main():
            await EmbeddedPostgres(Path(sys.argv[1])).start()
            os.kill(os.getpid(), signal.SIGKILL)
        asyncio.run(main())
    """
    finished = await asyncio.to_thread(
        subprocess.run, [sys.executable, "-c", textwrap.dedent(program), str(empty_folder)], check=False
    )
    assert finished.returncode == -signal.SIGKILL
    server = EmbeddedPostgres(empty_folder)
    try:
        account = server_account()
        before = postmaster.find_postmaster(layout.lay_out(empty_folder, account))
        assert before is not None
        assert await ask(await server.start(), "SELECT 1") == 1
        assert process_of(server).pid == before.pid
        await server.stop()
        assert not server.is_running()
    finally:
        await server.stop(force=True)


async def test_a_start_that_is_terminated_half_way_leaves_no_server_behind(folder):
    program = """
        import asyncio, signal, sys
        from pathlib import Path
        from ringback.bootstrap import until_terminated
        from ringback.postgres.embedded import EmbeddedPostgres

        async def work():
            postgres = EmbeddedPostgres(Path(sys.argv[1]))
            await postgres.start()
            try:  # on a busy machine the signal may come when it has just started
                await asyncio.sleep(60)
            finally:
                await postgres.stop()

        signal.signal(signal.SIGINT, signal.default_int_handler)  # ignored where the tests run in the background of a shell
        asyncio.run(until_terminated(work()))
    """
    place = layout.lay_out(folder, server_account())
    for number in (signal.SIGTERM, signal.SIGINT):
        place.start_log.unlink(missing_ok=True)
        starter = subprocess.Popen(
            [sys.executable, "-c", textwrap.dedent(program), str(folder)], stderr=subprocess.DEVNULL
        )
        while not place.start_log.exists():  # made just before the server is launched
            assert starter.poll() is None, "it ended before it launched a server"
            await asyncio.sleep(0.001)
        starter.send_signal(number)
        assert await asyncio.to_thread(starter.wait, 30) != 0
        assert list(postmaster.processes_of(place.data)) == []
    async with running(folder) as (_, address):
        assert await ask(address, "SELECT 1") == 1


async def test_an_interrupted_first_start_is_done_again(empty_folder):
    account = server_account()
    place = layout.lay_out(empty_folder, account)
    half = place.folder / "unfinished-data-0"
    half.mkdir()
    (half / "PG_VERSION").write_text("18\n")
    (place.folder / "password").write_text("of the interrupted one")
    async with running(empty_folder) as (_, address):
        assert await ask(address, "SELECT 1") == 1
        assert not half.exists()


async def test_a_first_start_killed_at_any_moment_is_done_again(empty_folder):
    program = """
        import asyncio, sys
        from pathlib import Path
        from ringback.postgres.embedded import EmbeddedPostgres
        asyncio.run(EmbeddedPostgres(Path(sys.argv[1])).start())
    """
    for moment in (0.3, 0.6, 0.9):
        starter = subprocess.Popen([sys.executable, "-c", textwrap.dedent(program), str(empty_folder)])
        await asyncio.sleep(moment)  # the moment is the thing under test
        starter.kill()
        starter.wait()
    async with running(empty_folder) as (_, address):
        assert await ask(address, "SELECT 1") == 1


async def test_a_database_that_somebody_else_is_making_is_waited_for(empty_folder):
    async with running(empty_folder) as (_, address):
        other = replace(address, database="another")
        await asyncio.gather(*(_create_database(other) for _ in range(4)))
        assert await ask(other, "SELECT current_database()") == "another"


async def test_two_starts_at_once_give_one_server(empty_folder):
    first, second = EmbeddedPostgres(empty_folder), EmbeddedPostgres(empty_folder)
    try:
        addresses = await asyncio.gather(first.start(), second.start())
        assert addresses[0] == addresses[1]
        assert len(list(empty_folder.glob("unfinished*"))) == 0
        assert process_of(first).pid == process_of(second).pid
    finally:
        await first.stop(force=True)


async def test_the_last_to_stop_shuts_the_server_down(folder):
    first, second = EmbeddedPostgres(folder), EmbeddedPostgres(folder)
    try:
        address = await first.start()
        await second.start()
        await first.stop()
        assert await ask(address, "SELECT 1") == 1
        await second.stop()
        assert not second.is_running()
        await second.stop()  # twice is fine
    finally:
        await first.stop(force=True)


async def test_it_stops_in_time_though_a_client_is_in_a_transaction(folder):
    async with running(folder) as (server, address):
        connection = await asyncpg.connect(address.url, ssl=False)
        await connection.execute("BEGIN; CREATE TABLE never (id int)")
        await asyncio.wait_for(server.stop(), 15)
        assert not server.is_running()
        connection.terminate()


async def test_a_folder_open_to_others_is_refused(folder):
    async with running(folder) as (server, _):
        await server.stop()
        for path in (server.layout.folder, server.layout.data):
            path.chmod(0o750)
            with pytest.raises(ConfigurationError, match=r"open to other users.*chmod 0700"):
                await EmbeddedPostgres(folder).start()
            path.chmod(0o700)


@pytest.mark.skipif(os.geteuid() != 0, reason="only root can give a folder to somebody else")
async def test_a_folder_of_somebody_else_is_refused(folder):
    async with running(folder) as (server, _):
        await server.stop()
        for path in (server.layout.folder, server.layout.data, server.layout.socket):
            os.chown(path, pwd.getpwnam("nobody").pw_uid, -1)
            with pytest.raises(ConfigurationError, match="belongs to user"):
                await EmbeddedPostgres(folder).start()
            os.chown(path, server_account().uid, -1)


async def test_a_link_in_the_folders_place_is_refused(empty_folder):
    (empty_folder.parent / "elsewhere").mkdir(mode=0o700)
    empty_folder.symlink_to(empty_folder.parent / "elsewhere")
    with pytest.raises(ConfigurationError, match="is not a folder"):
        await EmbeddedPostgres(empty_folder).start()


async def test_a_data_folder_of_another_major_version_is_left_alone(folder):
    async with running(folder) as (server, _):
        await server.stop()
        version = server.layout.data / "PG_VERSION"
        version.write_text("17\n")
        with pytest.raises(ConfigurationError, match="made by PostgreSQL 17"):
            await server.start()
        version.write_text("18\n")


async def test_a_server_that_cannot_start_says_why(folder):
    async with running(folder) as (server, _):
        await server.stop()
        (server.layout.folder / "custom.conf").write_text("shared_buffers = 'plenty'\n")
        server_account().own(server.layout.folder / "custom.conf")
        with pytest.raises(ConfigurationError, match="shared_buffers"):
            await server.start()
        assert not server.is_running()


async def test_a_long_path_gets_a_short_socket_folder(empty_folder):
    deep = empty_folder / ("a-long-name-" * 9)
    deep.mkdir(parents=True, mode=0o711)
    empty_folder.chmod(0o711)
    deep.chmod(0o711)
    async with running(deep / "database") as (server, address):
        assert await ask(address, "SELECT 1") == 1
        assert deep not in server.layout.socket.parents
        assert server.layout.socket.stat().st_mode & 0o777 == 0o700
        await server.stop()
        shutil.rmtree(server.layout.socket)


@pytest.mark.skipif(os.geteuid() != 0, reason="only root makes accounts")
def test_first_starts_at_once_find_one_account_whose_number_stays():
    name = f"ringback-{os.getpid()}"
    try:
        with ThreadPoolExecutor(8) as starters:
            made = list(starters.map(_make, [name] * 8))
        assert {entry.pw_uid for entry in made} == {pwd.getpwnam(name).pw_uid}
    finally:
        subprocess.run(["userdel", name], check=True)


@pytest.mark.skipif(os.geteuid() != 0, reason="only root runs the server under another account")
async def test_a_folder_that_only_root_can_pass_to_works_for_root():
    with passable_folder() as closed:
        closed.chmod(0o700)
        async with running(closed / "database") as (server, address):
            assert await ask(address, "SELECT 1") == 1
            assert closed.stat().st_mode & 0o777 == 0o700
            home = server.layout.folder
            await server.stop()
            assert home.parent == layout.SHARED_STATE
        shutil.rmtree(home)


@pytest.mark.skipif(os.geteuid() != 0, reason="only root runs the server under another account")
async def test_programs_that_only_root_can_pass_to_work_for_root(folder):
    program = """
        import asyncio, sys
        from pathlib import Path
        sys.path.insert(0, sys.argv[2])
        from ringback.postgres.embedded import EmbeddedPostgres
        async def main():
            server = EmbeddedPostgres(Path(sys.argv[1]))
            async with server:
                print(server.layout.programs)
        asyncio.run(main())
    """
    with passable_folder() as closed:
        copy_package(closed)
        closed.chmod(0o700)
        finished = await asyncio.to_thread(
            subprocess.run,
            [sys.executable, "-c", textwrap.dedent(program), str(folder), str(closed)],
            capture_output=True,
            text=True,
            check=False,
        )
        assert finished.stdout.startswith(f"{layout.SHARED_STATE}/postgresql-18-"), finished.stderr
        assert closed.stat().st_mode & 0o777 == 0o700


async def test_an_ordinary_user_runs_it_under_their_own_account(empty_folder):
    if os.geteuid() != 0:
        async with running(empty_folder) as (server, _):
            assert process_of(server).uids().real == os.geteuid()
        return
    # Root becomes an ordinary user for one program; where only root could read the packages, it is given a copy.
    empty_folder.mkdir()
    nobody = pwd.getpwnam("nobody")
    os.chown(empty_folder, nobody.pw_uid, nobody.pw_gid)
    program = """
        import asyncio, os, sys
        from pathlib import Path
        sys.path.insert(0, sys.argv[2])
        from ringback.postgres.embedded import EmbeddedPostgres
        async def main(folder):
            async with EmbeddedPostgres(folder) as address:
                print((folder / "data").stat().st_uid)
        asyncio.run(main(Path(sys.argv[1] + "-as-root")))
        os.setgroups([]), os.setgid(int(sys.argv[3])), os.setuid(int(sys.argv[4]))
        asyncio.run(main(Path(sys.argv[1]) / "mine"))
    """
    with passable_folder() as copy:
        copy_package(copy)
        command = [sys.executable, "-c", textwrap.dedent(program), empty_folder, copy, nobody.pw_gid, nobody.pw_uid]
        finished = await asyncio.to_thread(
            subprocess.run, [str(part) for part in command], capture_output=True, text=True, check=False
        )
        assert finished.stdout.split() == [str(server_account().uid), str(nobody.pw_uid)], finished.stderr
