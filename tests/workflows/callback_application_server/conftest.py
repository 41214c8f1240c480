"""Fixtures of the callback application server's workflows."""

from __future__ import annotations

from collections.abc import AsyncIterator

import pytest

from ringback.domain.ids import BusinessId
from tests.support.databases import Databases
from tests.workflows.callback_application_server.lobby import Lobby, Visitor


@pytest.fixture
async def lobby(databases: Databases, business: BusinessId) -> AsyncIterator[Lobby]:
    """A business whose carriers ring browsers only."""
    async with Lobby(databases, business, phones=False).open() as opened:
        yield opened


@pytest.fixture
async def lobby_with_phones(databases: Databases, business: BusinessId) -> AsyncIterator[Lobby]:
    """A business with a carrier that rings telephones."""
    async with Lobby(databases, business, phones=True).open() as opened:
        yield opened


@pytest.fixture
async def visitor(lobby: Lobby) -> Visitor:
    """A customer with an open chat."""
    return await lobby.visitor()
