"""What a channel is given when it is made: the one way out, whose addresses were checked."""

from __future__ import annotations

from dataclasses import dataclass

from ringback.callback_application_server.webhooks.post import WebhookPoster


@dataclass(frozen=True, slots=True, kw_only=True)
class ChannelEnvironment:
    """Passed to every channel."""

    poster: WebhookPoster
