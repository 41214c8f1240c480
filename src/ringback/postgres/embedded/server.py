"""One embedded PostgreSQL: started when the first program wants it, adopted by the next, stopped by the last."""

from __future__ import annotations

import asyncio
import contextlib
import fcntl
import os
import shutil
import subprocess
import time
from collections.abc import AsyncIterator, Coroutine, Mapping
from pathlib import Path
from types import TracebackType
from typing import Any

import asyncpg
import structlog

from ringback.domain.errors import ConfigurationError
from ringback.postgres.address import ServerAddress
from ringback.postgres.embedded import postmaster
from ringback.postgres.embedded.account import Account, server_account
from ringback.postgres.embedded.configuration import ACCESS, configuration
from ringback.postgres.embedded.layout import PORT, Layout, lay_out

DATABASE = "ringback"
LOOKS_EVERY = 1.0  # seconds between two looks whether the server that we use still runs

log = structlog.stdlib.get_logger(__name__)


class _Gone(ConfigurationError):
    """The server that was to answer has ended."""


class EmbeddedPostgres:
    """A PostgreSQL server that lives in one folder and survives its starter.

    Every program that uses it holds a shared lock; the kernel drops the lock of a killed one, so that whoever
    stops last, and only they, shuts the server down.
    """

    def __init__(self, folder: Path, *, overrides: Mapping[str, str] | None = None) -> None:
        self._folder = folder
        self._overrides = dict(overrides or {})
        self._account: Account | None = None
        self._layout: Layout | None = None
        self._launched: subprocess.Popen[bytes] | None = None
        self._usage: int | None = None  # descriptor of the shared lock, while we use the server

    async def start(self, *, patience: float = 120.0) -> ServerAddress:
        """Start, recover or adopt the server; return the administrator's way in once it answers. Idempotent."""
        account, layout = await self._prepare()
        deadline = time.monotonic() + patience
        async with _locked(layout.folder / "lock", deadline):
            if self._usage is None:
                self._usage = _open_lock(layout.folder / "users")
                fcntl.flock(self._usage, fcntl.LOCK_SH)  # an exclusive holder has the outer lock too: never waits
            try:
                if await asyncio.to_thread(postmaster.find_postmaster, layout) is not None:
                    with contextlib.suppress(_Gone):  # it was dying when we found it
                        return await self._answering(layout, deadline)
                await _finished(asyncio.to_thread(self._launch, layout, account))
                return await self._answering(layout, deadline)
            except asyncio.CancelledError:
                await _finished(self._withdraw(layout))
                raise
            except BaseException:
                self._release_usage()
                raise

    async def stop(self, *, patience: float = 20.0, force: bool = False) -> None:
        """Stop using the server and shut it down, unless another program uses it still (`force`: even then)."""
        if not force and self._usage is None:
            return
        _, layout = await self._prepare()
        async with _locked(layout.folder / "lock", time.monotonic() + patience + 60):
            self._release_usage()
            users = _open_lock(layout.folder / "users")
            try:
                if force or _try_lock(users):
                    await asyncio.to_thread(postmaster.stop, layout, patience=patience)
            finally:
                os.close(users)

    async def discard(self) -> None:
        """Stop the server and delete all that it keeps; raise ConfigurationError while another program uses it."""
        _, layout = await self._prepare()
        async with _locked(layout.folder / "lock", time.monotonic() + 60):
            users = _open_lock(layout.folder / "users")
            try:
                if not _try_lock(users):
                    raise ConfigurationError(f"another Ringback uses the data in {self._folder.parent}: stop it first")
                await asyncio.to_thread(postmaster.stop, layout, patience=20.0)
                await asyncio.to_thread(shutil.rmtree, layout.folder)
            finally:
                os.close(users)

    async def keep_running(self) -> None:
        """Start the server again whenever it died while we use it; returns by cancellation only."""
        while True:
            await asyncio.sleep(LOOKS_EVERY)
            if await asyncio.to_thread(self.is_running):
                continue
            log.warning("database_died")
            start = asyncio.ensure_future(self.start())
            try:
                await asyncio.shield(start)
            except ConfigurationError as error:
                log.error("database_not_started", error=str(error))
            except asyncio.CancelledError:
                with contextlib.suppress(ConfigurationError):
                    await start  # a server launched half-way would outlive us
                raise
            else:
                log.info("database_started_again")

    def is_running(self) -> bool:
        """Tell whether a server runs on this folder, whoever started it."""
        return self._layout is not None and postmaster.find_postmaster(self._layout) is not None

    async def __aenter__(self) -> ServerAddress:
        return await self.start()

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self.stop()

    @property
    def layout(self) -> Layout:
        """Where the started server keeps its files."""
        if self._layout is None:
            raise ConfigurationError("the embedded database has not been started yet")
        return self._layout

    async def _prepare(self) -> tuple[Account, Layout]:
        if self._account is None or self._layout is None:
            self._account = await asyncio.to_thread(server_account)
            self._layout = await asyncio.to_thread(lay_out, self._folder, self._account)
        return self._account, self._layout

    def _launch(self, layout: Layout, account: Account) -> None:
        postmaster.clear_stale_lock(layout)
        postmaster.initialise(layout, account)
        settings = configuration(socket=layout.socket, port=PORT, overrides=self._overrides)
        postmaster.configure(layout, account, settings=settings, access=ACCESS)
        self._launched = postmaster.launch(layout, account)

    async def _answering(self, layout: Layout, deadline: float) -> ServerAddress:
        """Wait until the server lets us in: it may have to replay its log after a crash first."""
        while True:
            running = postmaster.find_postmaster(layout)
            socket = layout.socket if running is None else running.socket
            address = ServerAddress(
                host=str(socket),
                port=PORT if running is None else running.port or PORT,
                user=postmaster.ADMINISTRATOR,
                password=layout.password.read_text().strip(),
                database=DATABASE,
            )
            try:
                await _create_database(address)
            except (OSError, asyncpg.CannotConnectNowError, asyncpg.ConnectionDoesNotExistError, TimeoutError) as error:
                if running is None and (self._launched is None or self._launched.poll() is not None):
                    raise _Gone(f"the embedded database did not start: {_last_words(layout)}") from error
                if time.monotonic() > deadline:
                    raise ConfigurationError(
                        "the embedded database is not ready yet, and may still be recovering; "
                        f"see {layout.data / 'log'}"
                    ) from error
            except asyncpg.InvalidPasswordError as error:
                raise ConfigurationError(
                    f"{layout.password} does not fit the database in {layout.data}: "
                    "bring back the one that belongs to it"
                ) from error
            else:
                _verify_not_cancelled()
                return address
            _verify_not_cancelled()
            await asyncio.sleep(0.03)

    async def _withdraw(self, layout: Layout) -> None:
        """Stop the server that this start launched, unless somebody else uses it already; the lock is held."""
        self._release_usage()
        users = _open_lock(layout.folder / "users")
        try:
            if self._launched is not None and _try_lock(users):
                await asyncio.to_thread(postmaster.withdraw, self._launched, layout, patience=20.0)
        finally:
            os.close(users)

    def _release_usage(self) -> None:
        if self._usage is not None:
            os.close(self._usage)
            self._usage = None


def _verify_not_cancelled() -> None:
    """Raise the cancellation that an attempt to connect swallowed in that very moment."""
    task = asyncio.current_task()
    if task is not None and task.cancelling():
        raise asyncio.CancelledError


async def _finished(work: Coroutine[Any, Any, None]) -> None:
    """Wait until the work is over, and be cancelled only then: a thread goes on though nobody waits for it."""
    task = asyncio.ensure_future(work)
    try:
        await asyncio.shield(task)
    except asyncio.CancelledError:
        while not task.done():
            with contextlib.suppress(asyncio.CancelledError):
                await asyncio.wait([task])
        raise


async def _create_database(address: ServerAddress) -> None:
    """Make the database where it is missing. What a killed start began to make may still be under way in the server."""
    connection = await asyncpg.connect(address.to("postgres").url, timeout=10, ssl=False)
    try:
        async with asyncio.timeout(20):
            while not await connection.fetchval("SELECT true FROM pg_database WHERE datname = $1", address.database):
                with contextlib.suppress(
                    asyncpg.UniqueViolationError, asyncpg.DuplicateDatabaseError, asyncpg.ObjectInUseError
                ):
                    await connection.execute(f'CREATE DATABASE "{address.database}"')
                    return
                await asyncio.sleep(0.1)
    finally:
        await connection.close()


def _last_words(layout: Layout) -> str:
    """Return why the server gave up, from what it said before it had a log or, failing that, from its newest log."""
    logs = sorted(layout.data.glob("log/*.log"), key=lambda path: path.stat().st_mtime)
    for log in [layout.start_log, *logs[-1:]]:
        lines = log.read_text(errors="replace").splitlines() if log.exists() else []
        if any(level in line for line in lines for level in ("FATAL:", "PANIC:")):
            return "; ".join(line.strip() for line in lines[-4:])
    return f"see {layout.start_log}"


@contextlib.asynccontextmanager
async def _locked(path: Path, deadline: float) -> AsyncIterator[None]:
    """Hold the lock under which a server is started or stopped; a killed holder's lock is free at once."""
    descriptor = _open_lock(path)
    try:
        while not _try_lock(descriptor):
            if time.monotonic() > deadline:
                raise ConfigurationError(
                    f"another program starts or stops the database and does not come to an end ({path})"
                )
            await asyncio.sleep(0.02)
        yield
    finally:
        os.close(descriptor)


def _open_lock(path: Path) -> int:
    return os.open(path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)


def _try_lock(descriptor: int) -> bool:
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    return True
