"""The chat on a page. It speaks /widget/v1 with us, so nothing is posted here and nothing is handed over: pages read their chat."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from ringback.callback_application_server.channels.environment import ChannelEnvironment
from ringback.callback_application_server.channels.protocol import Account, Intake, Outgoing, Pace, Received
from ringback.callback_application_server.rules.channel_words import Words
from ringback.callback_application_server.rules.renderings import Shows
from ringback.domain.errors import NotFound


class WebWidget:
    """Shows every prompt itself: days, times, fields and all."""

    kind = "web"
    shows = Shows(text=8000, buttons=100, button_label=80, widget=True)
    words = Words()
    pace = Pace()

    def __init__(self, environment: ChannelEnvironment) -> None:
        """It needs nothing."""

    def check(self, credentials: Mapping[str, str], options: Mapping[str, Any], *, allow_private: bool) -> None:
        """Origins and colours are read where widgets are."""

    def read(self, account: Account, request: Received) -> Intake:
        """Refuse: no provider posts for a page."""
        raise NotFound("There is no such channel.", id="channel-not-found")

    async def send(self, account: Account, message: Outgoing) -> str | None:
        """The page reads it."""
        return None
