"""Row-level security on every table with a tenant key, whatever businesses a transaction names and whatever filter it forgets."""

from __future__ import annotations

import asyncio
import re
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from typing import Any
from uuid import UUID

import asyncpg
import pytest
from hypothesis import given
from hypothesis import strategies as st

from ringback.domain.ids import BusinessId, new_id
from ringback.postgres.address import Role, ServerAddress
from ringback.postgres.database import Database
from ringback.postgres.sql import Statement, parse_sql
from tests.support.databases import copy_template, drop_database
from tests.support.examples import Examples, bounded, examples_on

pytestmark = pytest.mark.xdist_group("row-level-security")  # one filled database for all of them

ROLES = (Role.APPLICATION, Role.INTERACTIONS, Role.SESSIONS, Role.IDENTITY, Role.READ, Role.OPERATOR)
# A value of each type, the like of which no other row has.
VALUES = {
    "uuid": "gen_random_uuid()",
    "text": "md5(random()::text)",
    "bytea": "sha256(random()::text::bytea)",
    "jsonb": "'{}'",
    "boolean": "false",
    "date": "current_date",
    "timestamp with time zone": "clock_timestamp()",
    "interval": "interval '1 s'",
    **dict.fromkeys(("smallint", "integer", "bigint"), "(random() * 30000)::int"),
    **dict.fromkeys(("real", "double precision", "numeric"), "random()"),
}
TABLES = """
    SELECT c.relname AS name, c.relrowsecurity AND c.relforcerowsecurity AS forced,
        array_agg(a.attname ORDER BY a.attnum) AS columns,
        array_agg(format_type(a.atttypid, NULL) ORDER BY a.attnum) AS types,
        array_agg(a.attnotnull AND NOT a.atthasdef AND a.attidentity = '' ORDER BY a.attnum) AS needed
    FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
    JOIN pg_attribute a ON a.attrelid = c.oid AND a.attnum > 0 AND NOT a.attisdropped AND a.attgenerated = ''
    WHERE n.nspname = 'ringback' AND c.relkind IN ('r', 'p') AND NOT c.relispartition
    GROUP BY c.oid HAVING bool_or(a.attname = 'business') OR c.relname = 'business' ORDER BY c.relname
"""
GRANTS = """
    SELECT c.relname AS name, a.attname AS column, p.privilege
    FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
    JOIN pg_attribute a ON a.attrelid = c.oid AND a.attnum > 0 AND NOT a.attisdropped AND a.attgenerated = ''
    CROSS JOIN unnest(ARRAY['SELECT', 'INSERT', 'UPDATE']) AS p(privilege)
    WHERE n.nspname = 'ringback' AND c.relkind IN ('r', 'p')
    AND has_column_privilege($1, c.oid, a.attnum, p.privilege)
    UNION ALL
    SELECT c.relname, NULL, 'DELETE' FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
    WHERE n.nspname = 'ringback' AND c.relkind IN ('r', 'p') AND has_table_privilege($1, c.oid, 'DELETE')
"""


def statement(text: str) -> Statement:
    """Return a statement that was made up here."""
    return parse_sql(f"-- name: made\n{text};")["made"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Table:
    """A table with a tenant key, and what has to be given for a row of it."""

    name: str
    owner: str  # the column that says whose a row is
    needed: dict[str, str]  # column → type

    def row_of(self, business: UUID) -> str:
        """Return the statement that makes a row of a business."""
        given = {name: VALUES.get(type, "'{}'") for name, type in self.needed.items()}
        given[self.owner] = f"'{business}'"
        return (
            f"INSERT INTO {self.name} ({', '.join(given)}) VALUES ({', '.join(given.values())}) ON CONFLICT DO NOTHING"
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class Rights:
    """What one role may do with the tables, as its grants say."""

    may: dict[tuple[str, str], frozenset[str]]  # table and privilege → columns, none for DELETE

    def columns(self, table: Table, privilege: str) -> Sequence[str]:
        """Return the columns of a table that the role has a privilege on."""
        return sorted(self.may.get((table.name, privilege), frozenset()))


@dataclass(kw_only=True)
class Estate:
    """A database in which each of four businesses has one to three rows in every table."""

    tables: list[Table]
    rights: dict[Role, Rights]
    pools: dict[Role, Database]
    businesses: list[BusinessId] = field(default_factory=list)
    rows: Counter[tuple[str, BusinessId]] = field(default_factory=Counter)

    def expected(self, table: Table, named: frozenset[BusinessId]) -> int:
        """Return how many rows of a table belong to some businesses."""
        return sum(self.rows[table.name, each] for each in named)


async def make_estate(examples: Examples) -> Estate:
    """Fill every table. What else a row would have to satisfy is taken away first: it is not what is looked at here."""
    databases = examples.databases
    async with databases.administrator() as admin:
        for row in await admin.fetch(
            "SELECT conrelid::regclass AS owner, conname AS name FROM pg_constraint JOIN pg_class c ON c.oid = conrelid"
            " WHERE connamespace = 'ringback'::regnamespace AND contype IN ('c', 'f', 'x') AND conparentid = 0 AND NOT c.relispartition"
        ):
            await admin.execute(f"ALTER TABLE {row['owner']} DROP CONSTRAINT {row['name']} CASCADE")
        found = await admin.fetch(TABLES)
        assert [row["name"] for row in found if not row["forced"]] == [], "row-level security, for owners too"
        tables = [_table(row) for row in found]
        estate = Estate(
            tables=tables,
            rights={role: _rights(await admin.fetch(GRANTS, role.value)) for role in ROLES},
            pools={role: getattr(databases, role.name.lower()) for role in ROLES},
            businesses=[BusinessId(new_id()) for _ in range(4)],
        )
        await admin.execute("SET session_replication_role = replica")
        for table in tables:
            for number, business in enumerate(estate.businesses):
                for _ in range(1 + (number + len(table.name)) % 3):
                    made = await admin.execute(table.row_of(business))
                    estate.rows[table.name, business] += int(made.rsplit(" ", 1)[1])
    return estate


def _table(row: asyncpg.Record) -> Table:
    columns = zip(row["columns"], row["types"], row["needed"], strict=True)
    owner = "business" if "business" in row["columns"] else "id"
    return Table(name=row["name"], owner=owner, needed={name: type for name, type, needed in columns if needed})


def _rights(rows: Sequence[asyncpg.Record]) -> Rights:
    may: dict[tuple[str, str], set[str]] = {}
    for row in rows:
        may.setdefault((row["name"], row["privilege"]), set()).update({row["column"]} if row["column"] else ())
    return Rights(may={key: frozenset(columns) for key, columns in may.items()})


class Undone(Exception):
    """Ends a transaction that was only to show what it would have done."""


@pytest.fixture(scope="module")
def examples(postgres_server: ServerAddress) -> Iterator[Examples]:
    """A database for all tests here: none of them leaves a change."""
    address = asyncio.run(copy_template(postgres_server))
    with examples_on(address) as opened:
        yield opened
    asyncio.run(drop_database(postgres_server, address.database))


@pytest.fixture(scope="module")
def estate(examples: Examples) -> Estate:
    """That database, filled."""
    return examples.run(make_estate(examples))


@bounded(6)
@given(named=st.sets(st.integers(0, 3), max_size=3), strangers=st.integers(0, 1))
def test_a_forgotten_filter_reads_changes_and_deletes_what_was_named_and_nothing_else(
    examples: Examples, estate: Estate, named: set[int], strangers: int
):
    examples.run(forgets_filters(estate, [estate.businesses[each] for each in named], strangers))


async def forgets_filters(estate: Estate, named: Sequence[BusinessId], strangers: int) -> None:
    """Read, change and delete without any filter, as each role, in transactions that name these businesses and some that do not exist."""
    mine = frozenset(named)
    tenants = (*named, *(BusinessId(new_id()) for _ in range(strangers)))
    tried: Counter[str] = Counter()
    for role, rights in estate.rights.items():
        for table in estate.tables:
            expected = estate.expected(table, mine)
            where = f"{role} on {table.name}"
            readable = rights.columns(table, "SELECT")
            if table.owner in readable:
                async with estate.pools[role].transaction(*tenants, name="forgot") as tx:
                    seen = await tx.rows(statement(f"SELECT {table.owner} AS owner FROM {table.name}"))
                assert Counter(row["owner"] for row in seen) == {
                    each: estate.rows[table.name, each] for each in mine
                }, where
                tried["read"] += 1
            for verb, text in (
                ("change", _change(table, rights)),
                ("delete", f"DELETE FROM {table.name}" if (table.name, "DELETE") in rights.may else None),
            ):
                if text is not None:
                    assert await undone(estate.pools[role], tenants, text) == expected, f"{where}: {text}"
                    tried[verb] += 1
    assert all(tried[verb] > 40 for verb in ("read", "change", "delete")), tried


def _change(table: Table, rights: Rights) -> str | None:
    """Return a change of every row, to what it is if the role may read that, or to nothing."""
    readable = rights.columns(table, "SELECT")
    for column in rights.columns(table, "UPDATE"):
        if column in readable:
            return f"UPDATE {table.name} SET {column} = {column}"
    return None


async def undone(pool: Database, tenants: Sequence[BusinessId], text: str) -> int:
    """Return how many rows a statement touches, and roll it back."""
    touched = -1
    with pytest.raises(Undone):
        async with pool.transaction(*tenants, name="forgot") as tx:
            touched = await tx.run(statement(text))
            raise Undone
    return touched


@bounded(3)
@given(pair=st.permutations(range(4)))
def test_nothing_is_written_into_a_business_that_was_not_named(examples: Examples, estate: Estate, pair: list[int]):
    mine, other = (estate.businesses[each] for each in pair[:2])
    examples.run(writes_elsewhere(estate, mine, other))


async def writes_elsewhere(estate: Estate, mine: BusinessId, other: BusinessId) -> None:
    """Make rows of another business, and give it ours, wherever a role's grants let it try."""
    tried: Counter[str] = Counter()
    for role, rights in estate.rights.items():
        for table in estate.tables:
            allowed = set(rights.columns(table, "INSERT"))
            if table.owner in allowed and table.needed.keys() <= allowed:
                await refused(estate.pools[role], mine, table.row_of(other))
                tried["made"] += 1
            if table.owner in rights.columns(table, "UPDATE"):
                await refused(estate.pools[role], mine, f"UPDATE {table.name} SET {table.owner} = '{other}'")
                tried["given away"] += 1
    assert tried["made"] > 40, tried
    assert tried["given away"] > 5, tried


async def refused(pool: Database, mine: BusinessId, text: str) -> None:
    """See that row-level security refuses a statement, and not some missing right."""
    with pytest.raises(asyncpg.InsufficientPrivilegeError, match=re.escape("violates row-level security policy")):
        async with pool.transaction(mine, name="elsewhere") as tx:
            await tx.run(statement(text))


def test_every_table_that_says_whose_a_row_is_was_looked_at(examples: Examples, estate: Estate):
    async def others() -> list[Any]:
        async with examples.databases.administrator() as admin:
            return list(
                await admin.fetch(
                    "SELECT relname FROM pg_class WHERE relnamespace = 'ringback'::regnamespace AND relkind IN ('r', 'p')"
                    " AND NOT relispartition AND relname <> ALL ($1)",
                    [each.name for each in estate.tables],
                )
            )

    # What belongs to no business: processes, what may dial, guessed passwords, the key of hashes, a carrier's machines and keys, how often a target was rung.
    assert {row["relname"] for row in examples.run(others())} == {
        "carrier_node", "dialling_permit", "guard_key", "login_attempt", "migration", "process", "target_ring", "twilio_key",
    }  # fmt: skip


@pytest.mark.parametrize(
    ("role", "tables"),
    [
        (Role.APPLICATION, ("callback", "promise", "attempt", "user_account", "audit")),
        (Role.INTERACTIONS, ("chat", "person", "attempt", "api_key", "webhook_endpoint")),
        (Role.SESSIONS, ("callback", "promise", "person", "login_session")),
        (Role.IDENTITY, ("callback", "person", "attempt", "message")),
        (Role.READ, ("callback", "person", "attempt", "user_account", "message", "audit")),
    ],
)
def test_each_server_writes_its_own_tables_only(
    examples: Examples, estate: Estate, role: Role, tables: tuple[str, ...]
):
    for table in tables:
        examples.run(denied(estate, role, f"DELETE FROM {table}"))


def test_secrets_stay_with_the_role_that_needs_them(examples: Examples, estate: Estate):
    for role, column, table in (
        (Role.READ, "password_hash", "user_account"),
        (Role.READ, "identity_secret", "channel"),
        (Role.APPLICATION, "secret_hash", "api_key"),
        (Role.INTERACTIONS, "secret", "webhook_endpoint"),
        (Role.READ, "secret", "webhook_endpoint"),
    ):
        examples.run(denied(estate, role, f"SELECT {column} FROM {table}"))


def test_an_audit_row_is_written_once_and_never_changed(examples: Examples, estate: Estate):
    for text in ("UPDATE audit SET action = 'x'", "DELETE FROM audit"):
        examples.run(denied(estate, Role.IDENTITY, text))


async def denied(estate: Estate, role: Role, text: str) -> None:
    """See that a role has no right to a statement."""
    with pytest.raises(asyncpg.InsufficientPrivilegeError, match="permission denied"):
        async with estate.pools[role].transaction(estate.businesses[0], name="denied") as tx:
            await tx.run(statement(text))
