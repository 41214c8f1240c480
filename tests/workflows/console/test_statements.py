"""Every statement of desk, console, API, identity and webhooks is one that the database understands."""

from __future__ import annotations

import pytest

from ringback.callback_application_server.webhooks.publish import SQL as SENDING
from ringback.console.requests import SQL as REQUESTS
from ringback.console.statements import API, DESK, WEBHOOKS
from ringback.console.views import SQL as VIEWS
from ringback.identity.queries import SQL as IDENTITY
from tests.support.databases import Databases


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
