"""The kinds of messages: every command and event, by its name."""

from __future__ import annotations

import inspect
from collections.abc import Mapping
from dataclasses import is_dataclass
from typing import Any

import msgspec

from ringback.domain import commands, events, live_chat

KINDS: Mapping[str, type] = {
    name: kind
    for module in (commands, events, live_chat)
    for name, kind in inspect.getmembers(module, inspect.isclass)
    if is_dataclass(kind) and kind.__module__ == module.__name__
}


def read_message(kind: str, payload: object) -> Any:
    """Turn a stored message back into its dataclass; raise LookupError for a kind this version does not know."""
    if kind not in KINDS:
        raise LookupError(f"this version knows no message {kind}")
    return msgspec.convert(payload, KINDS[kind])
