"""CI allows no skip: the plugin that sees to it is itself tested, in a pytest of its own."""

from __future__ import annotations

import os
import subprocess
import sys

import pytest

from tests.habits.tracked import ROOT

SKIPS = """
import pytest

def test_a_component_is_missing():
    pytest.skip("no telephone here")

@pytest.mark.skipif(True, reason="no telephone here")
def test_another():
    pass

def test_fine():
    pass
"""


@pytest.mark.parametrize(("no_skip", "failed"), [("1", True), ("", False)])
def test_a_skip_is_a_failure_where_none_is_allowed(tmp_path, no_skip, failed):
    (tmp_path / "test_skips.py").write_text(SKIPS)
    finished = subprocess.run(
        [
            sys.executable,
            "-m",
            "pytest",
            "-q",
            "-rs",
            "-W",
            "ignore",
            "-p",
            "tests.support.no_skip",
            "-p",
            "no:cacheprovider",
            tmp_path,
        ],
        cwd=ROOT,
        env={**os.environ, "RINGBACK_NO_SKIP": no_skip},
        capture_output=True,
        text=True,
        check=False,
    )
    assert finished.returncode == (1 if failed else 0), finished.stdout
    assert ("1 failed, 1 passed, 1 error" if failed else "1 passed, 2 skipped") in finished.stdout
    assert "no telephone here" in finished.stdout
