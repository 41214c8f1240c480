"""Log-ins in a document: what can be wrong with them, without any database."""

from __future__ import annotations

from typing import Any

import pytest

from ringback.identity.rules.log_ins import read_log_ins, written_log_in

KIM: dict[str, Any] = {"email": "kim@acme.example", "name": "Kim", "roles": ["agent"], "agent": "kim"}


@pytest.mark.parametrize(
    ("change", "path"),
    [
        ({"email": "kim"}, "users[0].email"),
        ({"name": "  "}, "users[0].name"),
        ({"roles": ["boss"]}, "users[0].roles"),
        ({"roles": []}, "users[0].roles"),
        ({"agent": None}, "users[0].agent"),
        ({"queues": ["billing"]}, "users[0].queues"),
        ({"queues": "billing", "roles": ["supervisor"]}, "users[0].queues"),
        ({"disabled": "yes"}, "users[0].disabled"),
        ({"password": "short"}, "users[0].password"),
        ({"password": 1234567890}, "users[0].password"),
        ({"pasword": "long enough"}, "users[0].pasword"),
    ],
)
def test_what_is_wrong_has_its_path(change: dict[str, Any], path: str):
    assert [each.path for each in read_log_ins([{**KIM, **change}])[1]] == [path]


def test_an_address_is_there_once_in_any_case():
    _, problems = read_log_ins([KIM, {**KIM, "email": "KIM@acme.example"}])
    assert [each.path for each in problems] == ["users[1].email"]


def test_a_log_in_is_written_as_it_is_read_without_its_password():
    (given,), problems = read_log_ins([{**KIM, "password": "long enough"}])
    assert problems == [] and written_log_in(given.log_in) == KIM
    assert "long enough" not in repr(given)
