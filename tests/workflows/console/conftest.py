"""Fixtures of desk, console and API."""

from __future__ import annotations

from collections.abc import AsyncIterator

import pytest

from tests.support.databases import Databases
from tests.workflows.console.office import House, Office


@pytest.fixture
async def office(databases: Databases) -> AsyncIterator[Office]:
    """An installation at work."""
    async with Office(databases).open() as opened:
        yield opened


@pytest.fixture
async def acme(office: Office) -> House:
    """A business."""
    return await office.house("acme")
