"""The limit: the same far ends called by a loop over ARI that keeps no books, asks nobody and survives nothing."""

from __future__ import annotations

import asyncio
import time
from typing import Any
from uuid import uuid4

from ringback.session_management_server.carriers.asterisk.ari import Ari, AriRefused
from ringback.session_management_server.carriers.asterisk.options import AsteriskOptions


class BareLoop:
    """Originates both legs of each call in one step and bridges them."""

    def __init__(self, options: AsteriskOptions) -> None:
        self._options = options
        self._app = f"bare-{uuid4().hex[:8]}"
        self._ari = Ari(options, self._app, heard=self._hear, connected=self._connected)
        self._entered: dict[str, asyncio.Future[None]] = {}
        self._ended: dict[str, asyncio.Future[None]] = {}

    async def start(self) -> None:
        """Connect."""
        await self._ari.start()

    async def stop(self) -> None:
        """Disconnect."""
        await self._ari.stop()

    async def call(self, agent: str, customer: str) -> float:
        """Do one call; return the seconds from its start to the join."""
        began = time.monotonic()
        first, second, bridge = (f"{kind}-{uuid4().hex}" for kind in ("a", "c", "b"))
        await self._leg(first, agent)
        await self._leg(second, customer)
        await self._ari.ask("POST", f"/bridges/{bridge}", type="mixing")
        await self._ari.ask("POST", f"/bridges/{bridge}/addChannel", channel=f"{first},{second}")
        joined = time.monotonic() - began
        await asyncio.wait_for(self._ended[second], 30)
        for path in (f"/channels/{first}", f"/bridges/{bridge}"):
            try:
                await self._ari.ask("DELETE", path)
            except AriRefused:
                continue
        for channel in (first, second):
            self._entered.pop(channel, None)
            self._ended.pop(channel, None)
        return joined

    async def _leg(self, channel: str, address: str) -> None:
        loop = asyncio.get_running_loop()
        self._entered[channel], self._ended[channel] = loop.create_future(), loop.create_future()
        await self._ari.ask(
            "POST", "/channels", endpoint=self._options.dial_string(address), app=self._app, channelId=channel
        )
        await asyncio.wait_for(self._entered[channel], 10)

    def _hear(self, event: dict[str, Any]) -> None:
        channel = event.get("channel", {}).get("id", "")
        waiting = {"StasisStart": self._entered, "ChannelDestroyed": self._ended}.get(event["type"], {}).get(channel)
        if waiting is not None and not waiting.done():
            waiting.set_result(None)

    async def _connected(self) -> None:
        """Nothing is known from before."""
