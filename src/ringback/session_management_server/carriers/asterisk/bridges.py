"""The bridges of legs: the one that says that a leg was dialled, and the one a talk is in. What nobody clears up is swept."""

from __future__ import annotations

import contextlib
import time
from datetime import UTC, datetime, timedelta
from typing import Any

from ringback.domain.ids import LegId
from ringback.session_management_server.carriers.asterisk.ari import Ari, AriRefused
from ringback.session_management_server.carriers.asterisk.traces import channel_of, leg_of, made_at

DIALLED, TALK = "rb-dialled-", "rb-talk-"
SWEPT_EVERY = 5.0  # seconds
SETTLED = timedelta(seconds=30)  # from the making of a leg: younger ones may be at work


def dialled(leg: LegId) -> str:
    """Return the bridge that only the first to dial a leg can make."""
    return f"{DIALLED}{leg}"


def talk(agent: LegId) -> str:
    """Return the bridge in which an agent's leg talks."""
    return f"{TALK}{agent}"


async def clear_up(ari: Ari, leg: LegId) -> None:
    """Delete a leg's bridges."""
    for bridge in (dialled(leg), talk(leg)):
        with contextlib.suppress(AriRefused):
            await ari.ask("DELETE", f"/bridges/{bridge}")


class BridgeSweep:
    """Deletes empty bridges whose leg has no channel: whoever made them died. Without its channel no leg can be dialled, with or without a bridge."""

    def __init__(self, ari: Ari) -> None:
        self._ari = ari
        self._next = 0.0  # monotonic

    async def sweep(self, channels: list[dict[str, Any]]) -> None:
        """Sweep, at most every few seconds; `channels` were listed just now."""
        if time.monotonic() < self._next:
            return
        self._next = time.monotonic() + SWEPT_EVERY
        there = {channel["id"] for channel in channels}
        now = datetime.now(UTC)
        for bridge in await self._ari.ask("GET", "/bridges"):
            leg = leg_of("rb-" + bridge["id"].removeprefix(DIALLED).removeprefix(TALK))
            ours = bridge["id"].startswith((DIALLED, TALK)) and leg is not None
            if not ours or bridge["channels"] or leg is None:
                continue
            if channel_of(leg) not in there and made_at(leg) + SETTLED < now:
                with contextlib.suppress(AriRefused):
                    await self._ari.ask("DELETE", f"/bridges/{bridge['id']}")
