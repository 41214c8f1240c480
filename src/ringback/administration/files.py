"""Files that are there whole or not at all, whatever interrupts their writing."""

from __future__ import annotations

import os
from collections.abc import Iterable
from pathlib import Path

from ringback.domain.errors import Invalid


def write_whole(file: Path, parts: Iterable[str]) -> None:
    """Write a file beside its place and put it there at the end. Raises Invalid when it cannot be written."""
    beside = file.with_name(f".{file.name}.{os.getpid()}")
    try:
        with beside.open("w", encoding="utf-8") as target:
            target.writelines(parts)
            target.flush()
            os.fsync(target.fileno())
        beside.replace(file)
    except OSError as error:
        raise Invalid(f"{file} cannot be written: {error.strerror}.", field="file") from error
    finally:
        beside.unlink(missing_ok=True)
