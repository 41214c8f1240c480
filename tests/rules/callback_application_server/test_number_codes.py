"""One-time codes: they follow from their id and key, are read as people write them, and are not sent too often."""

from __future__ import annotations

from dataclasses import fields, replace
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ringback.callback_application_server.rules.number_codes import (
    MOST,
    CodesSent,
    code_of,
    is_right,
    may_send,
    read_code,
)
from ringback.callback_application_server.rules.tokens import derive_keys
from ringback.domain.guards.codes import codes_without_channel

KEYS = derive_keys("a secret")


@given(st.uuids())
def test_a_code_is_six_digits_the_same_in_every_process_and_another_with_another_key(id: UUID) -> None:
    code = code_of(KEYS, KEYS.current, id)
    assert code is not None and len(code) == 6 and code.isdigit()
    assert code_of(derive_keys("a secret"), KEYS.current, id) == code
    later = derive_keys("a new secret", "a secret")
    assert code_of(later, KEYS.current, id) == code, "the key was changed while a code was under way"
    assert code_of(derive_keys("another"), KEYS.current, id) is None
    assert is_right(code, code) and not is_right(code[::-1] + "0", code)


def test_a_code_that_has_no_key_is_never_right() -> None:
    code = code_of(KEYS, None, UUID(int=1))
    assert code is None and not is_right("000000", code) and not is_right("------", "123456")


def test_codes_are_spread_over_all_there_are() -> None:
    firsts = {(code_of(KEYS, KEYS.current, UUID(int=n)) or "")[0] for n in range(200)}
    assert firsts == set("0123456789")


@pytest.mark.parametrize("text", ["123456", " 123 456 ", "123-456", "1 2 3 4 5 6"])
def test_a_code_is_read_as_people_write_it(text: str) -> None:
    assert read_code(text) == "123456"


@pytest.mark.parametrize("text", ["12345", "1234567", "at 12:34:56", "12345a", "+44 20 7946 0123", "", "١٢٣٤٥٦"])
def test_other_words_are_no_code(text: str) -> None:
    assert read_code(text) is None


@pytest.mark.parametrize("limit", [each.name for each in fields(CodesSent)])
def test_each_limit_holds_by_itself(limit: str) -> None:
    most = getattr(MOST, limit)
    assert may_send(replace(CodesSent(), **{limit: most - 1}))
    assert not may_send(replace(CodesSent(), **{limit: most}))


def test_a_policy_that_asks_for_codes_needs_the_channel_that_sends_them() -> None:
    asks = {"guards": {"prove_numbers": "sms"}}
    document = {"business": {"policy": asks}, "queues": [{"slug": "a"}, {"slug": "b", "policy": asks}]}
    paths = [each.path for each in codes_without_channel(document, ["web"])]
    assert paths == ["business.policy.guards.prove_numbers", "queues[1].policy.guards.prove_numbers"]
    assert codes_without_channel(document, ["web", "twilio-sms"]) == []
    assert codes_without_channel({"business": {"policy": {"guards": {"prove_numbers": "off"}}}}, []) == []
