"""One transaction over what several servers own: the operator's role takes the place of each, so that a table keeps its one writing role."""

from __future__ import annotations

from ringback.postgres.address import Role
from ringback.postgres.database import Transaction
from ringback.postgres.sql import load_sql

SQL = load_sql(__file__, "acting.sql")


async def act_as(tx: Transaction, role: Role) -> None:
    """Go on with the rights of a server's role until the transaction ends, or until the next call."""
    await tx.write_the_end()  # what was left is written with the rights of whoever left it
    await tx.value(SQL["act_as"], role=role.value)
