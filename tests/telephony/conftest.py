"""Fixtures of the tests with a real Asterisk."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from ringback.domain.ids import BusinessId
from tests.support.databases import Databases
from tests.support.folders import passable_folder
from tests.workflows.interaction_manager.floor import Floor


@pytest.fixture
def floor(databases: Databases, business: BusinessId) -> Floor:
    """A business with nothing in it, the real interaction manager, and ears where its messages go."""
    return Floor(databases, business)


@pytest.fixture
def folder() -> Iterator[Path]:
    """A folder with a short name: Asterisk's control socket must fit in 108 bytes."""
    with passable_folder() as found:
        yield found
