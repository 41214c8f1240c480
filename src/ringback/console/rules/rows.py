"""What presenters take: a row of the database, by column name."""

from __future__ import annotations

from typing import Any, Protocol


class Row(Protocol):
    """Anything with named columns."""

    def __getitem__(self, column: str, /) -> Any:
        """Return one column's value."""
