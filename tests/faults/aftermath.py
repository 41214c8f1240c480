"""What is left when everything has come to rest: nothing may be, at the carrier or in the database."""

from __future__ import annotations

from pathlib import Path

from ringback.postgres.address import ServerAddress
from ringback.postgres.sql import parse_sql
from tests.faults.oracle import LedgerLeg
from tests.support.databases import connect

SQL = parse_sql(Path(__file__).with_name("aftermath.sql").read_text())
ORPHANS = (
    "agents_not_free",
    "slots_that_differ",
    "undelivered_messages",
    "parked",
    "open_attempts",
    "open_legs",
    "live_assignments",
    "open_gates",
    "open_promises",
    "overdue_timers",
    "dead_leases",
)


async def look(address: ServerAddress, *names: str) -> list[str]:
    """Return one line for each thing that these queries find."""
    connection = await connect(address)
    try:
        await connection.execute("SET search_path = ringback")
        return [str(row[0]) for name in names for row in await connection.fetch(SQL[name].text)]
    finally:
        await connection.close()


async def read_ledger(address: ServerAddress) -> tuple[list[LedgerLeg], int]:
    """Return what the ledger says about legs, and how many attempts it calls unknown."""
    connection = await connect(address)
    try:
        await connection.execute("SET search_path = ringback")
        rows = await connection.fetch(SQL["legs"].text)
        unknown = await connection.fetchval(SQL["unknown"].text)
    finally:
        await connection.close()
    legs = [
        LedgerLeg(
            leg=str(row["id"]), callback=str(row["callback"]), rang=row["rang"], may_have_rung=row["may_have_rung"]
        )
        for row in rows
    ]
    return legs, int(unknown)


async def count_deadlocks(address: ServerAddress) -> int:
    """Return how many deadlocks the server has broken since it was last recovered."""
    connection = await connect(address)
    try:
        return int(
            await connection.fetchval("SELECT deadlocks FROM pg_stat_database WHERE datname = current_database()")
        )
    finally:
        await connection.close()
