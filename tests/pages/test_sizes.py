"""What a browser downloads: customers pay for every byte of the widget, agents for every byte of the desk."""

from __future__ import annotations

import gzip
from pathlib import Path

import pytest

BUILT = Path("src/ringback/console/static")
LIMITS = {"widget": 25_000, "desk": 90_000, "console": 90_000, "login": 30_000, "demo": 10_000}  # bytes, gzip level 9


def files_of(page: str) -> list[Path]:
    """The widget is one file; a page is its HTML with every script, chunk and style that it names."""
    if page == "widget":
        return [BUILT / "widget.js"]
    html = BUILT / f"{page}.html"
    named = [asset for asset in (BUILT / "assets").iterdir() if asset.name in html.read_text()]
    assert named, f"{page}.html names its script"
    return [html, *named]


@pytest.mark.parametrize("page", LIMITS)
def test_what_a_browser_downloads_stays_small(page: str) -> None:
    size = sum(len(gzip.compress(file.read_bytes(), 9)) for file in files_of(page))
    assert size <= LIMITS[page], f"{page}: {size} bytes of {LIMITS[page]}"
