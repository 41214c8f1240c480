"""With RINGBACK_NO_SKIP=1 a skipped test is a failed one, so that CI cannot be green without the real components."""

from __future__ import annotations

import os
from collections.abc import Generator
from typing import Any

import pytest

NO_SKIP = os.environ.get("RINGBACK_NO_SKIP") == "1"


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(item: pytest.Item, call: pytest.CallInfo[None]) -> Generator[None, Any, Any]:
    """Turn a skip into a failure that names what was missing; an expected failure stays what it is."""
    report = yield
    return _failed(report) if not hasattr(report, "wasxfail") else report


@pytest.hookimpl(wrapper=True)
def pytest_make_collect_report(collector: pytest.Collector) -> Generator[None, Any, Any]:
    """The same for a module that skips itself while it is collected."""
    return _failed((yield))


def _failed(report: Any) -> Any:
    if NO_SKIP and report.skipped:
        reason = report.longrepr[2] if isinstance(report.longrepr, tuple) else str(report.longrepr)
        report.outcome = "failed"
        report.longrepr = f"RINGBACK_NO_SKIP=1 allows no skip, and this was: {reason}"
    return report
