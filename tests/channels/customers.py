"""Customers of each channel, as its provider passes them on: they write, press what they are shown, and keep what they hear."""

from __future__ import annotations

import itertools
import json
import re
from abc import ABC, abstractmethod
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any
from urllib.parse import urlencode

import httpx

from ringback.callback_application_server.channels.twilio import signature
from ringback.callback_application_server.rules.webhook_signatures import headers
from tests.channels.hall import Hall
from tests.channels.provider import Posted, Provider

NUMBER = "+442079460123"
_NUMBERED = re.compile(r"^(\d+) (.+)$", re.MULTILINE)


@dataclass(slots=True, kw_only=True)
class Heard:
    """One message as the customer sees it. `choices`: label → what is sent when it is pressed, or typed."""

    text: str
    choices: dict[str, str] = field(default_factory=dict)


class Customer(ABC):
    """What every channel's customer does. `knows_number`: the channel shows it."""

    kind = ""
    knows_number = False
    presses = True
    language = "en"  # of their telephone, where the channel says it
    stop_words: tuple[str, ...] = ("STOP",)
    shown: list[Heard]

    def __init__(self, hall: Hall, provider: Provider) -> None:
        self.hall, self.provider, self.path = hall, provider, ""
        self._events = itertools.count(1001)

    @abstractmethod
    async def set_up(self) -> None:
        """Make the account."""

    @abstractmethod
    def request(self, text: str = "", token: str | None = None, *, event: str | None = None) -> dict[str, Any]:
        """The provider's signed request for something the customer did, as arguments of httpx."""

    @abstractmethod
    def heard(self) -> list[Heard]:
        """What the customer was shown so far."""

    def event(self) -> str:
        return str(next(self._events))

    async def post(self, request: dict[str, Any]) -> httpx.Response:
        response = await self.hall.http.post(self.path, **request)
        await self.hall.settle()
        return response

    async def write(self, text: str, *, event: str | None = None) -> None:
        response = await self.post(self.request(text, event=event))
        assert response.status_code == 200, response.text

    async def press(self, label: str) -> None:
        """Press, or type the number of, the choice whose label begins so, in the last message that has choices."""
        last = next(each for each in reversed(self.heard()) if each.choices)
        wanted = [sent for shown, sent in last.choices.items() if shown.startswith(label)]
        assert wanted, f"{label!r} is not among {list(last.choices)}"
        if self.presses:
            response = await self.post(self.request(label, wanted[0]))
            assert response.status_code == 200, response.text
        else:
            await self.write(wanted[0])


class GenericCustomer(Customer):
    """Somebody else's system, which signs and verifies with the reference implementation of Standard Webhooks."""

    kind = "generic"
    secret = "whsec_" + "c2VjcmV0IHNlY3JldCBzZWNyZXQgc2VjcmV0"

    async def set_up(self) -> None:
        self.path = await self.hall.account(
            self.kind, {"secret": self.secret}, {"url": f"{self.provider.url}/messages"}
        )

    def request(self, text: str = "", token: str | None = None, *, event: str | None = None) -> dict[str, Any]:
        value = {"conversation": "c-1", "name": "Ada"} | ({"choice": token} if token else {"text": text})
        body = json.dumps(value)
        signed = headers(self.secret, id=event or self.event(), at=self.hall.now(), body=body)
        return {"content": body, "headers": signed}

    def heard(self) -> list[Heard]:
        return [
            Heard(text=one.json["text"], choices={each["label"]: each["choice"] for each in one.json["choices"]})
            for one in self.provider.posted
        ]


class TelegramCustomer(Customer):
    """Updates as Telegram's servers post them; what we send is read from the Bot API's sendMessage."""

    kind = "telegram"
    secret = "a-secret-token-of-telegram"
    token = "123456:ABCDEFGHIJKLMNOP"
    stop_words = ("STOP", "/stop")

    async def set_up(self) -> None:
        credentials = {"bot_token": self.token, "secret_token": self.secret}
        self.path = await self.hall.account(self.kind, credentials, {"api_url": self.provider.url})

    def request(self, text: str = "", token: str | None = None, *, event: str | None = None) -> dict[str, Any]:
        return {
            "json": self.update(text, token, event=event),
            "headers": {"x-telegram-bot-api-secret-token": self.secret},
        }

    def update(self, text: str = "", token: str | None = None, *, event: str | None = None) -> dict[str, Any]:
        who = {"id": 77, "is_bot": False, "first_name": "Ada", "last_name": "Byron", "language_code": self.language}
        message = {
            "message_id": 5,
            "date": int(datetime.now(UTC).timestamp()),
            "chat": {"id": 77, "type": "private", "first_name": "Ada"},
            "from": who,
        }
        update: dict[str, Any] = {"update_id": int(event or self.event())}
        if token is None:
            return update | {"message": message | {"text": text}}
        query = {"id": "q1", "from": who, "chat_instance": "i1", "message": message | {"text": "…"}, "data": token}
        return update | {"callback_query": query}

    def heard(self) -> list[Heard]:
        return [_of_telegram(one.json) for one in self.provider.posted if one.path.endswith("/sendMessage")]


def _of_telegram(sent: dict[str, Any]) -> Heard:
    rows = sent.get("reply_markup", {}).get("inline_keyboard", [])
    return Heard(text=sent["text"], choices={key["text"]: key["callback_data"] for row in rows for key in row})


class SmsCustomer(Customer):
    """A telephone: forms as Twilio posts them, answers by number."""

    kind = "twilio-sms"
    knows_number = True
    presses = False
    stop_words: tuple[str, ...] = (
        "STOP",
        "Stop.",
        "UNSUBSCRIBE",
        "END",
        "QUIT",
        "STOPALL",
        "REVOKE",
        "OPTOUT",
        "CANCEL",
    )
    auth_token = "a token of Twilio's"
    sid = "AC" + "0123456789abcdef" * 2
    prefix = ""

    async def set_up(self) -> None:
        credentials = {"account_sid": self.sid, "auth_token": self.auth_token}
        options = {"from": "+447700900000", "api_url": self.provider.url}
        self.path = await self.hall.account(self.kind, credentials, options)

    def form(self, text: str, token: str | None, event: str | None) -> dict[str, str]:
        return {
            "MessageSid": event or f"SM{self.event()}",
            "AccountSid": self.sid,
            "From": self.prefix + NUMBER,
            "To": self.prefix + "+447700900000",
            "Body": text,
            "NumMedia": "0",
        }

    def request(self, text: str = "", token: str | None = None, *, event: str | None = None) -> dict[str, Any]:
        return self.signed(self.form(text, token, event))

    def signed(self, form: dict[str, str]) -> dict[str, Any]:
        shown = signature(self.auth_token, self.hall.url + self.path, form.items())
        kind = "application/x-www-form-urlencoded"
        return {"content": urlencode(form), "headers": {"x-twilio-signature": shown, "content-type": kind}}

    def heard(self) -> list[Heard]:
        sent = [one.form["Body"] for one in self.provider.posted if one.path.endswith("/Messages.json")]
        return [Heard(text=text, choices={label: n for n, label in _NUMBERED.findall(text)}) for text in sent]


class WhatsAppCustomer(SmsCustomer):
    """Buttons and lists as Twilio's Content API makes them."""

    kind = "twilio-whatsapp"
    presses = True
    stop_words = ("STOP", "unsubscribe")
    prefix = "whatsapp:"

    def form(self, text: str, token: str | None, event: str | None) -> dict[str, str]:
        pressed = {"ButtonPayload": token, "ButtonText": text} if token else {}
        return super().form(text, token, event) | {"ProfileName": "Ada"} | pressed

    def heard(self) -> list[Heard]:
        contents: dict[str, Heard] = {}
        heard = []
        for one in self.provider.posted:
            if one.path.endswith("/v1/Content"):
                ((_, made),) = one.json["types"].items()
                shown = made.get("actions") or made["items"]
                choices = {each.get("title") or each["item"]: each["id"] for each in shown}
                contents[f"HX{len(contents) + 1}"] = Heard(text=made["body"], choices=choices)
            elif "ContentSid" in one.form:
                heard.append(contents[one.form["ContentSid"]])
            else:
                heard.append(Heard(text=one.form["Body"]))
        return heard


class Answers:
    """What providers answer."""

    def __init__(self) -> None:
        self._messages, self._contents = itertools.count(1), itertools.count(1)

    def __call__(self, posted: Posted) -> dict[str, Any]:
        if posted.path.endswith("/sendMessage"):
            return {"ok": True, "result": {"message_id": next(self._messages)}}
        if posted.path.endswith("/v1/Content"):
            return {"sid": f"HX{next(self._contents)}"}
        return {"sid": f"SM-ours-{next(self._messages)}", "status": "queued"}


CUSTOMERS: tuple[type[Customer], ...] = (GenericCustomer, TelegramCustomer, SmsCustomer, WhatsAppCustomer)


@asynccontextmanager
async def arrived(kind: type[Customer], hall: Hall) -> AsyncIterator[Customer]:
    """A customer whose channel is set up."""
    async with Provider(answer=Answers()).open() as provider:
        hall.unhurried()
        customer = kind(hall, provider)
        await customer.set_up()
        yield customer
