"""What pages and servers say about calls, as values (web/shared/contract.ts)."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

import msgspec


class CallView(msgspec.Struct, kw_only=True):
    """A leg as a page shows it (web/shared/contract.ts)."""

    leg: UUID
    party: str
    state: str
    elsewhere: bool
    page: UUID | None
    peer_name: str
    peer_detail: str
    about: str | None
    rings_until: datetime | None
    joined_at: datetime | None
    round: int
    ended_reason: str | None


class LiveSignal(msgspec.Struct, kw_only=True):
    """A signal as it comes out at the other page."""

    id: int
    round: int
    kind: str
    payload: str


class CallInput(msgspec.Struct, kw_only=True):
    """What a page says about its leg."""

    page: UUID
    kind: str
    reason: str | None = None


class SignalInput(msgspec.Struct, kw_only=True):
    """What a page says to the other page."""

    page: UUID
    round: int
    kind: str
    payload: str
