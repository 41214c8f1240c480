"""Matrix against a real Synapse, with matrix-nio as the customer's client: polls are pressed, words are written, a push that is repeated changes nothing."""

from __future__ import annotations

import asyncio
import hashlib
import hmac
from collections.abc import AsyncIterator, Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import httpx
import pytest

from ringback.domain.commands import CancelCallback, MoveCallback, RequestCallback
from tests.channels.hall import Hall
from tests.support.synapse import SHARED_SECRET, Homeserver, synapse
from tests.support.waiting import PATIENCE

pytestmark = [pytest.mark.channel, pytest.mark.timeout(170)]
POLL = "org.matrix.msc3381.poll"
PASSWORD = "a password for a test"


@dataclass(slots=True, kw_only=True)
class Room:
    """What the customer's client shows of one room."""

    client: Any
    hall: Hall
    id: str
    bot: str
    seen: list[tuple[str, str, dict[str, str]]] = field(default_factory=list)  # event, text, label → token

    async def until(self, wanted: Callable[[Room], bool], *, within: float = PATIENCE) -> None:
        """Sync until it is so."""
        async with asyncio.timeout(within):
            while not wanted(self):
                await self.hall.settle()
                await self.look()

    async def look(self) -> None:
        answer = await self.client.sync(timeout=100)
        joined = getattr(getattr(answer, "rooms", None), "join", {})
        for event in joined[self.id].timeline.events if self.id in joined else []:
            self._keep(event.source)

    def _keep(self, event: dict[str, Any]) -> None:
        content = event["content"]
        if event["sender"] != self.bot or any(event["event_id"] == known for known, _, _ in self.seen):
            return
        if event["type"] == f"{POLL}.start":
            poll = content[f"{POLL}.start"]
            text, answers = poll["question"]["org.matrix.msc1767.text"], poll["answers"]
            choices = {each["org.matrix.msc1767.text"]: each["id"] for each in answers}
            self.seen.append((event["event_id"], text, choices))
        elif event["type"] == "m.room.message":
            self.seen.append((event["event_id"], content["body"], {}))

    async def write(self, text: str) -> None:
        before = len(self.seen)
        await self.client.room_send(self.id, "m.room.message", {"msgtype": "m.text", "body": text})
        await self.until(lambda room: len(room.seen) > before)

    async def press(self, label: str) -> None:
        event, _, choices = next(each for each in reversed(self.seen) if each[2])
        token = next(token for shown, token in choices.items() if shown.startswith(label))
        before = len(self.seen)
        content = {
            "m.relates_to": {"rel_type": "m.reference", "event_id": event},
            f"{POLL}.response": {"answers": [token]},
        }
        await self.client.room_send(self.id, f"{POLL}.response", content)
        await self.until(lambda room: len(room.seen) > before)


@pytest.fixture
def homeserver(hall: Hall, tmp_path: Path) -> Any:
    """Synapse pushes to the hall."""
    return synapse(tmp_path, pushes_to=f"{hall.url}/channels/v1/ch_matrix")


@pytest.fixture
async def room(hall: Hall, homeserver: Any) -> AsyncIterator[Room]:
    """A customer who invited the bot to a room of theirs."""
    import nio

    entered = await asyncio.to_thread(homeserver.__enter__)
    try:
        credentials = {"as_token": entered.as_token, "hs_token": entered.hs_token}
        await hall.account("matrix", credentials, {"homeserver": entered.url, "user": entered.user})
        await asyncio.to_thread(register, entered, "ada")
        client = nio.AsyncClient(entered.url, "@ada:chat.example")
        try:
            await client.login(PASSWORD)
            made = await client.room_create(invite=[entered.user], is_direct=True)
            assert isinstance(made, nio.RoomCreateResponse), made
            yield Room(client=client, hall=hall, id=made.room_id, bot=entered.user)
        finally:
            await client.close()
    finally:
        await asyncio.to_thread(homeserver.__exit__, None, None, None)


def register(server: Homeserver, name: str) -> None:
    """Make a user as `register_new_matrix_user` does."""
    url = f"{server.url}/_synapse/admin/v1/register"
    nonce = httpx.get(url).json()["nonce"]
    said = f"{nonce}\x00{name}\x00{PASSWORD}\x00notadmin"
    mac = hmac.new(SHARED_SECRET.encode(), said.encode(), hashlib.sha1).hexdigest()
    body = {"nonce": nonce, "username": name, "password": PASSWORD, "admin": False, "mac": mac}
    httpx.post(url, json=body).raise_for_status()


async def test_a_customer_of_a_real_homeserver_books_moves_cancels_and_says_stop(room: Room, hall: Hall):
    await room.until(lambda it: bool(it.seen))  # the bot joined, and asks by itself
    assert room.seen[0][2]
    await room.press("Pick a time")
    await room.press("09:30")
    await room.write("020 7946 0123")
    await room.press("Yes, call me")
    await room.until(lambda it: it.seen[-1][1].startswith("Booked: "))
    (request,) = hall.asked_for(RequestCallback)
    assert request.destination.address == "+442079460123"

    await room.write("can we move it to another time?")
    await room.press("Pick a time")
    await room.press("10:00")
    await room.press("Yes, ")
    (moved,) = hall.asked_for(MoveCallback)
    assert moved.callback == request.callback

    await room.write("please call it off")
    await room.press("Yes, cancel it")
    await room.until(lambda it: it.seen[-1][1] == "Cancelled. No phone will ring.")
    assert len(hall.asked_for(CancelCallback)) == 1

    await room.write("STOP")
    assert room.seen[-1][1] == "You will not hear from us again about this."
    numbers = [row["seq"] for row in await hall.sql("SELECT seq FROM channel_delivery ORDER BY seq")]
    assert numbers == sorted(numbers) and len(numbers) == len(room.seen)
    assert {row["state"] for row in await hall.sql("SELECT state FROM channel_delivery")} == {"handed_over"}
