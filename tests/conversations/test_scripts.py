"""Customers write from scripts, all in one lobby, against the real workflows and database; what was booked is what they meant.

`make conversations` runs 500 (RINGBACK_TEST_CONVERSATIONS); `make test` a sample of them.
"""

from __future__ import annotations

import asyncio
import os
from collections import Counter
from collections.abc import AsyncIterator
from typing import Any
from uuid import uuid4

import pytest

from ringback.callback_application_server.queries import ChatKey
from ringback.callback_application_server.workflows.open_chat import open_chat
from ringback.callback_application_server.workflows.receive_message import receive_message, reply
from ringback.domain.commands import RequestCallback
from ringback.domain.ids import BusinessId
from tests.conversations.grammar import Script, scripts
from tests.support.databases import Databases
from tests.workflows.callback_application_server.lobby import KEY, ORIGIN, Lobby

COUNT = int(os.environ.get("RINGBACK_TEST_CONVERSATIONS", "30"))
AT_ONCE = 6
RIGHT = 0.9


@pytest.fixture
async def lobby(databases: Databases, business: BusinessId) -> AsyncIterator[Lobby]:
    """A business with room for everybody."""
    lobby = Lobby(databases, business, phones=False)
    await lobby.make_channel()
    lobby.diary.slots = dict.fromkeys(lobby.diary.slots, 10_000)
    yield lobby


async def _hold(lobby: Lobby, script: Script) -> ChatKey:
    """Write a script to its end, and agree to what is read back."""
    opened = await open_chat(
        lobby.context.database,
        widget_key=KEY,
        origin=ORIGIN,
        zone="Europe/London",
        locale=script.language,
        page_url=None,
    )
    for text in (*script.messages, *((script.yes,) * 2 if script.states_everything else ())):
        seq = await receive_message(lobby.context, opened.key, text, uuid4())
        await reply(lobby.context, opened.key, seq)
    return opened.key


async def test_scripts_end_as_they_mean(lobby: Lobby):
    gate = asyncio.Semaphore(AT_ONCE)

    async def one(script: Script) -> ChatKey:
        async with gate:
            return await _hold(lobby, script)

    written = scripts(COUNT, morning=lobby.diary.start)
    chats = await asyncio.gather(*(one(each) for each in written))
    await lobby.manager.messages.drain()
    booked = {each.chat: each for each in lobby.asked_for(RequestCallback)}
    good = 0
    wrong: list[Any] = []
    missed: list[Script] = []
    for script, key in zip(written, chats, strict=True):
        request = booked.get(key.chat)
        if request is None:
            (missed if script.states_everything else []).append(script)
            continue
        agent = request.provider.rpartition("/a:")[2] if "/a:" in request.provider else ""
        if request.when.start == script.start and agent == (script.agent or "").lower():
            good += 1
        else:
            wrong.append((script, request.when, request.provider))
    whole = sum(each.states_everything for each in written)
    print(f"conversations={len(written)} whole={whole} right={good} wrong={len(wrong)} missed={len(missed)}")
    assert not wrong, wrong[:5]
    assert good >= RIGHT * whole, [each.messages for each in missed][:10]
    await _asked_for_what_is_missing(lobby)


async def _asked_for_what_is_missing(lobby: Lobby) -> None:
    """Nothing was asked more than twice of anybody, and who was not booked was asked for the time."""
    rows = await lobby.sql(
        "SELECT h.id, h.callback, h.draft->'asked' AS asked, array_agg(m.text ORDER BY m.seq) AS said FROM chat h"
        " JOIN chat_message m ON m.chat = h.id AND m.author = 'assistant' GROUP BY h.id, h.callback, h.draft"
    )
    for row in rows:
        assert max(Counter(row["said"]).values()) <= 2, row["said"]
        if row["callback"] is None:
            assert any("When" in text or "time" in text or "call you" in text for text in row["said"]), row["said"]
