"""The customers' own journal: on disk before anything is asked and after each answer. It knows what was promised to them, whatever became of the servers."""

from __future__ import annotations

import json
import os
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any


class Journal:
    """An append-only file of JSON lines, each synced before the next step."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self._file = path.open("ab")

    def write(self, what: str, **more: Any) -> None:
        """Append one line and return when it is on disk."""
        line = {"what": what, "at": time.time(), **more}
        self._file.write(json.dumps(line, default=str).encode() + b"\n")
        self._file.flush()
        os.fsync(self._file.fileno())

    def close(self) -> None:
        """Close the file."""
        self._file.close()


def read_journal(path: Path) -> Iterator[dict[str, Any]]:
    """Yield the lines."""
    with path.open() as file:
        for line in file:
            yield json.loads(line)
