"""Origins, headers and limits: what every page relies on."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ringback.domain.errors import TooMany
from ringback.pages.limits import RateLimit
from ringback.pages.security import CONTENT_SECURITY_POLICY, is_allowed_origin


@pytest.mark.parametrize(
    ("origin", "allowed", "expected"),
    [
        ("https://www.acme.example", ["https://www.acme.example"], True),
        ("https://www.acme.example:443", ["https://www.acme.example"], True),
        ("https://WWW.acme.example", ["https://www.acme.example/"], True),
        ("http://localhost:8080", ["http://localhost:8080"], True),
        ("http://localhost:8081", ["http://localhost:8080"], False),
        ("http://www.acme.example", ["https://www.acme.example"], False),
        ("https://acme.example", ["https://www.acme.example"], False),
        ("https://www.acme.example.evil.example", ["https://www.acme.example"], False),
        ("https://evil.example/https://www.acme.example", ["https://www.acme.example"], False),
        ("https://anything.example", ["*"], True),
        ("null", ["*"], False),
        ("", ["*"], False),
        (None, ["*"], False),
        ("https://www.acme.example", [], False),
        ("https://x:notaport", ["https://x"], False),
    ],
)
def test_an_origin_is_exact(origin: str | None, allowed: list[str], expected: bool):
    assert is_allowed_origin(origin, allowed) is expected


@given(origin=st.text(max_size=60))
def test_any_origin_is_survived(origin: str):
    assert is_allowed_origin(origin, ["https://www.acme.example"]) in (True, False)


def test_our_pages_run_no_script_but_our_own():
    assert "default-src 'none'" in CONTENT_SECURITY_POLICY
    assert "unsafe" not in CONTENT_SECURITY_POLICY and "*" not in CONTENT_SECURITY_POLICY
    assert "frame-ancestors 'none'" in CONTENT_SECURITY_POLICY


def test_a_burst_then_so_many_a_second():
    limit = RateLimit(burst=3, per_second=1)
    for _ in range(3):
        limit.spend("a", now=0.0)
    with pytest.raises(TooMany) as refused:
        limit.spend("a", now=0.5)
    assert 0 < refused.value.retry_after.total_seconds() <= 1
    limit.spend("a", now=1.1)
    limit.spend("b", now=1.1)


@given(st.lists(st.floats(0, 100), min_size=1, max_size=60))
def test_no_stretch_of_time_lets_through_more_than_the_limit(moments: list[float]):
    limit = RateLimit(burst=5, per_second=2)
    passed = []
    for moment in sorted(moments):
        try:
            limit.spend("a", now=moment)
        except TooMany:
            continue
        passed.append(moment)
    for first, start in enumerate(passed):
        for last in range(first, len(passed)):
            assert last - first + 1 <= 5 + 2 * (passed[last] - start) + 1e-6
