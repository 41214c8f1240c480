"""Rights, throttling, origins and secrets as pure rules."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ringback.domain.errors import Invalid
from ringback.identity.rules.origins import is_own_page
from ringback.identity.rules.rights import KEY_SCOPES, Right, Role, read_roles, read_scopes, rights_of
from ringback.identity.rules.secrets import api_key, digest, prefix_of, session_token
from ringback.identity.rules.throttle import FORGOTTEN_AFTER, LONGEST_WAIT, Failures, Subject, wait_of

NOW = datetime(2026, 11, 24, 14, 39, tzinfo=UTC)


def test_each_role_may_do_its_own_and_no_more():
    agent, supervisor, admin, auditor = (rights_of([role]) for role in Role)
    assert Right.DESK in agent and Right.CALLBACKS_READ not in agent and Right.NUMBERS_READ not in agent
    assert {Right.CALLBACKS_WRITE, Right.CALLBACKS_READ, Right.QUEUES_WRITE, Right.NUMBERS_READ} <= supervisor
    assert Right.CONFIGURATION_WRITE not in supervisor and Right.AUDIT_READ not in supervisor
    assert admin == frozenset(Right) - {Right.DESK}
    assert not any(right.value.endswith((":write", ":create")) or right is Right.NUMBERS_READ for right in auditor)


def test_a_key_never_makes_keys_or_users_or_sits_at_a_desk():
    assert KEY_SCOPES.isdisjoint({Right.DESK, Right.ACCOUNTS_WRITE})
    assert read_scopes(["callbacks:read", "callbacks:read"]) == {Right.CALLBACKS_READ}
    for names in (["accounts:write"], ["desk"], ["everything"], []):
        with pytest.raises(Invalid):
            read_scopes(names)
    with pytest.raises(Invalid):
        read_roles(["owner"])


@given(st.integers(0, 100_000), st.floats(0, 7200), st.sampled_from(Subject))
def test_a_wait_grows_with_failures_and_never_beyond_the_longest(count: int, ago: float, subject: Subject):
    failures = Failures(count=count, last_at=NOW - timedelta(seconds=ago))
    wait = wait_of(subject, failures, NOW)
    assert timedelta(0) <= wait <= LONGEST_WAIT
    if count < subject.value or timedelta(seconds=ago) >= FORGOTTEN_AFTER:
        assert wait == timedelta(0)
    more = wait_of(subject, Failures(count=count + 1, last_at=failures.last_at), NOW)
    assert more >= wait


def test_the_first_wait_is_short_and_over_when_it_is_over():
    assert wait_of(Subject.ACCOUNT, None, NOW) == timedelta(0)
    five = Failures(count=5, last_at=NOW - timedelta(seconds=2))
    assert wait_of(Subject.ACCOUNT, five, NOW) == timedelta(seconds=3)
    assert wait_of(Subject.ACCOUNT, five, NOW + timedelta(seconds=3)) == timedelta(0)
    assert wait_of(Subject.ADDRESS, five, NOW) == timedelta(0)


@pytest.mark.parametrize(
    ("origin", "host", "own"),
    [
        ("https://ringback.example", "ringback.example", True),
        ("http://localhost:8080", "localhost:8080", True),
        ("HTTPS://RINGBACK.EXAMPLE", "ringback.example", True),
        ("https://calls.example", "10.0.0.7:8080", True),  # behind a proxy: the public URL counts
        ("http://calls.example", "10.0.0.7:8080", False),
        ("https://evil.example", "ringback.example", False),
        ("https://ringback.example.evil.example", "ringback.example", False),
        ("https://ringback.example:444", "ringback.example", False),
        ("null", "ringback.example", False),
        ("file://", "ringback.example", False),
        ("", "", False),
        (None, "ringback.example", False),
        ("https://ringback.example", None, False),
    ],
)
def test_only_our_own_pages_may_use_the_cookie(origin: str | None, host: str | None, own: bool):
    assert is_own_page(origin=origin, host=host, public_url="https://calls.example") is own


def test_secrets_are_random_recognisable_and_kept_as_hashes():
    key = api_key(bytes(range(30)))
    assert key.startswith("rbk_") and len(key) == 52
    assert prefix_of(key) == key[:12]
    assert digest(key) != digest(key.upper()) and len(digest(key)) == 32
    assert session_token(bytes(32)) == "A" * 43
