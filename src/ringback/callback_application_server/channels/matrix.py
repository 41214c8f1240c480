"""Matrix as an application service: the homeserver pushes events with its token, prompts are polls with numbered text beside them.

Polls are MSC3381 in their unstable spelling, which clients send and understand today; a client without polls shows the text.
"""

from __future__ import annotations

import hmac
import json
import re
from collections.abc import Mapping
from typing import Any
from urllib.parse import quote

from ringback.callback_application_server.channels.environment import ChannelEnvironment
from ringback.callback_application_server.channels.protocol import (
    Account,
    Inbound,
    Intake,
    Outgoing,
    Pace,
    Received,
    Undeliverable,
)
from ringback.callback_application_server.channels.reading import (
    LONGEST_TEXT,
    check_url,
    forged,
    heard,
    identifier,
    member,
    need,
    not_understood,
    parsed,
    read_object,
    words,
)
from ringback.callback_application_server.rules.channel_words import Words
from ringback.callback_application_server.rules.renderings import Control, Rendered, Shows
from ringback.callback_application_server.webhooks.post import Answer
from ringback.domain.errors import Invalid

POLL = "org.matrix.msc3381.poll"
TEXT = "org.matrix.msc1767.text"
MOST_EVENTS = 100
_USER = re.compile(r"@[a-z0-9._=/+-]{1,200}:[A-Za-z0-9.:\[\]-]{1,200}")
_SECRET = re.compile(r"[A-Za-z0-9._~+/=-]{24,255}")  # what a bearer token may be
_TRANSACTION = re.compile(r"/_matrix/app/v1/transactions/[^/]{1,255}")


class MatrixChannel:
    """One bot user. Rooms it is invited to are conversations; what is sent in one is in the homeserver's order."""

    kind = "matrix"
    shows = Shows(text=4000, buttons=20)
    words = Words()
    pace = Pace()

    def __init__(self, environment: ChannelEnvironment) -> None:
        self._poster = environment.poster

    def check(self, credentials: Mapping[str, str], options: Mapping[str, Any], *, allow_private: bool) -> None:
        """Both tokens of the registration file, the homeserver, and the bot's user."""
        need(credentials, "as_token", "hs_token")
        for name in ("as_token", "hs_token"):
            if not _SECRET.fullmatch(credentials[name]):
                raise Invalid(f"credentials.{name} needs 24 characters, no spaces", field=f"credentials.{name}")
        check_url(options, "homeserver", allow_private=allow_private, needed=True)
        if not isinstance(options.get("user"), str) or not _USER.fullmatch(options["user"]):
            raise Invalid("options.user is the bot, such as @callbacks:example.org", field="options.user")

    def read(self, account: Account, request: Received) -> Intake:
        """Read one transaction; each event's id is its own, so a transaction that is pushed again changes nothing."""
        shown = request.headers.get("authorization", "")
        wanted = f"Bearer {account.credentials['hs_token']}"
        if not hmac.compare_digest(shown.encode(), wanted.encode()):
            raise forged()
        if request.method == "POST" and request.path == "/_matrix/app/v1/ping":
            return Intake()
        if request.method != "PUT" or not _TRANSACTION.fullmatch(request.path):
            raise not_understood()
        events = read_object(request.body).get("events")
        if not isinstance(events, list) or len(events) > MOST_EVENTS:
            raise not_understood()
        user = str(account.options["user"])
        found = (_inbound(each, user) for each in events)
        return Intake(inbound=tuple(each for each in found if each is not None))

    async def send(self, account: Account, message: Outgoing) -> str | None:
        """Send one message; the transaction id makes a second try the same event. A room not joined yet is joined first."""
        answer = await self._put(account, message)
        if member(parsed(answer), "errcode") == "M_FORBIDDEN":
            joined = await self._call(account, "POST", f"/join/{quote(message.conversation, safe='')}", {})
            if joined.status == 403:
                raise Undeliverable("not invited to this room any more")
            heard(joined, after=_seconds(joined))
            answer = await self._put(account, message)
        heard(answer, after=_seconds(answer))
        return words(parsed(answer).get("event_id"))

    async def _put(self, account: Account, message: Outgoing) -> Answer:
        kind, content = _content(message.shown)
        room, id = quote(message.conversation, safe=""), quote(message.id, safe="")
        return await self._call(account, "PUT", f"/rooms/{room}/send/{kind}/{id}", content)

    async def _call(self, account: Account, method: str, path: str, body: Mapping[str, Any]) -> Answer:
        base = str(account.options["homeserver"]).rstrip("/")
        return await self._poster.post(
            f"{base}/_matrix/client/v3{path}?user_id={quote(str(account.options['user']), safe='')}",
            json.dumps(body, ensure_ascii=False),
            {"content-type": "application/json", "authorization": f"Bearer {account.credentials['as_token']}"},
            longest=65_536,
            method=method,
        )


def _inbound(event: object, user: str) -> Inbound | None:
    if not isinstance(event, dict) or event.get("sender") == user:
        return None
    kind, content = event.get("type"), event.get("content")
    room, id = words(event.get("room_id"), 256), words(event.get("event_id"))
    if room is None or id is None or not isinstance(content, dict):
        return None
    if kind == "m.room.member":
        invited = event.get("state_key") == user and content.get("membership") == "invite"
        return Inbound(event=identifier(id), conversation=room, greeting=True) if invited else None
    if kind in (f"{POLL}.response", "m.poll.response"):
        answers = member(content, f"{POLL}.response", "answers") or content.get("m.selections")
        token = words(answers[0], 65) if isinstance(answers, list) and answers else None
        return Inbound(event=identifier(id), conversation=room, token=token) if token else None
    if kind != "m.room.message" or content.get("msgtype") in ("m.notice", None):
        return None  # notices are other bots': answering them would never end
    if member(content, "m.relates_to", "rel_type") == "m.replace":
        return None
    text = words(content.get("body"), LONGEST_TEXT)
    return Inbound(event=identifier(id), conversation=room, text=text) if text else None


def _content(shown: Rendered) -> tuple[str, dict[str, Any]]:
    if shown.control is not Control.BUTTONS:
        return "m.room.message", {"msgtype": "m.notice", "body": shown.text}
    numbered = "\n".join([shown.text, *(f"{each.number} {each.label}" for each in shown.choices)])
    poll = {
        "kind": f"{POLL}.disclosed",
        "max_selections": 1,
        "question": {TEXT: shown.text},
        "answers": [{"id": each.token, TEXT: each.label} for each in shown.choices],
    }
    return f"{POLL}.start", {f"{POLL}.start": poll, TEXT: numbered}


def _seconds(answer: Answer) -> float | None:
    milliseconds = parsed(answer).get("retry_after_ms")
    return milliseconds / 1000 if isinstance(milliseconds, (int, float)) else None
