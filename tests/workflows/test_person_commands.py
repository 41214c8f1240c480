"""One customer's own rights from the command line: found by what an operator has, exported, erased, and written down."""

from __future__ import annotations

from dataclasses import replace
from uuid import uuid4

import pytest

from ringback.administration.persons import erase_one, export_one, find_one
from ringback.domain.errors import NotFound
from ringback.settings import Settings
from tests.support.databases import SECRET, Databases


async def test_a_person_is_found_exported_and_erased_and_both_are_in_the_audit(databases: Databases):
    business = await databases.make_business()
    settings = replace(Settings(), database_url=databases.address.url, secret=SECRET)
    person = uuid4()
    async with databases.administrator() as connection:
        await connection.execute(
            "INSERT INTO person (business, id, name, identity, number, created_at) VALUES ($1, $2, 'Jon', $3, $4, now())",
            business,
            person,
            "jon@shop.example",
            "+441632960123",
        )
    for who in (str(person), "+44 1632 960123", "JON@shop.example"):
        assert (await find_one(settings, "acme", who)).id == person
    with pytest.raises(NotFound, match="no such person"):
        await find_one(settings, "acme", "+441632960124")
    assert (await export_one(settings, "acme", "jon@shop.example"))["person"]["name"] == "Jon"
    await erase_one(settings, "acme", "+441632960123", reason="asked for it")
    with pytest.raises(NotFound):
        await find_one(settings, "acme", str(person))
    async with databases.administrator() as connection:
        rows = await connection.fetch("SELECT principal, action, subject, reason FROM audit ORDER BY at")
        assert await connection.fetchval("SELECT number FROM person WHERE id = $1", person) is None
    assert [tuple(row) for row in rows] == [
        ("cli", "person.exported", f"person:{person}", None),
        ("cli", "person.erased", f"person:{person}", "asked for it"),
    ]
