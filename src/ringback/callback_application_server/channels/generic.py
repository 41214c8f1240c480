"""Any other system: JSON both ways, signed both ways as Standard Webhooks say. docs/channels/generic.md is its specification."""

from __future__ import annotations

import json
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

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
    read_object,
    words,
)
from ringback.callback_application_server.rules.channel_words import Words
from ringback.callback_application_server.rules.renderings import Shows
from ringback.callback_application_server.rules.webhook_signatures import headers, is_signed
from ringback.domain.errors import Invalid
from ringback.domain.webhooks import SIGNING_MARK

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
RECEIPTS = frozenset({"sent", "delivered", "read", "failed"})


class GenericChannel:
    """Shows up to twenty choices as buttons of twenty characters; the other side may show them as it likes."""

    kind = "generic"
    shows = Shows(text=4000, buttons=20)
    words = Words()
    pace = Pace()

    def __init__(self, environment: ChannelEnvironment) -> None:
        self._poster = environment.poster

    def check(self, credentials: Mapping[str, str], options: Mapping[str, Any], *, allow_private: bool) -> None:
        """The signing secret (`whsec_…`) and the address messages go to."""
        need(credentials, "secret")
        try:
            is_signed(credentials["secret"], {"webhook-id": "x", "webhook-timestamp": "0"}, b"", now=_EPOCH)
        except ValueError:
            raise Invalid("credentials.secret is not whsec_ and base64", field="credentials.secret") from None
        if not credentials["secret"].startswith(SIGNING_MARK):
            raise Invalid("credentials.secret is not whsec_ and base64", field="credentials.secret")
        check_url(options, "url", allow_private=allow_private, needed=True)

    def read(self, account: Account, request: Received) -> Intake:
        """Read a message, a choice or a receipt; `webhook-id` is the event."""
        if request.method != "POST" or not is_signed(
            account.credentials["secret"], request.headers, request.body, now=request.now
        ):
            raise forged()
        value = read_object(request.body)
        if "receipt" in value:
            return Intake(receipts=(_receipt(value["receipt"]),))
        token = words(value.get("choice"), 65)
        text = words(value.get("text"), LONGEST_TEXT)
        greeting = value.get("greeting") is True
        if token is None and text is None and not greeting:
            raise not_understood()
        return Intake(
            inbound=(
                Inbound(
                    event=identifier(request.headers["webhook-id"]),
                    conversation=identifier(value.get("conversation")),
                    text=text or "",
                    token=token,
                    greeting=greeting and text is None and token is None,
                    name=words(value.get("name"), 100),
                    number=words(value.get("number"), 40),
                    number_proved=value.get("number_proved") is True,
                    language=words(value.get("language"), 35),
                    zone=words(value.get("zone"), 60),
                ),
            )
        )

    async def send(self, account: Account, message: Outgoing) -> str | None:
        """Post one message; its `webhook-id` stays the same over all tries, so that the other side can drop a second one."""
        body = json.dumps(
            {
                "conversation": message.conversation,
                "message": message.number,
                "text": message.shown.text,
                "choices": [
                    {"number": each.number, "label": each.label, "choice": each.token} for each in message.shown.choices
                ],
                "asks_number": message.shown.asks_number,
                "status": message.status,
                "expires_at": message.expires_at.isoformat() if message.expires_at else None,
            },
            ensure_ascii=False,
        )
        signed = headers(account.credentials["secret"], id=message.id, at=message.at, body=body)
        heard(await self._poster.post(str(account.options["url"]), body, signed))
        return message.id


def _receipt(value: object) -> Receipt:
    state = value.get("state") if isinstance(value, dict) else None
    if not isinstance(value, dict) or not isinstance(state, str) or state not in RECEIPTS:
        raise not_understood()
    return Receipt(reference=identifier(value.get("message")), state=state, error=words(value.get("error"), 300))
