"""Many rows written at once are the rows that would have been written one by one."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import asyncpg
import pytest

from ringback.domain.ids import BusinessId, new_id
from ringback.postgres.many_rows import insert_of_many
from ringback.postgres.sql import parse_sql
from tests.support.databases import Databases

SQL = parse_sql("""
-- name: insert
INSERT INTO decision (business, id, kind, at, verdict, detail)
VALUES (:business, :id, lower(:kind), :at, coalesce(:verdict, 'none (yet)'), :detail) ON CONFLICT (business, id) DO NOTHING;
-- name: read
SELECT id, kind, at, verdict, detail FROM decision WHERE business = :business ORDER BY kind;
""")


@pytest.mark.parametrize("count", [1, 2, 3, 4, 40])
async def test_what_is_left_for_later_is_the_same_by_any_number(
    databases: Databases, business: BusinessId, count: int
) -> None:
    began = datetime(2026, 11, 24, tzinfo=UTC)
    details: list[object] = [{}, {"why": 'a "word", (in brackets)'}, [1, [2, "three"]], {"at": [None, 1.5]}, "text"]
    rows: list[dict[str, Any]] = [
        {
            "id": new_id(),
            "kind": f"K{n:03}",
            "at": began + timedelta(microseconds=n),
            "verdict": None if n % 3 == 0 else f"it's {n}",
            "detail": details[n % len(details)],
        }
        for n in range(count)
    ]
    async with databases.interactions.transaction(business, name="test") as tx:
        for row in [*rows, rows[0]]:  # the last one is there already
            tx.later(SQL["insert"], business=business, **row)
    async with databases.interactions.transaction(business, name="test") as tx:
        found = [dict(row) for row in await tx.rows(SQL["read"], business=business)]
    assert found == [row | {"kind": row["kind"].lower(), "verdict": row["verdict"] or "none (yet)"} for row in rows]


async def test_a_row_that_may_not_be_there_undoes_all_of_them(databases: Databases, business: BusinessId) -> None:
    with pytest.raises(asyncpg.NotNullViolationError):
        async with databases.interactions.transaction(business, name="test") as tx:
            for n in range(8):
                at = None if n == 5 else tx.now
                tx.later(SQL["insert"], business=business, id=new_id(), kind="k", at=at, verdict="v", detail={})
    async with databases.interactions.transaction(business, name="test") as tx:
        assert await tx.rows(SQL["read"], business=business) == []


def test_what_cannot_be_said_of_many_stays_as_it_is():
    uuid, text = (asyncpg.Type(1, name, "scalar", "pg_catalog") for name in ("uuid", "text"))
    many = asyncpg.Type(3, "_uuid", "array", "pg_catalog")
    assert insert_of_many("INSERT INTO t (a, b) VALUES ($1, $2)", [uuid, text]) == (
        "INSERT INTO t (a, b) SELECT given.p1, given.p2 FROM unnest($1::uuid[], $2::text[]) AS given (p1, p2)"
    )
    assert insert_of_many("INSERT INTO t (a, b) VALUES ($1, $2)", [uuid, many]) is None
    assert insert_of_many("UPDATE t SET b = $2 WHERE a = $1", [uuid, text]) is None
    assert insert_of_many("INSERT INTO t (a) VALUES ($1) ON CONFLICT (a) DO UPDATE SET b = $2", [uuid, text]) is None
