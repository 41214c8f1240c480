"""`ringback shifts FILE`: shifts or headcounts from the business's own planning, by CSV."""

from __future__ import annotations

import sys
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

from ringback.administration.businesses import find_business
from ringback.domain.errors import ConfigurationError
from ringback.installation import ready_installation
from ringback.interaction_manager.workflows.import_shifts import import_shifts
from ringback.postgres.address import Role
from ringback.settings import Settings


async def import_file(settings: Settings, business: str, file: Path, *, dry_run: bool) -> list[dict[str, Any]]:
    """Import a CSV file (`-`: standard input) and return the difference. Raises Invalid naming every line that is wrong."""
    text = _read(file)
    async with ready_installation(settings) as installation:
        id = await find_business(installation, business)
        interactions = await installation.pool(Role.INTERACTIONS)
        async with interactions.transaction(id, name="import_shifts") as tx:
            return await import_shifts(tx, id, {"csv": text}, by="cli", dry_run=dry_run)


def _read(file: Path) -> str:
    try:
        return sys.stdin.read() if str(file) == "-" else file.read_text(encoding="utf-8-sig")
    except (OSError, UnicodeDecodeError) as error:
        raise ConfigurationError(f"{file} cannot be read: {error}") from error


def lines_of(changes: Sequence[Mapping[str, Any]]) -> Iterator[str]:
    """Say the difference, a line each."""
    for each in changes:
        what = (
            f"{each['agent']} {each['day']}" if "agent" in each else f"{each['skill']} {each['from']} to {each['to']}"
        )
        before = "" if each["before"] is None else f"{each['before']} → "
        yield f"{what}: {before}{each['after']}"
    if not changes:
        yield "nothing to do: the plan is as the file says"
