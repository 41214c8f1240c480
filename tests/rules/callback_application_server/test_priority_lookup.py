"""What a looked-up priority may be, and that everything else leaves the one there is."""

import pytest

from ringback.callback_application_server.rules.priority_lookup import LookedUp, read_lookup


def test_a_priority_is_read_with_its_reason():
    assert read_lookup(200, None, b'{"priority": 7, "reason": "gold\\u0000 customer"}') == LookedUp(
        priority=7, reason="gold customer"
    )
    assert read_lookup(204, None, b"") == LookedUp()
    assert read_lookup(200, None, b'{"tier": "gold"}') == LookedUp()


@pytest.mark.parametrize(
    ("status", "error", "body"),
    [
        (None, "timed out", b""),
        (None, "url-not-allowed", b""),
        (500, None, b'{"priority": 7}'),
        (301, None, b""),
        (200, "too long", b""),
        (200, None, b"<html>"),
        (200, None, b'{"priority": 101}'),
        (200, None, b'{"priority": -1}'),
        (200, None, b'{"priority": true}'),
        (200, None, b'{"priority": "7"}'),
    ],
)
def test_anything_else_changes_no_priority_and_says_so(status, error, body):
    found = read_lookup(status, error, body)
    assert found.priority is None and found.problem is not None and found.problem.endswith("stays")
