"""Every statement of desk, console, API, identity and webhooks is one that the database understands."""

from __future__ import annotations

import ast
from pathlib import Path

import pytest

import ringback
from ringback.callback_application_server.webhooks.publish import SQL as SENDING
from ringback.console.requests import SQL as REQUESTS
from ringback.console.statements import API, DESK, WEBHOOKS
from ringback.console.views import SQL as VIEWS
from ringback.identity.queries import SQL as IDENTITY
from ringback.postgres.sql import load_sql
from tests.support.databases import Databases

SOURCE = Path(ringback.__file__).parent
MODULES = sorted(
    path
    for folder in ("console", "identity", "callback_application_server/webhooks")
    for path in (SOURCE / folder).rglob("*.py")
    if 'SQL["' in path.read_text() or 'API["' in path.read_text() or 'WEBHOOKS["' in path.read_text()
)


@pytest.mark.parametrize(
    ("role", "statements"),
    [
        ("read", VIEWS),
        ("read", API),
        ("read", DESK),
        ("application", REQUESTS),
        ("application", WEBHOOKS),
        ("application", SENDING),
        ("identity", IDENTITY),
    ],
    ids=["views", "api", "desk", "requests", "webhooks", "sending", "identity"],
)
async def test_statements_are_understood(databases: Databases, role: str, statements):
    async with getattr(databases, role).connection() as connection:
        for statement in statements.values():
            prepared = await connection.prepare(statement.text)
            assert len(prepared.get_parameters()) == len(statement.parameters), statement.name


@pytest.mark.parametrize("module", MODULES, ids=lambda path: path.stem)
def test_a_statement_is_given_what_it_takes(module: Path):
    """Every call that names its arguments names exactly those of its statement."""
    own = module.with_suffix(".sql")  # a module's own statements, where it has some
    names = {
        "SQL": load_sql(str(module), own.name) if own.exists() else {**VIEWS, **REQUESTS, **SENDING, **IDENTITY},
        "API": API,
        "DESK": DESK,
        "WEBHOOKS": WEBHOOKS,
    }
    for node in ast.walk(ast.parse(module.read_text())):
        match node:
            case ast.Call(
                func=ast.Attribute(attr="rows" | "row" | "value" | "run"),
                args=[ast.Subscript(value=ast.Name(id=owner), slice=ast.Constant(value=str(name)))],
                keywords=keywords,
            ) if owner in names and all(each.arg for each in keywords):
                assert {each.arg for each in keywords} == set(names[owner][name].parameters), f"{module}: {name}"
