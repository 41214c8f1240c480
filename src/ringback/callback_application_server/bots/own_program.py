"""A bot that is the business's own program: asked with a signed request, answered with JSON, within a few seconds.

The request carries a webhook-id made of chat and message (Standard Webhooks): asked again after a crash, it is the same.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

import asyncpg
import msgspec

from ringback.callback_application_server.queries import ChatRow
from ringback.callback_application_server.rules.bots.turns import Bot, Reply, Turn
from ringback.callback_application_server.rules.webhook_signatures import headers
from ringback.callback_application_server.webhooks.post import WebhookPoster

WITHIN = 5.0  # seconds
LONGEST = 32_768  # bytes
EVENT = "chat.message"


class _Answered(msgspec.Struct):
    """What the program says. `within_abilities` false, or `hand_over`, brings people."""

    within_abilities: bool
    text: str = ""
    hand_over: bool = False
    topic: str | None = None


async def ask_program(
    poster: WebhookPoster,
    address: tuple[str, str],
    bot: Bot,
    chat: ChatRow,
    *,
    seq: int,
    transcript: Sequence[asyncpg.Record],
    now: datetime,
) -> Reply:
    """Ask, and return what the program makes of the message; whatever goes wrong is a failure of the bot."""
    url, secret = address
    body = msgspec.json.encode(
        {
            "type": EVENT,
            "timestamp": now,
            "data": {
                "bot": bot.slug,
                "chat": chat.id,
                "message": seq,
                "language": chat.language,
                "zone": chat.zone.key,
                "topic": chat.topic,
                "failures": chat.bot_failures,
                "transcript": [
                    {"message": each["seq"], "from": each["author"], "text": each["text"], "at": each["at"]}
                    for each in transcript
                ],
            },
        }
    ).decode()
    answer = await poster.post(
        url, body, headers(secret, id=f"{chat.id}.{seq}", at=now, body=body), within=WITHIN, longest=LONGEST
    )
    if answer.error is not None or answer.status is None or not 200 <= answer.status < 300:
        return Reply(turn=Turn.FAILED)
    try:
        said = msgspec.json.decode(answer.body, type=_Answered)
    except (msgspec.DecodeError, UnicodeDecodeError):
        return Reply(turn=Turn.FAILED)
    text = said.text.replace("\x00", "").strip()
    topic = said.topic[:120] if said.topic else None
    if said.hand_over or not said.within_abilities:
        return Reply(turn=Turn.HAND_OVER, text=text or None, topic=topic)
    return Reply(turn=Turn.ANSWER, text=text, topic=topic) if text else Reply(turn=Turn.FAILED)
