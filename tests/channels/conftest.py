"""Fixtures of the channels' suite."""

from __future__ import annotations

from collections.abc import AsyncIterator

import pytest

from ringback.domain.ids import BusinessId
from tests.channels.customers import CUSTOMERS, Customer, arrived
from tests.channels.hall import Hall
from tests.support.databases import Databases


@pytest.fixture
async def hall(databases: Databases, business: BusinessId) -> AsyncIterator[Hall]:
    """A business with telephones, reached through every channel."""
    async with Hall(databases, business).open() as opened:
        yield opened


@pytest.fixture(params=CUSTOMERS, ids=lambda kind: str(kind.kind))
async def customer(request: pytest.FixtureRequest, hall: Hall) -> AsyncIterator[Customer]:
    """One customer of each channel."""
    async with arrived(request.param, hall) as opened:
        yield opened
