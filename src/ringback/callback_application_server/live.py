"""A chat's page, live: what changed since the page last heard, and nothing else."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any
from uuid import UUID

import msgspec

from ringback.callback_application_server.queries import ChatKey, load_chat
from ringback.callback_application_server.read_chat import ChatReader
from ringback.callback_application_server.wire import ChatMessage
from ringback.pages.calls import Callee, SeenLeg, read_call, read_signals, view_call


@dataclass(slots=True, kw_only=True)
class ChatFeed:
    """What one page of a chat knows already."""

    reader: ChatReader
    key: ChatKey
    page: UUID
    after: int
    _started: bool = False
    _prompts: dict[int, tuple[UUID, str | None]] = field(default_factory=dict)
    _card: bytes | None = None
    _call: bytes | None = None
    _leg: UUID | None = None
    _signal: int = 0

    async def refresh(self) -> list[Any]:
        """Look, and return what to send."""
        if not self._started:
            return await self._start()
        async with self.reader.context.database.transaction(self.key.business, name="refresh_chat") as tx:
            chat = await load_chat(tx, self.key)
            messages = await self.reader.messages_after(tx, chat, self.after) if chat.last_seq > self.after else []
            prompts = await self.reader.messages_with_prompts(tx, chat, self.after) if self._prompts else []
            callee = Callee(business=self.key.business, subject=self.key.chat)
            seen = await read_call(tx, callee)
            signals = await self._signals(tx, callee, seen)
            card = self.reader.card(chat, tx.now)
        fresh = [message for message in [*reversed(prompts), *messages] if self._is_new(message)]
        events: list[Any] = [{"type": "message", "message": message} for message in fresh]
        events += self._card_event(card)
        events += self._call_event(seen)
        events += signals
        return events

    async def _start(self) -> list[Any]:
        snapshot = await self.reader.snapshot(self.key, after=self.after, page=self.page)
        for message in snapshot.messages:
            self._is_new(message)
        self._card = msgspec.json.encode(snapshot.callback)
        self._call = msgspec.json.encode(snapshot.call)
        self._leg = snapshot.call.leg if snapshot.call else None
        async with self.reader.context.database.transaction(self.key.business, name="refresh_chat") as tx:
            chat = await load_chat(tx, self.key)
            older = await self.reader.messages_with_prompts(tx, chat, self.after)
        changed = [message for message in older if self._is_new(message)]
        self.after = max(self.after, snapshot.last_seq)
        self._started = True
        return [
            {"type": "snapshot", "snapshot": snapshot},
            *({"type": "message", "message": message} for message in reversed(changed)),
        ]

    def _is_new(self, message: ChatMessage) -> bool:
        """Tell whether the page does not know the message as it is, and remember it."""
        fresh = message.seq > self.after
        self.after = max(self.after, message.seq)
        if message.prompt is None:
            return fresh
        state = (message.prompt.id, message.prompt.answered)
        changed = self._prompts.get(message.seq) != state
        self._prompts[message.seq] = state
        return fresh or changed

    def _card_event(self, card: Any) -> list[Any]:
        encoded = msgspec.json.encode(card)
        if encoded == self._card:
            return []
        self._card = encoded
        return [{"type": "callback", "callback": card}]

    def _call_event(self, seen: SeenLeg | None) -> list[Any]:
        view = view_call(seen, self.page)
        encoded = msgspec.json.encode(view)
        if encoded == self._call:
            return []
        self._call = encoded
        return [{"type": "call", "call": view}]

    async def _signals(self, tx: Any, callee: Callee, seen: SeenLeg | None) -> list[Any]:
        """Return the signals for the leg this page holds."""
        if seen is None or seen.state == "ended" or seen.row["page"] != self.page:
            return []
        if self._leg != seen.leg:
            self._leg, self._signal = seen.leg, 0
        signals = await read_signals(tx, callee, seen.leg, self._signal)
        if signals:
            self._signal = signals[-1].id
        return [{"type": "signal", "leg": seen.leg, "signal": signal} for signal in signals]
