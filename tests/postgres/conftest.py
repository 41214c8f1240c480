"""Fixtures of the database's own tests."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.support.folders import passable_folder


@pytest.fixture
def folder() -> Iterator[Path]:
    """A folder for an embedded server of the test's own."""
    with passable_folder() as path:
        yield path / "database"
