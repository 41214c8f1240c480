"""SMS and WhatsApp through Twilio: signed forms come in, messages go out over its REST API, receipts come to the same address."""

from __future__ import annotations

import base64
import hashlib
import hmac
import re
from collections.abc import Iterable, Mapping
from typing import Any
from urllib.parse import parse_qsl, urlencode

from ringback.callback_application_server.channels.environment import ChannelEnvironment
from ringback.callback_application_server.channels.protocol import (
    Account,
    Inbound,
    Intake,
    Outgoing,
    Pace,
    Receipt,
    Received,
)
from ringback.callback_application_server.channels.reading import (
    LONGEST_TEXT,
    check_url,
    forged,
    heard,
    identifier,
    need,
    not_understood,
    parsed,
    words,
)
from ringback.callback_application_server.rules.channel_words import STOP_BY_CARRIER, Words
from ringback.callback_application_server.rules.renderings import Shows
from ringback.domain.errors import Invalid

API = "https://api.twilio.com"
EMPTY = b"<Response/>"  # TwiML that says nothing: what is to be said is sent by the API, in order
STATES = {"sent": "sent", "delivered": "delivered", "read": "read", "failed": "failed", "undelivered": "failed"}
MOST_FIELDS = 200
_SENDER = re.compile(r"\+[1-9][0-9]{3,14}")
_SID = re.compile(r"AC[0-9a-fA-F]{32}")
_SERVICE = re.compile(r"MG[0-9a-fA-F]{32}")


def signature(token: str, url: str, form: Iterable[tuple[str, str]]) -> str:
    """Return `X-Twilio-Signature`: HMAC-SHA1 over the URL and each name with its value, names sorted, a repeated name's distinct values sorted."""
    fields: dict[str, set[str]] = {}
    for name, value in form:
        fields.setdefault(name, set()).add(value)
    signed = url + "".join(name + value for name in sorted(fields) for value in sorted(fields[name]))
    return base64.b64encode(hmac.new(token.encode(), signed.encode(), hashlib.sha1).digest()).decode()


class TwilioSms:
    """Text messages: the number is the customer's own, CANCEL is a STOP, and choices are numbers."""

    kind = "twilio-sms"
    shows = Shows(text=1600)
    words = Words(stop=STOP_BY_CARRIER)
    pace = Pace(in_conversation=1.0, in_account=1.0)  # a long code takes one a second
    prefix = ""

    def __init__(self, environment: ChannelEnvironment) -> None:
        self._poster = environment.poster

    def check(self, credentials: Mapping[str, str], options: Mapping[str, Any], *, allow_private: bool) -> None:
        """Account, auth token, and who messages come from: a number or a messaging service."""
        need(credentials, "account_sid", "auth_token")
        if not _SID.fullmatch(credentials["account_sid"]):
            raise Invalid("credentials.account_sid must look like AC… with 32 digits", field="credentials.account_sid")
        sender = options.get("from")
        if not isinstance(sender, str) or not (_SENDER.fullmatch(sender) or _SERVICE.fullmatch(sender)):
            raise Invalid("options.from is +44… or a messaging service MG…", field="options.from")
        check_url(options, "api_url", allow_private=allow_private)

    def read(self, account: Account, request: Received) -> Intake:
        """Read a message or a receipt; unknown fields are signed too, and left alone."""
        form = _form(request.body)
        url = account.url + request.path + (f"?{request.query}" if request.query else "")
        wanted = signature(account.credentials["auth_token"], url, form)
        shown = request.headers.get("x-twilio-signature", "")
        if request.method != "POST" or not hmac.compare_digest(shown.encode(), wanted.encode()):
            raise forged()
        fields = dict(form)
        id = identifier(fields.get("MessageSid"))
        state = fields.get("MessageStatus")
        if state is not None and state != "received" and "Body" not in fields:
            receipts: tuple[Receipt, ...] = ()
            if state in STATES:
                receipts = (Receipt(reference=id, state=STATES[state], error=words(fields.get("ErrorCode"), 300)),)
            return Intake(receipts=receipts, answer=EMPTY, media_type="text/xml")
        return Intake(inbound=(self._written(id, fields),), answer=EMPTY, media_type="text/xml")

    def _written(self, id: str, fields: Mapping[str, str]) -> Inbound:
        number = fields.get("From", "").removeprefix(self.prefix)
        if not _SENDER.fullmatch(number):
            raise not_understood()
        text = words(fields.get("Body"), LONGEST_TEXT)
        return Inbound(
            event=id,
            conversation=number,
            text=text or "(something that cannot be read here)",
            token=words(fields.get("ButtonPayload") or fields.get("ListId"), 65),
            name=words(fields.get("ProfileName"), 100),
            number=number,
            number_proved=True,
        )

    async def send(self, account: Account, message: Outgoing) -> str | None:
        """Send one message. Twilio has no idempotency: after a lost answer the second try may arrive twice."""
        sender = str(account.options["from"])
        form = {
            "To": self.prefix + message.conversation,
            ("From" if sender.startswith("+") else "MessagingServiceSid"): (
                self.prefix + sender if sender.startswith("+") else sender
            ),
            "StatusCallback": account.url,
            **await self.content(account, message),
        }
        sid = account.credentials["account_sid"]
        base = str(account.options.get("api_url") or API).rstrip("/")
        answer = await self._poster.post(
            f"{base}/2010-04-01/Accounts/{sid}/Messages.json",
            urlencode(form),
            {"content-type": "application/x-www-form-urlencoded", **authorization(account)},
            longest=65_536,
        )
        heard(answer)
        return words(parsed(answer).get("sid"))

    async def content(self, account: Account, message: Outgoing) -> dict[str, str]:
        """Return what the message says, as fields of the form."""
        return {"Body": message.shown.text}


def authorization(account: Account) -> dict[str, str]:
    """Return the header of Twilio's API."""
    pair = f"{account.credentials['account_sid']}:{account.credentials['auth_token']}"
    return {"authorization": "Basic " + base64.b64encode(pair.encode()).decode()}


def _form(body: bytes) -> list[tuple[str, str]]:
    try:
        return parse_qsl(body.decode(), keep_blank_values=True, max_num_fields=MOST_FIELDS, errors="strict")
    except ValueError:
        raise not_understood() from None
