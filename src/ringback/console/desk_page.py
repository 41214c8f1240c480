"""One page of an agent's desk: what it was sent, which leg it holds, and that it is there."""

from __future__ import annotations

import contextlib
from datetime import datetime
from typing import Any
from uuid import UUID

import msgspec

from ringback.console.parts import Parts
from ringback.console.wire import DeskView, DeskViewEvent, SignalEvent
from ringback.console.workflows.read_desk import read_desk
from ringback.domain.errors import CommitUnknown
from ringback.domain.ids import AgentId, LegId
from ringback.pages.calls import Callee, leave_page, read_signals, see_page
from ringback.pages.live import Socket
from ringback.postgres.database import RETRYABLE


class DeskPage:
    """What one page knows already."""

    def __init__(self, parts: Parts, socket: Socket, callee: Callee, page: UUID) -> None:
        self._parts = parts
        self._socket = socket
        self._callee = callee
        self._page = page
        self._shown: DeskView | None = None
        self._leg: UUID | None = None
        self._last_signal = 0
        self._seen_at: datetime | None = None

    async def here(self) -> None:
        """Note that the page is there, and look at its session again: a revoked one sees nothing more."""
        await self._parts.gatekeeper.principal_of(self._socket)
        async with self._parts.application.transaction(self._callee.business, name="see_page") as tx:
            self._seen_at = await see_page(tx, self._callee, self._page)

    async def left(self) -> None:
        """Note that the page has closed."""
        if self._seen_at is None:
            return
        with contextlib.suppress(*RETRYABLE, CommitUnknown):
            async with self._parts.application.transaction(self._callee.business, name="leave_page") as tx:
                await leave_page(tx, self._callee, self._page, seen_at=self._seen_at)

    async def refresh(self) -> list[Any]:
        """Return what to send: the desk when anything on it changed, and new signals for this page's leg."""
        view = await read_desk(
            self._parts.read,
            self._parts.workplaces,
            self._callee.business,
            AgentId(self._callee.subject),
            page=self._page,
            ice_servers=self._parts.ice_servers,
            relay_only=self._parts.relay_only,
        )
        events: list[Any] = []
        if self._shown is None or _differs(self._shown, view):
            self._shown = view
            events.append(DeskViewEvent(view=view))
        return events + await self._signals(view)

    async def _signals(self, view: DeskView) -> list[SignalEvent]:
        """Return the signals for the leg this page holds, each once."""
        call = view.call
        if call is None or call.page != self._page or call.state == "ended":
            return []
        if self._leg != call.leg:
            self._leg, self._last_signal = call.leg, 0
        async with self._parts.application.transaction(self._callee.business, name="read_signals") as tx:
            signals = await read_signals(tx, self._callee, LegId(call.leg), self._last_signal)
        if signals:
            self._last_signal = signals[-1].id
        return [SignalEvent(leg=call.leg, signal=signal) for signal in signals]


def _differs(before: DeskView, after: DeskView) -> bool:
    """Tell whether a person would see a difference: the clock alone is none."""
    return msgspec.structs.replace(before, now=after.now) != after
