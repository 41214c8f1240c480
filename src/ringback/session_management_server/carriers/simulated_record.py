"""What the simulated carrier rang, in its own append-only file: the witness against which the product's ledger is compared.

One JSON object a line: `{"what": "rang", "at", "business", "callback", "party", "leg"}`, on disk before the device rings, once for each
leg that rang; then `answered`, `joined` and `ended` (with `cause`) of those legs. No number is written.
"""

from __future__ import annotations

import asyncio
import json
import os
from collections.abc import Iterator
from pathlib import Path
from typing import Any


class RingRecord:
    """The file, opened for appending. Lines that arrive while one batch is synced go with the next."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._file = path.open("ab")
        self._lines: list[bytes] = []
        self._flushing: asyncio.Task[None] | None = None

    async def write(self, **line: Any) -> None:
        """Append a line and return when it is on disk."""
        self._lines.append(json.dumps(line, default=str, separators=(",", ":")).encode() + b"\n")
        while self._lines:
            if self._flushing is None or self._flushing.done():
                self._flushing = asyncio.create_task(self._flush())
            await asyncio.shield(self._flushing)
        if self._flushing is not None:
            await asyncio.shield(self._flushing)

    async def _flush(self) -> None:
        lines, self._lines = self._lines, []
        await asyncio.to_thread(self._append, b"".join(lines))

    def _append(self, block: bytes) -> None:
        self._file.write(block)
        self._file.flush()
        os.fsync(self._file.fileno())

    def close(self) -> None:
        """Close the file."""
        self._file.close()


def read_record(path: Path) -> Iterator[dict[str, Any]]:
    """Yield the lines of a record; a last one that was cut off is left out."""
    if not path.exists():
        return
    for line in path.read_bytes().split(b"\n"):
        if line.strip():
            try:
                yield json.loads(line)
            except json.JSONDecodeError:
                return
