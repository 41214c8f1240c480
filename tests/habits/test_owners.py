"""docs/architecture.md says of every table who owns it."""

from __future__ import annotations

import re

from tests.habits.tracked import ROOT

MIGRATIONS = sorted((ROOT / "src/ringback/postgres/migrations").glob("*.sql"))
_TABLE = re.compile(r"^CREATE TABLE (\w+)", re.MULTILINE)


def test_every_table_has_an_owner():
    text = (ROOT / "docs/architecture.md").read_text(encoding="utf-8")
    owners = text.partition("## Who owns which table")[2].partition("\n## ")[0]
    named = set(re.findall(r"\w+", owners)) | {"message_head", "message_cursor"}  # `message*`
    tables = {table for file in MIGRATIONS for table in _TABLE.findall(file.read_text(encoding="utf-8"))}
    assert tables
    assert tables - named == set()
