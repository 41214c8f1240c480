"""Identifiers: UUIDv7 made by us, one type for each kind of thing."""

from __future__ import annotations

import os
import time
from typing import NewType
from uuid import UUID

BusinessId = NewType("BusinessId", UUID)
QueueId = NewType("QueueId", UUID)
AgentId = NewType("AgentId", UUID)
CallbackId = NewType("CallbackId", UUID)  # also the id of the callback request it came from
PromiseId = NewType("PromiseId", UUID)
AssignmentId = NewType("AssignmentId", UUID)
AttemptId = NewType("AttemptId", UUID)
LegId = NewType("LegId", UUID)
ChannelId = NewType("ChannelId", UUID)
ChatId = NewType("ChatId", UUID)
PersonId = NewType("PersonId", UUID)
PromptId = NewType("PromptId", UUID)
UserId = NewType("UserId", UUID)
CommandId = NewType("CommandId", UUID)


def uuid7(milliseconds: int, randomness: bytes) -> UUID:
    """Return the UUIDv7 of a Unix time in milliseconds and ten random bytes (RFC 9562, section 5.7)."""
    value = (milliseconds & 0xFFFF_FFFF_FFFF) << 80 | int.from_bytes(randomness[:10], "big")
    value = value & ~(0xF << 76) | 0x7 << 76
    value = value & ~(0x3 << 62) | 0x2 << 62
    return UUID(int=value)


def new_id() -> UUID:
    """Return a fresh UUIDv7; ids break ties and never order anything by time."""
    return uuid7(time.time_ns() // 1_000_000, os.urandom(10))
