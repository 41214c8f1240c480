"""The two halves of one contract: what web/shared/contract*.ts name is what the server sends, member for member."""

from __future__ import annotations

import re

import msgspec
import pytest

from ringback.callback_application_server import wire
from ringback.callback_application_server.rules.callback_card import CallbackCard, CardState
from ringback.pages.calls import INPUT_KINDS, SIGNAL_KINDS, CallInput, CallView, LiveSignal, SignalInput
from ringback.problems import Problem
from tests.habits.tracked import ROOT

CONTRACT = "\n".join(
    (ROOT / f"web/shared/{name}.ts").read_text(encoding="utf-8")
    for name in ("contract", "contract-desk", "contract-console")
)

PAIRS: dict[str, type] = {
    "Problem": Problem,
    "ChatOpened": wire.ChatOpened,
    "WidgetBusiness": wire.WidgetBusiness,
    "ChatSnapshot": wire.ChatSnapshot,
    "ChatMessage": wire.ChatMessage,
    "Prompt": wire.Prompt,
    "PromptOption": wire.PromptOption,
    "PromptDay": wire.PromptDay,
    "SummaryLine": wire.SummaryLine,
    "Answer": wire.Answer,
    "Accepted": wire.Accepted,
    "CallbackCard": CallbackCard,
    "CallView": CallView,
    "CallInput": CallInput,
    "Signal": SignalInput,
    "LiveSignal": LiveSignal,
}


def members(interface: str) -> set[str]:
    """The names of an interface's members."""
    found = re.search(rf"export interface {interface} \{{\n(.*?)\n\}}", CONTRACT, re.DOTALL)
    assert found, f"{interface} is not in the contract"
    body = re.sub(r"/\*.*?\*/|//[^\n]*", "", found[1], flags=re.DOTALL)
    return set(re.findall(r"^\s*(\w+)\??:", body, re.MULTILINE))


def choices(interface: str, member: str) -> set[str]:
    """The strings a member may be."""
    found = re.search(
        rf"export interface {interface} \{{\n.*?^\s*{member}: ([^;]*);", CONTRACT, re.DOTALL | re.MULTILINE
    )
    assert found
    return set(re.findall(r'"(\w+)"', found[1]))


@pytest.mark.parametrize("interface", PAIRS)
def test_both_halves_name_the_same_members(interface: str):
    assert members(interface) == {field.encode_name for field in msgspec.structs.fields(PAIRS[interface])}


def test_every_state_of_the_card_is_known_to_the_page():
    assert choices("CallbackCard", "state") == {state.value for state in CardState}


def test_what_a_page_may_say_is_what_the_server_takes():
    assert choices("CallInput", "kind") == INPUT_KINDS
    assert choices("Signal", "kind") == SIGNAL_KINDS
