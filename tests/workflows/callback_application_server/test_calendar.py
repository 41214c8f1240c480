"""The calendar entry of a booking, by its link alone: it follows moves and a cancel, and opens nothing else."""

from __future__ import annotations

import re
from datetime import UTC, timedelta

from ringback.domain.commands import PromiseMade
from ringback.domain.events import CallbackChanged
from ringback.domain.ids import CallbackId
from ringback.domain.status import CallbackState
from ringback.domain.times import TimeWindow
from tests.workflows.callback_application_server.lobby import Lobby, Visitor


async def booked_for_a_time(visitor: Visitor) -> dict:
    await visitor.say("can someone call me?")
    await visitor.choose("Pick a time")
    times = await visitor.prompt()
    await visitor.choose(times["options"][0]["label"])
    confirm = await visitor.prompt()
    await visitor.choose(confirm["submit"], consent=True, topic="October bill; second line")
    card = await visitor.card()
    assert card is not None and card["state"] == "booked"
    return card


def field(text: str, name: str) -> str:
    found = re.search(rf"\r\n{name}:(.*?)\r\n(?! )", text, re.DOTALL)
    assert found, text
    return found[1].replace("\r\n ", "")


async def test_the_link_on_the_card_is_a_calendar_entry_that_follows_a_move_and_a_cancel(
    lobby: Lobby, visitor: Visitor
):
    card = await booked_for_a_time(visitor)
    response = await lobby.http.get(card["calendar"])
    assert response.status_code == 200 and response.headers["content-type"].startswith("text/calendar")
    first = response.text
    starts = lobby.diary.start.astimezone(UTC)
    assert field(first, "DTSTART") == f"{starts:%Y%m%dT%H%M%SZ}" and field(first, "METHOD") == "PUBLISH"
    assert "October bill\\; second line" in first.replace("\r\n ", "")
    callback = CallbackId(next(iter(lobby.diary.booked)))
    later = TimeWindow(start=lobby.diary.start + timedelta(hours=1), end=lobby.diary.start + timedelta(hours=2))
    promise = PromiseMade(window=later, early_is_fine=False)
    moved = CallbackChanged(callback=callback, state=CallbackState.WAITING, promise=promise, moved=True)
    await lobby.tell(callback, moved)
    second = (await lobby.http.get(card["calendar"])).text
    assert field(second, "UID") == field(first, "UID")
    assert (field(first, "SEQUENCE"), field(second, "SEQUENCE")) == ("0", "1")
    assert field(second, "DTSTART") == f"{starts + timedelta(hours=1):%Y%m%dT%H%M%SZ}"
    await visitor.post("/callback/cancel")
    await lobby.settle()
    gone = (await lobby.http.get(card["calendar"])).text
    assert (field(gone, "METHOD"), field(gone, "STATUS"), field(gone, "SEQUENCE")) == ("CANCEL", "CANCELLED", "2")


async def test_a_forged_link_opens_nothing_and_as_soon_as_possible_has_none(lobby: Lobby, visitor: Visitor):
    card = await booked_for_a_time(visitor)
    link = card["calendar"]
    for wrong in (link[:-3] + "AAA", link.split("?")[0] + "?token=", link.split("?")[0] + "?token=%00%ff"):
        assert (await lobby.http.get(wrong)).status_code in (400, 404)
    other = await lobby.visitor()
    await other.say("call me asap")
    await other.choose((await other.prompt())["submit"], consent=True)
    shown = await other.card()
    assert shown is not None and shown["calendar"] is None
