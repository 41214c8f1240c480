"""The files of this repository as git knows them."""

from __future__ import annotations

import subprocess
from functools import cache
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
SOURCE = ROOT / "src" / "ringback"


@cache
def tracked_files() -> tuple[Path, ...]:
    """Return every tracked file, or every file outside of what builds leave behind where there is no git."""
    listing = subprocess.run(["git", "ls-files", "-z"], cwd=ROOT, capture_output=True, text=True, check=False)
    if listing.returncode == 0 and listing.stdout:
        return tuple(path for name in listing.stdout.split("\0") if name and (path := ROOT / name).is_file())
    built = {".venv", "node_modules", ".cache", "static", "__pycache__"}
    return tuple(path for path in ROOT.rglob("*") if path.is_file() and not built & set(path.parts))


def text_of(path: Path) -> str | None:
    """Return a file's text, or None for a picture, a sound or the like."""
    try:
        return path.read_text(encoding="utf-8")
    except UnicodeDecodeError:
        return None


def source_modules() -> list[Path]:
    """Return every Python module of the package."""
    return sorted(path for path in SOURCE.rglob("*.py") if "static" not in path.parts)
