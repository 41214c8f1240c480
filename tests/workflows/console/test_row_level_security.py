"""A forgotten filter leaks nothing: each role sees the named businesses' rows and no others, and writes no others."""

from __future__ import annotations

from uuid import uuid4

import asyncpg
import pytest

from ringback.domain.ids import BusinessId
from ringback.postgres.address import Role
from ringback.postgres.sql import parse_sql
from tests.workflows.console.office import House, Office
from tests.workflows.console.test_api import booked, keep_waiting, present

ROLES = (Role.APPLICATION, Role.INTERACTIONS, Role.SESSIONS, Role.IDENTITY, Role.READ)
# Rows that belong to no business: what processes are alive, what may dial, who guessed passwords, which machines a carrier has and
# which are drained, the keys of a provider's account, how often a target (a keyed hash) was rung by anybody.
SHARED = {"process", "dialling_permit", "login_attempt", "migration", "carrier_node", "twilio_key", "target_ring"}


@pytest.fixture
async def busy(office: Office, acme: House) -> House:
    """A business with a row in most of its tables."""
    await present(office, acme, "kim")
    await keep_waiting(office)
    nadia = await office.person(acme, "nadia", "supervisor")
    made = await booked(nadia)
    await nadia.post(f"/api/v1/callbacks/{made['id']}/call-next", {"reason": "no heating"})
    crm = await office.key(acme)
    await crm.post("/api/v1/webhooks", {"url": "http://127.0.0.1:9/"})
    return acme


async def readable(connection: asyncpg.Connection) -> list[tuple[str, str]]:
    """Return the tables a role may read, with the column that says whose a row is."""
    rows = await connection.fetch(
        """
        SELECT c.relname AS name, CASE WHEN c.relname = 'business' THEN 'id' ELSE 'business' END AS owner
        FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
        WHERE n.nspname = 'ringback' AND c.relkind IN ('r', 'p') AND has_any_column_privilege(c.oid, 'SELECT')
        """
    )
    return [(row["name"], row["owner"]) for row in rows if row["name"] not in SHARED]


@pytest.mark.parametrize("role", ROLES, ids=[role.name.lower() for role in ROLES])
async def test_a_query_without_a_filter_sees_one_business_or_none(office: Office, busy: House, role: Role):
    other = await office.house("other")
    database = getattr(office.databases, role.name.lower())
    async with database.connection() as connection:
        tables = await readable(connection)
    assert len(tables) >= 4
    seen = 0
    for name, owner in tables:
        every = parse_sql(f"-- name: every\nSELECT DISTINCT {owner} AS business FROM {name};")["every"]
        async with database.transaction(name="forgot") as tx:
            assert await tx.rows(every) == [], f"{role} sees {name} without naming a business"
        async with database.transaction(BusinessId(uuid4()), name="forgot") as tx:
            assert await tx.rows(every) == [], f"{role} sees {name} of a business it did not name"
        async with database.transaction(other.id, name="forgot") as tx:
            assert {row["business"] for row in await tx.rows(every)} <= {other.id}, name
        async with database.transaction(busy.id, name="forgot") as tx:
            seen += len(await tx.rows(every))
    assert seen >= 2, "there was something to see"


async def test_nothing_can_be_written_into_another_business(office: Office, busy: House):
    other = await office.house("other")
    insert = parse_sql(
        "-- name: insert\nINSERT INTO person (business, id, created_at) VALUES (:business, :id, now());"
    )["insert"]
    move = parse_sql("-- name: move\nUPDATE webhook_endpoint SET business = :business;")["move"]
    steal = parse_sql("-- name: steal\nDELETE FROM webhook_endpoint;")["steal"]
    for statement in (insert, move):
        with pytest.raises(asyncpg.InsufficientPrivilegeError):
            async with office.databases.application.transaction(busy.id, name="write") as tx:
                await tx.run(statement, **({"business": other.id} | ({"id": uuid4()} if statement is insert else {})))
    async with office.databases.application.transaction(other.id, name="write") as tx:
        assert await tx.run(steal) == 0
    assert await office.rows("SELECT 1 FROM webhook_endpoint WHERE business = $1", busy.id)


async def test_each_server_writes_its_own_tables_only(office: Office, busy: House):
    denied = {
        "application": ("callback", "promise", "attempt", "user_account", "audit"),
        "interactions": ("chat", "person", "attempt", "api_key", "webhook_endpoint"),
        "sessions": ("callback", "promise", "person", "login_session"),
        "identity": ("callback", "person", "attempt", "message"),
        "read": ("callback", "person", "attempt", "user_account", "message", "audit"),
    }
    for role, tables in denied.items():
        for table in tables:
            statement = parse_sql(f"-- name: wipe\nDELETE FROM {table};")["wipe"]
            with pytest.raises(asyncpg.InsufficientPrivilegeError):
                async with getattr(office.databases, role).transaction(busy.id, name="wipe") as tx:
                    await tx.run(statement)


async def test_secrets_stay_with_the_role_that_needs_them(office: Office, busy: House):
    for role, column, table in [
        ("read", "password_hash", "user_account"),
        ("read", "identity_secret", "channel"),
        ("application", "secret_hash", "api_key"),
        ("interactions", "secret", "webhook_endpoint"),
        ("read", "secret", "webhook_endpoint"),
    ]:
        statement = parse_sql(f"-- name: look\nSELECT {column} FROM {table};")["look"]
        with pytest.raises(asyncpg.InsufficientPrivilegeError):
            async with getattr(office.databases, role).transaction(busy.id, name="look") as tx:
                await tx.rows(statement)


async def test_an_audit_row_is_written_once_and_never_changed(office: Office, busy: House):
    for text in ("UPDATE audit SET action = 'x'", "DELETE FROM audit"):
        statement = parse_sql(f"-- name: forge\n{text};")["forge"]
        with pytest.raises(asyncpg.InsufficientPrivilegeError):
            async with office.databases.identity.transaction(busy.id, name="forge") as tx:
                await tx.run(statement)
