"""Telegram's Bot API: updates come by webhook with the secret token, prompts are inline keyboards, a number may be shared by one tap."""

from __future__ import annotations

import hmac
import json
import re
from collections.abc import Mapping
from typing import Any

from ringback.callback_application_server.channels.environment import ChannelEnvironment
from ringback.callback_application_server.channels.protocol import Account, Inbound, Intake, Outgoing, Pace, Received
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
from ringback.domain.errors import Invalid

SECRET_HEADER = "x-telegram-bot-api-secret-token"  # noqa: S105  a header's name
API = "https://api.telegram.org"
_BOT_TOKEN = re.compile(r"[0-9]{1,20}:[A-Za-z0-9_-]{10,80}")
_SECRET = re.compile(r"[A-Za-z0-9_-]{16,256}")


class TelegramChannel:
    """Private chats with one bot. Groups are left alone."""

    kind = "telegram"
    shows = Shows(text=4096, buttons=20)
    words = Words()
    pace = Pace(in_conversation=1.0, in_account=1 / 30)  # Bot FAQ: one a second to a chat, thirty to all

    def __init__(self, environment: ChannelEnvironment) -> None:
        self._poster = environment.poster

    def check(self, credentials: Mapping[str, str], options: Mapping[str, Any], *, allow_private: bool) -> None:
        """The bot's token, and the secret token its webhook was set with."""
        need(credentials, "bot_token", "secret_token")
        if not _BOT_TOKEN.fullmatch(credentials["bot_token"]):
            raise Invalid("credentials.bot_token is not a bot's token", field="credentials.bot_token")
        if not _SECRET.fullmatch(credentials["secret_token"]):
            words_ = "credentials.secret_token needs 16 to 256 letters, digits, _ and -"
            raise Invalid(words_, field="credentials.secret_token")
        check_url(options, "api_url", allow_private=allow_private)

    def read(self, account: Account, request: Received) -> Intake:
        """Read one update; `update_id` is the event."""
        shown = request.headers.get(SECRET_HEADER, "").encode()
        if request.method != "POST" or not hmac.compare_digest(shown, account.credentials["secret_token"].encode()):
            raise forged()
        update = read_object(request.body)
        event = identifier(update.get("update_id"))
        if isinstance(update.get("callback_query"), dict):
            return _pressed(event, update["callback_query"])
        message = update.get("message")
        if not isinstance(message, dict) or member(message, "chat", "type") != "private":
            return Intake()  # edited messages, groups, channels: nothing for us
        return Intake(inbound=_written(event, message))

    async def send(self, account: Account, message: Outgoing) -> str | None:
        """Send one message. The Bot API has no idempotency: after a lost answer the second try may show it twice."""
        body: dict[str, Any] = {
            "chat_id": int(message.conversation),
            "text": message.shown.text,
            "link_preview_options": {"is_disabled": True},
        }
        markup = _markup(message.shown)
        if markup is not None:
            body["reply_markup"] = markup
        base = str(account.options.get("api_url") or API).rstrip("/")
        answer = await self._poster.post(
            f"{base}/bot{account.credentials['bot_token']}/sendMessage",
            json.dumps(body, ensure_ascii=False),
            {"content-type": "application/json"},
            longest=65_536,
        )
        said = parsed(answer)
        heard(answer, after=member(said, "parameters", "retry_after"))
        return str(member(said, "result", "message_id") or "") or None


def _pressed(event: str, query: Mapping[str, Any]) -> Intake:
    """A button: Telegram shows it as busy until it is answered, and the answer to the webhook may be that call."""
    acknowledged = json.dumps({"method": "answerCallbackQuery", "callback_query_id": words(query.get("id")) or ""})
    token = words(query.get("data"), 65)
    if token is None or member(query, "message", "chat", "type") not in (None, "private"):
        return Intake(answer=acknowledged.encode())
    chat = member(query, "message", "chat", "id")
    pressed = Inbound(
        event=event,
        conversation=_chat(member(query, "from", "id") if chat is None else chat),
        token=token,
        name=_name(query.get("from")),
        language=words(member(query, "from", "language_code"), 35),
    )
    return Intake(inbound=(pressed,), answer=acknowledged.encode())


def _written(event: str, message: Mapping[str, Any]) -> tuple[Inbound, ...]:
    text = words(message.get("text"), LONGEST_TEXT)
    contact = message.get("contact")
    shared = words(member(contact, "phone_number"), 40)
    theirs = member(contact, "user_id") is not None and member(contact, "user_id") == member(message, "from", "id")
    number = None
    if shared is not None:
        number = shared if shared.startswith("+") else f"+{shared}"
        text = number
    if text is None:
        text = words(message.get("caption"), LONGEST_TEXT) or "(something that cannot be read here)"
    greeting = text == "/start" or text.startswith("/start ")
    return (
        Inbound(
            event=event,
            conversation=_chat(member(message, "chat", "id")),
            text="" if greeting else text,
            greeting=greeting,
            name=_name(message.get("from")),
            number=number,
            number_proved=number is not None and theirs,
            language=words(member(message, "from", "language_code"), 35),
        ),
    )


def _chat(value: object) -> str:
    if not isinstance(value, int):
        raise not_understood()
    return identifier(value)


def _name(value: object) -> str | None:
    parts = (words(member(value, "first_name"), 60), words(member(value, "last_name"), 60))
    return " ".join(each for each in parts if each) or None


def _markup(shown: Rendered) -> dict[str, Any] | None:
    if shown.asks_number:
        shared = [{"text": "Share my number", "request_contact": True}]
        return {"keyboard": [shared], "one_time_keyboard": True, "resize_keyboard": True}
    if shown.control is not Control.BUTTONS:
        return None
    return {"inline_keyboard": [[{"text": each.label, "callback_data": each.token}] for each in shown.choices]}
