"""What the widget and the server say to each other; web/shared/contract.ts is the other half."""

from __future__ import annotations

from datetime import datetime
from typing import Any
from uuid import UUID

import msgspec

from ringback.callback_application_server.rules.callback_card import CallbackCard
from ringback.pages.calls import CallView


class OpenChat(msgspec.Struct, kw_only=True):
    """A page opens a chat."""

    widget_key: str
    zone: str
    locale: str = "en"
    page_url: str | None = None
    identity: str | None = None


class WidgetBusiness(msgspec.Struct, kw_only=True):
    """Whom the customer talks to."""

    name: str
    open_line: str
    zone: str
    accent: str | None
    greeting: str
    ice_servers: list[dict[str, Any]]
    relay_only: bool = False


class PromptOption(msgspec.Struct, kw_only=True):
    """One thing to choose."""

    token: str
    label: str
    detail: str | None
    badge: str | None
    style: str
    disabled: str | None


class PromptDay(msgspec.Struct, kw_only=True):
    """One day to choose."""

    token: str
    label: str
    detail: str
    selected: bool
    full: bool


class SummaryLine(msgspec.Struct, kw_only=True):
    """A label and a value."""

    label: str
    value: str


class Prompt(msgspec.Struct, kw_only=True):
    """A question with its options."""

    id: UUID
    kind: str
    title: str
    context: str | None
    context_change: str | None
    note: str | None
    options: list[PromptOption]
    days: list[PromptDay]
    summary: list[SummaryLine]
    destinations: list[str]
    consent: str | None
    submit: str | None
    expires_at: datetime
    answered: str | None


class ChatMessage(msgspec.Struct, kw_only=True):
    """One message of the transcript."""

    seq: int
    author: str
    author_name: str | None
    text: str
    at: datetime
    key: str | None
    prompt: Prompt | None
    status: str | None


class ChatSnapshot(msgspec.Struct, kw_only=True):
    """The chat as it is."""

    business: WidgetBusiness
    messages: list[ChatMessage]
    callback: CallbackCard | None
    call: CallView | None
    last_seq: int
    now: datetime


class ChatOpened(msgspec.Struct, kw_only=True):
    """A new chat: its token is shown once."""

    chat: UUID
    token: str
    business: WidgetBusiness
    snapshot: ChatSnapshot


class SendMessage(msgspec.Struct, kw_only=True):
    """What the customer writes."""

    text: str


class AskForOffer(msgspec.Struct, kw_only=True):
    """The page asks for the prompt."""

    provider: str | None = None
    topic: str | None = None


class Answer(msgspec.Struct, kw_only=True):
    """What the customer chose."""

    token: str
    destination: str = "browser"
    number: str | None = None
    topic: str | None = None
    consent: bool = False
    name: str | None = None


class Accepted(msgspec.Struct, kw_only=True):
    """It is done, and committed."""

    accepted: bool = True
