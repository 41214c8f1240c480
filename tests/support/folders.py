"""Temporary folders that PostgreSQL's account can pass to, which pytest's own, made for root alone, are not."""

from __future__ import annotations

import contextlib
import shutil
import tempfile
from collections.abc import Iterator
from pathlib import Path


@contextlib.contextmanager
def passable_folder(prefix: str = "ringback-test-") -> Iterator[Path]:
    """Make a folder, and remove it with everything in it at the end."""
    folder = Path(tempfile.mkdtemp(prefix=prefix))
    folder.chmod(0o711)
    try:
        yield folder.resolve()
    finally:
        shutil.rmtree(folder, ignore_errors=True)
