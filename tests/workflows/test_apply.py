"""A business as one document: its widgets and log-ins with the rest, and twice is once."""

from __future__ import annotations

import copy
from collections.abc import AsyncIterator
from typing import Any

import pytest

from ringback.administration.configuration import apply_document, lines_of
from ringback.domain.errors import Invalid
from ringback.installation import Installation
from ringback.postgres.address import ServerAddress
from ringback.settings import Settings
from tests.support.databases import SECRET

DOCUMENT: dict[str, Any] = {
    "business": {"slug": "acme", "name": "Acme Energy", "zone": "Europe/London"},
    "queues": [{"slug": "billing", "name": "Billing", "default": True, "hours": {"week": {"mon": ["08:00-18:00"]}}}],
    "agents": [{"slug": "kim", "name": "Kim", "queues": ["billing"]}],
    "channels": [
        {
            "name": "Help pages",
            "allowed_origins": ["https://www.acme.example"],
            "identity_secret": "shared with the page's server",
        }
    ],
    "users": [
        {
            "email": "kim@acme.example",
            "name": "Kim",
            "roles": ["agent"],
            "agent": "kim",
            "password": "correct horse battery",
        }
    ],
}


@pytest.fixture
async def installation(database_address: ServerAddress) -> AsyncIterator[Installation]:
    """An installation on a database of the test's own."""
    opened = Installation(settings=Settings(), address=database_address, secret=SECRET)
    yield opened
    await opened.close()


async def test_applying_the_same_document_twice_changes_nothing_and_the_widgets_key_is_said(installation: Installation):
    lines = list(lines_of(await apply_document(installation, DOCUMENT)))
    assert "log-in kim@acme.example" in lines
    (widget,) = (line for line in lines if line.startswith("widget"))
    assert widget.startswith("widget Help pages: wk_")
    assert list(lines_of(await apply_document(installation, DOCUMENT))) == [
        "nothing to do: the business is as the document says"
    ]


async def test_a_widget_keeps_the_key_that_pages_use(installation: Installation):
    await apply_document(installation, DOCUMENT)
    changed = copy.deepcopy(DOCUMENT)
    changed["channels"][0]["key"] = "wk_another-one"
    with pytest.raises(Invalid, match="another name"):
        await apply_document(installation, changed)


@pytest.mark.parametrize(
    ("wrong", "says"),
    [
        ({"email": "a@acme.example", "name": "A"}, r"users\[0\] needs"),
        ({"email": "a@acme.example", "name": "A", "roles": ["boss"]}, r"users\[0\].roles"),
        ({"email": "a@acme.example", "name": "A", "roles": ["agent"], "pasword": "x"}, r"users\[0\].pasword"),
    ],
)
async def test_a_log_in_that_is_wrong_is_found_before_anything_changes(
    installation: Installation, wrong: dict[str, Any], says: str
):
    with pytest.raises(Invalid, match=says):
        await apply_document(installation, {**DOCUMENT, "users": [wrong]})
    difference = await apply_document(installation, DOCUMENT, dry_run=True)
    assert difference["business"] is None, "the business is not there yet"
