"""Tokens: opaque, short, signed with a key that they name, and good for one chat only."""

from __future__ import annotations

from uuid import UUID

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from ringback.callback_application_server.rules.tokens import Choice, derive_keys, make_token, read_token
from ringback.domain.errors import Invalid
from ringback.domain.ids import ChatId, PromptId

KEYS = derive_keys("the secret of this installation")
CHAT = ChatId(UUID(int=1))
ids = st.uuids()
options = st.integers(0, 65_535)


@given(chat=ids, prompt=ids, option=options)
def test_what_went_in_comes_out(chat: UUID, prompt: UUID, option: int):
    choice = Choice(prompt=PromptId(prompt), option=option)
    token = make_token(KEYS, ChatId(chat), choice)
    assert len(token.encode()) <= 64
    assert read_token(KEYS, ChatId(chat), token) == choice


@given(prompt=ids, option=options, data=st.data())
def test_one_changed_character_makes_it_worthless(prompt: UUID, option: int, data: st.DataObject):
    choice = Choice(prompt=PromptId(prompt), option=option)
    token = make_token(KEYS, CHAT, choice)
    at = data.draw(st.integers(0, len(token) - 1))
    other = data.draw(st.characters(codec="ascii", categories=["L", "N", "P"]))
    assume(other != token[at])
    changed = token[:at] + other + token[at + 1 :]
    with pytest.raises(Invalid) as refused:
        read_token(KEYS, CHAT, changed)
    assert refused.value.id == "token-invalid"


@given(chat=ids, prompt=ids, option=options)
def test_another_chats_token_is_worthless(chat: UUID, prompt: UUID, option: int):
    assume(chat != CHAT)
    token = make_token(KEYS, CHAT, Choice(prompt=PromptId(prompt), option=option))
    with pytest.raises(Invalid):
        read_token(KEYS, ChatId(chat), token)


@given(text=st.one_of(st.text(max_size=200), st.binary(max_size=60).map(lambda raw: "rb1_" + raw.hex())))
def test_nonsense_is_refused_and_nothing_else_happens(text: str):
    with pytest.raises(Invalid):
        read_token(KEYS, CHAT, text)


def test_keys_rotate_and_old_tokens_stay_good_while_the_old_secret_is_named():
    choice = Choice(prompt=PromptId(UUID(int=7)), option=3)
    old = make_token(KEYS, CHAT, choice)
    rotated = derive_keys("a new secret", "the secret of this installation")
    assert read_token(rotated, CHAT, old) == choice
    assert read_token(rotated, CHAT, make_token(rotated, CHAT, choice)) == choice
    assert make_token(rotated, CHAT, choice) != old
    with pytest.raises(Invalid):
        read_token(derive_keys("a new secret"), CHAT, old)


def test_keys_never_show_in_a_log():
    assert "secret" not in repr(KEYS) and repr(KEYS.keys[KEYS.current])[2:10] not in repr(KEYS)
