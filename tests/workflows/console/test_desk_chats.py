"""Live chats over the desk's API: seen by who serves the queue, taken, written in and ended by one agent."""

from __future__ import annotations

from uuid import UUID, uuid4

from tests.support.waiting import eventually
from tests.workflows.console.office import House, Office
from tests.workflows.console.test_api import booked, keep_waiting, present, problem


async def waiting(office: Office, house: House) -> str:
    """A chat that waits in the billing queue."""
    channel, person, chat = uuid4(), uuid4(), uuid4()
    await office.rows(
        "INSERT INTO channel (business, id, kind, name, public_key, allowed_origins, settings, credentials, options)"
        " VALUES ($1, $2, 'web', 'Help', $3, '{}', '{}', '{}', '{}') RETURNING 1",
        house.id, channel, f"wk_{channel.hex}",
    )  # fmt: skip
    await office.rows(
        "INSERT INTO person (business, id, name, created_at) VALUES ($1, $2, 'Dana W.', now()) RETURNING 1",
        house.id, person,
    )  # fmt: skip
    await office.rows(
        "INSERT INTO chat (business, id, channel, person, token_hash, zone, language, priority, topic, created_at, last_at)"
        " VALUES ($1, $2, $3, $4, $5, 'Europe/London', 'en', 0, 'My bill', now(), now()) RETURNING 1",
        house.id, chat, channel, person, chat.bytes,
    )  # fmt: skip
    await office.rows(
        "INSERT INTO chat_interaction (business, id, chat, queue, seq, state, wait, came_at)"
        " SELECT $1, $2, $3, id, 1, 'waiting', 60, now() FROM queue WHERE business = $1 AND slug = 'billing' RETURNING 1",
        house.id, uuid4(), chat,
    )  # fmt: skip
    return str(chat)


async def test_a_waiting_chat_is_taken_written_in_and_ended_on_the_desk(office: Office, acme: House):
    await present(office, acme, "kim")
    kim = await office.person(acme, "kim", "agent", agent="kim")
    chat = await waiting(office, acme)
    [shown] = (await kim.get("/desk/v1/view")).json()["chats"]
    assert (shown["mine"], shown["customer"], shown["topic"], shown["queue"]) == (
        False,
        "Dana W.",
        "My bill",
        "Billing",
    )
    assert shown["messages"] == [], "what is said is read by who has the chat"
    early = await kim.post(f"/desk/v1/chats/{chat}/messages", {"text": "Hello"})
    assert (early.status_code, problem(early)) == (404, "chat-not-yours")
    assert (await kim.post(f"/desk/v1/chats/{chat}/take")).json() == {"accepted": True}
    assert problem(await kim.post(f"/desk/v1/chats/{chat}/messages", {"text": " "})) == "message-empty"
    key = str(uuid4())
    for _ in range(2):
        said = await kim.post(f"/desk/v1/chats/{chat}/messages", {"text": "Hello"}, key=key)
        assert said.status_code == 200, said.text

    async def written() -> bool:
        [mine] = (await kim.get("/desk/v1/view")).json()["chats"]
        return bool(
            mine["mine"] and [each["text"] for each in mine["messages"] if each["author"] == "agent"] == ["Hello"]
        )

    await eventually(written)
    assert (await kim.post(f"/desk/v1/chats/{chat}/end")).json() == {"accepted": True}
    assert (await kim.get("/desk/v1/view")).json()["chats"] == []
    assert problem(await kim.post(f"/desk/v1/chats/{chat}/end")) == "chat-not-yours"
    assert problem(await kim.post(f"/desk/v1/chats/{chat}/take")) == "chat-not-waiting"


async def test_a_chat_is_handed_to_whom_the_desk_lists(office: Office, acme: House):
    await present(office, acme, "kim", "amir")
    kim, amir = [await office.person(acme, name, "agent", agent=name) for name in ("kim", "amir")]
    chat = await waiting(office, acme)
    assert (await kim.post(f"/desk/v1/chats/{chat}/take")).status_code == 200
    listed = {each["name"]: each for each in (await kim.get("/desk/v1/chats/targets")).json()}
    assert {name: each["free"] for name, each in listed.items()} == {
        "Amir Haddad": True,
        "Mira Novak": False,
        "Billing": True,
        "Support": True,
    }
    for nobody in ({}, {"agent": listed["Amir Haddad"]["id"], "queue": listed["Billing"]["id"]}):
        assert (await kim.post(f"/desk/v1/chats/{chat}/transfer", nobody)).status_code == 422
    refused = await kim.post(f"/desk/v1/chats/{chat}/transfer", {"queue": listed["Support"]["id"]})
    assert (refused.status_code, problem(refused)) == (409, "nobody-chats")
    done = await kim.post(f"/desk/v1/chats/{chat}/transfer", {"agent": listed["Amir Haddad"]["id"]})
    assert done.status_code == 200, done.text
    assert (await kim.get("/desk/v1/view")).json()["chats"] == []
    [theirs] = (await amir.get("/desk/v1/view")).json()["chats"]
    assert (theirs["chat"], theirs["mine"]) == (chat, True)
    assert await office.rows("SELECT 1 FROM audit WHERE action = 'chat.passed' AND subject = $1", f"chat:{chat}")


async def test_who_waits_for_a_callback_too_is_first_in_the_list(office: Office, acme: House):
    await present(office, acme, "kim")
    await keep_waiting(office)
    kim = await office.person(acme, "kim", "agent", agent="kim")
    others, theirs = await waiting(office, acme), await waiting(office, acme)
    crm = await office.key(acme, "callbacks:write", "callbacks:read")
    made = await booked(crm)
    await office.rows(
        "UPDATE callback SET person = (SELECT person FROM chat WHERE id = $2) WHERE id = $1 RETURNING 1",
        UUID(made["id"]), UUID(theirs),
    )  # fmt: skip
    first, second = (await kim.get("/desk/v1/view")).json()["chats"]
    assert (first["chat"], second["chat"], second["promised"]) == (theirs, others, None)
    assert first["promised"].startswith("By ") and first["promised"].endswith("as soon as possible")
