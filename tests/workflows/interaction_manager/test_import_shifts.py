"""`ringback shifts`: a file imported from the command line, twice, and wrong."""

from __future__ import annotations

from pathlib import Path

import pytest

from ringback.administration.planning import lines_of
from ringback.domain.errors import Invalid
from ringback.interaction_manager.workflows.import_shifts import import_shifts
from tests.workflows.interaction_manager.floor import Floor

TEXT = "agent,day,start,end\nkim,2026-12-01,09:00,12:30\nkim,2026-12-01,13:00,17:30\n"


async def taken(floor: Floor, text: str, *, dry_run: bool = False) -> list[str]:
    async with floor.databases.interactions.transaction(floor.business, name="import") as tx:
        return list(lines_of(await import_shifts(tx, floor.business, {"csv": text}, by="cli", dry_run=dry_run)))


async def test_a_file_is_applied_once_and_its_difference_is_said(floor: Floor):
    await floor.agent("kim", await floor.queue())
    assert await taken(floor, TEXT, dry_run=True) == ["kim 2026-12-01: 09:00-12:30, 13:00-17:30"]
    assert await taken(floor, TEXT) == ["kim 2026-12-01: 09:00-12:30, 13:00-17:30"]
    assert await taken(floor, TEXT) == ["nothing to do: the plan is as the file says"]
    off = "agent;day;start;end\nkim;2026-12-01;;\n"
    assert await taken(floor, off) == ["kim 2026-12-01: 09:00-12:30, 13:00-17:30 → off"]
    count = "skill,day,start,end,agents\nqueue:billing,2026-12-01,09:00,09:30,2\n"
    assert await taken(floor, count) == ["queue:billing 2026-12-01T09:00:00+00:00 to 2026-12-01T09:30:00+00:00: 2"]
    assert await taken(floor, count) == ["nothing to do: the plan is as the file says"]


async def test_a_wrong_file_changes_nothing(floor: Floor):
    await floor.agent("kim", await floor.queue())
    with pytest.raises(Invalid, match="line 3: there is no agent mia"):
        await taken(floor, f"{TEXT.splitlines()[0]}\nkim,2026-12-01,09:00,12:30\nmia,2026-12-01,09:00,12:30\n")
    assert await floor.sql("SELECT 1 FROM imported_shift") == []


def test_the_example_of_the_docs_is_the_format():
    page = (Path(__file__).parents[3] / "docs" / "configuration.md").read_text(encoding="utf-8")
    assert "agent,day,start,end" in page and "skill,day,start,end,agents" in page
