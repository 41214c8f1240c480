"""What every channel does: verify and read what its provider posts, and hand over one message. It keeps nothing."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any, Protocol

from ringback.callback_application_server.rules.channel_words import Words
from ringback.callback_application_server.rules.renderings import Rendered, Shows
from ringback.domain.ids import BusinessId, ChannelId


@dataclass(frozen=True, slots=True, kw_only=True)
class Account:
    """A business's account on a channel. `url`: where its provider posts to us, as it is seen from outside."""

    business: BusinessId
    id: ChannelId
    kind: str
    url: str
    credentials: Mapping[str, str] = field(repr=False)
    options: Mapping[str, Any] = field(default_factory=dict)
    region: str | None = None  # of numbers typed without a country


@dataclass(frozen=True, slots=True, kw_only=True)
class Received:
    """A request as it came: nothing of it is believed before its signature is."""

    method: str
    path: str  # behind the account's address
    query: str
    headers: Mapping[str, str] = field(repr=False)  # names in lower case
    body: bytes = field(repr=False)
    now: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class Inbound:
    """One thing a customer did. `event` is unique in the account: the same one again changes nothing."""

    event: str
    conversation: str = field(repr=False)
    text: str = field(default="", repr=False)
    token: str | None = field(default=None, repr=False)  # the option pressed; `text` is then its label
    greeting: bool = False  # opened the conversation without words
    name: str | None = field(default=None, repr=False)
    number: str | None = field(default=None, repr=False)
    number_proved: bool = False  # the provider vouches that it is theirs
    language: str | None = None
    zone: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Receipt:
    """What became of a message that was handed over: `sent`, `delivered`, `read` or `failed`."""

    reference: str
    state: str
    error: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Intake:
    """What a verified request says, and what its provider is answered at once."""

    inbound: tuple[Inbound, ...] = ()
    receipts: tuple[Receipt, ...] = ()
    answer: bytes = b"{}"
    media_type: str = "application/json"


@dataclass(frozen=True, slots=True, kw_only=True)
class Outgoing:
    """One message. `id` stays the same over all tries. `expires_at`: at most once, handed over before then or never; else at least once."""

    id: str
    number: int  # of the message in its chat
    conversation: str = field(repr=False)
    shown: Rendered
    at: datetime  # of this try, by the database's clock
    status: str | None = None  # what it says about the callback
    expires_at: datetime | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Pace:
    """How fast a provider takes messages, in seconds between two."""

    in_conversation: float = 0.0
    in_account: float = 0.0


class TryLater(Exception):
    """The provider cannot take a message now. `after`: when it said to come back. `account`: it takes none of this account's."""

    def __init__(self, words: str, *, after: timedelta | None = None, account: bool = False) -> None:
        super().__init__(words)
        self.after = after
        self.account = account


class Undeliverable(Exception):
    """The provider will never take this message."""


class Channel(Protocol):
    """One kind of channel; safe to use from many tasks at once."""

    kind: str
    shows: Shows
    words: Words
    pace: Pace

    def check(self, credentials: Mapping[str, str], options: Mapping[str, Any], *, allow_private: bool) -> None:
        """Look at a configuration before it is kept. Raises Invalid naming the member."""

    def read(self, account: Account, request: Received) -> Intake:
        """Verify the raw bytes, then read them. Raises NotLoggedIn (`signature-invalid`) for what is not the provider's, Invalid for what cannot be read."""

    async def send(self, account: Account, message: Outgoing) -> str | None:
        """Hand over one message and return the provider's reference. Raises TryLater or Undeliverable; a cancelled call may have handed over."""
