"""One role's connections, and the only way to a transaction: it names its businesses, its workflow, and sends its hints after the commit."""

from __future__ import annotations

import asyncio
import contextlib
import itertools
import json
from collections.abc import AsyncIterator, Callable, Iterable, Mapping, Sequence
from datetime import datetime, timedelta
from operator import itemgetter
from typing import Any, TypeAlias
from uuid import UUID

import asyncpg
import asyncpg.pool

from ringback.domain.errors import CommitUnknown, ConfigurationError
from ringback.domain.ids import BusinessId
from ringback.postgres import failpoints
from ringback.postgres.address import Role, ServerAddress
from ringback.postgres.documents import encode
from ringback.postgres.many_rows import FEW, columns, insert_of_many
from ringback.postgres.sql import Statement

TimerKey: TypeAlias = tuple[str, UUID, int]  # kind, subject, number
Connection: TypeAlias = "asyncpg.pool.PoolConnectionProxy[asyncpg.Record] | asyncpg.Connection[asyncpg.Record]"

RETRYABLE = (
    asyncpg.DeadlockDetectedError,
    asyncpg.SerializationError,
    asyncpg.LockNotAvailableError,
    asyncpg.InterfaceError,
    asyncpg.InternalClientError,
    asyncpg.PostgresConnectionError,
    asyncpg.AdminShutdownError,
    asyncpg.CannotConnectNowError,
    asyncpg.IdleInTransactionSessionTimeoutError,
    ConnectionError,
    OSError,
)
_LOST = (
    asyncpg.InterfaceError,
    asyncpg.InternalClientError,  # the server hung up on a stalled process, whose protocol has not read that yet
    asyncpg.PostgresConnectionError,
    asyncpg.AdminShutdownError,
    ConnectionError,
    OSError,
)


# How many rows are written at once, by the statement that writes one; None: one by one.
_MANY: dict[str, tuple[str, Sequence[asyncpg.Type]] | None] = {}


class Transaction:
    """An open READ COMMITTED transaction. `now` is the database's clock at its start: the `now` of every rule."""

    def __init__(self, connection: Connection, now: datetime, *, name: str) -> None:
        self.now = now
        self.name = name  # of its commit, for the crash matrix; may become more exact on the way
        self.timers_changed: set[tuple[str, UUID]] = (
            set()
        )  # (kind, subject): what this transaction itself set or cancelled
        self._connection = connection
        self._hints: dict[tuple[str, UUID], None] = {}
        self._after: list[Callable[[], None]] = []
        self._later: dict[str, list[list[Any]]] = {}
        self._in_order: list[tuple[tuple[str, ...], str, list[Any]]] = []
        self._at_the_end: dict[TimerKey, tuple[str, list[Any]]] = {}

    def later(self, statement: Statement, **parameters: Any) -> None:
        """Leave a write whose result nobody needs: it goes in one round trip with its like, before the next statement that is awaited, and before the commit.

        Statements go in the order in which each was first left: leave a row before the rows that refer to it.
        """
        self._later.setdefault(statement.text, []).append(statement.arguments(parameters))

    async def write_what_was_left(self) -> None:
        """Carry out what was left for later."""
        while self._later:
            text = next(iter(self._later))
            await self._write(text, self._later.pop(text))

    async def _write(self, text: str, rows: list[list[Any]]) -> None:
        """Carry out one write for each of these rows: in one statement, where there are many and it can be said so."""
        if len(rows) == 1:
            await self._connection.execute(text, *rows[0])
            return
        if len(rows) >= FEW:
            if text not in _MANY:
                types = (await self._connection.prepare(text)).get_parameters()
                many = insert_of_many(text, types)
                _MANY[text] = None if many is None else (many, types)
            known = _MANY[text]
            if known is not None:
                await self._connection.execute(known[0], *columns(rows, known[1]))
                return
        await self._connection.executemany(text, rows)

    def in_order(self, place: tuple[str, ...], statement: Statement, **parameters: Any) -> None:
        """Leave one row of a write whose result nobody needs for the end of the transaction. The statement takes an array of each parameter, its rows by their places.

        So two transactions that write in the same places never wait for each other. Rows of one place keep the order in which they were left.
        """
        self._in_order.append((place, statement.text, statement.arguments(parameters)))

    def at_the_end(self, row: TimerKey, statement: Statement, **parameters: Any) -> None:
        """Leave the write of a timer's row for the end of the transaction, where they are written in one order: whoever sets several waits for nobody who waits for them.

        What was left for the same row before is replaced.
        """
        self._at_the_end[row] = (statement.text, statement.arguments(parameters))

    def leave_out(self, kind: str, subject: UUID, n: int | None) -> None:
        """Forget what was left for a timer's row, or for all of its kind that the subject has."""
        for row in [each for each in self._at_the_end if each[:2] == (kind, subject) and n in (None, each[2])]:
            del self._at_the_end[row]

    def leaves(self, row: TimerKey) -> bool:
        """Tell whether a timer's row is left for the end."""
        return row in self._at_the_end

    async def write_the_end(self, before: TimerKey | None = None) -> None:
        """Write what was left for later, and for the end: all of it, or of the timers' rows those whose place is before this one."""
        await self.write_what_was_left()
        in_order, self._in_order = sorted(self._in_order, key=itemgetter(0)), []
        for text, same in itertools.groupby(in_order, key=itemgetter(1)):
            arrays = zip(*(arguments for _, _, arguments in same), strict=True)
            await self._connection.execute(text, *map(list, arrays))
        many: dict[str, list[list[Any]]] = {}
        for row in sorted(row for row in self._at_the_end if before is None or row < before):
            text, arguments = self._at_the_end.pop(row)
            many.setdefault(text, []).append(arguments)
        for text, rows in many.items():
            await self._write(text, rows)

    async def rows(self, statement: Statement, **parameters: Any) -> list[asyncpg.Record]:
        """Run a statement and return its rows."""
        await self.write_what_was_left()
        return await self._connection.fetch(statement.text, *statement.arguments(parameters))

    async def row(self, statement: Statement, **parameters: Any) -> asyncpg.Record | None:
        """Run a statement and return its first row, if any."""
        await self.write_what_was_left()
        return await self._connection.fetchrow(statement.text, *statement.arguments(parameters))

    async def value(self, statement: Statement, **parameters: Any) -> Any:
        """Run a statement and return the first column of its first row, or None."""
        await self.write_what_was_left()
        return await self._connection.fetchval(statement.text, *statement.arguments(parameters))

    async def run(self, statement: Statement, **parameters: Any) -> int:
        """Run a statement and return how many rows it touched."""
        await self.write_what_was_left()
        tag = await self._connection.execute(statement.text, *statement.arguments(parameters))
        count = tag.rsplit(" ", 1)[-1]
        return int(count) if count.isdigit() else 0

    async def run_many(self, statement: Statement, parameters: Iterable[Mapping[str, Any]]) -> None:
        """Run a statement once for each set of parameters."""
        await self.write_what_was_left()
        await self._connection.executemany(statement.text, [statement.arguments(each) for each in parameters])

    def hint(self, topic: str, id: UUID) -> None:
        """Wake whoever waits for the topic, once the commit is through. A hint may be lost."""
        self._hints[topic, id] = None

    def after_commit(self, action: Callable[[], None]) -> None:
        """Run an in-memory action once the commit is through; it may be lost with the process."""
        self._after.append(action)

    @property
    def hints(self) -> list[tuple[str, UUID]]:
        """What was hinted so far."""
        return list(self._hints)

    def finish(self) -> None:
        """Run what waited for the commit."""
        for action in self._after:
            action()


class Database:
    """The pool of one role on one database."""

    def __init__(self, pool: asyncpg.Pool[asyncpg.Record], role: Role | None) -> None:
        self.role = role
        self._pool = pool
        self._shift = timedelta(0)

    @classmethod
    async def connect(
        cls, address: ServerAddress, role: Role | None = None, *, secret: str = "", size: int = 8
    ) -> Database:
        """Open a pool as `role` (None: as the address says, for tools). Raise ConfigurationError when the login could bypass row-level security."""
        login = address if role is None else address.as_role(role, secret)
        pool = await asyncpg.create_pool(
            host=login.host,
            port=login.port,
            user=login.user,
            password=login.password,
            database=login.database,
            ssl=login.ssl,
            min_size=0,
            max_size=size,
            timeout=10,
            command_timeout=30,
            max_inactive_connection_lifetime=0,
            init=_prepare_connection,
            reset=_leave_in_order,
            server_settings={
                "application_name": role.value if role else "ringback",
                "search_path": "ringback",
                "timezone": "UTC",
                "idle_in_transaction_session_timeout": "5s",
                "lock_timeout": "4s",
                "statement_timeout": "30s",
            },
        )
        database = cls(pool, role)
        if role is not None:
            await database._refuse_power()
        return database

    async def _refuse_power(self) -> None:
        async with self._pool.acquire() as connection:
            powerful = await connection.fetchval(
                "SELECT rolsuper OR rolbypassrls OR pg_has_role(current_user, 'ringback_owner', 'MEMBER') FROM pg_roles WHERE rolname = current_user"
            )
        if powerful and self.role is not Role.MIGRATOR:
            await self.close()
            raise ConfigurationError(
                f"database role {self.role} may bypass row-level security; run ringback migrate to mend its rights"
            )

    def shift(self, by: timedelta) -> None:
        """Move this pool's `now` (for tests of long stretches of time)."""
        self._shift += by

    @contextlib.asynccontextmanager
    async def transaction(self, *businesses: BusinessId, name: str) -> AsyncIterator[Transaction]:
        """Open a transaction that sees these businesses only. Commits on exit; an exception rolls back.

        Raises CommitUnknown when the connection broke while COMMIT was on its way.
        """
        async with self._pool.acquire() as connection:
            try:
                started = await _begin(connection, businesses)
                transaction = Transaction(connection, started + self._shift, name=name)
                yield transaction
                await transaction.write_the_end()
            except BaseException:
                with contextlib.suppress(*_LOST, asyncio.CancelledError):
                    await asyncio.shield(connection.execute("ROLLBACK"))
                raise
            failpoints.reach(f"commit:{transaction.name}:before")
            await _commit(connection)
            failpoints.reach(f"commit:{transaction.name}:after")
            if transaction.hints:
                await _send_hints(connection, transaction.hints)
        transaction.finish()

    @contextlib.asynccontextmanager
    async def connection(self) -> AsyncIterator[Connection]:
        """Borrow a bare connection, for tools and the dispatcher: no business is named."""
        async with self._pool.acquire() as connection:
            yield connection

    async def close(self) -> None:
        """Close the pool, waiting a little for what is under way; a second call does nothing."""
        try:
            async with asyncio.timeout(5):
                await self._pool.close()
        except TimeoutError:
            self._pool.terminate()


async def _begin(connection: Any, businesses: tuple[BusinessId, ...]) -> datetime:
    tenants = "{" + ",".join(str(UUID(str(each))) for each in businesses) + "}"
    await connection.execute("BEGIN")
    started: datetime = await connection.fetchval(
        "SELECT clock_timestamp() FROM (SELECT set_config('ringback.tenants', $1, true)) AS named", tenants
    )
    return started


async def _commit(connection: Any) -> None:
    """Send COMMIT and wait for its answer whatever happens to the caller: a cancelled COMMIT would be neither done nor failed."""
    commit = asyncio.ensure_future(connection.execute("COMMIT", timeout=60))
    try:
        tag = await asyncio.shield(commit)
    except asyncio.CancelledError:
        await asyncio.wait([commit])
        if not commit.cancelled() and commit.exception() is None:
            raise
        raise CommitUnknown("cancelled while the commit was on its way") from None
    except (*_LOST, TimeoutError) as error:
        raise CommitUnknown(f"the connection broke during commit: {type(error).__name__}") from error
    if tag != "COMMIT":
        raise asyncpg.InterfaceError("the transaction had failed before commit and was rolled back")


async def _send_hints(connection: Any, hints: list[tuple[str, UUID]]) -> None:
    with contextlib.suppress(*_LOST, asyncpg.PostgresError, TimeoutError):
        await connection.execute(
            "SELECT pg_notify('ringback', payload) FROM unnest($1::text[]) AS payload",
            [f"{topic} {each}" for topic, each in hints],
            timeout=5,
        )


async def _prepare_connection(connection: Any) -> None:
    await connection.set_type_codec("jsonb", schema="pg_catalog", encoder=encode, decoder=json.loads, format="text")


async def _leave_in_order(connection: Any) -> None:
    """Hand a connection back: nothing is ever set for longer than a transaction, so only an open one has to be ended."""
    if connection.is_in_transaction():
        await connection.reset()
