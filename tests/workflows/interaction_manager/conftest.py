"""Fixtures of the interaction manager's workflows."""

from __future__ import annotations

import pytest

from ringback.domain.ids import BusinessId
from tests.support.databases import Databases
from tests.workflows.interaction_manager.floor import Floor


@pytest.fixture
def floor(databases: Databases, business: BusinessId) -> Floor:
    """A business with nothing in it, the real interaction manager, and ears where its messages go."""
    return Floor(databases, business)
