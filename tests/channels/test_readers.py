"""Whatever is posted, a reader reads or refuses: no crash, nothing that a database cannot keep, no cost that grows faster than the text."""

from __future__ import annotations

import json
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any
from urllib.parse import urlencode

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from ringback.callback_application_server.channels.environment import ChannelEnvironment
from ringback.callback_application_server.channels.protocol import Account, Intake, Received
from ringback.callback_application_server.channels.registry import open_channels
from ringback.callback_application_server.channels.twilio import signature
from ringback.callback_application_server.rules.webhook_signatures import headers
from ringback.callback_application_server.webhooks.post import WebhookPoster
from ringback.domain.errors import Invalid, NotLoggedIn
from ringback.domain.ids import BusinessId, ChannelId, new_id

pytestmark = pytest.mark.channel
NOW = datetime(2026, 11, 23, 10, tzinfo=UTC)
URL = "https://callbacks.example/channels/v1/ch_x"
SECRET = "whsec_" + "c2VjcmV0IHNlY3JldCBzZWNyZXQgc2VjcmV0"
CREDENTIALS = {
    "secret": SECRET,
    "bot_token": "123456:ABCDEFGHIJKLMNOP",
    "secret_token": "a-secret-token-of-telegram",
    "account_sid": "AC" + "0" * 32,
    "auth_token": "token",
    "as_token": "a-token-of-the-service-itself",
    "hs_token": "a-token-of-the-homeserver-itself",
}
OPTIONS = {"user": "@callbacks:chat.example"}
KINDS = ("generic", "telegram", "twilio-sms", "twilio-whatsapp", "matrix")
CHANNELS = open_channels(ChannelEnvironment(poster=WebhookPoster(allow_private=True)))

NAMES = st.sampled_from(
    ("conversation", "text", "choice", "greeting", "name", "number", "language", "zone", "receipt", "state", "message")
    + ("update_id", "callback_query", "id", "data", "from", "chat", "type", "contact", "phone_number", "user_id")
    + ("first_name", "caption", "events", "sender", "room_id", "event_id", "content", "body", "msgtype", "state_key")
    + ("membership", "m.relates_to", "org.matrix.msc3381.poll.response", "answers")
)
WORDS = st.sampled_from(
    ["private", "m.room.message", "m.room.member", "m.text", "invite", "rb1_x", "/start", "@callbacks:chat.example"]
)
JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=20) | WORDS,
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(NAMES, inner, max_size=8),
    max_leaves=25,
)
OBJECTS = st.dictionaries(NAMES, JSON, max_size=8)
FIELDS = st.dictionaries(
    st.sampled_from(
        ["MessageSid", "From", "Body", "ButtonPayload", "ListId", "ProfileName", "MessageStatus", "ErrorCode", "New"]
    ),
    st.text(max_size=40) | st.sampled_from(["+447700900123", "whatsapp:+447700900123", "delivered", "received", "SM1"]),
    max_size=8,
)


def account(kind: str) -> Account:
    return Account(
        business=BusinessId(new_id()),
        id=ChannelId(new_id()),
        kind=kind,
        url=URL,
        credentials=CREDENTIALS,
        options=OPTIONS,
    )


def signed(kind: str, body: bytes) -> Received:
    """The body with a signature that holds, so that the reader behind it is reached."""
    shown: Mapping[str, str] = {}
    method, path = "POST", ""
    if kind == "generic":
        shown = headers(SECRET, id="e1", at=NOW, body=body.decode()) if _is_text(body) else {}
    elif kind == "telegram":
        shown = {"x-telegram-bot-api-secret-token": CREDENTIALS["secret_token"]}
    elif kind == "matrix":
        method, path = "PUT", "/_matrix/app/v1/transactions/1"
        shown = {"authorization": f"Bearer {CREDENTIALS['hs_token']}"}
    return Received(method=method, path=path, query="", headers=shown, body=body, now=NOW)


def _is_text(body: bytes) -> bool:
    try:
        body.decode()
    except UnicodeDecodeError:
        return False
    return True


def read(kind: str, request: Received) -> Intake | None:
    """Read, or None for what is refused; anything else is a crash."""
    try:
        intake = CHANNELS[kind].read(account(kind), request)
    except (Invalid, NotLoggedIn):
        return None
    for each in intake.inbound:
        assert 1 <= len(each.event) <= 300 and 1 <= len(each.conversation) <= 300
        for text in (each.text, each.token or "", each.name or "", each.event, each.conversation):
            assert len(text) <= 4000 and "\x00" not in text
            text.encode()
    json.loads(intake.answer) if intake.media_type == "application/json" else intake.answer.decode()
    return intake


@pytest.mark.parametrize("kind", KINDS)
@settings(max_examples=150, deadline=None)
@given(body=st.binary(max_size=300) | OBJECTS.map(lambda each: json.dumps(each).encode()))
@example(body=b'{"receipt": {"state": []}}')
def test_no_body_crashes_a_reader(kind: str, body: bytes):
    read(kind, signed(kind, body))
    read(kind, Received(method="POST", path="", query="a=b", headers={}, body=body, now=NOW))


@settings(max_examples=150, deadline=None)
@given(events=st.lists(OBJECTS, max_size=5))
def test_no_transaction_of_a_homeserver_crashes_it(events: list[dict[str, Any]]):
    read("matrix", signed("matrix", json.dumps({"events": events}).encode()))


@pytest.mark.parametrize("kind", ["twilio-sms", "twilio-whatsapp"])
@settings(max_examples=150, deadline=None)
@given(form=FIELDS)
def test_no_signed_form_crashes_it(kind: str, form: dict[str, str]):
    clean = {name: value.encode(errors="ignore").decode() for name, value in form.items()}
    shown = {"x-twilio-signature": signature(CREDENTIALS["auth_token"], URL, clean.items())}
    body = urlencode(clean).encode()
    read(kind, Received(method="POST", path="", query="", headers=shown, body=body, now=NOW))


@pytest.mark.parametrize("kind", KINDS)
def test_deep_nesting_is_refused(kind: str):
    assert read(kind, signed(kind, b'{"a":' * 20_000)) is None


@given(head=st.text(max_size=30))
@pytest.mark.parametrize("kind", KINDS)
def test_nothing_passes_without_its_signature(kind: str, head: str):
    shown = dict.fromkeys(
        ("authorization", "x-telegram-bot-api-secret-token", "x-twilio-signature", "webhook-signature", "webhook-id"),
        head,
    )
    body = json.dumps({"update_id": 1, "conversation": "c", "text": "x", "events": []}).encode()
    for method in ("POST", "PUT"):
        request = Received(
            method=method, path="/_matrix/app/v1/transactions/1", query="", headers=shown, body=body, now=NOW
        )
        assert read(kind, request) is None
