"""Look at an account on a channel before it is kept: the kind is installed, its credentials and options are all there."""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache
from typing import Any

from ringback.callback_application_server.channels.environment import ChannelEnvironment
from ringback.callback_application_server.channels.protocol import Channel
from ringback.callback_application_server.channels.registry import open_channels
from ringback.callback_application_server.webhooks.post import WebhookPoster
from ringback.domain.errors import Invalid

WEB = "web"


@cache
def _channels() -> Mapping[str, Channel]:
    return open_channels(ChannelEnvironment(poster=WebhookPoster(allow_private=False)))


def check_kind(kind: object) -> str:
    """Return the kind. Raises Invalid (`kind-unknown`) with those there are."""
    if not isinstance(kind, str) or kind not in _channels():
        there = ", ".join(sorted(_channels()))
        raise Invalid(f"kind is one of {there}", id="kind-unknown", field="kind")
    return kind


def check_account(kind: str, credentials: Mapping[str, Any], options: Mapping[str, Any]) -> None:
    """Look at an account as it would be kept. Where its addresses lead is looked at each time one is called. Raises Invalid naming the member."""
    for name, value in credentials.items():
        if not isinstance(value, str) or not 1 <= len(value) <= 500:
            raise Invalid(f"credentials.{name} must be text", field=f"credentials.{name}")
    _channels()[check_kind(kind)].check(credentials, options, allow_private=True)
