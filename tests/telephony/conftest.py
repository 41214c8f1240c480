"""Fixtures of the tests with a real Asterisk."""

from __future__ import annotations

import asyncio
import shutil
from collections.abc import AsyncIterator, Iterator
from pathlib import Path

import pytest

from ringback.domain.ids import BusinessId
from tests.support.databases import Databases
from tests.support.folders import passable_folder
from tests.support.pbx import Pbx, new_pbx
from tests.telephony.exchange import Exchange, open_exchange
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


@pytest.fixture(scope="module")
def pbx(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Pbx]:
    """A real Asterisk, for all tests of a module."""
    pbx = new_pbx(tmp_path_factory.mktemp("calls"))
    (pbx.folder / "spoken").mkdir()
    trunk = pbx.folder / "etc" / "pjsip.conf"
    trunk.write_text(trunk.read_text().replace("rtp_timeout = 30", "rtp_timeout = 5"))
    asyncio.run(pbx.start())
    yield pbx
    asyncio.run(pbx.stop(kill=True))
    shutil.rmtree(pbx.folder, ignore_errors=True)


@pytest.fixture
async def exchange(pbx: Pbx, databases: Databases, business: BusinessId) -> AsyncIterator[Exchange]:
    """A session manager over that Asterisk."""
    async with open_exchange(pbx, databases, business) as opened:
        yield opened
