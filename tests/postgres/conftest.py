"""Fixtures of the database's own tests."""

from __future__ import annotations

import asyncio
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest

from ringback.postgres.embedded import EmbeddedPostgres
from tests.support.folders import passable_folder


@pytest.fixture
def empty_folder() -> Iterator[Path]:
    """A place for an embedded server that has never been started."""
    with passable_folder() as path:
        yield path / "database"


@pytest.fixture(scope="session")
def stopped_server() -> Iterator[Path]:
    """The folder of a server that was started once and stopped, to be copied: a first start takes a second."""
    with passable_folder() as path:

        async def start_and_stop() -> None:
            async with EmbeddedPostgres(path / "database"):
                pass

        asyncio.run(start_and_stop())
        yield path / "database"


@pytest.fixture
def folder(empty_folder: Path, stopped_server: Path) -> Path:
    """The folder of a server of the test's own, which was started before."""
    subprocess.run(["cp", "-a", stopped_server, empty_folder], check=True)
    return empty_folder
