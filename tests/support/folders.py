"""Temporary folders that PostgreSQL's account can pass to, which pytest's own, made for root alone, are not."""

from __future__ import annotations

import contextlib
import os
import shutil
import tempfile
from collections.abc import Iterator
from pathlib import Path

_MEMORY = Path("/dev/shm")
_ROOM = 4 << 30  # bytes: three servers with their logs at full length


def memory_with_room() -> Path | None:
    """Say where files in memory may be put, None where there is no such place or too little of it.

    A copy of a database is a thousand small files. Making and removing them by the hundred costs ten times less there than on
    ext4, which does not give a removed inode out again for seconds and looks past all of them for a fresh one.
    """
    if not os.access(_MEMORY, os.W_OK) or shutil.disk_usage(_MEMORY).free < _ROOM:
        return None
    return _MEMORY


@contextlib.contextmanager
def passable_folder(prefix: str = "ringback-test-", *, within: Path | None = None) -> Iterator[Path]:
    """Make a folder (`within` another than the usual place for temporary ones), and remove it with everything in it at the end."""
    folder = Path(tempfile.mkdtemp(prefix=prefix, dir=within))
    folder.chmod(0o711)
    try:
        yield folder.resolve()
    finally:
        shutil.rmtree(folder, ignore_errors=True)
