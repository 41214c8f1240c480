"""WhatsApp through Twilio: as its SMS, with up to three buttons or a list of ten made by Twilio's Content API."""

from __future__ import annotations

import json
from typing import Any

from ringback.callback_application_server.channels.protocol import Account, Outgoing, Pace
from ringback.callback_application_server.channels.reading import heard, parsed, words
from ringback.callback_application_server.channels.twilio import TwilioSms, authorization
from ringback.callback_application_server.rules.channel_words import STOP_BY_CARRIER, Words
from ringback.callback_application_server.rules.renderings import Control, Rendered, Shows

CONTENT_API = "https://content.twilio.com"


class TwilioWhatsApp(TwilioSms):
    """Inside the 24 hours after a customer's message; outside them Twilio refuses, and the refusal is kept as the message's state."""

    kind = "twilio-whatsapp"
    shows = Shows(text=1024, buttons=3, items=10, item_label=24, item_detail=72)
    words = Words(stop=STOP_BY_CARRIER - {"cancel", "end"} | {"stop all"})
    pace = Pace(in_conversation=6.0, in_account=1 / 80)
    prefix = "whatsapp:"

    async def content(self, account: Account, message: Outgoing) -> dict[str, str]:
        """Make a content of its own for buttons and lists: tokens are not to be shared between customers."""
        types = _types(message.shown)
        if types is None:
            return {"Body": message.shown.text}
        base = str(account.options.get("content_url") or account.options.get("api_url") or CONTENT_API).rstrip("/")
        answer = await self._poster.post(
            f"{base}/v1/Content",
            json.dumps({"friendly_name": f"ringback-{message.id}"[:64], "language": "en", "types": types}),
            {"content-type": "application/json", **authorization(account)},
            longest=65_536,
        )
        heard(answer)
        sid = words(parsed(answer).get("sid"))
        return {"Body": message.shown.text} if sid is None else {"ContentSid": sid}


def _types(shown: Rendered) -> dict[str, Any] | None:
    if shown.control is Control.BUTTONS:
        actions = [{"type": "QUICK_REPLY", "title": each.label, "id": each.token} for each in shown.choices]
        return {"twilio/quick-reply": {"body": shown.text, "actions": actions}}
    if shown.control is Control.LIST:
        items = [
            {"item": each.label, "id": each.token, **({"description": each.detail} if each.detail else {})}
            for each in shown.choices
        ]
        return {"twilio/list-picker": {"body": shown.text, "button": "Choose", "items": items}}
    return None
