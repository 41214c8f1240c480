"""A whole conversation, with failures, leaves no number, no token and no word of the customer's in any log."""

from __future__ import annotations

import logging

import asyncpg
import pytest
import structlog

from ringback.domain.events import CallbackFinished
from ringback.domain.status import CallbackState
from ringback.logging import configure_logging
from tests.workflows.callback_application_server.lobby import Lobby

WORDS = "purple-hippopotamus"
NUMBER = "020 7946 0123"


async def test_no_number_and_no_chat_text_in_any_log(
    lobby_with_phones: Lobby, capfd: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
):
    lobby = lobby_with_phones
    handlers, level = list(logging.getLogger().handlers), logging.getLogger().level
    before = structlog.get_config()
    configure_logging(level="debug", form="json")
    try:
        visitor = await lobby.visitor()
        await visitor.say(f"my {WORDS} is late, please call me as soon as possible")
        confirm = await visitor.prompt()
        filled = {"destination": "phone", "number": NUMBER, "topic": WORDS, "name": WORDS, "consent": True}
        token = confirm["options"][0]["token"]
        await visitor.post("/answers", {"token": token, **filled, "number": "020 7946"})
        await visitor.post("/answers", {"token": token, **filled})
        await lobby.settle()
        card = await visitor.card()
        assert card is not None and card["state"] == "booked"
        lobby.diary.broken = RuntimeError("the reading of a message broke")
        await visitor.say(f"{WORDS} again")
        lobby.diary.broken = asyncpg.ConnectionDoesNotExistError("gone")
        await visitor.post("/callback-offer", {"topic": WORDS})
        lobby.diary.broken = None
        (request,) = await lobby.sql("SELECT id FROM callback_request")
        done = CallbackFinished(callback=request["id"], state=CallbackState.DONE, reason="talked", talked_for=9)
        await lobby.tell(request["id"], done)
        written = "".join(capfd.readouterr())
    finally:
        structlog.configure(**before)
        logging.getLogger().handlers[:] = handlers
        logging.getLogger().setLevel(level)
    assert "reply_failed" in written and "request_to_repeat" in written, "the failures were logged at all"
    for secret in (WORDS, "2079460123", "7946", visitor.token, token):
        assert secret not in written
    assert "We could not answer that just now" in "".join(await visitor.texts()), "and the customer was told"
