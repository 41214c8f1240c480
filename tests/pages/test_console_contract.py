"""Desk, console and log-in: what contract.ts names is what the server sends, member for member."""

from __future__ import annotations

import msgspec
import pytest

from ringback.console import wire
from ringback.domain.status import AgentState
from ringback.identity.rules.rights import Role
from ringback.identity.wire import Me
from tests.pages.test_contract import CONTRACT, choices, members

PAIRS: dict[str, type] = {
    "Me": Me,
    "DeskView": wire.DeskView,
    "DeskCallback": wire.DeskCallback,
    "WithYou": wire.WithYou,
    "NextCallback": wire.NextCallback,
    "DoneCallback": wire.DoneCallback,
    "ConsoleView": wire.ConsoleView,
    "ConsoleQueue": wire.ConsoleQueue,
    "ConsoleScore": wire.ConsoleScore,
    "ConsoleAgent": wire.ConsoleAgent,
    "ConsoleAlert": wire.ConsoleAlert,
    "ConsoleRow": wire.ConsoleRow,
    "ConsoleDetail": wire.ConsoleDetail,
}


@pytest.mark.parametrize("interface", PAIRS)
def test_both_halves_name_the_same_members(interface: str):
    assert members(interface) == {field.encode_name for field in msgspec.structs.fields(PAIRS[interface])}


def test_a_transcript_is_made_of_chat_messages():
    assert members("ChatMessage") == {field.encode_name for field in msgspec.structs.fields(wire.ChatLine)}


def test_every_state_of_an_agent_and_every_role_is_known_to_the_page():
    assert all(f'"{state.value}"' in CONTRACT for state in AgentState)
    assert choices("Me", "roles") == {role.value for role in Role}


def test_events_are_told_apart_by_their_type():
    assert wire.DeskViewEvent.__struct_config__.tag == "view"
    assert wire.ConsoleViewEvent.__struct_config__.tag == "view"
    assert wire.ConsolePatch.__struct_config__.tag == "patch"
    assert wire.SignalEvent.__struct_config__.tag == "signal"
